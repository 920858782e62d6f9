#!/usr/bin/env bash
# Mounts bpffs (pinned maps) and tracefs (tracepoints of system calls). Skipped without root, or in a container that forbids mounts.
set -uo pipefail
if ((EUID != 0)); then
  echo 'skipped: not root' >&3
  exit 0
fi
done=()
failed=()
ensure() {
  mountpoint -q "$2" && return
  if mount -t "$1" "$1" "$2"; then done+=("$2"); else failed+=("$2"); fi
}
ensure bpf /sys/fs/bpf
ensure tracefs /sys/kernel/tracing
if ((${#failed[@]} > 0)); then
  echo "skipped: can't mount ${failed[*]}" >&3
elif ((${#done[@]} == 0)); then
  echo 'up to date' >&3
fi
