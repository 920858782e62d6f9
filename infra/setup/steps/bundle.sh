#!/usr/bin/env bash
# Bundles the command line from the TypeScript sources, with what V8 compiles of it, if a source, a package, Node or the bundle has changed.
set -euo pipefail
sources() {
  find assembly cli collector infra native processors schemas -path native/build -prune -o -type f \( -name '*.ts' -o -name '*.js' -o -name '*.json' \) -print
}
mkdir -p dist
# One at a time, also without the lock of the set-up.
exec 8>dist/.bundle.lock
flock 8
stamp="$(node --version) $(sources | sort | xargs sha256sum | cat - package-lock.json eunomia | sha256sum)"
if [[ -e dist/bundle/.stamp && $(<dist/bundle/.stamp) == "$stamp" ]] && sha256sum --status --check dist/bundle/.sums; then
  # What tsc compiled later is the same.
  touch dist/bundle/eunomia.cjs
  echo 'up to date' >&3
  exit 0
fi
rm -rf dist/bundle-*
if ! node infra/setup/bundle/make-bundle.js; then
  echo 'see the messages above; without the bundle, npm run build:ts makes a command line that starts later' >&3
  exit 1
fi
sha256sum dist/bundle/*.* >dist/bundle/.sums
printf '%s' "$stamp" >dist/bundle/.stamp
