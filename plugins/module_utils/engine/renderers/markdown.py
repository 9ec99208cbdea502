"""The report as Markdown, for wikis and tickets: every text from a server is escaped, so it is only text there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..record.find import Find
from ..record.report import OPEN, CheckEntry, RepairEntry, Report, RestoreEntry
from .language import SYMBOLS, UNKNOWN, Language, clean, shorten
from .sheets import list_findings

SHOWN_CHARACTERS = 600
MINUTE_S = 60

_MARKS = re.compile(r"([\\`*_{}\[\]|~$]|^[-+#=>!]|^[0-9]+(?=[.)]))")


def show(text: object) -> str:
    """A text as itself: no markup, no HTML, no link of its own making."""
    seen = clean(shorten(str(text), SHOWN_CHARACTERS)).replace("&", "&amp;").replace("<", "&lt;")
    marked = _MARKS.sub(_mark, seen).replace("://", "&#58;//").replace("@", "&#64;")
    return re.sub(r"(?i)\bwww\.", lambda match: match[0][:-1] + "&#46;", marked)


def _mark(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def render_markdown(report: Report, language: str) -> bytes:
    """Title, counts, a table of all applications, the two records of the procedure, what nobody claims, the norms."""
    chosen = Language(language)
    sections = (
        ("section.applications", _tell_applications(report, chosen)),
        ("row.findings", _tell_findings(report, chosen)),
        ("section.checks", _tell_checks(report, chosen)),
        ("section.repairs", _tell_repairs(report, chosen)),
        ("section.restores", _tell_restores(report, chosen)),
        ("section.unclaimed", _tell_unclaimed(report, chosen)),
        ("section.notes", _tell_notes(report, chosen)),
        ("section.steps", _tell_steps(report, chosen)),
    )
    lines = [*_tell_head(report, chosen)]
    for title, content in sections:
        lines += ["", f"## {show(chosen.word(title))}", "", *content] if content else []
    return ("\n".join(lines) + "\n").encode("utf-8")


def _tell_head(report: Report, language: Language) -> list[str]:
    zone, office = report.period.zone, report.office.get("name", "")
    began, ended = language.moment(report.period.began, zone), language.moment(report.period.ended, zone)
    between = language.say("document.between", began=began, ended=ended)
    facts = (
        ("document.period", between),
        ("document.generated", language.moment(report.generated, zone)),
        ("document.procedure", report.sop),
        ("document.id", report.id),
    )
    named = " · ".join(filter(None, (language.word("document.title"), office)))
    bad = sum(row.needs_somebody for row in report.rows)
    verdict = language.say("verdict.bad", count=bad, all=report.summary.applications) if bad else ""
    return [
        f"# {show(named)}",
        "",
        *(f"- {show(language.word(key))}: {show(value)}" for key, value in facts if value),
        f"- {show(report.summary.compared)} {show(language.word('headline.compared'))}",
        *([f"- **{show(verdict)}**"] if verdict else []),
    ]


def _draw_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [" | ".join(show(cell) or " " for cell in row) for row in rows]
    return [f"| {' | '.join(map(show, titles))} |", "|" + "---|" * len(titles), *(f"| {line} |" for line in lines)]


def _tell_applications(report: Report, language: Language) -> list[str]:
    zone = report.period.zone
    if not report.rows:
        return [show(language.word("verdict.empty.hint"))]
    keys = ("status", "application_server", "category", "when", "duration", "size", "change", "level", "reason")
    rows = []
    for row in report.rows:
        status, told = language.status_of(row), language.explain_row(row, zone)
        reason = f"{told.sentence}: {told.detail}".rstrip(": ") + f" → {told.remedy}" if told else ""
        rows.append(
            (
                f"{SYMBOLS[status]} {language.word('status.' + status)}",
                f"{row.application} @ {row.server}",
                language.word(f"category.{row.category}", row.category),
                language.moment(row.began, zone, "short"),
                language.duration(row.duration_s),
                language.size(row.size_bytes),
                language.change(row.size_change),
                language.word(f"level.{row.level}"),
                reason,
            )
        )
    return _draw_table([language.word(f"column.{key}") for key in keys], rows)


def _tell_findings(report: Report, language: Language) -> list[str]:
    lines = []
    for subject, finding in list_findings(report):
        told = language.explain_finding(finding)
        lines.append(f"- {show(subject)}: {show(told.sentence)} → {show(told.remedy)}")
    return lines


def _tell_checks(report: Report, language: Language) -> list[str]:
    if not report.checks:
        return [show(language.word("checks.none"))]
    keys = ("checked", "when_short", "expected", "found", "result")
    rows = [_describe_check(entry, language, report.period.zone) for entry in report.checks]
    return _draw_table([language.word(f"column.{key}") for key in keys], rows)


def _describe_check(entry: CheckEntry, language: Language, zone: str) -> tuple[str, ...]:
    told = [language.word(f"level.{entry.level}")]
    told += [language.explain(entry.failure).sentence] if entry.failure else []
    told += [language.say("row.difference", **each.to_data()) for each in entry.differences]
    return (
        f"{entry.application} @ {entry.server}, {entry.run_id}",
        language.moment(entry.began, zone, "short"),
        language.counted(entry.expected) or UNKNOWN,
        language.counted(entry.found) or UNKNOWN,
        "; ".join(told),
    )


def _tell_repairs(report: Report, language: Language) -> list[str]:
    if not report.repairs:
        return [show(language.word("repairs.none"))]
    keys = ("application_server", "failed_at", "cause", "action", "result")
    rows = [_describe_repair(entry, language, report.period.zone) for entry in report.repairs]
    return _draw_table([language.word(f"column.{key}") for key in keys], rows)


def _describe_repair(entry: RepairEntry, language: Language, zone: str) -> tuple[str, ...]:
    cause, result = language.explain_cause(entry.cause), language.word(f"result.{entry.result}")
    return (
        f"{entry.application} @ {entry.server}",
        language.moment(entry.failed_at, zone),
        ": ".join(filter(None, (cause.sentence, cause.detail))),
        language.word(f"action.{entry.action}"),
        result if entry.result == OPEN else f"{result} {language.moment(entry.repaired_at, zone)}",
    )


def _tell_restores(report: Report, language: Language) -> list[str]:
    if not report.restores:
        return []
    keys = ("application_server", "when_short", "duration", "target", "result")
    rows = [_describe_restore(entry, language, report.period.zone) for entry in report.restores]
    return _draw_table([language.word(f"column.{key}") for key in keys], rows)


def _describe_restore(entry: RestoreEntry, language: Language, zone: str) -> tuple[str, ...]:
    reason = language.explain(entry.failure).sentence if entry.failure else language.word(f"level.{entry.level}")
    return (
        f"{entry.application} @ {entry.server}: {entry.run_id}",
        language.moment(entry.began, zone),
        language.duration(entry.duration_s),
        language.tell_target(entry.target),
        reason,
    )


def _tell_unclaimed(report: Report, language: Language) -> list[str]:
    if not report.unclaimed:
        return [show(language.word("unclaimed.unknown" if report.unclaimed is None else "unclaimed.none"))]
    return [show(language.word("unclaimed.some")), "", *(_tell_find(find, language) for find in report.unclaimed)]


def _tell_notes(report: Report, language: Language) -> list[str]:
    lines = []
    for note in report.notes:
        subject, text, said = language.tell_note(note, report.period.zone)
        about = language.word(f"kind.note_{note.about}")
        lines.append(f"- {show(subject)}, {show(about)}: {show(text)} ({show(said)})")
    return lines


def _tell_steps(report: Report, language: Language) -> list[str]:
    rows = []
    for step in report.steps:
        actual = step.actual_minutes
        told = language.word("step.unknown") if actual is None else language.duration(actual * MINUTE_S)
        over = f" ({language.word('step.over')})" if actual is not None and actual > step.norm_minutes else ""
        name = f"{step.row}. {language.word(f'step.{step.row}')}"
        rows.append((name, language.duration(step.norm_minutes * MINUTE_S), told + over))
    return _draw_table([language.word(f"column.{key}") for key in ("step", "norm", "actual")], rows)


def _tell_find(find: Find, language: Language) -> str:
    return f"- {show(find.server)}: {show(find.key)}: {show(language.explain_find(find))}"
