#!/usr/bin/env bash
# Installs Debian packages: compilers and libraries for BPF and the addons; for the tests also Docker, podman, Redis, Java, the C formatter and
# receivers of alerts.
# Uses the network only if one is missing.
set -euo pipefail

wanted=(clang-19 bpftool libbpf-dev libelf-dev zlib1g-dev libre2-dev linux-libc-dev make g++ python3)
if [[ ${EUNOMIA_SETUP_FOR:-test} == test ]]; then
  wanted+=(llvm-19 clang-format-19 docker.io docker-cli podman busybox-static redis-server kcat)
  wanted+=(rsyslog rsyslog-gnutls liblognorm-utils prometheus-alertmanager)
  command -v java >/dev/null || wanted+=(default-jre-headless)
  command -v mvn >/dev/null || wanted+=(maven)
fi

if ! command -v dpkg-query >/dev/null; then
  echo "skipped: not a Debian system; needed: ${wanted[*]}" >&3
  exit 0
fi
missing=()
for package in "${wanted[@]}"; do
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo 'up to date' >&3
  exit 0
fi

fix="as root: apt-get update && apt-get install ${missing[*]}"
if ((EUID != 0)); then
  if [[ ${EUNOMIA_SETUP_FOR:-test} == start ]]; then
    echo "skipped: not root; $fix" >&3
    exit 0
  fi
  echo "$fix" >&3
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
# What is installed here for tests is no service of this machine: it starts none.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
# A killed set-up may have left packages that are unpacked but not configured.
dpkg --configure -a
if ! "${apt[@]}" update || ! "${apt[@]}" install --no-install-recommends "${missing[@]}"; then
  echo "check the network and the package sources, then retry; by hand: $fix" >&3
  exit 1
fi
