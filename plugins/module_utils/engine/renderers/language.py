"""Words, dates, numbers and zones in the languages that people read, and what a slug means to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..record.find import Find
from ..record.finding import Finding
from ..record.note import SHRUNK, Note
from ..record.receipt import Failure
from ..record.report import FAILED, MISSED, PENDING, RETIRED, SUCCEEDED, UNREACHABLE, ApplicationRow
from ..record.zone import ZONE_OFFSETS_H
from .english import catalogue as english
from .indonesian import catalogue as indonesian

CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": english.WORDS, "id": indonesian.WORDS}
ZONE_NAMES: Mapping[str, str] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
    "UTC": "UTC",
}
CLOCKS = {zone: timezone(timedelta(hours=hours)) for zone, hours in ZONE_OFFSETS_H.items()}

DAMAGED = "damaged"
SYMBOLS: Mapping[str, str] = {
    FAILED: "✗",
    DAMAGED: "!",
    UNREACHABLE: "?",
    MISSED: "○",
    PENDING: "…",
    SUCCEEDED: "✓",
    RETIRED: "–",
}
"""One sign for each word, so that nothing is said by colour alone."""

UNKNOWN = "–"
_NO_FACTS = dict.fromkeys(("age", "change", "count", "free", "round"), UNKNOWN)
UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
MINUTE_S, HOUR_S, DAY_S, MONTH_S = 60, 3600, 86400, 30.4375 * 86400

# C0, DEL, C1, what reorders text or is not seen, line and paragraph separators, halves of a character, tags.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """A text from a server as one line that can be shown: whatever could steer or hide is written as its number."""
    return _UNSAFE.sub(_name_character, text)


def _name_character(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\t\n\r":
        return " "
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True)
class Explained:
    """A failure or finding as people read it; `detail` is what the machine said, empty when that is the sentence."""

    sentence: str
    remedy: str
    detail: str = ""


class Language:
    """One language; everything it returns is ready to be shown but for the escaping of its medium."""

    def __init__(self, code: str) -> None:
        """`code` is a key of CATALOGUES; anything else is Indonesian, the language of the procedure."""
        self.code = code if code in CATALOGUES else "id"
        self._words = CATALOGUES[self.code]
        self._long_months, self._short_months = self._words["months.long"].split(), self._words["months.short"].split()

    def tell_target(self, target: str) -> str:
        """Where a restore went."""
        kind, _space, name = target.partition(" ")
        if kind == "database" and name:
            return self.say("restores.target.database", name=name)
        return self.word(f"restores.target.{target}", target)

    def word(self, key: str, otherwise: str = UNKNOWN) -> str:
        """The word of a key; `otherwise` where the catalogue has none, which is so for what servers make up."""
        return self._words.get(key, otherwise)

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key with its values filled in."""
        return self._words[key].format(**values)

    def status_of(self, row: ApplicationRow) -> str:
        """Key of what a row's status is called: a succeeded run that a check found wanting is called damaged."""
        return DAMAGED if row.is_damaged and row.status == SUCCEEDED else row.status

    def number(self, value: float, decimals: int = 0) -> str:
        """`1.234,5` or `1,234.5`."""
        if 0 <= value < 999.5 and not decimals:
            return str(round(value))
        signs = {",": self._words["number.thousands"], ".": self._words["number.decimal"]}
        return "".join(signs.get(sign, sign) for sign in f"{value:,.{decimals}f}")

    def size(self, size_bytes: float | None) -> str:
        """`1,5 MB`: three figures and a unit of a thousand."""
        if size_bytes is None:
            return UNKNOWN
        unit = 0
        while size_bytes >= 999.5 and unit < len(UNITS) - 1:
            size_bytes, unit = size_bytes / 1000, unit + 1
        return f"{self.number(size_bytes, int(unit > 0 and size_bytes < 99.95))} {UNITS[unit]}"

    def change(self, fraction: float | None) -> str:
        """`+12 %`; empty where there is nothing to tell."""
        if fraction is None:
            return ""
        percent = round(fraction * 100)
        sign = "+" if percent > 0 else "−" if percent < 0 else "±"
        return f"{sign}{self.number(abs(percent))} %"

    def percent(self, fraction: float) -> str:
        """`12 %`, without a sign."""
        return f"{self.number(abs(fraction) * 100)} %"

    def duration(self, seconds: float | None) -> str:
        """`3 mnt 20 dtk`."""
        if seconds is None:
            return UNKNOWN
        whole = round(seconds)
        if seconds < 1:
            return self._words["duration.moments"]
        hours, minutes, rest = whole // HOUR_S, whole % HOUR_S // MINUTE_S, whole % MINUTE_S
        least = {"minutes": minutes} if hours else {"seconds": rest}
        parts = {"hours": hours, **({} if hours else {"minutes": minutes}), **least}
        return " ".join(
            self.say(f"duration.{unit}", count=self.number(count)) for unit, count in parts.items() if count
        )

    def clock(self, seconds: float | None) -> str:
        """The same in the least room: `3:20` or `1:03:20`."""
        if seconds is None:
            return UNKNOWN
        hours, rest = divmod(round(seconds), HOUR_S)
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"

    def age(self, seconds: float | None) -> str:
        """`3 hari`: the largest unit of which there are at least two, or one."""
        if seconds is None:
            return UNKNOWN
        for name, unit_s, enough in (("month", MONTH_S, 2), ("day", DAY_S, 2), ("hour", HOUR_S, 1), ("minute", 60, 1)):
            count = int(seconds // unit_s)
            if count >= enough:
                return self.say(f"age.{name}" if count == 1 else f"age.{name}s", count=self.number(count))
        return self._words["age.moments"]

    def moment(self, time: datetime | None, zone: str, form: str = "long") -> str:
        """`22 November 2026 pukul 20.01 WIB`; `form` is long, day, date, time or short. A zone that
        is not known is UTC."""
        if time is None:
            return UNKNOWN
        known = zone if zone in CLOCKS else "UTC"
        local = time.astimezone(CLOCKS[known])
        months = self._short_months if form in ("short", "date") else self._long_months
        return self.say(
            f"moment.{form}",
            day=local.day,
            month=months[local.month - 1],
            year=local.year,
            hour=f"{local.hour:02d}",
            minute=f"{local.minute:02d}",
            zone=ZONE_NAMES[known],
        )

    def month(self, year: int, month: int) -> str:
        """`November 2026`; a month that there is not is a number."""
        name = self._long_months[month - 1] if 1 <= month <= len(self._long_months) else str(month)
        return self.say("past.month", month=name, year=year)

    def counted(self, counts: Mapping[str, int]) -> str:
        """`3 tabel · 40 baris`: what was counted. A kind whose word is empty says nothing to people, one that has no
        word is called as the server calls it."""
        named = {kind: self.word(f"counted.{kind}", clean(kind)) for kind in counts}
        told = [self._tell_count(kind, named[kind], count) for kind, count in counts.items() if named[kind]]
        return " · ".join(told)

    def _tell_count(self, kind: str, name: str, count: int) -> str:
        if kind == "bytes":
            return self.size(count)
        forms = name.split("|")
        return f"{self.number(count)} {forms[0] if count == 1 else forms[-1]}"

    def explain(self, failure: Failure) -> Explained:
        """A failure by its slug; the receipt's own words where the slug is not known."""
        key = f"error.{failure.slug}"
        if key not in self._words:
            return Explained(clean(failure.message), clean(failure.hint))
        return Explained(self._words[key], self._words[f"{key}.hint"], clean(failure.message))

    def explain_cause(self, failure: Failure) -> Explained:
        """The cause of a repair: of what was missed, the time at which it failed says all there is."""
        told = self.explain(failure)
        return Explained(told.sentence, told.remedy) if failure.slug == MISSED else told

    def explain_row(self, row: ApplicationRow, zone: str) -> Explained | None:
        """Why a row needs somebody, None where it has no reason; of what was missed the dates are told by the clocks
        of the office."""
        if row.reason is None:
            return None
        told = self.explain(row.reason)
        if row.status != MISSED:
            return told
        last = self.say("row.missed.last", last=self.moment(row.began, zone)) if row.began else ""
        due = self.say("row.missed.due", due=self.moment(row.due, zone)) if row.due else ""
        return Explained(told.sentence, told.remedy, "; ".join(filter(None, (last, due))))

    def explain_finding(self, finding: Finding) -> Explained:
        """A finding by its slug with its numbers, or by that of the error it was made from; its own words where
        neither is known."""
        key = f"finding.{finding.slug}"
        values = {
            name.rpartition("_")[0] or name: self._tell_fact(name, value) for name, value in finding.facts.items()
        }
        if key in self._words:
            return Explained(self.say(key, **{**_NO_FACTS, **values}), self._words[f"{key}.hint"])
        told = self.explain(Failure(finding.slug, finding.message, finding.hint))
        return Explained(": ".join(filter(None, (told.sentence, told.detail))), told.remedy)

    def explain_find(self, find: Find) -> str:
        """What its state means, with who claims it and why."""
        reason = self.word(f"find.reason.{find.reason}", find.reason)
        told = {"application": find.application or UNKNOWN, "reason": reason or UNKNOWN}
        return clean(self.say(f"find.{find.state}", **told))

    def _tell_fact(self, name: str, value: float) -> str:
        tellers: Mapping[str, Callable[[float], str]] = {"s": self.age, "bytes": self.size, "change": self.percent}
        return tellers.get(name.rpartition("_")[2], self.number)(value)

    def tell_note(self, note: Note, zone: str) -> tuple[str, str, str]:
        """Whom a note is about, what it says, and who said so when; an acknowledgement until when it holds."""
        name = ", ".join(filter(None, (note.name, note.position)))
        said = self.say("note.by", name=clean(name), moment=self.moment(note.at, zone))
        until = self.say("note.until", until=self.moment(note.until, zone)) if note.about == SHRUNK else ""
        return clean(f"{note.server}/{note.application}"), clean(note.text), "; ".join(filter(None, (said, until)))
