"""An application's past in a row of a report: how its runs ended, and how its days stand."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from .receipt import FAILED, SUCCEEDED

DAYS: Mapping[str, str] = {SUCCEEDED: "s", "compared": "c", FAILED: "f", "damaged": "d"}
"""How the last run of a day stands -> its letter in a row's `days`; a day without a run is a full stop."""

_STATUS_OF: Mapping[str, str] = {letter: status for status, letter in DAYS.items()}

SHOWN_DAYS = 366


class HistoryPoint(NamedTuple):
    """One run in an application's past, for the small pictures: when, how it ended, how large (bytes).

    `status` is succeeded or failed, or `damaged` for a succeeded run that a check found wanting since.
    """

    began: datetime
    status: str
    size_bytes: int


class History(Collection[HistoryPoint]):
    """The points of a row, oldest first, made one by one for who looks at them: ten thousand rows are held at once.

    `began` are seconds since 1970, `standings` a letter of DAYS for each, `sizes` bytes.
    """

    __slots__ = ("_began", "_sizes", "_standings")

    def __init__(self, began: Iterable[int] = (), standings: str = "", sizes: Iterable[int] = ()) -> None:
        self._began, self._standings, self._sizes = array("q", began), standings, array("q", sizes)

    def __len__(self) -> int:
        return len(self._standings)

    def __iter__(self) -> Iterator[HistoryPoint]:
        for began, letter, size_bytes in zip(self._began, self._standings, self._sizes):
            yield HistoryPoint(datetime.fromtimestamp(began, timezone.utc), _STATUS_OF[letter], size_bytes)

    def __contains__(self, point: object) -> bool:
        return any(point == held for held in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]
