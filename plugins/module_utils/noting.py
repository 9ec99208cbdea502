# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note of a person, from a module's options to its file in the evidence folder."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from .door import Answer, Request
from .engine.books.notes import NOTES, NoteFolder
from .engine.errors import ConfigurationError, RecordRefused
from .engine.record.note import SHRUNK, Note, make_note, read_note
from .engine.report import make_named_period
from .engine.station import utc_now

LONGEST = timedelta(days=366)
WORDS = ("server", "application", "about", "name", "position", "text")


def keep_note(request: Request) -> Answer:
    """Keeps the note; one that was kept already changes nothing."""
    now = utc_now().replace(microsecond=0)
    note = make_note(now, _read_until(request, now), **{word: request[word].strip() for word in WORDS})
    _refuse_bad(note)
    folder = Path(request["evidence"])
    is_new = True if request.is_check_mode else NoteFolder(folder).add(note)
    return Answer({"note": note.to_data(), "path": str(folder / NOTES / f"{note.id}.json")}, is_new)


def _read_until(request: Request, now: datetime) -> datetime:
    """The end of the last day; `now` for a note that acknowledges nothing."""
    if request["about"] != SHRUNK:
        return now
    until = make_named_period(request["last_day"] or "", now, request["zone"]).ended
    if not now < until <= now + LONGEST:
        remedy = "name the last day on which it holds, within a year from now"
        raise ConfigurationError.has_problems([f"last_day: {request['last_day']} is over or too far away; {remedy}"])
    return until


def _refuse_bad(note: Note) -> None:
    """What could not be read again is not written."""
    try:
        read_note(note.to_data(), "note")
    except RecordRefused as error:
        raise ConfigurationError.has_problems([f"{error.message}; write a name and a short text"]) from error
