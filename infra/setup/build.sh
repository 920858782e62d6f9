#!/usr/bin/env bash
# `npm run build`: compiles BPF programs, addons, TypeScript and the bundle of the command line, without checking packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for step in bpf addon typescript bundle; do
  echo "build: $step"
  EUNOMIA_SETUP_FOR=test bash "infra/setup/steps/$step.sh" 3>&2
done
