#!/usr/bin/env bash
# Bundles the command line from the TypeScript sources, with what V8 compiles of it, if a source, a package or Node has changed.
set -euo pipefail
sources() {
  find assembly cli collector infra native processors schemas -path native/build -prune -o -type f \( -name '*.ts' -o -name '*.js' -o -name '*.json' \) -print
}
stamp="$(node --version) $(sources | sort | xargs sha256sum | cat - package-lock.json eunomia | sha256sum)"
if [[ -e dist/bundle/.stamp && $(<dist/bundle/.stamp) == "$stamp" ]]; then
  # What tsc compiled later is the same.
  touch dist/bundle/eunomia.cjs
  echo 'up to date' >&3
  exit 0
fi
if ! node infra/setup/bundle/make-bundle.js; then
  echo 'see the messages above; without the bundle, npm run build:ts makes a command line that starts later' >&3
  exit 1
fi
printf '%s' "$stamp" >dist/bundle/.stamp
