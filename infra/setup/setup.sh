#!/usr/bin/env bash
# Sets up a fresh checkout, skips what is up to date, and reports its progress. Used by `npm run setup`, `npm start` and `npm test`.
#   setup.sh [--for start|test]     start: for `npm start`; test (the default): also for the tests
# Each step is a script of steps/ that exits with status 0 and writes one note to descriptor 3: "up to date", "skipped: why", or
# nothing. After a failure, the note says how to fix it. A lock excludes a second set-up. A set-up after a killed one is safe, because each step
# checks its results.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

purpose=test
case "${1:-}" in
  '') ;;
  --for) purpose="${2:-}" ;;
  *) purpose='' ;;
esac
if [[ $purpose != start && $purpose != test ]]; then
  echo 'usage: setup.sh [--for start|test]' >&2
  exit 2
fi
export EUNOMIA_SETUP_FOR=$purpose

# The steps of a line run at the same time.
if [[ $purpose == test ]]; then
  stages=('packages' 'node-modules bpf' 'addon typescript' 'bundle mounts' 'kafka-jars node-24')
else
  stages=('packages' 'node-modules bpf' 'addon' 'bundle mounts')
fi
declare -A title=(
  [packages]='system packages' [node-modules]='npm packages' [bpf]='BPF programs' [addon]='native addons' [typescript]='TypeScript'
  [bundle]='command line' [mounts]='mounts for eBPF' [kafka-jars]='Kafka for the tests' [node-24]='Node 24 for the tests'
)

# Tests of this script use other steps.
folder=${EUNOMIA_SETUP_STEPS:-infra/setup/steps}
work=.eunomia/setup
if ! mkdir -p "$work" || [[ ! -w $work || (-e $work/lock && ! -w $work/lock) ]]; then
  echo "set-up: can't write to $PWD: make the checkout writable for $(id -un), or clone it elsewhere" >&2
  exit 1
fi
exec 9>"$work/lock"
if ! flock --nonblock 9; then
  echo 'another set-up is running here; waiting for it'
  flock 9
fi

# Background jobs of a script ignore Ctrl-C, so this ends the whole process group.
trap 'trap "" TERM; kill 0; exit 130' INT

# On a terminal, reports every 10 s that a step is still running.
beat() { while sleep 10 && kill -0 $$; do printf '%d s ... ' "$SECONDS"; done; }

run() {
  local start=$SECONDS status
  bash "$folder/$1.sh" >"$work/$1.log" 2>&1 3>"$work/$1.note" </dev/null
  status=$?
  echo "$((SECONDS - start))" >"$work/$1.seconds"
  return "$status"
}

# report STEP STATUS
report() {
  if (($2 == 0)); then
    note=$(<"$work/$1.note")
    echo "${note:-done ($(<"$work/$1.seconds") s)}"
    return
  fi
  echo 'FAILED'
  tail -n 40 "$work/$1.log" | sed 's/^/    /'
  echo "set-up: ${title[$1]} failed (whole log: $work/$1.log)"
  note=$(<"$work/$1.note")
  echo "to fix it: ${note:-see the log above, then run the set-up again}"
}

read -ra steps <<<"${stages[*]}"
number=0
for stage in "${stages[@]}"; do
  read -ra together <<<"$stage"
  declare -A pid=()
  for step in "${together[@]}"; do
    run "$step" &
    pid[$step]=$!
  done
  failures=0
  for step in "${together[@]}"; do
    number=$((number + 1))
    printf '[%d/%d] %s ... ' "$number" "${#steps[@]}" "${title[$step]}"
    beat=''
    if [[ -t 1 ]]; then
      beat 9>&- &
      beat=$!
    fi
    wait "${pid[$step]}"
    status=$?
    if [[ -n $beat ]]; then
      kill "$beat"
      wait "$beat"
    fi 2>/dev/null
    report "$step" "$status"
    ((status == 0)) || failures=$((failures + 1))
  done
  ((failures == 0)) || exit 1
done
