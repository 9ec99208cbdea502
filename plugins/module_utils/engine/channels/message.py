"""Makes the message of a report out of its summary: counts in the subject, what needs somebody first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..record.wire import parse_time
from ..renderers.language import Language, clean, shorten
from .base import REPORTED, Message

SHOWN_LINES = 20
SHOWN_ALARMS = 5
SHOWN_CHARACTERS = 300


def make_message(summary: Mapping[str, Any], redaction: str) -> Message:
    """`summary` is that of publish.py, `redaction` one of REDACTIONS. Texts of servers become one plain line each."""
    language = Language(str(summary.get("language", "id")))
    attention, unwell = int(summary["attention"]), summary.get("unwell", [])
    values = {"bad": language.number(attention), "all": language.number(int(summary["applications"]))}
    moment = language.moment(parse_time(summary["generated"]), str(summary["zone"]), "date")
    told = language.say("message.bad" if attention else "message.good", **values)
    office = clean(shorten(str(summary.get("office", "")), SHOWN_CHARACTERS))
    subject = " - ".join(filter(None, (told, moment, office if redaction == "none" else "")))
    lines = [_tell(row, language, redaction) for row in unwell[:SHOWN_LINES]] if redaction != "counts" else []
    if lines and attention > len(lines):
        lines.append(language.say("message.more", count=language.number(attention - len(lines))))
    lines += _tell_alarms(summary.get("alarms", []), redaction)
    data = {key: summary[key] for key in ("id", "generated", "applications", "succeeded", "compared", "attention")}
    is_well = attention == 0 and int(summary["applications"]) > 0
    return Message(REPORTED, subject, is_well, tuple(lines), data=data)


def _tell_alarms(alarms: Sequence[Mapping[str, str]], redaction: str) -> list[str]:
    """What is red about servers; without their names, how often each was found."""
    if redaction == "counts":
        return []
    told = [f"{alarm['sentence']}: {alarm['subject']}" for alarm in alarms]
    if redaction != "none":
        found = Counter(alarm["sentence"] for alarm in alarms)
        told = [f"{sentence} ({count})" for sentence, count in found.items()]
    return [clean(shorten(f"! {line}", SHOWN_CHARACTERS)) for line in told[:SHOWN_ALARMS]]


def _tell(row: Mapping[str, Any], language: Language, redaction: str) -> str:
    name, status = str(row["application"]), language.word(f"status.{row['status']}")
    if redaction != "none":
        return clean(shorten(f"{name}: {status}", SHOWN_CHARACTERS))
    reason = f": {row['message']}" if row["message"] else ""
    return clean(shorten(f"{name} @ {row['server']}: {status}{reason}", SHOWN_CHARACTERS))
