"""Plans when everything in the register is backed up, and publishes the plan: row 3's "Jadwal backup"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from .books.evidence import EvidenceFolder
from .books.plans import PLAN_FILE, PLANS
from .books.shelf import shelve
from .errors import NotRecorded, RecordRefused
from .flow.files import make_private_folder
from .flow.lock import hold
from .record.plan import Plan
from .record.receipt import CHECK, RUN
from .record.register import Register
from .record.wire import hash_value, write_json
from .renderers.registry import find_schedule_renderer
from .rules.spread import plan_schedules

LOCK_WAIT_S = 60.0


def make_plan(register: Register, folder: EvidenceFolder, accepted: Plan | None, now: datetime) -> Plan:
    """The plan for the register, from what is accepted so far and what the last backups took by their receipts."""
    spread = plan_schedules(
        register.servers, measure_durations(register, folder), accepted.schedules if accepted else {}, now
    )
    plan = Plan(
        id="",
        made=now.astimezone(timezone.utc).replace(microsecond=0),
        office=next((server.office for server in register.servers if server.office), {}),
        schedules=spread.schedules,
        titles={server.name: {one.name: one.title for one in server.applications} for server in register.servers},
        retired=tuple(folder.unregistered()),
        findings=spread.findings,
    )
    return replace(plan, id=f"{plan.made:%Y%m%dT%H%M%SZ}-{hash_value(plan.to_data())[:8]}")


def measure_durations(register: Register, folder: EvidenceFolder) -> dict[tuple[str, str], float]:
    """(server, application) -> seconds that its last backup and its last check took; nothing without receipts."""
    found = {}
    for server in register.servers:
        catalogue = folder.catalogue(server.name)
        for application in server.applications:
            with suppress(RecordRefused):
                run = catalogue.latest(application.name, RUN)
                check = catalogue.latest(application.name, CHECK)
                if run is not None:
                    found[server.name, application.name] = run.duration_s + (check.duration_s if check else 0.0)
    return found


def publish_plan(plan: Plan, root: Path, formats: Sequence[str], language: str) -> Mapping[str, Path]:
    """Writes `root/schedule/<id>/schedule.<suffix>` for each format, all at once; format -> path. The plan itself,
    schedule.json, is always among them.

    Raises ConfigurationError for an unknown format, Busy, NotRecorded.
    """
    renderers = {name: find_schedule_renderer(name) for name in dict.fromkeys(formats) if name != "json"}
    shelf = root / PLANS
    try:
        make_private_folder(shelf)
        with hold(shelf / ".lock", "the folder of schedules", LOCK_WAIT_S):
            files = [(f"schedule.{one.suffix}", one.render(plan, language)) for one in renderers.values()]
            folder = shelve(shelf, plan.id, [*files, (PLAN_FILE, write_json(plan.to_data()))])
    except OSError as error:
        raise NotRecorded.unwritable(str(shelf), error.strerror or str(error)) from error
    paths = {name: folder / f"schedule.{one.suffix}" for name, one in renderers.items()}
    return {**paths, "json": folder / PLAN_FILE}


def render_text(plan: Plan | None, language: str) -> str:
    """The table of the plan; nothing for none. It tells two plans apart."""
    return find_schedule_renderer("txt").render(plan, language).decode("utf-8") if plan else ""
