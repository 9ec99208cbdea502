#!/usr/bin/env bash
# Try the collection on real servers: systemd in containers that reach nobody but each other. molecule.sh [SCENARIO...]
#
# Several scenarios go in two lanes at a time. No container stays behind, whatever happens; the images stay for the next
# time (images.sh remove).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
if ((EUID)); then
  exec sudo env PATH="$PATH" LC_ALL="$LC_ALL" ANSIBLE_COLLECTIONS_PATH="$ANSIBLE_COLLECTIONS_PATH" "$0" "$@"
fi
export PATH=$PATH:/usr/sbin:/sbin ANSIBLE_HOME=$PWD/build/molecule

"$here/images.sh" packages
"$here/images.sh" build

scenarios=("$@")
((${#scenarios[@]})) || mapfile -t scenarios < <(dirname extensions/molecule/*/molecule.yml | xargs -n 1 basename)

# molecule removes what it made when a test fails, but not when it is interrupted itself.
remove() {
  local scenario
  for scenario in "${scenarios[@]}"; do
    podman network exists "backup-$scenario" || continue
    molecule destroy --scenario-name "$scenario" >/dev/null 2>&1 || true
  done
}
trap remove EXIT
if ((${#scenarios[@]} == 1)); then
  molecule test --scenario-name "${scenarios[0]}"
  exit
fi

# One waits for its timers and takes about as long as the others together. They share no server, network or folder.
long=() short=()
for scenario in "${scenarios[@]}"; do
  if [[ $scenario == fleet ]]; then long+=("$scenario"); else short+=("$scenario"); fi
done
"$here/lanes.sh" build/molecule/lanes "${long[*]}" "${short[*]}" -- molecule test --scenario-name
