"""Two servers in containers of podman: what is put into them, and how they are asked."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

MARIADB, POSTGRESQL = "backup-containers-mariadb", "backup-containers-postgresql"
PASSWORD = "rahasia-dalam-wadah"
TABLE = "CREATE TABLE layanan (id int PRIMARY KEY, nama text)"
MARIADB_SCRIPT = f"""CREATE DATABASE sippn; USE sippn; {TABLE}; INSERT INTO layanan VALUES (1, 'KTP'), (2, 'KK');
CREATE VIEW jumlah AS SELECT COUNT(*) FROM layanan; GRANT ALL ON *.* TO backup@localhost IDENTIFIED BY '{PASSWORD}';"""
POSTGRESQL_SCRIPT = f"""CREATE ROLE arsip LOGIN; CREATE DATABASE arsip OWNER arsip;
\\connect arsip
SET ROLE arsip; {TABLE}; INSERT INTO layanan SELECT g, 'surat ' || g FROM generate_series(1, 1000) AS g;"""


def ask(container: str, sql: str, *client: str) -> str:
    """What the client inside answers."""
    argv = ["podman", "exec", "--interactive", *(client[:1] if client[0].startswith("--") else ()), container]
    argv += [word for word in client if not word.startswith("--user")]
    done = subprocess.run(argv, input=sql, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def ask_mariadb(sql: str) -> str:
    return ask(MARIADB, sql, "mariadb", "--batch", "--skip-column-names")


def ask_postgresql(sql: str, database: str = "postgres") -> str:
    return ask(POSTGRESQL, sql, "--user=postgres", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database)


def wait_for_answer(asking: Callable[[str], str]) -> None:
    for _unused in range(1200):
        try:
            asking("SELECT 1")
            return
        except RuntimeError:
            time.sleep(0.25)
    asking("SELECT 1")
