#!/usr/bin/env bash
# Try the collection on real servers: systemd in containers that reach nobody but each other. molecule.sh [SCENARIO...]
#
# podman works as root here; an ordinary user is asked for sudo's password. Nothing stays behind, whatever happens.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
if ((EUID)); then
  exec sudo env PATH="$PATH" LC_ALL="$LC_ALL" ANSIBLE_COLLECTIONS_PATH="$ANSIBLE_COLLECTIONS_PATH" "$0" "$@"
fi
# /usr/sbin holds what containers' networks need, and is not in everybody's PATH.
export PATH=$PATH:/usr/sbin:/sbin ANSIBLE_HOME=$PWD/build/molecule

"$here/packages.sh" podman:podman runc:runc mmdebstrap:mmdebstrap ssh-keygen:openssh-client iptables:iptables \
  /usr/lib/podman/netavark:netavark /usr/lib/podman/aardvark-dns:aardvark-dns
for suite in bookworm trixie; do
  extensions/molecule/image/build.sh "$suite"
done

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
