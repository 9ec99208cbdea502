"""The notes of people in the evidence folder: a file each, written once and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import NotRecorded, RecordRefused
from ..flow.files import make_private_folder, open_stored, write_beside
from ..record.note import Note, read_note
from ..record.wire import read_json, write_json

NOTES = "notes"
SIZE_LIMIT_BYTES = 64 * 1024


class NoteFolder:
    """`<evidence>/notes/<id>.json`. Raises NotRecorded for faults of the disk."""

    def __init__(self, evidence: Path) -> None:
        self._folder = evidence / NOTES

    def add(self, note: Note) -> bool:
        """Keeps a note; False when it was here already."""
        path = self._folder / f"{note.id}.json"
        try:
            make_private_folder(self._folder)
            if path.exists():
                return False
            write_beside(path, write_json(note.to_data()))
        except OSError as error:
            raise NotRecorded.unwritable(str(path), error.strerror or str(error)) from error
        return True

    def read(self, refused: list[str]) -> Iterator[Note]:
        """Every note, oldest first; `refused` is given a sentence for each file that is none."""
        for name in self._names():
            try:
                yield self._read_one(name)
            except (OSError, RecordRefused) as error:
                refused.append(error.message if isinstance(error, RecordRefused) else f"{name}: {error.strerror}")

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith(".json"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NotRecorded.unreadable(str(self._folder), error.strerror or str(error)) from error

    def _read_one(self, name: str) -> Note:
        with open_stored(self._folder / name) as stream:
            note = read_note(read_json(stream.read(SIZE_LIMIT_BYTES + 1), name, SIZE_LIMIT_BYTES), name)
        if f"{note.id}.json" != name:
            raise RecordRefused.malformed(name, f"it calls itself {note.id}")
        return note
