from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors, renderers
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import (
    find,
    history,
    level,
    note,
    people,
    policy,
    receipt,
    report,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import SEVERITIES, Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import ApplicationRow
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.zone import ZONE_OFFSETS_H
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.english import catalogue as english
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.indonesian import (
    catalogue as indonesian,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import (
    CATALOGUES,
    DAMAGED,
    SYMBOLS,
    ZONE_NAMES,
    Language,
    clean,
    shorten,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.health import SLUGS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.norms import NORM_MINUTES

INDONESIAN, ENGLISH = Language("id"), Language("en")
BOTH = pytest.mark.parametrize("code", ["id", "en"])
EVENING = datetime.fromisoformat("2026-11-22T13:01:00+00:00")
FAMILIES = tuple(
    f"{family}."
    for family in (
        *("error", "finding", "status", "level", "comparison", "category", "action", "result", "step", "kind"),
        *("counted", "age", "duration", "moment", "severity", "find", "state", "schedule", "weekday"),
        *("past.day", "priority", "message", "role", "trigger", "restores.target"),
    )
)
ROW = ApplicationRow("sippn", "SIPPN", "", "web", "daily", "succeeded")


def name_places(text: str) -> set[str]:
    return {name for _unused, name, _unused2, _unused3 in string.Formatter().parse(text) if name}


def test_both_catalogues_hold_the_same_keys() -> None:
    assert set(indonesian.WORDS) == set(english.WORDS)


@BOTH
def test_no_word_is_forgotten(code: str) -> None:
    silent = {"counted.table", "counted.setting"}
    assert {key for key, text in CATALOGUES[code].items() if not text.strip()} == silent


def test_a_sentence_takes_the_same_values_in_both_languages() -> None:
    for key, text in indonesian.WORDS.items():
        singular = key in {"age.minute", "age.hour", "age.day", "age.month"}
        assert singular or name_places(text) == name_places(english.WORDS[key]), key


@BOTH
def test_everything_that_a_report_can_say_has_a_word(code: str) -> None:
    words = CATALOGUES[code]
    slugs = {error.slug for error in errors.ALL} | {"missed"}
    wanted = {f"error.{slug}" for slug in slugs} | {f"finding.{slug}" for slug in SLUGS}
    wanted |= {f"{key}.hint" for key in wanted}
    wanted |= {f"status.{status}" for status in (*report.STATUSES, DAMAGED)}
    wanted |= {f"level.{name}{end}" for name in (*level.LADDER, level.DAMAGED) for end in ("", ".meaning")}
    wanted |= {f"category.{name}" for name in policy.INTERVAL_S} | {f"severity.{name}" for name in SEVERITIES}
    wanted |= {f"{family}.{state}" for family in ("find", "state") for state in find.STATES}
    wanted |= {f"find.reason.{reason}" for reason in find.REASONS}
    wanted |= {f"comparison.{name}" for name in policy.COMPARISONS}
    wanted |= {f"action.{name}" for name in report.ACTIONS} | {f"result.{name}" for name in report.RESULTS}
    wanted |= {f"role.{role}" for role in people.POSITIONS}
    wanted |= {f"kind.note_{name}" for name in note.SUBJECTS}
    wanted |= {f"step.{row}" for row in NORM_MINUTES} | {f"kind.{kind}" for kind in receipt.PART_KINDS}
    wanted |= {f"trigger.{name}" for name in receipt.TRIGGERS if name != receipt.SAFETY} | {"restores.target.original"}
    wanted |= {f"past.day.{name}" for name in (*history.DAYS, "none")}
    assert wanted - set(words) == set()


def test_no_word_waits_for_somebody_to_say_it() -> None:
    folder = Path(next(iter(renderers.__path__)))
    code = "".join(
        path.read_text() for path in folder.rglob("*.py") if path.parent.name not in ("indonesian", "english")
    )
    unused = {key for key in english.WORDS if not key.startswith(FAMILIES) and f"{key}" not in code}
    assert unused == set()


def test_the_procedure_is_quoted_word_by_word() -> None:
    assert [INDONESIAN.word(f"step.{row}") for row in (2, 4, 8)] == [
        "Menentukan prioritas backup aplikasi",
        "Melakukan backup database dan source code",
        "Menerima laporan hasil backup",
    ]
    assert [INDONESIAN.word(f"category.{name}") for name in policy.INTERVAL_S] == ["harian", "mingguan", "bulanan"]


def test_an_unknown_language_is_that_of_the_procedure() -> None:
    assert Language("fr").code == "id"


def test_a_word_that_servers_make_up_has_a_stand_in() -> None:
    assert ENGLISH.word("kind.hologram") == "–"
    assert ENGLISH.word("kind.hologram", "hologram") == "hologram"


def test_every_status_has_its_own_sign() -> None:
    assert set(SYMBOLS) == {*report.STATUSES, DAMAGED}
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_a_succeeded_run_that_is_damaged_is_called_damaged() -> None:
    assert ENGLISH.status_of(ROW) == "succeeded"
    assert ENGLISH.status_of(replace(ROW, level=level.DAMAGED)) == DAMAGED
    assert ENGLISH.status_of(replace(ROW, level=level.DAMAGED, status="missed")) == "missed"
    assert ENGLISH.status_of(replace(ROW, level=level.DAMAGED, status="retired")) == "retired"


@pytest.mark.parametrize(
    ("value", "decimals", "indonesian_text", "english_text"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (1234.56, 1, "1.234,6", "1,234.6"),
    ],
)
def test_numbers(value: float, decimals: int, indonesian_text: str, english_text: str) -> None:
    assert INDONESIAN.number(value, decimals) == indonesian_text
    assert ENGLISH.number(value, decimals) == english_text


@pytest.mark.parametrize(
    ("size_bytes", "indonesian_text", "english_text"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1_000, "1,0 kB", "1.0 kB"),
        (1_500_000, "1,5 MB", "1.5 MB"),
        (99_900_000, "99,9 MB", "99.9 MB"),
        (99_960_000, "100 MB", "100 MB"),
        (999_600_000, "1,0 GB", "1.0 GB"),
        (5 * 10**21, "5.000 EB", "5,000 EB"),
        (None, "–", "–"),
    ],
)
def test_sizes(size_bytes: int | None, indonesian_text: str, english_text: str) -> None:
    assert INDONESIAN.size(size_bytes) == indonesian_text
    assert ENGLISH.size(size_bytes) == english_text


@pytest.mark.parametrize(
    ("fraction", "text"), [(None, ""), (0.12, "+12 %"), (-0.5, "−50 %"), (0.001, "±0 %"), (12.0, "+1.200 %")]
)
def test_changes(fraction: float | None, text: str) -> None:
    assert INDONESIAN.change(fraction) == text


@pytest.mark.parametrize(
    ("seconds", "indonesian_text", "english_text", "clock"),
    [
        (None, "–", "–", "–"),
        (0.2, "< 1 dtk", "< 1 s", "0:00"),
        (13, "13 dtk", "13 s", "0:13"),
        (60, "1 mnt", "1 min", "1:00"),
        (200, "3 mnt 20 dtk", "3 min 20 s", "3:20"),
        (3600, "1 jam", "1 h", "1:00:00"),
        (3 * 3600 + 125, "3 jam 2 mnt", "3 h 2 min", "3:02:05"),
    ],
)
def test_durations(seconds: float | None, indonesian_text: str, english_text: str, clock: str) -> None:
    assert INDONESIAN.duration(seconds) == indonesian_text
    assert ENGLISH.duration(seconds) == english_text
    assert ENGLISH.clock(seconds) == clock


@pytest.mark.parametrize(
    ("seconds", "indonesian_text", "english_text"),
    [
        (None, "–", "–"),
        (-30, "baru saja", "moments"),
        (59, "baru saja", "moments"),
        (60, "1 menit", "1 minute"),
        (3 * 3600, "3 jam", "3 hours"),
        (30 * 3600, "30 jam", "30 hours"),
        (48 * 3600, "2 hari", "2 days"),
        (59 * 86400, "59 hari", "59 days"),
        (90 * 86400, "2 bulan", "2 months"),
    ],
)
def test_ages(seconds: float | None, indonesian_text: str, english_text: str) -> None:
    assert INDONESIAN.age(seconds) == indonesian_text
    assert ENGLISH.age(seconds) == english_text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Jakarta", "22 November 2026 pukul 20.01 WIB"),
        ("Asia/Pontianak", "22 November 2026 pukul 20.01 WIB"),
        ("Asia/Makassar", "22 November 2026 pukul 21.01 WITA"),
        ("Asia/Jayapura", "22 November 2026 pukul 22.01 WIT"),
        ("UTC", "22 November 2026 pukul 13.01 UTC"),
        ("Mars/Olympus", "22 November 2026 pukul 13.01 UTC"),
    ],
)
def test_moments_are_told_by_the_clocks_of_the_office(zone: str, text: str) -> None:
    assert INDONESIAN.moment(EVENING, zone) == text


def test_the_forms_of_a_moment() -> None:
    told = {form: INDONESIAN.moment(EVENING, "Asia/Jakarta", form) for form in ("day", "date", "time", "short")}
    assert told == {"day": "22 November 2026", "date": "22 Nov 2026", "time": "20.01", "short": "22 Nov 20.01"}
    assert ENGLISH.moment(EVENING, "Asia/Jakarta") == "22 November 2026, 20:01 WIB"
    assert INDONESIAN.moment(datetime.fromisoformat("2026-08-01T00:00:00+00:00"), "UTC", "date") == "1 Agu 2026"
    assert INDONESIAN.moment(None, "UTC") == "–"


def test_every_zone_has_a_name() -> None:
    assert set(ZONE_NAMES) == set(ZONE_OFFSETS_H)


def test_what_was_counted_is_told_in_words() -> None:
    counts = {"tables": 3, "rows": 1234, "table": 3, "bytes": 1_500_000, "hologram\x1b": 2}
    assert INDONESIAN.counted(counts) == "3 tabel · 1.234 baris · 1,5 MB · 2 hologram\\x1b"
    assert ENGLISH.counted({"tables": 1, "rows": 2}) == "1 table · 2 rows"
    assert ENGLISH.counted({}) == ""


def test_a_known_failure_is_explained_and_the_words_of_the_machine_are_kept() -> None:
    told = INDONESIAN.explain(Failure("store_full", "no space left in /var\x1b[0m", "free room"))
    assert told.sentence == "Tempat penyimpanan penuh"
    assert "disk" in told.remedy
    assert told.detail == "no space left in /var\\x1b[0m"


def test_an_unknown_failure_speaks_for_itself() -> None:
    told = INDONESIAN.explain(Failure("gremlins", "gremlins\nin /var", "feed them\x07"))
    assert (told.sentence, told.remedy, told.detail) == ("gremlins in /var", "feed them\\x07", "")


def test_what_was_missed_is_dated_by_the_clocks_of_the_office() -> None:
    missed = replace(ROW, status="missed", reason=Failure("missed", "no run since"), due=EVENING)
    told = INDONESIAN.explain_row(missed, "Asia/Jakarta")
    assert told is not None
    assert told.detail == "seharusnya paling lambat 22 November 2026 pukul 20.01 WIB"
    told = ENGLISH.explain_row(replace(missed, began=EVENING, due=None), "UTC")
    assert told is not None
    assert told.detail == "ran last 22 November 2026, 13:01 UTC"


def test_a_row_without_a_reason_needs_no_explanation() -> None:
    assert ENGLISH.explain_row(ROW, "UTC") is None
    failed = replace(ROW, status="failed", reason=Failure("busy", "sippn is busy"))
    told = ENGLISH.explain_row(failed, "UTC")
    assert told is not None
    assert told.detail == "sippn is busy"


def test_a_finding_is_told_with_its_numbers() -> None:
    room = Finding("low_room", "red", "web", "no", "", {"free_bytes": 1_500_000, "round_bytes": 3e9})
    assert INDONESIAN.explain_finding(room).sentence == (
        "Sisa ruang 1,5 MB tidak cukup untuk beberapa putaran backup (3,0 GB per putaran)"
    )
    shrunk = Finding("shrunk", "red", "sippn", "no", "", {"change": -0.6})
    assert ENGLISH.explain_finding(shrunk).sentence == "60 % smaller than usual"
    stale = Finding("stale", "red", "sippn", "no", "", {"age_s": 4 * 86400})
    assert ENGLISH.explain_finding(stale).sentence == "The newest good backup is 4 days old"
    failing = Finding("failing", "red", "sippn", "no", "", {"count": 4})
    assert ENGLISH.explain_finding(failing).sentence == "Failed 4 times in a row"


def test_a_finding_that_is_not_known_speaks_for_itself() -> None:
    told = ENGLISH.explain_finding(Finding("odd", "red", "x", "odd\x1b", "look"))
    assert (told.sentence, told.remedy) == ("odd\\x1b", "look")


def test_a_finding_that_was_an_error_is_explained_as_such() -> None:
    told = INDONESIAN.explain_finding(Finding("unreachable", "red", "web", "web gave no answer", "look"))
    assert told.sentence == "Server tidak menjawab: web gave no answer"
    assert told.remedy.startswith("Periksa server")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_finding_that_lacks_its_numbers_is_told_without_them(slug: str) -> None:
    told = ENGLISH.explain_finding(Finding(slug, "red", "x", "?", "?"))
    assert "{" not in told.sentence + told.remedy


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text", "plain text"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\ue0041"),
        ("日本 é ✓", "日本 é ✓"),
    ],
)
def test_what_could_steer_or_hide_is_written_as_its_number(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_no_text_at_all_can_steer_a_terminal(text: str) -> None:
    cleaned = clean(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f]", cleaned)
    assert {unicodedata.bidirectional(character) for character in cleaned}.isdisjoint(
        {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )
    cleaned.encode("utf-8")


def test_a_text_is_shortened_to_its_limit() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
