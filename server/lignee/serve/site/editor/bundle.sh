#!/bin/sh
# Bundle the query page's JavaScript: bundle.sh <work folder> <folder to write to> <PyPI's Node>
# The lock file names no registry: npm asks the one it is set up for. What cannot be done is said,
# and is no failure: without the bundle the query page is a plain form.
set -u
cd "$(dirname "$0")" || exit 1
work=$1
target=$2
node=$3

give_up() {
  echo "$1: without the editor the query page is a plain form, and everything else works; \`make setup\` tries again" >&2
  exit 0
}

if ! command -v npm >/dev/null 2>&1; then
  [ -x "$node/bin/node" ] || give_up 'there is no npm here, nor could one be had from PyPI'
  PATH=$PATH:$node/bin
  npm() { node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"; } # the wheel's bin/npm is no link
fi
rm -rf "$work" && mkdir -p "$work" "$target" && cp package.json package-lock.json ./*.js "$work" || exit 1
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
  || give_up 'npm could not fetch what the editor is made of'
"$work/node_modules/.bin/esbuild" "$work/editor.js" --bundle --minify --target=es2022 \
  --legal-comments=none --outdir="$target" --log-level=warning \
  || { rm -f "$target"/editor.*; give_up 'esbuild could not bundle the editor'; }
# The licences of what is bundled ask for their texts to go along.
{
  printf '@zazuko/yasqe/ and @zazuko/yasgui-utils/\n\nMIT, https://github.com/rdfjs/Yasgui\n\n'
  for text in "$work"/node_modules/*/[Ll][Ii][Cc][Ee][Nn]*; do
    package=${text#"$work"/node_modules/}
    case $package in esbuild/*) continue ;; esac
    printf '%s\n\n' "${package%/*}/" && cat "$text" && echo
  done
} >"$target/licences.txt"
exit 0
