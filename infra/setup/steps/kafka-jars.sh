#!/usr/bin/env bash
# Downloads Kafka, the schema registry and receivers of alerts for the tests from Maven Central, into a cache outside the checkout (EUNOMIA_CACHE, otherwise
# ~/.cache/eunomia).
set -euo pipefail
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo 'as root: apt-get install default-jre-headless maven' >&3
  exit 1
fi
if ! node dist/infra/setup/fetch-services.js || ! node dist/test/support/services/receivers/artifacts.js; then
  echo 'give Maven access to Maven Central or a mirror (~/.m2/settings.xml), then retry' >&3
  exit 1
fi
