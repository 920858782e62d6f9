#!/usr/bin/env bash
# `npm run build`: compiles BPF programs, addons and TypeScript, without checking packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for step in bpf addon typescript; do
  echo "build: $step"
  EUNOMIA_SETUP_FOR=test bash "infra/setup/steps/$step.sh" 3>&2
done
