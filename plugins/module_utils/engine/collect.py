"""Receipts of a server come home into the evidence folder; a server's silence becomes a receipt too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .books.evidence import EvidenceFolder
from .books.installations import Installations
from .errors import RecordRefused, Unreachable
from .record.installed import SYSTEMD, Installed, Unread, read_installed
from .record.reading import read_receipt
from .record.receipt import CONTACT, COPY, FAILED, PLAYBOOK, Host, Receipt, Runner, describe_failure, read_id_time
from .record.wire import SIZE_LIMIT_BYTES as RECORD_LIMIT_BYTES
from .record.wire import find_excess, format_time, hash_value, read_json, write_json

COUNT_LIMIT = 20_000
"""So many receipts are taken in one call; the rest waits for the next one."""

SIZE_LIMIT_BYTES = 256 * 1024 * 1024
"""So many bytes are taken in one call."""

CLOCK_TOLERANCE = timedelta(days=1)
"""A receipt from further in the future would stay the newest for as long: it is refused."""

REASON_CHARACTERS = 300

NO_RUNNER = Runner("", "")


@dataclass(frozen=True)
class Collected:
    """What came home: how many receipts were new, how many were known, and a sentence for each that was refused."""

    added: int
    known: int
    refused: tuple[str, ...]


def collect_receipts(
    server: str, bundles: Iterable[tuple[str, bytes]], folder: EvidenceFolder, now: datetime
) -> Collected:
    """Keeps the receipts of one server: pairs of an application ("" for the server itself) and one receipt's bytes.

    Each must be a receipt of this very server and application, not longer than a receipt may be and not from the
    future; a bad one is refused and stops no other. Raises NotRecorded when the folder cannot be written.
    """
    added = known = size_bytes = 0
    refused: list[str] = []
    for number, (application, data) in enumerate(bundles, 1):
        size_bytes += len(data)
        if number > COUNT_LIMIT or size_bytes > SIZE_LIMIT_BYTES:
            refused.append(f"{server}: receipts from number {number} on are left for the next time: too many at once")
            break
        try:
            is_new = _take(server, application, data, folder, now)
        except RecordRefused as error:
            refused.append(f"{server}: receipt {number}: {error.message}")
            continue
        added, known = added + is_new, known + (not is_new)
    return Collected(added, known, tuple(refused))


def _take(server: str, application: str, data: bytes, folder: EvidenceFolder, now: datetime) -> bool:
    subject = f"a receipt of {server}"
    receipt = read_receipt(read_json(data, subject), subject)
    if receipt.kind == COPY:
        raise RecordRefused.malformed(receipt.id, "who holds a copy tells of it, not who was copied")
    if max(receipt.began, read_id_time(receipt.id)) > now + CLOCK_TOLERANCE:
        raise RecordRefused.malformed(receipt.id, "it is from the future: the clock of the server is wrong")
    return folder.add_receipt(server, application, data)


def keep_installed(
    server: str, data: Mapping[str, Any], books: Installations, now: datetime, is_trial: bool = False
) -> bool:
    """Keeps what a server says is installed there, as seen `now`; whether that differs from before. In a trial nothing
    is kept.

    Neither its clock nor its own name for itself is believed. What is no such record is refused with RecordRefused,
    and kept as what could not be read, so that an older record does not stand for the server. Raises NotRecorded.
    """
    subject, keep = f"what is installed on {server}", books.differs if is_trial else books.keep
    try:
        if find_excess(data):
            raise RecordRefused.malformed(subject, find_excess(data))
        seen = replace(read_installed(data, subject), at=now)
        if seen.server != server:
            raise RecordRefused.malformed(subject, "it is of another server")
        if len(write_json(seen.to_data())) > RECORD_LIMIT_BYTES:
            raise RecordRefused.malformed(subject, f"more than {RECORD_LIMIT_BYTES} bytes")
    except RecordRefused as error:
        keep(Installed(server, now, SYSTEMD, unread=(Unread("answer", error.message[:REASON_CHARACTERS]),)))
        raise
    return keep(seen)


def make_contact(
    server: str, error_text: str, now: datetime, runner: Runner = NO_RUNNER, trigger: str = PLAYBOOK
) -> Receipt:
    """The receipt of a server that gave no answer; `error_text` is what the connection said.

    The same silence at the same second gets the same id. To be kept with `EvidenceFolder.catalogue(server).add`.
    """
    token = hash_value([server, error_text, format_time(now)])[:8]
    return Receipt(
        id=f"{format_time(now).translate({45: None, 58: None})}-{token}",
        kind=CONTACT,
        server=server,
        application="",
        title="",
        owner="",
        category="",
        trigger=trigger,
        began=now,
        ended=now,
        duration_s=0.0,
        status=FAILED,
        host=Host("", "", ""),
        runner=runner,
        config_hash="",
        failure=describe_failure(Unreachable.silent(server, error_text)),
    )
