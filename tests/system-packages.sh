#!/bin/sh
# Install the packages of system-packages.txt that are missing, or those of them that are named.
# What cannot be installed is said, and is no failure: tests and the bench say what they left out.
set -u
cd "$(dirname "$0")" || exit 1
missing=
while read -r package program; do
  case $package in ''|'#'*) continue ;; esac
  case " ${*:-$package} " in *" $package "*) ;; *) continue ;; esac
  command -v "$program" >/dev/null 2>&1 || missing="$missing $package"
done <system-packages.txt
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "what needs$missing will be left out; on Debian: sudo apt-get install$missing" >&2
  exit 0
fi
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends \
    "$@" >/dev/null
}
echo "installing$missing"
# shellcheck disable=SC2086  # several packages
install $missing 2>/dev/null && exit 0
apt-get update --quiet --quiet
for package in $missing; do # one that there is not would keep the others from being installed
  install "$package" \
    || echo "$package could not be installed, and what needs it is left out" >&2
done
exit 0
