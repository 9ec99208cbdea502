#!/usr/bin/env bash
# The images of the test servers: images.sh packages|build|remove
#
# podman works as root here; an ordinary user is asked for sudo's password.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "$here/.."
# /usr/sbin holds what containers' networks need, and is not in everybody's PATH.
export PATH=$PATH:/usr/sbin:/sbin

case ${1:-} in
  packages)
    exec "$here/packages.sh" podman:podman runc:runc mmdebstrap:mmdebstrap ssh-keygen:openssh-client \
      iptables:iptables /usr/lib/podman/netavark:netavark /usr/lib/podman/aardvark-dns:aardvark-dns
    ;;
  build) ;;
  remove) ;;
  *)
    echo "usage: images.sh packages|build|remove" >&2
    exit 2
    ;;
esac

if ((EUID)); then
  exec sudo env PATH="$PATH" "$0" "$@"
fi
for suite in bookworm trixie hosting; do
  if [[ $1 == build && $suite == hosting ]]; then
    extensions/molecule/image/hosting.sh
  elif [[ $1 == build ]]; then
    extensions/molecule/image/build.sh "$suite"
  elif podman image exists "localhost/backup-test:$suite" 2>/dev/null; then
    # One that somebody's containers still use stays.
    podman image rm "localhost/backup-test:$suite" >/dev/null || true
  fi
done
