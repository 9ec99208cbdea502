"""Small pictures as inline SVG, without script and readable without colour: each kind of run has its own shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..record.level import LADDER
from ..record.report import FAILED, SUCCEEDED, HistoryPoint

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


def draw_runs(history: Sequence[HistoryPoint], interval_s: float, moment: datetime, label: str) -> str:
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


def _share_out(history: Sequence[HistoryPoint], interval_s: float, moment: datetime) -> dict[int, str]:
    """Number of intervals ago -> status of the last run in it; a run in the future is one of now."""
    slots: dict[int, str] = {}
    for point in history:
        slot = max(0, int((moment - point.began).total_seconds() // interval_s))
        if slot < SLOTS:
            slots[slot] = point.status if point.status in SHAPES else FAILED
    return slots


def draw_sizes(history: Sequence[HistoryPoint], label: str) -> str:
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
