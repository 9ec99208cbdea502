"""Small pictures as inline SVG, without script and readable without colour: each kind of run has its own shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ..record.history import DAYS, SHOWN_DAYS, HistoryPoint
from ..record.level import LADDER
from ..record.report import FAILED, SUCCEEDED

SLOTS = 60
PITCH, WIDTH, HEIGHT = 8, 6, 18
TREND_HEIGHT = 44
STEP_WIDTH, STEP_PITCH, LADDER_HEIGHT = 6, 8, 16

SHAPES = {
    SUCCEEDED: ("run-good", f"h{WIDTH}v{HEIGHT}h-{WIDTH}z", 0),
    FAILED: ("run-bad", f"l{WIDTH} 10m-{WIDTH} 0l{WIDTH}-10", 4),
    "damaged": ("run-damaged", f"h{WIDTH}v4h-{WIDTH}zm0 7h{WIDTH}v4h-{WIDTH}z", 3),
    "": ("run-none", f"h{WIDTH}v2h-{WIDTH}z", HEIGHT - 2),
}
"""Status -> class, outline and distance from the top: a full bar, a cross, a broken bar, and a line for no run."""


YEAR_WEEKS = 53
DAY_PITCH = 11
DAY_CLASSES = {".": "day-none", **{letter: f"day-{name}" for name, letter in DAYS.items()}}
DAY_MARKS = {DAYS[FAILED]: "m2 2l6 6m0-6l-6 6", DAYS["damaged"]: "m1 5h8"}
"""What stands on the square of a bad day."""


def draw_runs(history: Iterable[HistoryPoint], interval_s: float, moment: datetime, label: str) -> str:
    """A strip of the last SLOTS intervals up to `moment`, one mark each; an interval without a run is an empty place.

    `label` (escaped by the caller) says the same in words. Empty for an empty history.
    """
    slots = _share_out(history, interval_s, moment)
    if not slots:
        return ""
    outlines: dict[str, list[str]] = {}
    oldest = max(slots)
    for slot in range(oldest, -1, -1):
        status = slots.get(slot, "")
        outlines.setdefault(status, []).append(f"M{(oldest - slot) * PITCH} {SHAPES[status][2]}{SHAPES[status][1]}")
    paths = "".join(f'<path class="{SHAPES[status][0]}" d="{"".join(parts)}"/>' for status, parts in outlines.items())
    return _wrap("runs", (oldest + 1) * PITCH - PITCH + WIDTH, HEIGHT, label, paths)


def _share_out(history: Iterable[HistoryPoint], interval_s: float, moment: datetime) -> dict[int, str]:
    """Number of intervals ago -> status of the last run in it; a run in the future is one of now."""
    slots: dict[int, str] = {}
    for point in history:
        slot = max(0, int((moment - point.began).total_seconds() // interval_s))
        if slot < SLOTS:
            slots[slot] = point.status if point.status in SHAPES else FAILED
    return slots


def draw_sizes(history: Iterable[HistoryPoint], label: str) -> str:
    """The sizes of the runs that stored something, as a line over the ground; empty for fewer than two of them."""
    sizes = [point.size_bytes for point in history if point.status != FAILED]
    if len(sizes) < 2:
        return ""
    top, room = max(sizes) or 1, TREND_HEIGHT - 4
    step = (SLOTS * PITCH - PITCH) / (len(sizes) - 1)
    points = [f"{index * step:.1f} {TREND_HEIGHT - room * size / top:.1f}" for index, size in enumerate(sizes)]
    line, last_y = "L".join(points), points[-1].split()[1]
    ground = f'<path class="size-ground" d="M0 {TREND_HEIGHT}L{line}L{points[-1].split()[0]} {TREND_HEIGHT}z"/>'
    trend = f'<path class="size-line" d="M{line}"/>'
    dot = f'<circle class="size-dot" cx="{SLOTS * PITCH - PITCH}" cy="{last_y}" r="3"/>'
    return _wrap("sizes", SLOTS * PITCH - PITCH + 4, TREND_HEIGHT, label, ground + trend + dot)


def _wrap(name: str, width: int, height: int, label: str, content: str) -> str:
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="{name}" {box} role="img" aria-label="{label}">{content}</svg>'


def define_ladders() -> str:
    """An invisible drawing that holds one symbol for each level, `ladder-<level>`, for `draw_ladder` to use."""
    symbols = "".join(_define_ladder(level, LADDER.index(level)) for level in LADDER)
    return f'<svg width="0" height="0" aria-hidden="true" class="hidden">{symbols}{_define_ladder("damaged", 0)}</svg>'


def _define_ladder(level: str, height: int) -> str:
    """Five steps that rise; those reached are full, the others outlined."""
    steps = []
    for step in range(len(LADDER) - 1):
        tall = 4 + step * 3
        shape = (
            f'x="{step * STEP_PITCH + 0.5}" y="{LADDER_HEIGHT - tall}" width="{STEP_WIDTH - 1}" height="{tall - 0.5}"'
        )
        fill = 'fill="currentColor"' if step < height else 'fill="none"'
        steps.append(f'<rect {shape} rx="1" {fill} stroke="currentColor"/>')
    return f'<symbol id="ladder-{level}" viewBox="0 0 38 {LADDER_HEIGHT}">{"".join(steps)}</symbol>'


def draw_ladder(level: str) -> str:
    """The level as steps; the word stands beside it, so it is hidden from who cannot see."""
    known = level if level in LADDER else "damaged"
    size = f'width="38" height="{LADDER_HEIGHT}"'
    return f'<svg class="ladder" {size} aria-hidden="true"><use href="#ladder-{known}"/></svg>'


def draw_year(days: str, last: date, label: str) -> str:
    """A calendar of weeks, Monday above: a square for each day up to `last`, of which `days` (record/report.py) tells.

    Days that are alike stand in one outline, and `define_grid`'s lines cut it into squares: a year takes some hundred
    bytes. A failed day is crossed, a damaged one is struck out, for eyes without colour. `label` as in `draw_runs`.
    """
    weeks: list[list[str]] = [[""] * 7 for _week in range(YEAR_WEEKS)]
    for ago, letter in enumerate(reversed(days[-SHOWN_DAYS:])):
        column, weekday = divmod(YEAR_WEEKS * 7 - 7 + last.weekday() - ago, 7)
        if column >= 0:
            weeks[column][weekday] = letter
    outlines: dict[str, list[str]] = {}
    for x, week in enumerate(weeks):
        for y, letter in enumerate(week):
            if letter in DAY_CLASSES and (y == 0 or week[y - 1] != letter):
                length = next((n for n in range(1, 7 - y) if week[y + n] != letter), 7 - y)
                outlines.setdefault(letter, []).append(_draw_days(x, y, length))
            if letter in DAY_MARKS:
                outlines.setdefault(letter + "x", []).append(f"M{x * DAY_PITCH} {y * DAY_PITCH}{DAY_MARKS[letter]}")
    paths = "".join(
        f'<path class="{DAY_CLASSES.get(kind, "day-mark")}" d="{"".join(parts)}"/>' for kind, parts in outlines.items()
    )
    grid = '<use href="#day-grid"/>'
    return _wrap("year", YEAR_WEEKS * DAY_PITCH, 7 * DAY_PITCH, label, paths + grid)


def draw_day(letter: str) -> str:
    """One square of `draw_year`, for its key."""
    mark = f'<path class="day-mark" d="M0 0{DAY_MARKS[letter]}"/>' if letter in DAY_MARKS else ""
    size = f'viewBox="0 0 10 10" width="{DAY_PITCH}" height="{DAY_PITCH}"'
    return f'<svg {size} aria-hidden="true"><path class="{DAY_CLASSES[letter]}" d="M0 0h10v10H0z"/>{mark}</svg>'


def _draw_days(week: int, weekday: int, length: int) -> str:
    top = weekday * DAY_PITCH
    return f"M{week * DAY_PITCH} {top}v{length * DAY_PITCH}h{DAY_PITCH}V{top}z"


def define_grid() -> str:
    """An invisible drawing of the lines between the days of `draw_year`."""
    upright = "".join(f"M{x * DAY_PITCH - 1} 0v{7 * DAY_PITCH}" for x in range(YEAR_WEEKS + 1))
    level = "".join(f"M0 {y * DAY_PITCH - 1}h{YEAR_WEEKS * DAY_PITCH}" for y in range(8))
    symbol = f'<symbol id="day-grid"><path class="day-grid" d="{upright}{level}"/></symbol>'
    return f'<svg width="0" height="0" aria-hidden="true" class="hidden">{symbol}</svg>'
