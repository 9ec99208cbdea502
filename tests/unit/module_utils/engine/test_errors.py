from __future__ import annotations

import inspect
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import BackupError

ROOT = Path(__file__).resolve().parents[4]
DOCUMENT = ROOT / "docs" / "errors.md"
EXAMPLES = {"str": "name", "int": 3, "float": 2.0, "bool": True, "list[str]": ["one", "two"]}


def list_constructors() -> Iterator[Callable[..., BackupError]]:
    for kind in errors.ALL:
        for name, value in vars(kind).items():
            if isinstance(value, classmethod) and not name.startswith("_"):
                yield getattr(kind, name)


def call(constructor: Callable[..., BackupError]) -> BackupError:
    wanted = inspect.signature(constructor).parameters.values()
    return constructor(*(EXAMPLES[parameter.annotation] for parameter in wanted))


@pytest.mark.parametrize("constructor", list(list_constructors()), ids=lambda made: made.__qualname__)
def test_an_error_says_what_happened_and_what_to_do(constructor: Callable[..., BackupError]) -> None:
    error = call(constructor)
    assert isinstance(error, constructor.__self__)  # type: ignore[attr-defined]
    assert str(error) == error.message
    for sentence in (error.message, error.hint):
        assert sentence
        assert not re.search(r"(?<!\.)\.$", sentence)
        assert not sentence[:2].istitle()
    assert errors.describe_error(error) == (error.slug, error.message, error.hint)


@pytest.mark.parametrize("constructor", list(list_constructors()), ids=lambda made: made.__qualname__)
def test_every_fact_that_an_error_is_told_stands_in_it(constructor: Callable[..., BackupError]) -> None:
    names = list(inspect.signature(constructor).parameters.values())
    for parameter in names:
        if parameter.annotation != "str":
            continue
        values = [
            "the-very-fact" if other is parameter else EXAMPLES[other.annotation]  # what the others are does not matter
            for other in names
        ]
        error = constructor(*values)
        assert "the-very-fact" in error.message + error.hint


def test_every_kind_has_a_slug_of_its_own_and_is_imported_from_one_place() -> None:
    slugs = [kind.slug for kind in errors.ALL]
    assert len(set(slugs)) == len(slugs) > 20
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", slug) for slug in slugs)
    assert {kind.__name__ for kind in errors.ALL} < set(errors.__all__)
    assert all(getattr(errors, kind.__name__) is kind for kind in errors.ALL)


def read_table(heading: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in DOCUMENT.read_text(encoding="utf-8").partition(heading)[2].splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def test_the_document_and_the_code_know_the_same_slugs_and_exit_statuses() -> None:
    documented = {row[0].strip("`"): row[-1] for row in read_table("# Errors")}
    known = {kind.slug: str(kind.exit_status) for kind in errors.ALL}
    known["interrupted"] = "130, 143"
    assert documented == known
    assert list(documented) == sorted(documented)


def test_the_document_explains_every_exit_status_that_an_error_has() -> None:
    explained = {status for row in read_table("## Exit statuses") for status in row[0].split(", ")}
    assert explained == {"0", "1", "2", "3", "130", "143"}
    assert {str(kind.exit_status) for kind in errors.ALL} <= explained


def test_a_row_of_the_document_tells_when_and_what_to_do() -> None:
    for slug, when, remedy, _unused in read_table("# Errors"):
        assert len(when) > 20, slug
        assert len(remedy) > 10, slug


# --- what is peculiar to some


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_gives_the_exit_status_that_a_shell_would_give(number: int, status: int) -> None:
    error = errors.Interrupted.by_signal(number)
    assert (error.exit_status, errors.Interrupted.exit_status) == (status, 130)


def test_an_interruption_that_is_found_later_tells_a_restart_from_a_kill() -> None:
    assert "the server was restarted" in errors.Interrupted.found_later("yesterday", rebooted=True).message
    assert "its process died" in errors.Interrupted.found_later("yesterday", rebooted=False).message


def test_all_problems_of_a_configuration_are_told_at_once() -> None:
    assert errors.ConfigurationError.has_problems(["a: b"]).message == "the configuration has 1 problem:\n- a: b"
    assert errors.ConfigurationError.has_problems(["a", "b"]).message == "the configuration has 2 problems:\n- a\n- b"


def test_a_problem_cannot_pass_for_two() -> None:
    error = errors.ConfigurationError.has_problems(["a\n- b"])
    assert str(error) == "the configuration has 1 problem:\n- a\\n- b"


def test_a_register_without_applications_says_so() -> None:
    assert errors.UnknownApplication.not_registered(["a", "b"], []).hint == "registered on this server: none"


def test_a_run_without_parts_says_so() -> None:
    error = errors.RunNotFound.has_no_part("sippn", "20261122T200100Z-00000000", [], [])
    assert error.message.endswith("has no parts")
    assert error.hint == "its parts: none"


def test_a_program_is_quoted_with_its_last_line_in_a_bearable_length() -> None:
    said = "warning: old\ntar: Cannot write: No space left on device\n\n"
    assert errors.DumpFailed.process_ended("tar", 2, said).message.endswith(
        "tar: Cannot write: No space left on device"
    )
    assert errors.DumpFailed.process_ended("tar", 2, " \n").message == "tar ended with status 2: it said nothing"
    assert len(errors.DumpFailed.process_ended("tar", 2, "x" * 9000).message) < 500


def test_unreadable_entries_are_counted_even_where_they_are_not_all_named() -> None:
    assert errors.SourceUnreadable.among("/srv", ["a", "b"], 2).message.endswith("a; b")
    assert errors.SourceUnreadable.among("/srv", ["a", "b"], 9).message.endswith("a; b; ...")


def test_an_error_can_be_written_to_any_terminal_whatever_a_file_is_called() -> None:
    error = errors.SourceUnreadable.refused("/srv/\udcff\x1b]0;owned\x07/\r\n- fake", "ditolak: é")
    assert error.message == "cannot read /srv/\\udcff\\x1b]0;owned\\x07/\\r\\n- fake: ditolak: é"
    error.message.encode("utf-8")
    slug, message, hint = errors.describe_error(ValueError("\udcff\x1b"))
    assert (slug, message) == ("internal", "unexpected fault: ValueError: \\udcff\\x1b")
    assert hint


def test_a_fault_without_words_is_named_by_its_type() -> None:
    assert errors.describe_error(KeyboardInterrupt())[1] == "unexpected fault: KeyboardInterrupt"
    assert errors.describe_error(BackupError("told")) == ("internal", "told", "")
