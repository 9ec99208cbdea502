"""Which applications are worked on side by side: few long ones at a time, beside them the short ones and the small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LIGHT_S = 10.0
"""An application that took less than this last time is light: it starts programs and waits more than it computes."""

LIGHT_LANES = 1

SMALL_BYTES = 16 * 1024 * 1024
"""An application of files alone that was no larger than this last time is small: it waits for programs to start and
for the disk, while another could go on. What asks a database server does not count: one dump at a
time can hold its writers still."""

SMALL_LANES = 2


@dataclass(frozen=True)
class Past:
    """What the last good run of an application was like. `is_plain`: of files alone, and without hooks."""

    duration_s: float
    raw_bytes: int = SMALL_BYTES + 1
    is_plain: bool = False

    @property
    def is_small(self) -> bool:
        """See SMALL_BYTES."""
        return self.is_plain and self.raw_bytes <= SMALL_BYTES


@dataclass(frozen=True)
class Lanes:
    """How many heavy applications go side by side, and how many light ones and small ones beside those."""

    heavy: int
    light: int
    small: int = 0

    @property
    def slots(self) -> int:
        """How many applications that are not small."""
        return self.heavy + self.light


def choose_lanes(slots: int, cores: int) -> Lanes:
    """The lanes of a server. `slots` 0: by its cores.

    One dump and its compression keep two cores busy, so two of them on two cores only double the memory and the load of
    the database server; what is light fills the moments in which a heavy one waits for the disk or the server.
    """
    return Lanes(slots, 0) if slots else Lanes(max(1, cores // 2), LIGHT_LANES, SMALL_LANES)


@dataclass(frozen=True)
class Order:
    """Positions in the list of applications, in the order in which they are begun."""

    heavy: tuple[int, ...]
    light: tuple[int, ...]
    small: tuple[int, ...] = ()


def order_applications(pasts: Sequence[Past | None], lanes: Lanes) -> Order:
    """Splits applications by what their last good run was like; None: there was none, so it may take any time.

    The longest begin first, since one that is begun last is waited for by all. Without a lane for them light ones are
    heavy, and small ones light.
    """
    known = [past or _UNKNOWN for past in pasts]
    longest_first = sorted(range(len(known)), key=lambda position: -known[position].duration_s)
    kinds: dict[str, list[int]] = {"heavy": [], "light": [], "small": []}
    for position in longest_first:
        kinds[_choose_lane(known[position], lanes)].append(position)
    return Order(*(tuple(positions) for positions in kinds.values()))


_UNKNOWN = Past(float("inf"))


def _choose_lane(past: Past, lanes: Lanes) -> str:
    if lanes.small and past.is_small:
        return "small"
    return "light" if lanes.light and past.duration_s < LIGHT_S else "heavy"
