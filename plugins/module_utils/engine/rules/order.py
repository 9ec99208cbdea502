"""Which applications are worked on side by side: few long ones at a time, and the short ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LIGHT_S = 10.0
"""An application that took less than this last time is light: it starts programs and waits more than it computes."""

LIGHT_LANES = 1


@dataclass(frozen=True)
class Lanes:
    """How many heavy applications go side by side, and how many light ones beside those."""

    heavy: int
    light: int

    @property
    def slots(self) -> int:
        """How many applications in all."""
        return self.heavy + self.light


def choose_lanes(slots: int, cores: int) -> Lanes:
    """The lanes of a server. `slots` 0: by its cores.

    One dump and its compression keep two cores busy, so two of them on two cores only double the memory and the load of
    the database server; what is light fills the moments in which a heavy one waits for the disk or the server.
    """
    return Lanes(slots, 0) if slots else Lanes(max(1, cores // 2), LIGHT_LANES)


@dataclass(frozen=True)
class Order:
    """Positions in the list of applications, in the order in which they are begun."""

    heavy: tuple[int, ...]
    light: tuple[int, ...]


def order_applications(lasted_s: Sequence[float | None], lanes: Lanes) -> Order:
    """Splits applications by how long their last good run took; None: there was none, so it may take any time.

    The longest begin first, since one that is begun last is waited for by all. Without a light lane all are heavy.
    """
    longest_first = sorted(range(len(lasted_s)), key=lambda position: -_or_forever(lasted_s[position]))
    light = [position for position in longest_first if lanes.light and _or_forever(lasted_s[position]) < LIGHT_S]
    return Order(tuple(position for position in longest_first if position not in light), tuple(light))


def _or_forever(lasted_s: float | None) -> float:
    return float("inf") if lasted_s is None else lasted_s
