#!/usr/bin/env bash
# See that the programs of MariaDB and PostgreSQL are here; no server is started and no cluster made.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

export PATH=$PATH:/usr/sbin
"$here/packages.sh" mariadbd:mariadb-server-core mariadb-dump:mariadb-client

has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_postgresql && exit 0

as_root=()
((EUID)) && as_root=(sudo)
# The package would make a cluster and start it: tests make their own.
"${as_root[@]}" mkdir -p /etc/postgresql-common
[[ -e /etc/postgresql-common/createcluster.conf ]] ||
  echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
"$here/packages.sh" pg_ctlcluster:postgresql
has_postgresql || {
  echo "The programs of a PostgreSQL server are not here. Remedy: apt-get install postgresql" >&2
  exit 1
}
