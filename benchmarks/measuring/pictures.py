"""Bars as SVG: what was measured beside each other, and the limit where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

BAR_WIDTH, ROW_HEIGHT, LABEL_WIDTH, NUMBER_WIDTH = 420, 26, 330, 60
OWN, OTHER, BEYOND, LIMIT = "#1a7f37", "#8b949e", "#bc4c00", "#0d1117"


class Bar(NamedTuple):
    """A label, a number, whether it is ours, and what it should not be above."""

    label: str
    value: float
    is_own: bool
    limit: float | None = None


def draw_bars(bars: Sequence[Bar], label_width: int = LABEL_WIDTH) -> str:
    """One below the other; the longest is the largest number or limit."""
    longest = max(max(one.value, one.limit or 0) for one in bars)
    scale = BAR_WIDTH / longest
    rows = [_draw_bar(one, 8 + number * ROW_HEIGHT, scale, label_width) for number, one in enumerate(bars)]
    width, height = label_width + BAR_WIDTH + NUMBER_WIDTH, 16 + len(rows) * ROW_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" font-size="13">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(rows)}</svg>\n'
    )


def _draw_bar(one: Bar, top: int, scale: float, left: int) -> str:
    is_beyond = one.limit is not None and one.value > one.limit
    color = BEYOND if is_beyond else OWN if one.is_own else OTHER
    drawn = (
        f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{escape(one.label)}</text>'
        f'<rect x="{left}" y="{top}" width="{max(1.0, one.value * scale):.1f}" height="18" fill="{color}"/>'
        f'<text x="{left + max(one.value, one.limit or 0) * scale + 6:.1f}" y="{top + 14}">{one.value:.2f}</text>'
    )
    if one.limit is not None:
        drawn += f'<rect x="{left + one.limit * scale - 1:.1f}" y="{top - 3}" width="2" height="24" fill="{LIMIT}"/>'
    return drawn
