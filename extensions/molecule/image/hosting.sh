#!/usr/bin/env bash
# Build the image of a server that hosts many things: that of build.sh bookworm, with Apache and podman. hosting.sh
#
# The packages are fetched as build.sh fetches its own, and installed where they are needed. The label is the hash of
# this file and of the image below: it is built again only when either has changed.
# shellcheck disable=SC2016
set -euo pipefail
base=localhost/backup-test:bookworm
image=localhost/backup-test:hosting
recipe=$({ sha256sum "$0" && podman image inspect --format '{{index .Labels "recipe"}}' "$base"; } | sha256sum | cut -c1-16)
if [[ $(podman image inspect --format '{{index .Labels "recipe"}}' "$image" 2>/dev/null) == "$recipe" ]]; then
  echo "$image is up to date"
  exit 0
fi

packages=$(mktemp -d)
trap 'rm -rf "$packages"; podman rm --force --time 0 backup-test-hosting >/dev/null 2>&1 || true' EXIT
export wanted='apache2 crun podman'
mmdebstrap --quiet --variant=apt --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
  --customize-hook='APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get install --yes --download-only $wanted >/dev/null' \
  --customize-hook="sync-out /var/cache/apt/archives $packages" \
  bookworm /dev/null

settings='
dpkg --install --skip-same-version --refuse-downgrade /packages/*.deb >/var/log/hosting 2>&1 || {
  cat /var/log/hosting
  exit 1
}
systemctl disable --quiet apache2
systemctl mask --quiet podman.service podman.socket podman-auto-update.service podman-auto-update.timer podman-restart.service
'
rm -f "$packages"/lock "$packages"/partial 2>/dev/null || true
podman --runtime runc run --name backup-test-hosting --network none --env DEBIAN_FRONTEND=noninteractive \
  --ulimit nofile=20000:20000 --ulimit nproc=20000:20000 --volume "$packages:/packages:ro" "$base" sh -euc "$settings"
podman commit --quiet --change "LABEL recipe=$recipe" --change 'STOPSIGNAL SIGRTMIN+3' backup-test-hosting "$image"
