#!/usr/bin/env bash
# Try the collection on real servers: systemd in containers that reach nobody but each other. molecule.sh [SCENARIO...]
#
# No container stays behind, whatever happens; the images stay for the next time (images.sh remove).
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
scenario=
# molecule removes what it made when a test fails, but not when it is interrupted itself.
remove() { [[ -z $scenario ]] || molecule destroy --scenario-name "$scenario" >/dev/null 2>&1 || true; }
trap remove EXIT
for scenario in "${scenarios[@]}"; do
  echo "-- $scenario"
  molecule test --scenario-name "$scenario"
done
