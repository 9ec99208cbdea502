from __future__ import annotations

import contextlib
import io
import json
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import cli
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.registry import DRIVERS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.version import VERSION
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.words.call import Call
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.words.registry import WORDS
from ansible_collections.diskominfo.backup.tests.office import Office


def call_plainly(office: Office, word: str, *options: str) -> tuple[int, str, str]:
    """As a person would: without --json and --quiet."""
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        status = cli.main([word, "--config", str(office.write_config()), *options])
    stdout.seek(0)
    return status, stdout.read(), stderr.getvalue()


def test_help_names_every_word_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"    {word} " in told for word in WORDS)
    assert "exit status" in told


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_has_a_help_of_its_own(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word, "--help"]) == 0
    assert "--config" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["backup"], ["run", "--nonsense"], ["restore", "sippn"]])
def test_a_call_that_cannot_be_understood_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(argv) == 2
    assert "--help" in capsys.readouterr().err


def test_a_configuration_that_is_not_there_ends_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["run", "--config", str(tmp_path / "none.json"), "--json"]) == 2
    ended = capsys.readouterr()
    assert "No such file" in ended.err
    assert json.loads(ended.out)["error"]["slug"] == "configuration"


@pytest.mark.parametrize("content", ["{", "[]", '{"server": 1}'])
def test_a_configuration_that_is_none_ends_with_2(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)

    assert cli.main(["config", "--config", str(path)]) == 2


def test_all_problems_of_a_configuration_are_told_at_once(office: Office) -> None:
    office.applications[0]["category"] = "hourly"
    office.applications[0]["colour"] = "red"
    office.settings["language"] = "fr"

    status, _unused, stderr = call_plainly(office, "config")

    assert status == 2
    assert all(word in stderr for word in ("3 problems", "hourly", "colour", "fr"))


def test_the_configuration_is_printed_as_it_is_understood(office: Office) -> None:
    data = office.call("config").data

    assert data["applications"][0]["retention"] == {"daily": 7, "weekly": 4, "monthly": 12, "yearly": 0}


def test_an_unknown_application_ends_with_2_and_nothing_is_run(office: Office) -> None:
    status, _unused, stderr = call_plainly(office, "run", "sippn", "sipn")

    assert status == 2
    assert "unknown application: sipn" in stderr
    assert office.stored_runs() == []


def test_an_unknown_category_ends_with_2(office: Office) -> None:
    assert call_plainly(office, "run", "--category", "yearly")[0] == 2


def test_a_person_reads_what_was_done(office: Office) -> None:
    status, stdout, stderr = call_plainly(office, "run")

    assert status == 0
    assert stdout == "1 done, 0 failed\n"
    assert "sippn: run done in" in stderr


def test_a_person_reads_what_failed_and_what_to_do(office: Office) -> None:
    office.database().unlink()

    status, stdout, stderr = call_plainly(office, "run")

    assert status == 1
    assert "sippn: [source_missing]" in stdout
    assert "  -> restore it" in stdout
    assert "run FAILED" in stderr


def test_nothing_due_is_well(office: Office) -> None:
    assert call_plainly(office, "check") == (0, "nothing due\n", "")


def test_the_list_tells_what_is_stored_and_how_well_proved(office: Office) -> None:
    assert "no stored runs" in call_plainly(office, "list")[1]


def test_a_list_does_not_say_that_nothing_is_stored_where_something_is_that_cannot_be_read(office: Office) -> None:
    office.call("run")
    shutil.rmtree(office.state / "receipts")

    told = call_plainly(office, "list")[1]

    assert "no receipt here tells of it" in told
    assert "no stored runs" not in told
    office.call("run")
    office.call("check")

    stdout = call_plainly(office, "list", "sippn")[1]

    assert office.stored_runs()[0].name in stdout
    assert stdout.rstrip().endswith("compared")


def dump_rows(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_show_gives_the_commands_to_restore_by_hand(office: Office) -> None:
    identity = office.call("run").receipt["id"]

    stdout = call_plainly(office, "show", "sippn")[1]

    shutil.rmtree(office.site())
    before = dump_rows(office.database())
    office.database().unlink()
    script = stdout.partition("by hand:\n")[2]
    subprocess.run(["sh", "-euc", script], check=True)
    assert f"cd {office.store}/sippn/{identity} && sha256sum --check SHA256SUMS" in script
    assert dump_rows(office.database()) == before
    assert (office.site() / "index.php").exists()


def test_show_takes_the_id_of_any_receipt(office: Office) -> None:
    office.database().unlink()
    identity = office.call("run").receipt["id"]

    status, stdout, _unused = call_plainly(office, "show", "sippn", identity)

    assert status == 0
    assert "source_missing" in stdout
    assert "by hand" not in stdout


def test_show_of_a_gzip_run_says_gzip(office: Office) -> None:
    office.settings["compression"] = {"method": "gzip"}
    office.call("run")

    assert "gzip --decompress --stdout database-app.db.sqlite.gz" in call_plainly(office, "show", "sippn")[1]


def test_a_probe_changes_nothing(office: Office) -> None:
    status, stdout, _unused = call_plainly(office, "probe")

    assert (status, stdout) == (0, "all is well\n")
    assert not office.store.exists()
    assert not office.state.exists()


def test_a_probe_tells_what_would_fail(office: Office) -> None:
    office.database().unlink()
    office.store.mkdir()
    (office.store / "foreign").touch()

    answer = office.call("probe")

    assert answer.status == 1
    assert [finding["slug"] for finding in answer.data["findings"]] == ["store_unavailable", "source_missing"]


def test_prune_says_what_it_would_remove_and_removes_nothing_in_a_rehearsal(office: Office) -> None:
    office.call("run")
    office.call("run")

    answer = office.call("prune", "--dry-run")

    assert answer.status == 0
    assert len(office.stored_runs()) == 2


def test_the_report_of_a_server_is_red_while_something_is(office: Office) -> None:
    office.call("run")
    office.call("check")
    status, stdout, _unused = call_plainly(office, "report")
    assert status == 0
    assert "sippn" in stdout
    office.database().unlink()
    office.call("run")

    assert call_plainly(office, "report", "--language", "en")[0] == 1
    assert json.loads(call_plainly(office, "report", "--json")[1])["summary"]["failed"] == 1
    assert "1 November 2026" in call_plainly(office, "report", "--period", "2026-11")[1]
    assert call_plainly(office, "report", "--format", "html")[1].startswith("<!doctype html>")


def test_the_report_of_a_server_comes_out_of_an_index_that_may_be_deleted(office: Office) -> None:
    office.call("run")
    first = json.loads(call_plainly(office, "report", "--json")[1])
    entry = office.state / "past" / "web" / "sippn"
    assert entry.is_file()
    office.call("run")
    again = json.loads(call_plainly(office, "report", "--json")[1])
    assert (first["applications"][0]["succeeded_runs"], again["applications"][0]["succeeded_runs"]) == (1, 2)
    shutil.rmtree(office.state / "past")
    anew = json.loads(call_plainly(office, "report", "--json")[1])
    assert anew["summary"] == again["summary"]
    assert entry.is_file()


def test_the_status_tells_how_every_application_stands(office: Office) -> None:
    office.call("run")
    status, stdout, _unused = call_plainly(office, "status", "--language", "en")
    assert status == 0
    assert "How every backup stands, over all time" in stdout
    assert "sippn @" in stdout


def test_a_letter_is_not_for_the_command(office: Office) -> None:
    status, _unused, stderr = call_plainly(office, "report", "--format", "pdf")
    assert status == 1
    assert "pip install typst" in stderr


def test_a_format_that_is_unknown_is_told_with_those_that_are_known(office: Office) -> None:
    status, _unused, stderr = call_plainly(office, "report", "--format", "docx")

    assert status == 2
    assert "html" in stderr


def test_the_version_names_the_program_by_its_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "diskominfo-backup"
    program.write_bytes(b"runner")

    assert cli.main(["version", "--json"], program) == 0
    assert json.loads(capsys.readouterr().out)["version"] == VERSION
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"diskominfo-backup {VERSION}\n"


def test_the_command_works_from_any_thread(office: Office) -> None:
    """Signals can be taken by the main thread alone; elsewhere the command does without."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(office.call("config").status))
    thread.start()
    thread.join()

    assert statuses == [0]


def test_a_reader_that_went_away_is_no_fault_of_ours(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def go_away(_call: Call) -> int:
        raise BrokenPipeError

    monkeypatch.setitem(WORDS, "config", go_away)

    assert call_plainly(office, "config")[0] == 1


def test_a_signal_ends_the_work_with_the_custom_of_the_shell(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_for_the_end(call: Call) -> int:
        signal.raise_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        while call.supervisor.ended_by is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return 0

    monkeypatch.setitem(WORDS, "config", wait_for_the_end)

    assert call_plainly(office, "config")[0] == 143


def test_nothing_is_shown_by_hand_of_a_failed_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(DRIVERS["tree"]), "probe", lambda *_unused: [])
    (office.site() / "index.php").unlink()
    shutil.rmtree(office.site())
    identity = office.call("run").receipt["id"]

    assert "by hand" not in call_plainly(office, "show", "sippn", identity)[1]


def test_a_look_needs_no_configuration_and_tells_what_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none.json")
    assert cli.main(["discover", "--config", missing, "--server", "web", "--time-limit", "20"]) == 0
    assert capsys.readouterr().out.startswith("web: ")
    assert cli.main(["discover", "--config", missing, "--server", "web", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["server"] == "web"


def test_a_look_takes_its_name_from_the_configuration(office: Office) -> None:
    assert call_plainly(office, "discover")[1].startswith("web: ")
