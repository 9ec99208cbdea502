"""On another server: the newer one takes it, the older one refuses by name, and a missing engine is named first."""

from __future__ import annotations

from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played
from ansible_collections.diskominfo.backup.tests.pages import ask_postgresql

BARU, WEB, DATA = (f"{name}.kota.example" for name in ("baru", "web", "data"))
SERVER = """apt-get install -qq -y mariadb-server-core mariadb-client postgresql zstd >/dev/null 2>&1
mkdir -p /run/mysqld
mariadb-install-db --user=root --datadir=/var/lib/mysql --auth-root-authentication-method=socket >/dev/null 2>&1
systemd-run --quiet --unit=basisdata mariadbd --user=root --datadir=/var/lib/mysql --bind-address=127.0.0.1 \
  --socket=/run/mysqld/mysqld.sock
for n in $(seq 600); do mariadb -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done
for n in $(seq 600); do runuser -u postgres -- psql -c 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done"""
TABLE = {
    WEB: [{"name": "portal", "sources": [{"path": "/var/www/portal"}]}],
    DATA: [{"name": "antrean", "sources": [{"path": "/srv/antrean"}]}],
    BARU: [
        {"name": "coba", "databases": [{"engine": "mysql", "name": "portal"}]},
        {"name": "uji", "databases": [{"engine": "postgresql", "name": "perizinan"}]},
    ],
}
"""A register in which the new server has applications of newer engines."""
GIVEN = {"table": TABLE, "backup_applications": "{{ table[inventory_hostname] }}"}


def restore(fleet: Fleet, application: str, server: str, **more: object) -> Played:
    return fleet.play("restore", application=application, on=server, in_place=True, confirm=application, **more)


def test_a_missing_engine_is_named_before_anything_is_written(fleet: Fleet, baru: Host) -> None:
    played = restore(fleet, "portal", BARU)

    assert played.status != 0
    assert "mariadb" in played.output
    assert "mariadb-client" in played.output
    assert not baru.file("/var/www/portal").exists
    assert not baru.file("/var/lib/diskominfo-backup/brought").exists


def test_a_newer_server_takes_a_site_with_its_database_and_account(fleet: Fleet, web: Host, baru: Host) -> None:
    baru.check_output(SERVER)
    played = restore(fleet, "portal", BARU)

    assert played.status == 0
    sums = "cd /var/www/portal && sha256sum index.php index.html uploads/foto.jpg"
    assert baru.check_output(sums) == web.check_output(sums)
    ask = "mariadb -N --user=portal --password=rahasia-halaman portal -e 'SELECT COUNT(*) FROM berita'"
    assert baru.check_output(ask) == web.check_output(ask) == "400"
    assert "11." in baru.check_output("mariadb -N -e 'SELECT VERSION()'")
    assert not baru.file("/var/lib/diskominfo-backup/brought").exists


def test_a_newer_server_takes_a_database_of_postgresql(fleet: Fleet, data: Host, baru: Host) -> None:
    played = restore(fleet, "perizinan", BARU)

    count = "SELECT count(*), max(usaha) FROM izin"
    assert played.status == 0
    assert ask_postgresql(baru, count) == ask_postgresql(data, count)
    assert ask_postgresql(baru, "SHOW server_version").startswith("17")


def test_an_older_server_refuses_both_by_name(fleet: Fleet, web: Host, data: Host) -> None:
    assert fleet.play("backup", "--limit", BARU, **GIVEN).status == 0

    mariadb = restore(fleet, "coba", WEB, **GIVEN)
    postgresql = restore(fleet, "uji", DATA, **GIVEN)

    assert mariadb.status != 0
    assert "was backed up from MariaDB 11" in mariadb.output
    assert "this server is MariaDB 10.11" in mariadb.output
    assert postgresql.status != 0
    assert "was backed up from PostgreSQL 17, this server is PostgreSQL 15" in postgresql.output
    assert fleet.ask_mariadb("web", "SELECT COUNT(*) FROM portal.berita").split()[-1] == "400"
    assert ask_postgresql(data, "SELECT count(*) FROM izin") == "600"
    assert web.run("ls /var/lib/diskominfo-backup/brought").rc != 0
