"""A folder of receipts, one file each, linked into one chain for each application: `<root>/<application>/<id>.json`.

Ids begin with their time, so the order of names is the order of time and no index is needed. A tiny file `head` tells
the end of the chain; it is made anew whenever it does not fit what lies there. Receipts of no application (a server's
silence) lie in `_server`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from ..errors import NotRecorded, RecordRefused, RunNotFound, StoredDamaged
from ..flow.files import make_private_folder, open_stored, sweep_beside, write_beside
from ..record.application import NAME_PATTERN
from ..record.reading import read_receipt
from ..record.receipt import HASH_PATTERN, ID_PATTERN, Receipt
from ..record.wire import SIZE_LIMIT_BYTES, hash_bytes, read_json, write_json

SERVER_FOLDER = "_server"
HEAD = "head"

_FILE = re.compile(ID_PATTERN + r"\.json")
_NAME = re.compile(NAME_PATTERN)
_KIND = re.compile(rb'^ "kind": "([a-z]+)"', re.MULTILINE)


class ReceiptKeeper(Protocol):
    """What a catalogue can be rebuilt from: stores/base.py's Store is one."""

    def runs(self, application: str) -> Sequence[str]:
        """Run ids."""

    def read_receipt(self, application: str, run_id: str) -> bytes:
        """The bytes of one run's receipt."""


def _may_be_of_kind(data: bytes, kinds: Collection[str]) -> bool:
    """By the one line of canonical JSON that tells it: to read the whole of a receipt takes several times longer."""
    line = _KIND.search(data) if kinds else None
    return line is None or line[1].decode("ascii") in kinds


def find_breaks(links: Mapping[str, tuple[str, str]]) -> list[str]:
    """Where a chain of id -> (sha256, previous) forks, or lacks what one of it follows; a sentence each."""
    known = {sha256 for sha256, _unused in links.values()}
    followers: dict[str, str] = {}
    found = []
    for identity, (_unused, previous) in links.items():
        if previous in followers:
            found.append(
                f"{followers[previous]} and {identity} both follow the same receipt: one between them may be missing"
            )
        elif previous and previous not in known:
            found.append(f"{identity}: the receipt before it was altered or removed")
        if previous:
            followers[previous] = identity
    return found


class Catalogue:
    """The receipts of one server below `root`. Who appends holds the application's lock (an appended chain has no
    fork); who reads needs none. The application "" stands for the server itself.

    Raises NotRecorded for faults of the disk.
    """

    def __init__(self, root: Path, server: str) -> None:
        self._root = root
        self._server = server
        self._refused: dict[str, list[str]] = {}

    def add(self, receipt: Receipt) -> Receipt:
        """Appends a receipt to the chain; as it was written, linked to the one before."""
        linked = receipt.chain_to(self.head(receipt.application))
        self.add_bytes(linked.to_bytes(), linked.application)
        return linked

    def add_bytes(self, data: bytes, application: str) -> bool:
        """Keeps a finished receipt as it came; False when it is here already.

        Raises RecordRefused for what is no receipt of this server and application, or has the id of another.
        """
        receipt = self._read_own(data, application)
        path = self.folder_of(application) / f"{receipt.id}.json"
        if os.path.lexists(path):
            if self.read(application, receipt.id) != data:
                raise RecordRefused.malformed(path.name, "another receipt has this id")
            return False
        try:
            make_private_folder(self._root)
            make_private_folder(path.parent)
            write_beside(path, data)
            self._advance_head(application, receipt, data)
        except OSError as error:
            raise NotRecorded.unwritable(str(path), error.strerror or str(error)) from error
        return True

    def _read_own(self, data: bytes, application: str) -> Receipt:
        subject = f"a receipt of {self._server}/{application or SERVER_FOLDER}"
        receipt = read_receipt(read_json(data, subject), subject)
        if (receipt.server, receipt.application) != (self._server, application):
            raise RecordRefused.malformed(subject, f"it is one of {receipt.server}/{receipt.application}")
        return receipt

    def head(self, application: str) -> str:
        """sha256 of the bytes of the chain's last receipt; empty where there is none."""
        ids = self.ids(application)
        head = self._read_head(application)
        if head.get("count") == len(ids) and head.get("id") in ids:
            return str(head["sha256"])
        return self._repair_head(application, ids) if ids else ""

    def _read_head(self, application: str) -> dict[str, Any]:
        try:
            with open_stored(self.folder_of(application) / HEAD) as stream:
                head = read_json(stream.read(1024), HEAD)
        except (OSError, RecordRefused):
            return {}
        is_sound = isinstance(head.get("count"), int) and re.fullmatch(HASH_PATTERN, str(head.get("sha256")))
        return head if is_sound else {}

    def _write_head(self, application: str, identity: str, sha256: str, count: int) -> None:
        data = write_json({"id": identity, "sha256": sha256, "count": count})
        write_beside(self.folder_of(application) / HEAD, data, is_durable=False)

    def _advance_head(self, application: str, receipt: Receipt, data: bytes) -> None:
        """One receipt further, where it follows the head that is known; any other case is left to `head`."""
        head = self._read_head(application) or {"sha256": "", "count": 0}
        if head["sha256"] == receipt.previous:
            self._write_head(application, receipt.id, hash_bytes(data), head["count"] + 1)

    def _repair_head(self, application: str, ids: Sequence[str]) -> str:
        """The newest receipt that none names as the one before it."""
        links, _unused = self._read_links(application)
        named = {previous for _unused, previous in links.values()}
        ends = [identity for identity, (sha256, _unused) in links.items() if sha256 not in named]
        if not ends:
            return ""
        sha256 = links[ends[-1]][0]
        with suppress(OSError):  # who may only read finds it again the long way
            self._write_head(application, ends[-1], sha256, len(ids))
        return sha256

    def verify_chain(self, application: str) -> list[str]:
        """What does not hold, a sentence each: receipts that were altered, removed, or appended side by side."""
        links, problems = self._read_links(application)
        beginnings = [identity for identity, (_unused, previous) in links.items() if not previous]
        for one, other in zip(beginnings, beginnings[1:]):
            problems.append(f"{one} and {other} both begin a chain: one between them may be missing")
        return problems + find_breaks(links)

    def _read_links(self, application: str) -> tuple[dict[str, tuple[str, str]], list[str]]:
        """id -> (sha256 of its bytes, previous), in order; and what cannot be read."""
        links, problems = {}, []
        for identity, data, receipt, complaint in self.walk(application):
            if receipt is None:
                problems.append(f"{identity}: {complaint}")
            else:
                links[identity] = (hash_bytes(data), receipt.previous)
        return links, problems

    def follow(self, application: str, breaks: list[str]) -> Iterator[Receipt]:
        """As `receipts`; by the end of the walk `breaks` tells what cannot be read and where the chain does not hold.

        That a chain begins anew is no break: a server that was built again begins one.
        """
        links = {}
        for identity, data, receipt, complaint in self.walk(application):
            if receipt is None:
                breaks.append(f"{identity}: {complaint}")
            else:
                links[identity] = (hash_bytes(data), receipt.previous)
                yield receipt
        breaks += find_breaks(links)

    def receipts(
        self, application: str, kinds: Collection[str] = (), ids: Sequence[str] | None = None
    ) -> Iterator[Receipt]:
        """The receipts of `ids` (None: all, oldest first) and of these kinds (none: all). One that cannot be read is
        told by `problems`."""
        for _unused, _unused2, receipt, _unused3 in self.walk(application, kinds, ids):
            if receipt is not None and (not kinds or receipt.kind in kinds):
                yield receipt

    def latest(self, application: str, kind: str, has_succeeded: bool = False) -> Receipt | None:
        """The newest receipt of a kind, or None; with `has_succeeded` those of failures are passed over."""
        newest_first = self.walk(application, (kind,), self.ids(application)[::-1])
        found = (receipt for _unused, _unused2, receipt, _unused3 in newest_first if receipt and receipt.kind == kind)
        return next((receipt for receipt in found if receipt.has_succeeded or not has_succeeded), None)

    def problems(self, application: str) -> list[str]:
        """What lies there and cannot be read as a receipt, a sentence each."""
        found = [
            f"{identity}: {complaint}" for identity, _unused, _unused2, complaint in self.walk(application) if complaint
        ]
        return found + self._refused.get(application, [])

    def walk(
        self, application: str, kinds: Collection[str] = (), ids: Sequence[str] | None = None
    ) -> Iterator[tuple[str, bytes, Receipt | None, str]]:
        """id, bytes, the receipt or None, and what is wrong with it, of `ids` (None: all, oldest first); some of other
        kinds than `kinds` are left out."""
        folder = self.folder_of(application)
        for identity in self.ids(application) if ids is None else ids:
            data = b""
            try:
                with open_stored(folder / f"{identity}.json") as stream:
                    data = stream.read(SIZE_LIMIT_BYTES + 1)
                if not _may_be_of_kind(data, kinds):
                    continue
                receipt = read_receipt(read_json(data, identity), identity)
            except OSError as error:
                yield identity, data, None, error.strerror or str(error)
                continue
            except RecordRefused as error:
                yield identity, data, None, error.message
                continue
            is_own = (receipt.id, receipt.application) == (identity, application)
            yield identity, data, receipt if is_own else None, "" if is_own else "it is another's receipt"

    def ids(self, application: str) -> list[str]:
        """The ids of what lies there, oldest first."""
        folder = self.folder_of(application)
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NotRecorded.unreadable(str(folder), error.strerror or str(error)) from error
        return sorted(name[:-5] for name in names if _FILE.fullmatch(name))

    def holds(self, application: str, identity: str) -> bool:
        """Whether there is a receipt of this id."""
        return identity in self.ids(application)

    def read(self, application: str, identity: str) -> bytes:
        """The bytes of one receipt; RunNotFound when there is none."""
        if not self.holds(application, identity):
            raise RunNotFound.absent(application, identity)
        path = self.folder_of(application) / f"{identity}.json"
        try:
            with open_stored(path) as stream:
                return stream.read(SIZE_LIMIT_BYTES + 1)
        except OSError as error:
            raise NotRecorded.unreadable(str(path), error.strerror or str(error)) from error

    def applications(self, without: Collection[str] = ()) -> list[str]:
        """Every application that has a receipt here, in order; but for some, which are not even looked for."""
        try:
            names = sorted(filter(_NAME.fullmatch, {*os.listdir(self._root)}.difference(without)))
            return [name for name in names if self._holds_any(name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NotRecorded.unreadable(str(error.filename), error.strerror or str(error)) from error

    def _holds_any(self, application: str) -> bool:
        with os.scandir(self._root / application) as entries:
            return any(_FILE.fullmatch(entry.name) for entry in entries)

    def rebuild_from(self, store: ReceiptKeeper, application: str) -> int:
        """Takes over the receipts of stored runs that are missing here, as after a crash or on a new server; how many.

        What the store has and cannot be taken is told by `problems`.
        """
        with suppress(OSError):
            sweep_beside(self.folder_of(application))
        known = {*self.ids(application)}
        refused = []
        count = 0
        for run_id in store.runs(application):
            if run_id not in known:
                try:
                    count += self._take_over(store.read_receipt(application, run_id), application, run_id)
                except (RecordRefused, StoredDamaged) as error:
                    refused.append(f"{run_id} in the store: {error.message}")
        self._refused[application] = refused
        return count

    def _take_over(self, data: bytes, application: str, run_id: str) -> int:
        if self._read_own(data, application).id != run_id:
            raise RecordRefused.malformed(run_id, "the receipt in its folder is that of another run")
        return int(self.add_bytes(data, application))

    def folder_of(self, application: str) -> Path:
        """Where its receipts lie; RecordRefused for a name that no application can have."""
        if application and not re.fullmatch(NAME_PATTERN, application):
            raise RecordRefused.malformed("an application", f"it cannot be named {application!r}")
        return self._root / (application or SERVER_FOLDER)
