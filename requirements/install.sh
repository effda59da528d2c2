#!/bin/sh
# install.sh <environment> <options of pip>: install into the environment with the uv of .venv, in a
# tenth of pip's time; with its pip where uv fails, as pip may be set up for this machine in ways
# that uv does not know.
set -u
into=$1/bin/python
shift
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

if [ -x .venv/bin/uv ]; then
  # Of pip's settings, the index is the one that uv cannot do without.
  index=$(pip config list | sed -nE "s/^(:env:|global|install)\.index-url='(.*)'$/\2/p" | head -n 1)
  [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
  .venv/bin/uv pip install --quiet --python "$into" "$@" && exit
  echo 'uv could not install that: pip tries' >&2
fi
pip --python "$into" install --quiet "$@"
