"""The report as JUnit XML for continuous integration: a suite a server, a case for each leg of an application."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from ..record.level import DAMAGED
from ..record.report import FAILED, MISSED, PENDING, RETIRED, UNREACHABLE, ApplicationRow, PartRow, Report, write_value
from .language import Explained, Language
from .xml import HEAD, element, show

FAILURE, ERROR, SKIPPED, PASSED = "failure", "error", "skipped", ""

OUTCOMES = {FAILED: FAILURE, UNREACHABLE: ERROR, MISSED: ERROR, PENDING: SKIPPED, RETIRED: SKIPPED}
"""Status -> what JUnit calls it; a run that never was is an error, not a failure."""

Case = tuple[str, str]
"""What came of it, and its element."""


def render_junit(report: Report, language: str) -> bytes:
    """A case named `run` for each application, and one for each database and source tree of its last run."""
    chosen, total, suites = Language(language), Counter[str](), []
    for server, rows in groupby(sorted(report.rows, key=lambda row: row.server), lambda row: row.server):
        cases = [case for row in rows for case in _make_cases(row, chosen, report.period.zone)]
        counts = Counter(outcome for outcome, _element in cases)
        total.update(counts)
        content = "".join(f"\n  {text}" for _outcome, text in cases)
        moment = str(write_value(report.generated)).rstrip("Z")
        suites.append(element("testsuite", {"name": server, **_count(counts), "timestamp": moment}, content + "\n"))
    named = {"name": chosen.word("document.title"), **_count(total)}
    return (HEAD + element("testsuites", named, "\n" + "\n".join(suites) + "\n") + "\n").encode("utf-8")


def _count(counts: Counter[str]) -> dict[str, int]:
    names = {"tests": sum(counts.values()), "failures": counts[FAILURE], "errors": counts[ERROR]}
    return {**names, "skipped": counts[SKIPPED]}


def _make_cases(row: ApplicationRow, language: Language, zone: str) -> list[Case]:
    outcome = FAILURE if row.is_damaged else OUTCOMES.get(row.status, PASSED)
    status = language.word(f"status.{language.status_of(row)}")
    told = language.explain_row(row, zone)
    where = f"{row.server}.{row.application}"
    run = _make_case(where, "run", outcome, status, told, row.duration_s)
    return [run, *(_make_part_case(where, part, language) for part in row.parts)]


def _make_part_case(where: str, part: PartRow, language: Language) -> Case:
    outcome = FAILURE if part.failure or part.status == FAILED or part.level == DAMAGED else PASSED
    told = language.explain(part.failure) if part.failure else None
    return _make_case(where, f"{part.kind} {part.name}", outcome, language.word(f"level.{part.level}"), told)


def _make_case(
    where: str, name: str, outcome: str, status: str, told: Explained | None, seconds: float | None = None
) -> Case:
    content = show(status)
    if outcome == PASSED:
        inner = element("system-out", None, content)
    elif told:
        more = "\n".join(show(line) for line in (told.detail, told.remedy) if line)
        inner = element(outcome, {"message": f"{status}: {told.sentence}"}, more)
    else:
        inner = element(outcome, {"message": status})
    taken = None if seconds is None else f"{seconds:.3f}"
    return outcome, element("testcase", {"classname": where, "name": name, "time": taken}, inner)
