#!/usr/bin/env bash
# Set-up: makes a fresh checkout ready, skips what is there, says how far it is. Used by `npm run setup`, `npm start`, `npm test`.
#   setup.sh [--for start|test]     start: what `npm start` needs; test (the default): also what the tests need
# Each step is a script of steps/ that ends with status 0 and writes one note to descriptor 3: "there already", "left out: why", or
# nothing; on failure the note is the mend. Safe to run twice at once (a lock) and again after a kill (each step checks what it finds).
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

steps=('packages' 'node-modules' 'bpf' 'addon' 'typescript' 'mounts')
[[ $purpose == test ]] && steps+=('kafka-jars')
declare -A title=(
  [packages]='packages of the system' [node-modules]='packages of npm (the first time minutes: re2 is compiled)' [bpf]='BPF programs' [addon]='kernel addon'
  [typescript]='TypeScript' [mounts]='mounts for eBPF' [kafka-jars]='Kafka for the tests'
)

# Tests of this script put steps of their own here.
folder=${EUNOMIA_SETUP_STEPS:-infra/setup/steps}
work=.eunomia/setup
if ! mkdir -p "$work"; then
  echo "set-up: can't write into $PWD: make the checkout writable for $(id -un), or clone it elsewhere" >&2
  exit 1
fi
exec 9>"$work/lock"
if ! flock --nonblock 9; then
  echo 'another set-up is running here; waiting for it'
  flock 9
fi

# On a terminal a long step says every 10 s that it goes on.
beat() { while sleep 10 && kill -0 $$; do printf '%d s ... ' "$SECONDS"; done; }

number=0
for step in "${steps[@]}"; do
  number=$((number + 1))
  printf '[%d/%d] %s ... ' "$number" "${#steps[@]}" "${title[$step]}"
  log="$work/$step.log"
  note="$work/$step.note"
  SECONDS=0
  beat=''
  if [[ -t 1 ]]; then
    beat 9>&- &
    beat=$!
  fi
  bash "$folder/$step.sh" >"$log" 2>&1 3>"$note" </dev/null
  status=$?
  if [[ -n $beat ]]; then
    kill "$beat"
    wait "$beat"
  fi 2>/dev/null
  if ((status == 0)); then
    said=$(<"$note")
    echo "${said:-done ($SECONDS s)}"
  else
    echo 'FAILED'
    tail -n 40 "$log" | sed 's/^/    /'
    echo "set-up: ${title[$step]} failed (whole log: $log)"
    echo "mend: $(<"$note")"
    exit 1
  fi
done
