#!/usr/bin/env bash
# TypeScript to dist/, incrementally.
set -euo pipefail
if ! node_modules/.bin/tsc -p tsconfig.json; then
  echo 'the sources do not compile: see the messages above; after a change of branch, rm -rf dist helps' >&3
  exit 1
fi
