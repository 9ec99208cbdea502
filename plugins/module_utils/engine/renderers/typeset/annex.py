"""The annexes of the letter: every application, the two records of the procedure, what nobody claims, notes, norms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...record.find import UNPROTECTED, Find
from ...record.note import CHECK, REPAIR, SHRUNK
from ...record.receipt import SUCCEEDED
from ...record.report import OPEN, ApplicationRow, CheckEntry, RepairEntry, Report, RestoreEntry
from ..language import DAMAGED, UNKNOWN, Language, shorten
from ..sheets import list_findings
from .markup import Code, array, call, literal

TEXT_CHARACTERS = 220
LISTED = 2000
"""So many entries of one list are printed; what is left out is counted, and stands in the attached report.json."""

OWN_PAGES = 3
APPLICATION_COLUMNS = (
    *("status", "application", "owner", "category", "when", "duration", "size", "change", "level", "last_good"),
    *("last_compared", "reason"),
)
CHECK_COLUMNS = ("application_server", "checked", "when_short", "duration", "expected", "found", "result")
REPAIR_COLUMNS = ("application_server", "failed_at", "cause", "action", "result")
MINUTE_S = 60


def tell_status(row: ApplicationRow, language: Language) -> Code:
    """The word of a row's status in its colour."""
    status = language.status_of(row)
    tone = "bad" if row.needs_somebody else "good" if status == SUCCEEDED else "none"
    return array((tone, language.word(f"status.{status}")))


def render_annexes(report: Report, language: Language) -> list[Code]:
    """The lists of applications, checks and repairs begin on pages of their own, the others follow."""
    contents = (
        ("section.applications", _render_applications(report, language)),
        ("section.checks", [*_render_checks(report, language), *_render_notes(report, language, CHECK)]),
        ("section.repairs", [*_render_repairs(report, language), *_render_notes(report, language, REPAIR)]),
        *([("section.restores", _render_restores(report, language))] if report.restores else []),
        ("section.unclaimed", _render_unclaimed(report, language)),
        ("letter.section.notes", [*_render_findings(report, language), *_render_notes(report, language, SHRUNK)]),
        ("section.steps", _render_steps(report, language)),
    )
    annexes = []
    for number, (key, lines) in enumerate(contents, 1):
        title = f"{language.say('letter.annex', number=number)}: {language.word(key)}"
        body = "\n".join(lines)
        begins_page = "true" if number <= OWN_PAGES else "false"
        annexes.append(Code(f"#annex({literal(title)}, {begins_page})[\n{body}\n]"))
    return annexes


def _text(text: str) -> Code:
    return Code(f"#{literal(text)}")


def _table(
    language: Language, keys: Sequence[str], widths: str, numbers: str, rows: Iterable[Code], count: int
) -> list[Code]:
    head = [language.word(key) for key in keys]
    listed = [row for row, _unused in zip(rows, range(LISTED))]
    table = call("listing", Code(widths), Code(numbers), array(head), array(listed))
    hidden = count - len(listed)
    more = [_text(language.say("row.more", count=language.number(hidden)))] if hidden > 0 else []
    return [table, *more]


def _render_applications(report: Report, language: Language) -> list[Code]:
    if not report.rows:
        return [_text(language.word("verdict.empty.hint"))]
    keys = [f"column.{key}" for key in APPLICATION_COLUMNS]
    widths = "(auto, 1.3fr, 0.9fr, auto, auto, auto, auto, auto, auto, auto, auto, 1.7fr)"
    rows = (_describe_row(row, language, report.period.zone) for row in report.rows)
    return _table(language, keys, widths, "(5, 6, 7)", rows, len(report.rows))


def _describe_row(row: ApplicationRow, language: Language, zone: str) -> Code:
    told = language.explain_row(row, zone)
    reason = ": ".join(filter(None, (told.sentence, told.detail))) if told else ""
    return array(
        (
            tell_status(row, language),
            shorten(f"{row.title or row.application} ({row.application} @ {row.server})", TEXT_CHARACTERS),
            shorten(row.owner, TEXT_CHARACTERS),
            language.word(f"category.{row.category}", row.category),
            language.moment(row.began, zone, "short"),
            language.clock(row.duration_s),
            language.size(row.size_bytes),
            language.change(row.size_change),
            language.word(f"level.{row.level}"),
            language.moment(row.last_good, zone, "short"),
            language.moment(row.last_compared, zone, "short"),
            shorten(reason, TEXT_CHARACTERS),
        )
    )


def _render_checks(report: Report, language: Language) -> list[Code]:
    if not report.checks:
        return [_text(language.word("checks.none"))]
    keys = [f"column.{key}" for key in CHECK_COLUMNS]
    rows = (_describe_check(entry, language, report.period.zone) for entry in report.checks)
    widths = "(1fr, 1fr, auto, auto, 1.3fr, 1.3fr, 1.5fr)"
    return _table(language, keys, widths, "(3,)", rows, len(report.checks))


def _describe_check(entry: CheckEntry, language: Language, zone: str) -> Code:
    is_good = entry.status == SUCCEEDED
    word = language.word(f"level.{entry.level}" if is_good or entry.level == DAMAGED else "status.failed")
    told = [word]
    told += [language.explain(entry.failure).sentence] if entry.failure else []
    told += [language.say("row.difference", **each.to_data()) for each in entry.differences[:3]]
    return array(
        (
            f"{entry.application} @ {entry.server}",
            entry.run_id,
            language.moment(entry.began, zone, "short"),
            language.clock(entry.duration_s),
            language.counted(entry.expected) or UNKNOWN,
            language.counted(entry.found) or UNKNOWN,
            array(("good" if is_good else "bad", shorten("; ".join(told), TEXT_CHARACTERS))),
        )
    )


def _render_repairs(report: Report, language: Language) -> list[Code]:
    if not report.repairs:
        return [_text(language.word("repairs.none"))]
    keys = [f"column.{key}" for key in REPAIR_COLUMNS]
    rows = (_describe_repair(entry, language, report.period.zone) for entry in report.repairs)
    return _table(language, keys, "(1fr, auto, 1.8fr, 1fr, 1fr)", "()", rows, len(report.repairs))


def _describe_repair(entry: RepairEntry, language: Language, zone: str) -> Code:
    cause, result = language.explain_cause(entry.cause), language.word(f"result.{entry.result}")
    is_open = entry.result == OPEN
    done = result if is_open else f"{result} {language.moment(entry.repaired_at, zone, 'short')}"
    return array(
        (
            f"{entry.application} @ {entry.server}",
            language.moment(entry.failed_at, zone, "short"),
            shorten(": ".join(filter(None, (cause.sentence, cause.detail))), TEXT_CHARACTERS),
            language.word(f"action.{entry.action}"),
            array(("bad" if is_open else "good", done)),
        )
    )


def _render_restores(report: Report, language: Language) -> list[Code]:
    keys = ("column.application_server", "column.when_short", "column.duration", "column.target", "column.result")
    rows = (_describe_restore(entry, language, report.period.zone) for entry in report.restores)
    return _table(language, keys, "(1fr, auto, auto, 1.2fr, 1fr)", "()", rows, len(report.restores))


def _describe_restore(entry: RestoreEntry, language: Language, zone: str) -> Code:
    told = language.explain(entry.failure).sentence if entry.failure else language.word(f"level.{entry.level}")
    return array(
        (
            f"{entry.application} @ {entry.server}",
            language.moment(entry.began, zone, "short"),
            language.duration(entry.duration_s),
            shorten(language.tell_target(entry.target), TEXT_CHARACTERS),
            array(("bad" if entry.failure else "good", shorten(told, TEXT_CHARACTERS))),
        )
    )


def _render_unclaimed(report: Report, language: Language) -> list[Code]:
    if not report.unclaimed:
        return [_text(language.word("unclaimed.unknown" if report.unclaimed is None else "unclaimed.none"))]
    rows = (_describe_find(find, language) for find in report.unclaimed)
    keys = ("column.server", "column.find", "column.state", "column.told")
    table = _table(language, keys, "(auto, 1.2fr, auto, 1.6fr)", "()", rows, len(report.unclaimed))
    return [_text(language.word("unclaimed.some")), *table]


def _describe_find(find: Find, language: Language) -> Code:
    state = language.word(f"state.{find.state}")
    tone = "bad" if find.state in UNPROTECTED else "none"
    return array((find.server, find.key, array((tone, state)), shorten(language.explain_find(find), TEXT_CHARACTERS)))


def _render_findings(report: Report, language: Language) -> list[Code]:
    found = list_findings(report)
    if not found:
        return [_text(language.word("letter.findings.none"))]
    rows = []
    for subject, finding in found:
        told = language.explain_finding(finding)
        tone = "bad" if finding.severity == "red" else "none"
        rows.append(array((subject, array((tone, told.sentence)), told.remedy)))
    return _table(
        language, ("column.subject", "column.finding", "column.remedy"), "(1fr, 1.4fr, 1.8fr)", "()", rows, len(rows)
    )


def _render_notes(report: Report, language: Language, about: str) -> list[Code]:
    """What people added, with their names."""
    items = [language.tell_note(note, report.period.zone) for note in report.notes if note.about == about]
    return [call("remarks", array(array(item) for item in items))] if items else []


def _render_steps(report: Report, language: Language) -> list[Code]:
    rows = []
    for step in report.steps:
        minutes = step.actual_minutes
        taken = language.word("step.unknown") if minutes is None else language.duration(minutes * MINUTE_S)
        is_over = minutes is not None and minutes > step.norm_minutes
        actual = array(("bad", f"{taken} ({language.word('step.over')})")) if is_over else taken
        name, norm = language.word(f"step.{step.row}"), language.duration(step.norm_minutes * MINUTE_S)
        rows.append(array((str(step.row), name, norm, actual)))
    return _table(
        language,
        ("column.row", "column.step", "column.norm", "column.actual"),
        "(auto, 1fr, auto, auto)",
        "()",
        rows,
        len(rows),
    )
