#!/usr/bin/env bash
# Do several things at a time: lanes.sh LOGS LANE... -- COMMAND...
#
# A lane is a list of names. COMMAND is called with each of them in turn, while the other lanes do the same with theirs.
# What it says is kept in LOGS/<name>.log and printed whole when it ends, so that nothing is mixed; LOGS/times tells how
# long each took. Once one has failed, no lane begins anything more; those at work end theirs, and the status is 1.
set -euo pipefail
logs=${1:?usage: lanes.sh LOGS LANE... -- COMMAND...}
shift
lanes=()
while [[ $# -gt 0 && $1 != -- ]]; do
  lanes+=("$1")
  shift
done
# Where a person could not have interrupted it either: a shell lets what it begins in the background ignore that.
command=(env --default-signal=INT --default-signal=QUIT "${@:2}")
mkdir -p "$logs"
rm -f "$logs/failed"
: >"$logs/times"

# One speaks at a time.
say() { flock "$logs" "$@"; }

walk() {
  local name began status
  for name in $1; do
    [[ ! -e $logs/failed ]] || return 0
    say echo "-- $name begins"
    began=$SECONDS status=0
    "${command[@]}" "$name" >"$logs/$name.log" 2>&1 || status=$?
    printf '%-12s %4d s\n' "$name" $((SECONDS - began)) >>"$logs/times"
    say cat - "$logs/$name.log" <<<"-- $name ended with status $status after $((SECONDS - began)) s:"
    ((status == 0)) || echo "$name" >>"$logs/failed"
  done
}

# Each lane is a group of its own, and is interrupted as a person would interrupt it, so that tests end what they began.
# This shell, in whose group they are not, passes on what it is told to.
walking=()
interrupt() {
  trap '' INT TERM HUP
  local lane tries
  for lane in "${walking[@]}"; do kill -INT -- "-$lane" 2>/dev/null || true; done
  for lane in "${walking[@]}"; do
    for ((tries = 300; tries; tries--)); do
      kill -0 -- "-$lane" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL -- "-$lane" 2>/dev/null || true
  done
  echo "Interrupted; what was said until then is in $logs." >&2
  exit 130
}
trap interrupt INT TERM HUP
set -m
for lane in "${lanes[@]}"; do
  walk "$lane" </dev/null &
  walking+=("$!")
done
set +m
for lane in "${walking[@]}"; do wait "$lane" || echo "a lane" >>"$logs/failed"; done
if [[ -e $logs/failed ]]; then
  echo "Failed: $(paste -sd ' ' "$logs/failed")" >&2
  exit 1
fi
