#!/usr/bin/env bash
# npm packages exactly as the lock file says; skipped when node_modules already is what the lock file says.
set -euo pipefail
if ! command -v npm >/dev/null; then
  echo 'install Node.js 20.19 or later with npm' >&3
  exit 1
fi
if node infra/setup/node-modules-match.js; then
  echo 'there already' >&3
  exit 0
fi
if ! npm ci --no-audit --no-fund; then
  echo 'check the network and the registry that npm uses (npm config get registry), then try again' >&3
  exit 1
fi
