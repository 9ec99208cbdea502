"""The schedule as one HTML file that needs nothing else: the week as a picture, then every server's moments."""

from __future__ import annotations

from collections.abc import Iterator

from ...record.plan import Plan
from ..language import Language
from ..schedule.words import Line, list_lines, tell_moment, tell_zone
from .markup import NOTHING, Markup, fill, join
from .page import FACT, FOOTER, TOP, render_letterhead, wrap_page
from .tables import MONO, PLAIN_LIST, POINT, TIGHT, render_section, render_table
from .week import HEIGHTS, STYLE, draw_week

MAIN = "<style>{style}</style><main>{letterhead}{top}<p>{summary}</p>{notes}{picture}{entries}{footer}</main>"
KEY = """<svg class="week-key" width="18" height="14" aria-hidden="true"><rect class="week-{category}" x="0" y="{y}" \
width="18" height="{height}"/></svg>{word} """
KEYS = '<p class="sub">{keys}</p>'


def render_schedule_html(plan: Plan, language: str) -> bytes:
    """The page; `language` is id or en."""
    chosen = Language(language)
    title, made = chosen.word("schedule.title"), chosen.moment(plan.made, plan.zone)
    facts = (("document.generated", made), ("schedule.zone", tell_zone(plan.zone)), ("schedule.id", plan.id))
    told = join(fill(FACT, name=chosen.word(key), value=value) for key, value in facts)
    content = fill(
        MAIN,
        style=Markup(STYLE),
        letterhead=render_letterhead(plan.office, chosen),
        top=fill(TOP, title=title, subtitle=chosen.word("schedule.subtitle"), facts=told),
        summary=_summarise(plan, chosen),
        notes=_render_notes(plan, chosen),
        picture=_render_picture(plan, chosen),
        entries=_render_entries(plan, chosen),
        footer=fill(FOOTER, title=plan.office.get("name", "") or title, name=chosen.word("schedule.id"), id=plan.id),
    )
    return wrap_page(f"{title} · {made}", content, chosen)


def _summarise(plan: Plan, language: Language) -> str:
    entries = [entry for schedule in plan.schedules.values() for entry in schedule.entries]
    return language.say(
        "schedule.summary",
        applications=language.number(sum(len(entry.applications) for entry in entries)),
        servers=language.number(len(plan.schedules)),
        count=language.number(len(entries)),
    )


def _render_notes(plan: Plan, language: Language) -> Markup:
    points = list(_list_notes(plan, language))
    if not points:
        return NOTHING
    listed = fill(PLAIN_LIST, points=join(fill(POINT, value=point) for point in points))
    return render_section("notes", language.word("schedule.notes"), listed)


def _list_notes(plan: Plan, language: Language) -> Iterator[str]:
    for finding in plan.findings:
        told = language.explain_finding(finding)
        yield f"{finding.subject}: {told.sentence}. {told.remedy}"
    quiet = sorted({day for schedule in plan.schedules.values() for day in schedule.quiet})
    if quiet:
        yield language.say("schedule.quiet", days=", ".join(day.isoformat() for day in quiet))
    if plan.retired:
        names = ", ".join(f"{server}/{application}" for server, application in plan.retired)
        yield language.say("schedule.retired", names=names)


def _render_picture(plan: Plan, language: Language) -> Markup:
    keys = join(
        fill(KEY, category=category, y=(14 - tall) // 2, height=tall, word=language.word(f"category.{category}"))
        for category, tall in HEIGHTS.items()
    )
    picture = join([fill(KEYS, keys=keys), draw_week(plan, language)])
    return render_section("week", language.word("schedule.picture"), picture)


def _render_entries(plan: Plan, language: Language) -> Markup:
    columns = ("server", "category", "moment", "expected", "next", "applications")
    rows = (_describe(line, language) for line in list_lines(plan))
    table = render_table([f"schedule.{column}" for column in columns], rows, language)
    return render_section("entries", language.word("schedule.entries"), table)


def _describe(line: Line, language: Language) -> tuple[object, ...]:
    entry = line.entry
    return (
        fill(TIGHT, value=fill(MONO, value=line.server)),
        fill(TIGHT, value=language.word(f"category.{entry.category}")),
        tell_moment(entry, language),
        fill(TIGHT, value=language.clock(entry.expected_s)),
        language.moment(line.next, line.schedule.zone, "short"),
        ", ".join(line.titles),
    )
