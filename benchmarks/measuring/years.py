"""The index over a year of receipts of very many applications, made without writing and reading millions of files.

The receipts are made one after the other in memory and given to the code that makes the index, as if they had been
read. Where they would lie is a name for each of them, so that folders are as large as they would be; all names of a
server are one file. `prove_alike` shows that the index is the same, letter by letter, as one made from real receipts.
So it is made for the first SHAPES applications; each of the others has the past of one of them under its own name.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from .city import END, PER_SERVER, make_receipts, name_places, name_receipts
from .command import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "collections"))

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.catalogue import Catalogue
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.index import Entry, Index, Listing, look_at
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.reading import read_receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    Part,
    Receipt,
    StoredFile,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import (
    hash_bytes,
    parse_time,
    read_json,
    write_sealed,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.remember import FOLDER, Memory
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period

DAY_S = 86400.0
HEADS = "heads.json"
SHAPES = 100


class MadeCatalogue(Catalogue):
    """Receipts of one server that are made when they are asked for."""

    def __init__(self, root: Path, server: str, numbers: dict[str, int], days: int) -> None:
        super().__init__(root, server)
        self._numbers, self._days = numbers, days
        self.heads: dict[str, str] = {}

    def walk(
        self, application: str, kinds: Collection[str] = (), ids: Sequence[str] | None = None
    ) -> Iterator[tuple[str, bytes, Receipt | None, str]]:
        """See Catalogue; whatever is asked for, all are made."""
        del kinds, ids
        known: dict[tuple[str, str], Receipt] = {}
        for identity, data in make_receipts(self._server, application, self._numbers[application], self._days):
            yield identity, data, _read_alike(data, identity, known), ""
            self.heads[application] = hash_bytes(data)


def _read_alike(data: bytes, identity: str, known: dict[tuple[str, str], Receipt]) -> Receipt:
    """The receipt; what it has in common with the one of its kind before is not read again."""
    place = _find(data, b"kind"), _find(data, b"status")
    if place not in known:
        known[place] = read_receipt(read_json(data, identity), identity)
    like = known[place]
    size, digest = (data.split(mark, 1)[1][:64] if like.parts else b"" for mark in (b'"size_bytes": ', b'"sha256": "'))
    twin: Receipt = _make_twin(
        like,
        id=identity,
        began=parse_time(_find(data, b"began")),
        ended=parse_time(_find(data, b"ended")),
        run_id=_find(data, b"run_id"),
        previous=_find(data, b"previous"),
        parts=tuple(_renew(part, size, digest.decode()) for part in like.parts),
    )
    return twin


def _find(data: bytes, key: bytes) -> str:
    _before, mark, after = data.partition(b'\n "' + key + b'": "')
    return after[: after.index(b'"')].decode() if mark else ""


def _make_twin(record: Any, **changes: Any) -> Any:
    """As dataclasses.replace, several times faster."""
    twin = object.__new__(type(record))
    vars(twin).update(vars(record), **changes)
    return twin


def _renew(part: Part, size: bytes, digest: str) -> Part:
    file, asides = part.file, tuple(StoredFile(aside.name, aside.size_bytes, digest) for aside in part.asides)
    if file:
        size_bytes = int(size.partition(b",")[0]) if part.kind == "database" else file.size_bytes
        file = StoredFile(file.name, size_bytes, digest)
    twin: Part = _make_twin(part, file=file, asides=asides)
    return twin


def make_index(evidence: Path, applications: int, days: int) -> int:
    """The index of a city, and the names of its receipts; how many there would be. `HEADS` in the folder tells the last
    hash of each application, which the next receipt must name."""
    places = list(name_places(applications))
    tasks = [(evidence, first, places, days) for first in range(0, len(places), PER_SERVER)]
    heads: dict[str, dict[str, str]] = {}
    with ProcessPoolExecutor() as pool:
        count = sum(pool.map(_name_receipts, tasks))
    for number, (server, name) in enumerate(places):
        like = places[number % SHAPES]
        heads.setdefault(server, {})[name] = (
            _make_entry(evidence, number, places[number], days)
            if number < SHAPES
            else _copy_entry(evidence, (number % SHAPES, *like), (number, server, name), heads[like[0]][like[1]])
        )
    (evidence / HEADS).write_text(json.dumps(heads))
    return count


def _name_receipts(task: tuple[Path, int, list[tuple[str, str]], int]) -> int:
    """The folders of one server, with a name for each receipt of its applications; how many."""
    evidence, first, places, days = task
    count, stand_in = 0, evidence / f".{first}"
    evidence.mkdir(parents=True, exist_ok=True)
    for number, (server, name) in enumerate(places[first : first + PER_SERVER], first):
        folder = evidence / "receipts" / server / name
        folder.mkdir(parents=True)
        names = name_receipts(number % SHAPES, days)
        if not stand_in.exists():
            stand_in.write_bytes(next(make_receipts(server, name, number, days))[1])
        for moment in names:
            os.link(stand_in, folder / f"{moment}-{number:08x}.json")
            count += 1
    stand_in.unlink()
    return count


def _make_entry(evidence: Path, number: int, place: tuple[str, str], days: int) -> str:
    server, name = place
    catalogue = MadeCatalogue(evidence / "receipts" / server, server, {name: number}, days)
    memory = Memory(evidence / FOLDER, lambda _server: catalogue, 0)
    memory.recall(server, name, make_recent_period(END, 24), END, DAY_S)
    return catalogue.heads[name]


def _copy_entry(evidence: Path, like: tuple[int, str, str], new: tuple[int, str, str], head: str) -> str:
    """The entry of another application with all names exchanged, and the stamp of its own folder; its last hash."""
    text = (evidence / FOLDER / like[1] / like[2]).read_text("ascii")
    for old, changed in ((like[1], new[1]), (like[2], new[2]), (f'-{like[0]:08x}"', f'-{new[0]:08x}"')):
        text = text.replace(old, changed)
    first, *lines = text.split("\n")
    form, _stamp, facts = json.loads(first.partition(" ")[2])
    folder = evidence / "receipts" / new[1] / new[2]
    seen = look_at(folder)
    stamp = Listing(folder, seen or (0, 0, 0)).stamp_after(None)
    sealed = [write_sealed(json.loads(line.partition(" ")[2])) for line in lines]
    Index(evidence / FOLDER, form).write(new[1], new[2], Entry(stamp, facts, sealed))
    return head


def prove_alike(made: Path, real: Path, applications: int) -> int:
    """Raises AssertionError unless both indexes say the same of every application; how many letters they say."""
    letters = 0
    for server, name in name_places(applications):
        texts = [(folder / FOLDER / server / name).read_text("ascii").split("\n") for folder in (made, real)]
        heads = [json.loads(lines[0].partition(" ")[2]) for lines in texts]
        assert heads[0][2] == heads[1][2], f"{name}: other facts"
        assert texts[0][1:] == texts[1][1:], f"{name}: another past"
        letters += sum(map(len, texts[0][1:]))
    return letters
