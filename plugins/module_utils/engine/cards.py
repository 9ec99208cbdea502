"""Writes the recovery cards of all applications into the evidence folder, each as text and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .books.evidence import EvidenceFolder
from .errors import NotRecorded, RecordRefused
from .flow.files import make_private_folder, write_beside
from .record.application import Application
from .record.card import Card
from .record.reading import read_receipt
from .record.receipt import RUN, Receipt
from .record.report import RETIRED, ApplicationRow, Report
from .record.wire import read_json
from .renderers.card import render_card_html, render_card_text
from .rules.recovery import find_good_ids, make_card, tell_run

FOLDER = "cards"


def publish_cards(report: Report, evidence: EvidenceFolder, root: Path, language: str) -> list[Path]:
    """`cards/<server>/<application>.txt` and `.html` for every application of the report that has a good backup.

    A card that would say the same is left as it is; that of an application without a good backup stays, and names
    the run that it was made from. The paths of all that are there now. Raises NotRecorded.
    """
    written = []
    for card in make_cards(report, evidence):
        folder = root / FOLDER / card.server
        try:
            make_private_folder(root / FOLDER)
            make_private_folder(folder)
            for suffix, data in (("txt", render_card_text(card, language)), ("html", render_card_html(card, language))):
                written.append(folder / f"{card.application}.{suffix}")
                _write_if_new(written[-1], data)
        except OSError as error:
            raise NotRecorded.unwritable(str(folder), error.strerror or str(error)) from error
    return written


def _write_if_new(path: Path, data: bytes) -> None:
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return
    write_beside(path, data, is_durable=False)


def tell_by_hand(run: Receipt, folder: str, application: Application | None) -> list[str]:
    """The commands of a card for one good run, as it lies in `folder`; none for any other receipt."""
    if run.kind != RUN or not run.has_succeeded:
        return []
    return list(tell_run(run, folder, application.everything if application else ()))


def make_cards(report: Report, evidence: EvidenceFolder) -> Iterator[Card]:
    """One application after the other; those whose good run's receipt is not here, or is none, are passed over."""
    for row in report.rows:
        card = _make_card(row, report.period.zone, evidence) if row.status != RETIRED else None
        if card:
            yield card


def _make_card(row: ApplicationRow, zone: str, evidence: EvidenceFolder) -> Card | None:
    run = _find_run(row, evidence)
    if run is None:
        return None
    servers = [server for server in evidence.register.servers if server.name == row.server]
    registered = [found for server in servers for found in [server.find(row.application)] if found]
    sources = [source for application in registered for source in application.everything]
    return make_card(row, run, sources, zone)


def _find_run(row: ApplicationRow, evidence: EvidenceFolder) -> Receipt | None:
    catalogue = evidence.catalogue(row.server)
    for identity in find_good_ids(row, catalogue.ids(row.application)):
        with suppress(NotRecorded, RecordRefused):
            receipt = read_receipt(read_json(catalogue.read(row.application, identity), identity), identity)
            if receipt.kind == RUN and receipt.has_succeeded:
                return receipt
    return None
