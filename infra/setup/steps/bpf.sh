#!/usr/bin/env bash
# Compiles the BPF programs, once for all kernels with BTF (CO-RE). bpf/build.sh skips what is up to date.
set -euo pipefail
if ! command -v clang-19 >/dev/null || [[ ! -e /usr/include/bpf/bpf_helpers.h ]]; then
  if [[ ${EUNOMIA_SETUP_FOR:-test} == start ]]; then
    echo 'skipped: no clang-19 or libbpf-dev; live probes need them (as root: apt-get install clang-19 libbpf-dev)' >&3
    exit 0
  fi
  echo 'as root: apt-get install clang-19 libbpf-dev' >&3
  exit 1
fi
if ! output=$(bash bpf/build.sh 2>&1); then
  echo "$output"
  echo 'see the compiler messages above' >&3
  exit 1
fi
echo "$output"
[[ $output == *'built'* ]] || echo 'up to date' >&3
