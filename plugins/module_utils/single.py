# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One database or one tree without a register: a configuration of one application, made from a module's options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .door import Answer, Request, answer_findings, answer_receipts
from .engine.probe import probe_server
from .engine.record.register import Server, read_server
from .engine.run import run_application

SERVER = "localhost"


def store_single(request: Request, kind: str, source: Mapping[str, Any]) -> Answer:
    """Stores one source below the folder `dest`; `kind`: `databases` or `sources`. In check mode it is probed only."""
    server = describe_single(request, kind, source)
    if request.is_check_mode:
        return answer_findings(probe_server(request.open_station(server), server.applications), True)
    station = request.open_ready_station(server)
    receipt = run_application(station, server.applications[0])
    told = answer_receipts([receipt], "run")
    values: dict[str, Any] = {"receipt": receipt.to_data(), "run_id": receipt.id}
    if receipt.has_succeeded and receipt.parts[0].file:
        stored = receipt.parts[0].file
        path = Path(server.store.path) / receipt.application / receipt.id / stored.name
        values.update(path=str(path), size_bytes=stored.size_bytes, sha256=stored.sha256)
    return Answer(values, told.changed, told.failure, told.warnings)


def describe_single(request: Request, kind: str, source: Mapping[str, Any]) -> Server:
    """The configuration; ConfigurationError with all that is wrong in the options."""
    dest = request["dest"]
    application = {
        "name": request["application"] or name_after(source["path"]),
        "title": request["title"],
        "owner": request["owner"],
        "time_limit": request["time_limit"],
        kind: [{key: value for key, value in source.items() if value}],
    }
    return read_server(
        {
            "server": SERVER,
            "applications": [application],
            "store": {"path": f"{dest}/store"},
            "state": f"{dest}/state",
            "compression": {"method": request["compression"]},
        }
    )


def name_after(path: str) -> str:
    """A name of the allowed characters: `portal` of /srv/Portal.sqlite."""
    stem = Path(path).stem.lower()
    return re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:63] or "unnamed"
