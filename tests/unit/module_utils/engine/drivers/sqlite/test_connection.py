"""In whatever state an application left its database: it is read, or refused by name, and nothing of it changes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.connection import (
    UNSHARED,
    connect,
    open_view,
    probe_view,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    BackupError,
    SourceDamaged,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell

from ..rights import ordinary_rights

ROWS = 1000
JOURNAL_MODES = ("delete", "truncate", "persist", "wal")


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Shell(60) as shell:
        yield shell


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place


def make_database(path: Path, mode: str) -> sqlite3.Connection:
    """An open connection of the application."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(ROWS)])
    connection.execute("COMMIT")
    return connection


def crash(path: Path, mode: str, last: str = "SELECT 1") -> None:
    """Fills a table, begins to change every row with a cache too small for it, and dies."""
    child = os.fork()
    if child == 0:
        connection = make_database(path, mode)
        connection.execute("PRAGMA cache_size=5")
        connection.execute("BEGIN")
        connection.execute("UPDATE t SET x = 'half done' || hex(zeroblob(300)) || x")
        connection.execute(last)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def look(folder: Path) -> dict[str, bytes]:
    """Names and content, but for the content of the shared index, which every reader writes to."""
    return {path.name: b"" if path.name.endswith("-shm") else path.read_bytes() for path in sorted(folder.iterdir())}


def count(path: Path, shell: Shell, place: Path) -> tuple[int, tuple[str, ...]]:
    probe_view(str(path), shell)
    with open_view(str(path), shell, place) as view:
        rows = view.connection.execute("SELECT count(*) FROM t WHERE x NOT LIKE 'half done%'").fetchone()[0]
        return int(rows), view.notes


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    before = look(folder)
    yield
    assert look(folder) == before


@pytest.mark.parametrize("mode", JOURNAL_MODES)
def test_an_idle_database_is_read_and_its_folder_stays_as_it_was(
    home: Path, place: Path, shell: Shell, mode: str
) -> None:
    make_database(home / "app.db", mode).close()
    with unchanged(home):
        assert count(home / "app.db", shell, place) == (ROWS, ())


@pytest.mark.parametrize("mode", JOURNAL_MODES)
def test_a_database_in_use_is_read_and_stays_in_use(home: Path, place: Path, shell: Shell, mode: str) -> None:
    with closing(make_database(home / "app.db", mode)) as application:
        with unchanged(home):
            assert count(home / "app.db", shell, place) == (ROWS, ())
        application.execute("INSERT INTO t VALUES (1)")
        assert count(home / "app.db", shell, place) == (ROWS + 1, ())


@pytest.mark.parametrize("mode", JOURNAL_MODES)
def test_what_an_application_has_not_committed_is_not_there(home: Path, place: Path, shell: Shell, mode: str) -> None:
    with closing(make_database(home / "app.db", mode)) as application:
        application.execute("BEGIN")
        application.execute("INSERT INTO t VALUES (1)")
        with unchanged(home):
            assert count(home / "app.db", shell, place) == (ROWS, ())


def test_a_crash_in_wal_mode_is_read_with_what_was_committed(home: Path, place: Path, shell: Shell) -> None:
    crash(home / "app.db", "wal")
    assert sorted(look(home)) == ["app.db", "app.db-shm", "app.db-wal"]
    with unchanged(home):
        assert count(home / "app.db", shell, place) == (ROWS, ())
    assert look(place) == {}


@pytest.mark.parametrize("lost", ["-shm", "-wal"])
def test_half_of_the_files_of_wal_mode_are_read_from_a_copy(home: Path, place: Path, shell: Shell, lost: str) -> None:
    with closing(make_database(home / "app.db", "wal")) as application:
        application.execute("PRAGMA wal_checkpoint")
        for suffix in ("", "-wal", "-shm"):
            (place / f"app.db{suffix}").write_bytes((home / f"app.db{suffix}").read_bytes())
    (place / f"app.db{lost}").unlink()
    scratch = place / "scratch"
    scratch.mkdir()
    before = look_at_files(place)

    rows, notes = count(place / "app.db", shell, scratch)

    assert rows == ROWS
    assert "private copy" in notes[0]
    assert look_at_files(place) == before


def look_at_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_what_stands_only_in_a_journal_without_index_is_read(home: Path, place: Path, shell: Shell) -> None:
    crash(home / "app.db", "wal", "COMMIT")
    (home / "app.db-shm").unlink()
    with unchanged(home), open_view(str(home / "app.db"), shell, place) as view:
        found = view.connection.execute("SELECT count(*) FROM t WHERE x LIKE 'half done%'").fetchone()[0]
    assert found == ROWS


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist"])
def test_a_hot_journal_is_rolled_back_in_a_copy_alone(home: Path, place: Path, shell: Shell, mode: str) -> None:
    crash(home / "app.db", mode)
    with unchanged(home):
        rows, notes = count(home / "app.db", shell, place)
    assert rows == ROWS
    assert "crash" in notes[0]
    with closing(sqlite3.connect(home / "app.db")) as application:
        assert application.execute("SELECT count(*) FROM t WHERE x LIKE 'half%'").fetchone()[0] == 0


def test_a_lock_is_waited_for(home: Path, place: Path, shell: Shell) -> None:
    make_database(home / "app.db", "delete").close()
    application = sqlite3.connect(home / "app.db", isolation_level=None, check_same_thread=False)
    application.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.3, lambda: application.execute("COMMIT"))
    release.start()
    assert count(home / "app.db", shell, place)[0] == ROWS
    release.join()
    application.close()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_lock_that_stays_is_named_before_the_time_limit(home: Path, place: Path, mode: str) -> None:
    application = make_database(home / "app.db", mode)
    application.execute("PRAGMA locking_mode=EXCLUSIVE")
    application.execute("BEGIN EXCLUSIVE")
    application.execute("INSERT INTO t VALUES (1)")
    with closing(application), Shell(3) as shell, pytest.raises(SourceLocked, match=r"app\.db stayed locked"):
        count(home / "app.db", shell, place)


def test_a_lock_on_what_a_crash_left_is_waited_for_and_named(home: Path, place: Path) -> None:
    """Somebody else is rolling the journal back at this moment."""
    crash(home / "app.db", "delete")
    with open(home / "app.db", "r+b") as stream, Shell(1) as shell:
        held = "import fcntl, sys; fcntl.lockf(0, fcntl.LOCK_SH, 1, 0x40000002); print(flush=True); sys.stdin.read()"
        holder = subprocess.Popen(
            [sys.executable, "-c", held.replace("sys.stdin.read()", "__import__('time').sleep(60)")],
            stdin=stream,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SourceLocked):
            count(home / "app.db", shell, place)
        holder.kill()
        holder.communicate()


def test_the_end_of_the_shell_ends_the_wait(home: Path, place: Path) -> None:
    with closing(make_database(home / "app.db", "delete")) as application, Shell(60) as shell:
        application.execute("BEGIN EXCLUSIVE")
        threading.Timer(0.2, lambda: shell.end(TimeLimitReached.after(60))).start()
        began = time.monotonic()
        with pytest.raises(TimeLimitReached):
            count(home / "app.db", shell, place)
        assert time.monotonic() - began < 25


def test_the_end_of_the_shell_interrupts_a_statement_and_comes_too_late_afterwards(home: Path) -> None:
    make_database(home / "app.db", "delete").close()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with Shell(60) as shell:
        with connect(str(home / "app.db"), UNSHARED, shell) as connection:
            threading.Timer(0.2, lambda: shell.end(TimeLimitReached.after(60))).start()
            with pytest.raises(sqlite3.OperationalError, match="interrupted"):
                connection.execute(endless)
        shell.end(TimeLimitReached.after(60))


def fail(path: Path, shell: Shell, place: Path) -> BackupError:
    """What both the probe and the dump raise."""
    with pytest.raises(BackupError) as probed:
        probe_view(str(path), shell)
    with pytest.raises(BackupError) as raised, open_view(str(path), shell, place):
        pass
    assert type(probed.value) is type(raised.value)
    assert str(path) in raised.value.message
    assert raised.value.hint
    return raised.value


def test_a_missing_database_is_not_made(home: Path, place: Path, shell: Shell) -> None:
    assert isinstance(fail(home / "typo.db", shell, place), SourceMissing)
    assert isinstance(fail(home, shell, place), SourceMissing)
    (home / "file").write_bytes(b"")
    assert isinstance(fail(home / "file" / "app.db", shell, place), SourceMissing)
    assert [path.name for path in home.iterdir()] == ["file"]


def test_a_pipe_in_place_of_a_database_does_not_hang(home: Path, place: Path, shell: Shell) -> None:
    os.mkfifo(home / "app.db")
    assert isinstance(fail(home / "app.db", shell, place), SourceMissing)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"x" * 4096, "no SQLite"),
        (b"SQLite format 2\0" + b"x" * 90, "no SQLite"),
        (b"SQL", "no SQLite"),
    ],
)
def test_what_is_no_database_is_refused(home: Path, place: Path, shell: Shell, content: bytes, said: str) -> None:
    (home / "app.db").write_bytes(content)
    error = fail(home / "app.db", shell, place)
    assert isinstance(error, SourceDamaged)
    assert said in error.message


def test_a_header_with_nothing_behind_it_is_refused(home: Path, place: Path, shell: Shell) -> None:
    (home / "app.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 84)
    assert isinstance(fail(home / "app.db", shell, place), SourceDamaged)


def test_a_name_that_is_too_long_is_refused(home: Path, place: Path, shell: Shell) -> None:
    assert isinstance(fail(home / ("x" * 300), shell, place), SourceUnreadable)


def test_a_journal_that_cannot_be_opened_is_named(home: Path, place: Path, shell: Shell) -> None:
    make_database(home / "app.db", "wal").close()
    (home / "app.db-wal").mkdir()
    (home / "app.db-shm").write_bytes(b"")
    assert isinstance(fail(home / "app.db", shell, place), SourceUnreadable)


def test_a_copy_that_cannot_be_written_fails(home: Path, place: Path, shell: Shell) -> None:
    crash(home / "app.db", "delete")
    (place / "recovered.sqlite").write_bytes(b"")
    with pytest.raises(SourceUnreadable, match="File exists"), open_view(str(home / "app.db"), shell, place):
        pass


def test_an_ordinary_user_is_told_what_is_in_the_way(shell: Shell) -> None:
    with ordinary_rights() as folder:
        home, place, path = folder / "home", folder / "place", folder / "home" / "app.db"
        home.mkdir()
        place.mkdir()
        crash(path, "delete")
        path.chmod(0o400)
        assert "crash left a journal" in fail(path, shell, place).message
        path.chmod(0o000)
        assert "Permission denied" in fail(path, shell, place).message
        path.chmod(0o600)
        for left in home.iterdir():
            left.unlink()
        make_database(path, "wal").close()
        path.chmod(0o400)
        assert "may write" in fail(path, shell, place).message
        path.chmod(0o600)
        home.chmod(0o500)
        assert "may write" in fail(path, shell, place).message
        assert look(home).keys() == {"app.db"}


def test_an_ordinary_user_reads_what_is_read_only_but_in_use(shell: Shell) -> None:
    with ordinary_rights() as folder:
        home, place = folder / "home", folder / "place"
        home.mkdir()
        place.mkdir()
        with closing(make_database(home / "app.db", "wal")):
            for path in home.iterdir():
                path.chmod(0o400)
            home.chmod(0o500)
            assert count(home / "app.db", shell, place) == (ROWS, ())
            home.chmod(0o700)


FULL = """
import sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.sqlite.connection import open_view
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import StoreFull
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell
try:
    with Shell(60) as shell, open_view(sys.argv[1], shell, Path(sys.argv[2])):
        pass
except StoreFull as error:
    sys.exit(0 if sys.argv[2] in error.message else 1)
sys.exit(2)
"""


def test_a_full_disk_is_told_as_such(home: Path, place: Path) -> None:
    crash(home / "app.db", "delete")
    mount = 'mount -t tmpfs -o size=64k none "$3" && exec "$0" -c "$1" "$2" "$3"'
    argv = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, sys.executable, FULL]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([*argv, str(home / "app.db"), str(place)], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
