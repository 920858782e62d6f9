#!/usr/bin/env bash
# The native addons: kernel (libbpf) loads the programs and maps their rings, regex (libre2) evaluates regular expressions of rules. Node-API: one
# build runs on every Node. Compiled only when their sources or their headers changed.
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
  echo 'left out: live probes, which need libbpf-dev (as root: apt-get install libbpf-dev libelf-dev zlib1g-dev)' >&3
fi

sources() { find native bpf -path native/build -prune -o -path bpf/build -prune -o -type f \( -name '*.cc' -o -name '*.h' -o -name '*.hh' -o -name '*.gyp' \) -print; }
stamp="${targets[*]} $(uname -m) $(sources | sort | xargs sha256sum | sha256sum)"
# The stamp alone does not show that a file was removed, or that libre2 was upgraded to a version that the addon can't load.
are_usable() {
  local target
  for target in "${targets[@]}"; do [[ -e native/build/Release/$target.node ]] || return 1; done
  node -e 'require("./native/build/Release/regex.node")'
}
if [[ -e native/build/.stamp && $(<native/build/.stamp) == "$stamp" ]]; then
  if are_usable; then
    [[ ${#targets[@]} == 1 ]] || echo 'there already' >&3
    exit 0
  fi
  # make compares only times: it would take the old objects again.
  rm -rf native/build/Release
fi
# Headers next to the running node: the version is right. Without them node-gyp would download some from a web site.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
[[ -e $prefix/include/node/node_api.h ]] && export npm_config_nodedir=$prefix
if [[ ! -e ${npm_config_nodedir:-$(npm config get nodedir)}/include/node/node_api.h ]]; then
  echo "the headers of Node are missing: install them (Debian's own Node: apt-get install libnode-dev), or name the folder above include/node with npm_config_nodedir" >&3
  exit 1
fi
if ! node_modules/.bin/node-gyp configure --directory native || ! make -C native/build -j "$(nproc)" BUILDTYPE=Release "${targets[@]}"; then
  echo 'see the messages of the compiler above' >&3
  exit 1
fi
printf '%s' "$stamp" >native/build/.stamp
