"""The past of one application as pictures: its year as a calendar, its runs, its sizes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ...record.history import DAYS
from ...record.policy import DAILY, INTERVAL_S
from ...record.report import FAILED, SUCCEEDED, ApplicationRow
from ..language import CLOCKS, Language
from ..svg import draw_day, draw_runs, draw_sizes, draw_year
from .markup import NOTHING, Markup, fill, join, show

PICTURES = '<div class="pictures">{blocks}</div>'
BLOCK = "<div><h3>{title}</h3>{content}</div>"
KEY = '<p class="key">{entries}</p>'
KEY_ENTRY = "<span>{picture}{word}</span>"


def render_block(title: str, content: Markup) -> Markup:
    """Something with its title; nothing at all where there is nothing."""
    return fill(BLOCK, title=title, content=content) if content else NOTHING


def find_last_day(moment: datetime, zone: str) -> date:
    """The day in which a period ends that lasts up to, but without, `moment`, as the clocks of the zone count it."""
    return (moment - timedelta(seconds=1)).astimezone(CLOCKS.get(zone, CLOCKS["UTC"])).date()


def tell_year(days: str, language: Language) -> str:
    """A year of `days` (record/report.py) in words, for who does not see the calendar."""
    good = days.count(DAYS[SUCCEEDED]) + days.count(DAYS["compared"])
    none = days.count(".")
    return language.say("past.told", good=good, bad=len(days) - good - none, none=none)


def render_day_key(language: Language) -> Markup:
    """What the squares of a calendar mean."""
    letters = {**DAYS, "none": "."}
    entries = (
        fill(KEY_ENTRY, picture=Markup(draw_day(letter)), word=language.word(f"past.day.{name}"))
        for name, letter in letters.items()
    )
    return fill(KEY, entries=join(entries))


def render_pictures(row: ApplicationRow, language: Language, zone: str, moment: datetime) -> Markup:
    """Every picture there is something to draw for. A category that is rarer than daily has a strip of its runs, whose
    intervals a calendar does not show."""
    return fill(PICTURES, blocks=join(_draw_blocks(row, language, zone, moment)))


def _draw_blocks(row: ApplicationRow, language: Language, zone: str, moment: datetime) -> Iterator[Markup]:
    history, interval_s = row.history, INTERVAL_S.get(row.category, INTERVAL_S[DAILY])
    if row.days:
        year = draw_year(row.days, find_last_day(moment, zone), show(tell_year(row.days, language)))
        yield render_block(language.word("past.days"), Markup(year))
    if interval_s > INTERVAL_S[DAILY]:
        good = sum(point.status == SUCCEEDED for point in history)
        told = language.say("history.label", succeeded=good, bad=len(history) - good, count=len(history))
        runs = Markup(draw_runs(history, interval_s, moment, show(told)))
        yield render_block(language.say("row.history", count=language.number(len(history))), runs)
    stored = [point.size_bytes for point in history if point.status != FAILED]
    if len(stored) > 1:
        least, most, last = (language.size(value) for value in (min(stored), max(stored), stored[-1]))
        label = language.say("history.sizes", least=least, most=most, last=last)
        yield render_block(label, Markup(draw_sizes(history, show(label))))
