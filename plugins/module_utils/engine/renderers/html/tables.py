"""The documents that the procedure asks for beside the rows: checks, repairs, the unclaimed, the time that it took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...record.find import Find
from ...record.finding import Finding
from ...record.level import DAMAGED, LADDER
from ...record.receipt import SUCCEEDED
from ...record.report import OPEN, CheckEntry, RepairEntry, Report, Step
from ..language import UNKNOWN, Language
from ..svg import draw_ladder
from .markup import NOTHING, Markup, fill, fill_each, join
from .row import render_finding

SECTION = '<section id="{anchor}"><h2>{title}</h2>{content}</section>'
EMPTY = '<p class="empty">{text}</p>'
TABLE = '<div class="scroll"><table class="stack"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
HEAD_CELL = "<th>{value}</th>"
TABLE_ROW = "<tr>{cells}</tr>"
TABLE_CELL = '<td data-label="{label}">{value}</td>'
NAMED = '<b>{application}</b> <span class="soft">@ {server}</span><br><span class="mono soft tight">{run_id}</span>'
OUTCOME = '<span class="pill is-{tone}"><b aria-hidden="true">{symbol}</b> {word}</span>{more}'
BELOW = '<br><span class="sub">{value}</span>'
MONO = '<span class="mono">{value}</span>'
TIGHT = '<span class="tight">{value}</span>'
PLAIN_LIST = '<ul class="plain">{points}</ul>'
POINT = "<li>{value}</li>"
ALIKE = "<li>{subjects}<ul>{point}</ul></li>"
SUBJECT = "<b>{value}</b>"
SUBJECT_TOO = "<b>, {value}</b>"
LEGEND = '<div class="legend">{entries}</div>'
LEGEND_ENTRY = '<div class="ladder-{tone}">{ladder}<span><b>{word}</b> <span class="soft">{meaning}</span></span></div>'

MINUTE_S = 60


def render_section(anchor: str, title: str, content: Markup) -> Markup:
    """A part of the page with its heading."""
    return fill(SECTION, anchor=anchor, title=title, content=content)


def render_table(columns: Sequence[str], rows: Iterable[Sequence[object]], language: Language) -> Markup:
    """A table whose cells repeat the title of their column, for narrow screens."""
    labels = [language.word(key) for key in columns]
    lines = [
        fill(
            TABLE_ROW,
            cells=join(fill(TABLE_CELL, label=label, value=value) for label, value in zip(labels, row)),
        )
        for row in rows
    ]
    return fill(TABLE, head=fill_each(HEAD_CELL, labels), rows=join(lines))


def render_outcome(is_good: bool, word: str, more: Iterable[str] = ()) -> Markup:
    """A word with a sign and a colour, and lines below it."""
    tone, symbol = ("good", "✓") if is_good else ("bad", "✗")
    below = join(fill(BELOW, value=line) for line in more)
    return fill(OUTCOME, tone=tone, symbol=symbol, word=word, more=below)


def render_checks(report: Report, language: Language) -> Markup:
    """Laporan Hasil Pengecekan."""
    if not report.checks:
        return fill(EMPTY, text=language.word("checks.none"))
    columns = ("column.checked", "column.when_short", "column.expected", "column.found", "column.result")
    zone = report.period.zone
    return render_table(columns, (_describe_check(entry, language, zone) for entry in report.checks), language)


def _describe_check(entry: CheckEntry, language: Language, zone: str) -> tuple[object, ...]:
    took = language.say("check.in", duration=language.duration(entry.duration_s))
    return (
        fill(NAMED, application=entry.application, server=entry.server, run_id=entry.run_id),
        join((fill(TIGHT, value=language.moment(entry.began, zone, "short")), fill(BELOW, value=took))),
        language.counted(entry.expected) or UNKNOWN,
        language.counted(entry.found) or UNKNOWN,
        _render_check_result(entry, language),
    )


def _render_check_result(entry: CheckEntry, language: Language) -> Markup:
    word, more = language.word(f"level.{entry.level}"), []
    if entry.comparison != "none":
        more.append(language.say("check.by", comparison=language.word(f"comparison.{entry.comparison}")))
    if entry.failure:
        more.append(language.explain(entry.failure).sentence)
    if entry.difference_count:
        more.append(language.say("check.differences", count=language.number(entry.difference_count)))
    more += [language.say("row.difference", **difference.to_data()) for difference in entry.differences]
    hidden = entry.difference_count - len(entry.differences)
    more += [language.say("row.more", count=language.number(hidden))] if entry.differences and hidden > 0 else []
    is_good = entry.status == SUCCEEDED
    return render_outcome(is_good, word if is_good or entry.level == DAMAGED else language.word("status.failed"), more)


def render_repairs(report: Report, language: Language) -> Markup:
    """Laporan Hasil Perbaikan."""
    if not report.repairs:
        return fill(EMPTY, text=language.word("repairs.none"))
    columns = ("column.application", "column.failed_at", "column.cause", "column.action", "column.result")
    zone = report.period.zone
    return render_table(columns, (_describe_repair(entry, language, zone) for entry in report.repairs), language)


def _describe_repair(entry: RepairEntry, language: Language, zone: str) -> tuple[object, ...]:
    cause = language.explain_cause(entry.cause)
    told = (fill("{value}", value=cause.sentence), fill(BELOW, value=cause.detail) if cause.detail else NOTHING)
    done = (language.moment(entry.repaired_at, zone, "short"),) if entry.repaired_at else ()
    return (
        fill(NAMED, application=entry.application, server=entry.server, run_id=""),
        fill(TIGHT, value=language.moment(entry.failed_at, zone, "short")),
        join(told),
        language.word(f"action.{entry.action}"),
        render_outcome(entry.result != OPEN, language.word(f"result.{entry.result}"), done),
    )


def render_unclaimed(report: Report, language: Language) -> Markup:
    """What is on the servers and belongs to no application, or that nobody has looked."""
    if not report.unclaimed:
        key = "unclaimed.unknown" if report.unclaimed is None else "unclaimed.none"
        return fill(EMPTY, text=language.word(key))
    intro = fill("<p>{text}</p>", text=language.word("unclaimed.some"))
    columns = ("column.find", "column.state", "column.told")
    return join((intro, render_table(columns, (_tell_find(find, language) for find in report.unclaimed), language)))


def _tell_find(find: Find, language: Language) -> tuple[object, ...]:
    below = fill_each(BELOW, (f"@ {find.server}", *([find.file] if find.file else [])))
    named = join((fill(MONO, value=find.key), below))
    return (named, fill(TIGHT, value=language.word(f"state.{find.state}")), language.explain_find(find))


def render_server_findings(report: Report, language: Language) -> Markup:
    """Notes on servers, each with all that it is about; nothing at all when there are none."""
    if not report.findings:
        return NOTHING
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in report.findings:
        told = language.explain_finding(finding)
        alike.setdefault((finding.severity, told.sentence, told.remedy), []).append(finding)
    points = (_render_alike(found, language) for found in alike.values())
    return render_section("notes", language.word("section.findings"), fill(PLAIN_LIST, points=join(points)))


def _render_alike(found: Sequence[Finding], language: Language) -> Markup:
    named = fill_each(SUBJECT_TOO, (finding.subject for finding in found[1:]))
    subjects = join((fill(SUBJECT, value=found[0].subject), named))
    return fill(ALIKE, subjects=subjects, point=render_finding(found[0], language))


def render_steps(report: Report, language: Language) -> Markup:
    """Time taken against the norms of the procedure."""
    columns = ("column.step", "column.norm", "column.actual")
    return render_table(columns, (_describe_step(step, language) for step in report.steps), language)


def _describe_step(step: Step, language: Language) -> tuple[object, ...]:
    name, norm = language.word(f"step.{step.row}"), language.duration(step.norm_minutes * MINUTE_S)
    if step.actual_minutes is None:
        return f"{step.row}. {name}", norm, language.word("step.unknown")
    actual = language.duration(step.actual_minutes * MINUTE_S)
    if step.actual_minutes <= step.norm_minutes:
        return f"{step.row}. {name}", norm, actual
    return f"{step.row}. {name}", norm, render_outcome(False, actual, (language.word("step.over"),))


def render_legend(language: Language) -> Markup:
    """What each level of evidence means."""
    entries = (
        fill(
            LEGEND_ENTRY,
            tone="bad" if level == DAMAGED else "idle" if level in LADDER[:2] else "good",
            ladder=Markup(draw_ladder(level)),
            word=language.word(f"level.{level}"),
            meaning=language.word(f"level.{level}.meaning"),
        )
        for level in (*LADDER, DAMAGED)
    )
    return fill(LEGEND, entries=join(entries))
