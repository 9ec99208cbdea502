#!/usr/bin/env bash
# Build the image of a test server: build.sh bookworm|trixie
#
# bookworm carries what servers of an office carry: nginx, PHP, MariaDB, PostgreSQL, all of them switched off. trixie is
# bare. Both hold a folder of packages that apt knows, because a test server reaches nothing but its neighbours.
# The label is the hash of this file: an image is built again only when its recipe has changed.
# shellcheck disable=SC2016,SC2089,SC2090
set -euo pipefail
suite=${1:?usage: build.sh bookworm|trixie}
image=localhost/backup-test:$suite
recipe=$(sha256sum "$0" | cut -c1-16)
if [[ $(podman image inspect --format '{{index .Labels "recipe"}}' "$image" 2>/dev/null) == "$recipe" ]]; then
  echo "$image is up to date"
  exit 0
fi

base=systemd,systemd-sysv,dbus,python3,python3-apt,openssh-server,sudo,iproute2,ca-certificates,procps,tzdata
case $suite in
  bookworm)
    include=$base,nginx,php-fpm,php-mysql,php-sqlite3,mariadb-server,postgresql,sqlite3,zstd
    offered='cron rsync'
    ;;
  trixie)
    include=$base
    offered='cron rsync zstd mariadb-client mariadb-server-core postgresql postgresql-client'
    ;;
  *)
    echo "build.sh knows bookworm and trixie, not $suite" >&2
    exit 2
    ;;
esac

# Written into the new system: the index of the packages that apt offers there, and the host key of each container.
index='
cd /srv/packages
for file in *.deb; do
  dpkg-deb --field "$file"
  echo "Filename: ./$file"
  echo "Size: $(stat --format %s "$file")"
  echo "SHA256: $(sha256sum "$file" | cut -c1-64)"
  echo
done >Packages
find /etc/apt -name "*.list" -o -name "*.sources" | xargs rm -f
echo "deb [trusted=yes] file:/srv/packages ./" >/etc/apt/sources.list
rm -rf /var/lib/apt/lists/*
apt-get update -qq
'
keygen='[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[Install]
RequiredBy=ssh.service'
masked='systemd-logind.service getty@tty1.service console-getty.service systemd-networkd-wait-online.service
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service'
off='nginx mariadb postgresql php8.2-fpm'
export index keygen masked off offered

mmdebstrap --quiet --variant=minbase --skip=cleanup/apt/lists --include="$include" \
  --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='chroot "$1" systemctl mask $masked' \
  --customize-hook='for unit in $off; do chroot "$1" systemctl disable --quiet $unit 2>/dev/null || true; done' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*; mkdir -p -m 700 "$1/root/.ssh"' \
  --customize-hook='printf "%s\n" "$keygen" >"$1/etc/systemd/system/ssh-keygen.service"' \
  --customize-hook='chroot "$1" systemctl enable --quiet ssh-keygen.service ssh.service' \
  --customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb' \
  --customize-hook='APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get install --yes --download-only $offered >/dev/null' \
  --customize-hook='mkdir "$1/srv/packages"; mv "$1"/var/cache/apt/archives/*.deb "$1/srv/packages"' \
  --customize-hook='chroot "$1" sh -euc "$index"' \
  "$suite" - |
  podman import --quiet --change "LABEL recipe=$recipe" --change 'STOPSIGNAL SIGRTMIN+3' - "$image"
