#!/usr/bin/env bash
# Installs the npm packages of the lock file, unless node_modules already matches it.
set -euo pipefail
if ! command -v npm >/dev/null; then
  echo 'install Node.js 20.19 or later with npm' >&3
  exit 1
fi
if node infra/setup/node-modules-match.js; then
  echo 'up to date' >&3
  exit 0
fi
if ! npm ci --no-audit --no-fund; then
  echo 'check the network and the registry of npm (npm config get registry), then retry' >&3
  exit 1
fi
