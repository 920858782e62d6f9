#!/usr/bin/env bash
# The Node addon that loads the programs and maps their rings. Compiled again only when its sources, its headers or Node changed.
set -euo pipefail
if [[ ! -e /usr/include/bpf/libbpf.h ]] || ! command -v g++ >/dev/null; then
  if [[ ${EUNOMIA_SETUP_FOR:-test} == start ]]; then
    echo 'left out: no libbpf-dev or g++; live probes need them (as root: apt-get install libbpf-dev libelf-dev zlib1g-dev g++ make)' >&3
    exit 0
  fi
  echo 'as root: apt-get install libbpf-dev libelf-dev zlib1g-dev g++ make' >&3
  exit 1
fi

sources() { find native bpf -path native/build -prune -o -path bpf/build -prune -o -type f \( -name '*.cc' -o -name '*.h' -o -name '*.hh' -o -name '*.gyp' \) -print; }
stamp="$(node -p 'process.version + process.arch') $(sources | sort | xargs sha256sum | sha256sum)"
if [[ -e native/build/.stamp && $(<native/build/.stamp) == "$stamp" ]]; then
  echo 'there already' >&3
  exit 0
fi
# Headers beside the node that runs: then nothing is fetched, and they are of the right version.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
[[ -e $prefix/include/node/node_api.h ]] && export npm_config_nodedir=$prefix
if ! node_modules/.bin/node-gyp rebuild --directory native; then
  echo 'see the messages of the compiler above; headers of Node are taken from beside it, else fetched: npm_config_nodedir names another place' >&3
  exit 1
fi
printf '%s' "$stamp" >native/build/.stamp
