"""Gives one stored run away, as it lies in the store: what another machine's copy is made from."""

from __future__ import annotations

from contextlib import ExitStack
from typing import BinaryIO

from .errors import RunNotFound
from .flow.parcel import pack_parcel
from .record.reading import read_receipt
from .record.wire import read_json
from .station import Station

RECEIPT = "receipt.json"


def send_run(station: Station, application: str, run_id: str, sink: BinaryIO) -> int:
    """Writes the run's receipt and then its artifacts to `sink` as a plain tar; how many bytes the files hold.

    Every file is opened before the first is written, so that a prune meanwhile takes nothing away. Raises RunNotFound
    and what a damaged store raises, before a byte is written.
    """
    if run_id not in station.store.runs(application):
        raise RunNotFound.absent(application, run_id)
    receipt = read_receipt(read_json(station.store.read_receipt(application, run_id), run_id), run_id)
    names = [RECEIPT, *(stored.name for part in receipt.parts for stored in part.files)]
    with ExitStack() as opened:
        streams = [opened.enter_context(station.store.get(application, run_id, name)) for name in names]
        return pack_parcel(zip(names, streams), sink)
