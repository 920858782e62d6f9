#!/usr/bin/env bash
# Compiles TypeScript to dist/, incrementally.
set -euo pipefail
# tsc rewrites .tsbuildinfo whenever it compiles something.
before=$(stat -c %Y.%s dist/.tsbuildinfo 2>/dev/null || true)
# What is young lives long in a compiler: with more room for it, V8 copies it less often.
if ! node --max-semi-space-size=64 node_modules/.bin/tsc -p tsconfig.json; then
  echo 'the sources do not compile: see the messages above; after a change of branch, try rm -rf dist' >&3
  exit 1
fi
[[ $(stat -c %Y.%s dist/.tsbuildinfo) != "$before" ]] || echo 'up to date' >&3
