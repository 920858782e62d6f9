#!/usr/bin/env bash
# `npm test`, `npm run chaos`, `npm run endurance`: set-up, then test/run.ts. A set-up that fails also ends with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for argument in "$@"; do
  [[ $argument == --help ]] || continue
  cat <<'HELP'
npm test [-- WORD ...]                 set-up, checks, and every tier of tests, of long tests a short part
npm test -- TIER ... [WORD ...]        of these tiers (checks unit integration e2e chaos endurance browser) the files
                                       whose path contains one of the words: npm test -- unit e2e collector/pinned
npm run chaos [-- WORD ...]            all of the chaos tier: 20 to 40 minutes, at most 4 hours
npm run endurance [-- WORD ...]        collectors under churn and kills: 70 to 90 minutes, at most 4 hours
npm run bench [-- NAME ...]            measurements: see npm run bench -- --help

The last line is `N passed, N failed`, and `, N skipped` if there are any. The exit status is 0 if none failed.
Tests that attach probes need root. EUNOMIA_SHARED is the folder of corpora of rules and samples: ../shared by default.
HELP
  exit 0
done
if ! bash infra/setup/setup.sh --for test; then
  echo '0 passed, 1 failed'
  exit 1
fi
exec node dist/test/run.js "$@"
