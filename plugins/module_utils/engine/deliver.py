"""Tells people of a report by the channels of the office: also when all is well, for silence must mean something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .books.deliveries import Delivery, keep_deliveries, read_deliveries
from .channels.base import STARTED, Message, Notify, notify_nobody
from .channels.message import make_message
from .channels.registry import Route, judge_routes, read_routes
from .errors import BackupError, ConfigurationError, DeliveryFailed, NotRecorded
from .flow.deadline import DeadlinePassed, finish_within
from .flow.files import open_stored
from .record.receipt import FAILURE_TEXT_LIMIT, Failure, describe_failure
from .record.wire import format_time, read_json

FILES = ("report.txt", "report.html", "report.pdf")
FILE_LIMIT_BYTES = 20_000_000
"""What is larger is not sent: no mail server would take it."""


def judge_settings(settings: Iterable[Any]) -> None:
    """Raises ConfigurationError with all that is wrong in any of the mappings, one a channel: docs/delivery.md."""
    read_routes(settings)


def sort_settings(settings: Iterable[Any]) -> tuple[list[Any], dict[str, str]]:
    """Those that can be used; and name -> all that is wrong with it, of each that cannot. None stops another.

    An `Unresolved` may stand for a value, or for all settings of a channel."""
    given = list(settings)
    judged = judge_routes(given)
    usable = [value for value, one in zip(given, judged) if one.route]
    return usable, {one.name: "; ".join(one.problems) for one in judged if one.problems}


def note_refused(evidence: Path, refused: Mapping[str, str], now: datetime) -> list[Delivery]:
    """Notes settings that cannot be used (name -> why) as deliveries that failed, so that the report that is made next
    tells of them. What was noted so before and is set right by now is forgotten. Raises NotRecorded."""
    made = _refuse(refused, now)
    known = read_deliveries(evidence)
    kept = {name: one for name, one in known.items() if not one.failure or one.failure.slug != ConfigurationError.slug}
    told = {**kept, **{one.name: one for one in made}}
    if told != known:
        keep_deliveries(evidence, told)
    return made


def note_failed(evidence: Path, reasons: Mapping[str, str], now: datetime) -> list[Delivery]:
    """Notes that telling people failed as a whole (what failed -> why): it stands in the report until they are told
    again. Raises NotRecorded."""
    hint = "see what the play said when it told people; docs/delivery.md"
    made = [
        Delivery(name, format_time(now), "", Failure(DeliveryFailed.slug, message[:FAILURE_TEXT_LIMIT], hint))
        for name, message in reasons.items()
    ]
    keep_deliveries(evidence, {**read_deliveries(evidence), **{one.name: one for one in made}})
    return made


def _refuse(refused: Mapping[str, str], now: datetime) -> list[Delivery]:
    hint = "set it right in backup_delivery; docs/delivery.md has every key"
    return [
        Delivery(name, format_time(now), "", Failure(ConfigurationError.slug, message[:FAILURE_TEXT_LIMIT], hint))
        for name, message in refused.items()
    ]


def deliver_start(settings: Iterable[Any], now: datetime, notify: Notify = notify_nobody) -> list[Delivery]:
    """Tells the channels that want to know it that the work begins; what came of it, not kept."""
    message = Message(STARTED, "diskominfo-backup", is_well=True)
    return [made for made in (_deliver(route, message, "", now) for route in read_routes(settings, notify)) if made]


def deliver_report(
    settings: Iterable[Any],
    evidence: Path,
    now: datetime,
    refused: Mapping[str, str] | None = None,
    notify: Notify = notify_nobody,
) -> list[Delivery]:
    """Tells every channel of the newest report; one that fails stops no other. Kept for the next report, with what was
    `refused` (see `note_refused`).

    Raises ConfigurationError as `judge_settings`, NotRecorded where the report, or what came of it, cannot be read or
    written.
    """
    routes, folder = read_routes(settings, notify), evidence / "reports" / "latest"
    summary, files = _read_summary(folder), dict(_read_files(folder))
    made = _refuse(refused or {}, now)
    for route in routes:
        message = make_message(summary, route.redaction)
        message = replace(message, files=files if route.redaction == "none" else {})
        made += filter(None, [_deliver(route, message, str(summary.get("id", "")), now)])
    keep_deliveries(evidence, {delivery.name: delivery for delivery in made})
    return made


def _deliver(route: Route, message: Message, report: str, now: datetime) -> Delivery | None:
    """None where the channel has nothing to say. Whatever goes wrong is its failure alone; what is none of ours is told
    by its kind, for it may hold a secret."""
    failure: Failure | None = None
    try:
        if not finish_within(route.timeout_s, lambda: route.channel.deliver(message)):
            return None
    except BackupError as error:
        failure = describe_failure(error)
    except DeadlinePassed:
        failure = describe_failure(DeliveryFailed.came_too_late(route.name, route.timeout_s))
    except Exception as error:
        failure = describe_failure(DeliveryFailed.refused(route.name, type(error).__name__))
    return Delivery(route.name, format_time(now), report, failure)


def _read_summary(folder: Path) -> dict[str, Any]:
    try:
        with open_stored(folder / "summary.json") as stream:
            return read_json(stream.read(), "summary.json")
    except OSError as error:
        raise NotRecorded.unreadable(str(folder / "summary.json"), error.strerror or str(error)) from error


def _read_files(folder: Path) -> Iterable[tuple[str, bytes]]:
    for name in FILES:
        with suppress(OSError), open_stored(folder / name) as stream:
            data = stream.read(FILE_LIMIT_BYTES + 1)
            if len(data) <= FILE_LIMIT_BYTES:
                yield name, data


def find_failures(evidence: Path) -> Sequence[tuple[str, str, Failure]]:
    """Channel, time and failure of each last delivery that did not arrive."""
    known = read_deliveries(evidence).values()
    return [(delivery.name, delivery.at, delivery.failure) for delivery in known if delivery.failure]
