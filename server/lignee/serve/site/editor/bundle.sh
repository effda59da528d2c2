#!/bin/sh
# Bundle the query page's JavaScript: bundle.sh <folder to work in> <folder to write to>
# The lock file names no registry: npm asks the one it is set up for. What cannot be done is said,
# and is no failure: without the bundle the query page is a plain form.
set -u
cd "$(dirname "$0")" || exit 1
work=$1
target=$2

give_up() {
  echo "$1: the query page stays a plain form, and everything else works; \`make setup\` tries again" >&2
  exit 0
}

command -v npm >/dev/null 2>&1 || give_up 'there is no npm here, nor could one be had from PyPI'
rm -rf "$work" && mkdir -p "$work" "$target" && cp package.json package-lock.json ./*.js "$work" || exit 1
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
  || give_up 'npm could not fetch what the editor is made of'
"$work/node_modules/.bin/esbuild" "$work/editor.js" --bundle --minify --target=es2022 \
  --legal-comments=linked --outdir="$target" --log-level=warning \
  || { rm -f "$target"/editor.*; give_up 'esbuild could not bundle the editor'; }
