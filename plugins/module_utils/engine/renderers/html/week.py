"""A week of the schedule as one picture: a line for each server, a mark for each beginning, and the load above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from ...record.plan import Beginning, Plan
from ...record.policy import DAILY, MONTHLY, WEEKLY
from ...record.zone import open_zone
from ..language import Language
from .markup import Markup, fill, join

DAYS = 7
NAME_WIDTH, NIGHT_WIDTH, GAP = 190, 132, 8
ROW_HEIGHT, LOAD_HEIGHT, HEAD_HEIGHT = 14, 56, 34
LEAST_WIDTH = 2.0
STEP_MINUTES = 5
NOON = 12 * 60
DAY_MINUTES = 24 * 60
HEIGHTS = {DAILY: 6, WEEKLY: 9, MONTHLY: 12}
"""The rarer, the taller: nothing is told by colour alone."""

PICTURE = """<div class="scroll"><svg class="week" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
role="img" aria-label="{label}">{content}</svg></div>"""
NIGHT = """<rect class="week-night" x="{x}" y="0" width="{width}" height="{height}"/>\
<text x="{x}" y="12" dx="3">{day}</text><text class="week-soft" x="{x}" y="26" dx="3">{hours}</text>"""
NAME = '<text x="0" y="{y}">{name}</text>'
BAR = '<rect class="week-{category}" x="{x}" y="{y}" width="{width}" height="{height}">{told}</rect>'
LOAD = '<path class="week-load" d="{path}"/><text class="week-soft" x="0" y="{y}">{told}</text>'

STYLE = """
svg.week{display:block;margin:10px}svg.week text{font-size:11px;fill:var(--ink)}svg.week .week-soft{fill:var(--soft)}
.week-night{fill:var(--raised)}.week-load{fill:var(--accent);opacity:.35}
.week-daily{fill:var(--accent)}.week-weekly{fill:var(--good)}.week-monthly{fill:var(--warn)}
.week-key{display:inline-block;width:18px;margin-right:6px}
"""


@dataclass(frozen=True)
class _Frame:
    """A night runs from noon to noon; of each, `hours` minutes from `opens` minutes after noon on are drawn."""

    noon: datetime
    opens: int
    hours: int
    zone: tzinfo

    def place(self, at: datetime) -> float:
        """How far right a moment is; minutes that are not drawn lie at the edge of their night."""
        night, minute = divmod(int((at - self.noon).total_seconds() // 60), DAY_MINUTES)
        shown = min(max(minute - self.opens, 0), self.hours) * (NIGHT_WIDTH - GAP) / self.hours
        return NAME_WIDTH + night * NIGHT_WIDTH + shown


def draw_week(plan: Plan, language: Language) -> Markup:
    """The seven nights after the plan was made, by the clocks of the office."""
    zone = open_zone(plan.zone)
    if zone is None or not plan.schedules:
        return Markup("")
    local = plan.made.astimezone(zone)
    noon = local.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=int(local.hour < 12))
    found = [item for item in plan.begin_after(noon, DAYS) if item.at < noon + timedelta(days=DAYS)]
    frame = _make_frame(found, noon, zone)
    rows = {server: number for number, server in enumerate(plan.schedules)}
    top = HEAD_HEIGHT + LOAD_HEIGHT
    height = top + len(rows) * ROW_HEIGHT + 4
    content = [
        *(_draw_night(frame, night, height, language) for night in range(DAYS)),
        _draw_load(found, frame, language),
        *(fill(NAME, y=top + row * ROW_HEIGHT + 10, name=server) for server, row in rows.items()),
        *(_draw_bar(item, frame, top + rows[item.server] * ROW_HEIGHT, language) for item in found),
    ]
    width = NAME_WIDTH + DAYS * NIGHT_WIDTH
    label = language.word("schedule.picture")
    return fill(PICTURE, width=width, height=height, label=label, content=join(content))


def _make_frame(found: Sequence[Beginning], noon: datetime, zone: tzinfo) -> _Frame:
    """Whole hours around everything that begins and ends."""
    begins = [int((item.at - noon).total_seconds() // 60) % DAY_MINUTES for item in found] or [0]
    ends = [minute + item.entry.expected_s // 60 + 1 for minute, item in zip(begins, found)] or [60]
    opens = min(begins) // 60 * 60
    closes = min(DAY_MINUTES, -(-max(ends) // 60) * 60)
    return _Frame(noon, opens, max(60, closes - opens), zone)


def _draw_night(frame: _Frame, night: int, height: int, language: Language) -> Markup:
    opens = frame.noon + timedelta(days=night, minutes=frame.opens)
    closes = opens + timedelta(minutes=frame.hours)
    hours = f"{opens:%H:%M} – {closes:%H:%M}".replace(":", language.word("schedule.clock"))
    day = language.word(f"weekday.{opens.isoweekday()}")
    told = f"{day} {opens.day}/{opens.month}"
    x, width = NAME_WIDTH + night * NIGHT_WIDTH, NIGHT_WIDTH - GAP
    return fill(NIGHT, x=x, width=width, height=height, day=told, hours=hours)


def _draw_bar(item: Beginning, frame: _Frame, y: int, language: Language) -> Markup:
    entry, x = item.entry, frame.place(item.at)
    width = max(LEAST_WIDTH, entry.expected_s / 60 * (NIGHT_WIDTH - GAP) / frame.hours)
    tall = HEIGHTS[entry.category]
    clock = f"{item.at.astimezone(frame.zone):%H:%M}".replace(":", language.word("schedule.clock"))
    told = fill("<title>{told}</title>", told=f"{item.server} {clock}: {', '.join(entry.applications)}")
    y += (ROW_HEIGHT - tall) // 2
    return fill(BAR, category=entry.category, x=f"{x:.1f}", y=y, width=f"{width:.1f}", height=tall, told=told)


def _draw_load(found: Sequence[Beginning], frame: _Frame, language: Language) -> Markup:
    """How many servers work at the same time, in steps of STEP_MINUTES."""
    steps = [0] * (DAYS * DAY_MINUTES // STEP_MINUTES + 1)
    for item in found:
        first = int((item.at - frame.noon).total_seconds() // 60)
        for step in range(first // STEP_MINUTES, (first + max(1, item.entry.expected_s // 60)) // STEP_MINUTES + 1):
            steps[min(step, len(steps) - 1)] += 1
    peak = max(steps) or 1
    ground, scale = HEAD_HEIGHT + LOAD_HEIGHT - 4, (LOAD_HEIGHT - 8) / peak
    drawn = []
    for night in range(DAYS):
        first = night * DAY_MINUTES + frame.opens
        minutes = range(first, first + frame.hours + 1, STEP_MINUTES)
        tops = (
            f"L{frame.place(frame.noon + timedelta(minutes=min(minute, (night + 1) * DAY_MINUTES - 1))):.1f} "
            f"{ground - steps[min(minute // STEP_MINUTES, len(steps) - 1)] * scale:.1f}"
            for minute in minutes
        )
        left = NAME_WIDTH + night * NIGHT_WIDTH
        drawn.append(f"M{left} {ground}{''.join(tops)}L{left + NIGHT_WIDTH - GAP} {ground}z")
    told = language.say("schedule.load", count=language.number(peak))
    return fill(LOAD, path=Markup("".join(drawn)), y=HEAD_HEIGHT + LOAD_HEIGHT // 2, told=told)
