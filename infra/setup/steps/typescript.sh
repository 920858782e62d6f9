#!/usr/bin/env bash
# TypeScript to dist/, incrementally.
set -euo pipefail
# tsc writes its notes anew whenever it compiled something.
before=$(stat -c %Y.%s dist/.tsbuildinfo 2>/dev/null || true)
if ! node_modules/.bin/tsc -p tsconfig.json; then
  echo 'the sources do not compile: see the messages above; after a change of branch, rm -rf dist helps' >&3
  exit 1
fi
[[ $(stat -c %Y.%s dist/.tsbuildinfo) != "$before" ]] || echo 'there already' >&3
