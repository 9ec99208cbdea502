"""Private PostgreSQL servers for tests: in a folder of their own, as an ordinary user, gone with the tests."""

from __future__ import annotations

import atexit
import functools
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
SUPERUSER = "postgres"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "log_min_messages=fatal")
RULES = """local all postgres peer map=own
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


def find_owner() -> pwd.struct_passwd:
    """Who runs the servers: nobody may as the superuser."""
    return pwd.getpwnam(SUPERUSER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)


def as_owner(*argv: str) -> list[str]:
    """A command of whoever runs the servers."""
    if os.geteuid() != 0:
        return list(argv)
    owner = find_owner()
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--init-groups", "--", *argv]


def find_free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class PrivateCluster:
    """A running server: its folder, which holds the socket too, and its port."""

    folder: Path
    port: int

    def run(self, database: str, sql: str) -> str:
        """What psql answers to a script, as the superuser; a refusal is an error."""
        target = f"host={self.folder} port={self.port} user={SUPERUSER} dbname='{quote(database)}'"
        argv = as_owner(str(PROGRAMS / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", target)
        finished = subprocess.run(argv, input=sql, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise RuntimeError(finished.stderr)
        return finished.stdout.rstrip("\n")

    def ask(self, database: str, sql: str) -> Any:
        """The one JSON value of a query."""
        return json.loads(self.run(database, sql))

    def create(self, database: str, script: str = "", options: str = "") -> str:
        """A new database, filled by a script; its name."""
        identifier = '"' + database.replace('"', '""') + '"'
        self.run("postgres", f"CREATE DATABASE {identifier} {options}")
        if script:
            self.run(database, script)
        return database

    def source(self, database: str, **more: Any) -> DatabaseSource:
        """How the register names a database of it, reached through the socket as the superuser."""
        usual = {"socket": str(self.folder), "port": self.port, "user": SUPERUSER}
        return DatabaseSource("postgresql", name=database, **{**usual, **more})

    def control(self, *argv: str) -> None:
        """pg_ctl with these arguments."""
        command = as_owner(str(PROGRAMS / "pg_ctl"), "-D", str(self.folder / "data"), *argv)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        self.control("-w", "-l", str(self.folder / "log"), "start")


def quote(name: str) -> str:
    """A value of a connection string."""
    return name.replace("\\", "\\\\").replace("'", "\\'")


def find_fast_folder() -> str:
    """Where many small files cost little: in memory where that is allowed."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else "/tmp"


@functools.cache
def _prepare_data() -> Path:
    """A data folder to copy from, gone with the tests."""
    folder = Path(tempfile.mkdtemp(prefix="pg-template-", dir=find_fast_folder()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if os.geteuid() == 0:
        os.chown(folder, find_owner().pw_uid, find_owner().pw_gid)
    initdb = as_owner(str(PROGRAMS / "initdb"), "-N", "-A", "trust", "-U", SUPERUSER, "-E", "UTF8")
    initdb += ["--locale=C.UTF-8", "--wal-segsize=1", "-D", str(folder / "data")]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/")
    return folder / "data"


@contextmanager
def run_cluster() -> Iterator[PrivateCluster]:
    """A new server, stopped and removed when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=find_fast_folder()))
    owner = find_owner()
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    cluster = PrivateCluster(folder, find_free_port())
    data = folder / "data"
    try:
        subprocess.run(as_owner("cp", "-a", str(_prepare_data()), str(data)), check=True, cwd="/")
        (data / "pg_hba.conf").write_text(RULES)
        names = {SUPERUSER, owner.pw_name}
        (data / "pg_ident.conf").write_text("".join(f"own {name} {SUPERUSER}\n" for name in sorted(names)))
        place = f"unix_socket_directories='{folder}'"
        settings = (*FAST, f"port={cluster.port}", place, "listen_addresses='127.0.0.1'")
        with (data / "postgresql.auto.conf").open("a") as stream:
            stream.write("\n".join(settings) + "\n")
        cluster.start()
        yield cluster
    finally:
        if (data / "postmaster.pid").exists():
            cluster.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def keep_running(cluster: PrivateCluster, database: str, script: str) -> Iterator[subprocess.Popen[bytes]]:
    """A psql that works through a script meanwhile."""
    where = f"host={cluster.folder} port={cluster.port} user=postgres dbname={database}"
    argv = as_owner(str(PROGRAMS / "psql"), "-Xq", "-d", where)
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert process.stdin
        process.stdin.write(script.encode())
        process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait()
