#!/usr/bin/env bash
# Kafka and the schema registry for the tests, from Maven Central into a cache outside the checkout (EUNOMIA_CACHE, else ~/.cache/eunomia).
set -euo pipefail
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo 'as root: apt-get install default-jre-headless maven' >&3
  exit 1
fi
if ! node dist/infra/setup/fetch-services.js; then
  echo 'Maven must reach Maven Central or a mirror of it (~/.m2/settings.xml); then try again' >&3
  exit 1
fi
