#!/usr/bin/env bash
# Compiles the native addons if their sources or headers have changed: eunomia (libbpf) loads the programs and maps their rings, regex (libre2)
# evaluates the regular expressions of rules. With Node-API, one build runs on every version of Node.
set -euo pipefail
targets=(regex eunomia)
if [[ ! -e /usr/include/re2/re2.h ]] || ! command -v g++ >/dev/null || ! command -v make >/dev/null; then
  echo 'as root: apt-get install libre2-dev g++ make' >&3
  exit 1
fi
if [[ ! -e /usr/include/bpf/libbpf.h ]]; then
  if [[ ${EUNOMIA_SETUP_FOR:-test} != start ]]; then
    echo 'as root: apt-get install libbpf-dev libelf-dev zlib1g-dev' >&3
    exit 1
  fi
  targets=(regex)
  echo 'skipped: live probes, which need libbpf-dev (as root: apt-get install libbpf-dev libelf-dev zlib1g-dev)' >&3
fi

sources() { find native bpf -path native/build -prune -o -path bpf/build -prune -o -type f \( -name '*.cc' -o -name '*.h' -o -name '*.hh' -o -name '*.gyp' \) -print; }
stamp="${targets[*]} $(uname -m) $(sources | sort | xargs sha256sum | sha256sum)"
# The stamp does not show that a file was removed, or that libre2 was upgraded to a version that the addon can't load.
are_usable() {
  local target
  for target in "${targets[@]}"; do [[ -e native/build/Release/$target.node ]] || return 1; done
  node -e 'require("./native/build/Release/regex.node")'
}
if [[ -e native/build/.stamp && $(<native/build/.stamp) == "$stamp" ]]; then
  if are_usable; then
    [[ ${#targets[@]} == 1 ]] || echo 'up to date' >&3
    exit 0
  fi
  # make compares only times, so it would reuse the old objects.
  rm -rf native/build/Release
fi
# Uses the headers next to the running Node, which have the right version. Without them, node-gyp would download some from a web site.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
[[ -e $prefix/include/node/node_api.h ]] && export npm_config_nodedir=$prefix
if [[ ! -e ${npm_config_nodedir:-$(npm config get nodedir)}/include/node/node_api.h ]]; then
  echo "the headers of Node are missing: install them (for Debian's Node: apt-get install libnode-dev), or set npm_config_nodedir to the folder above include/node" >&3
  exit 1
fi
if ! node_modules/.bin/node-gyp configure --directory native || ! make -C native/build -j "$(nproc)" BUILDTYPE=Release "${targets[@]}"; then
  echo 'see the compiler messages above' >&3
  exit 1
fi
printf '%s' "$stamp" >native/build/.stamp
