#!/usr/bin/env bash
# `npm test`: set-up, then test/run.ts. Also a set-up that fails ends with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! bash infra/setup/setup.sh --for test; then
  echo '0 passed, 1 failed'
  exit 1
fi
exec node dist/test/run.js "$@"
