"""The word that looks at what the register may not know yet; it needs no configuration."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..station import read_configuration, utc_now
from .call import Call

if TYPE_CHECKING:
    from ..record.discovered import DatabaseReference, Discovered


def discover(call: Call) -> int:
    """Finds. What the configuration says is used where there is one."""
    from ..discover import discover_server, list_registered

    options = call.options
    known = read_configuration(options.config) if Path(options.config).exists() else None
    name = options.server or (known.name if known else platform.node())
    found = discover_server(
        name, list_registered(known), call.supervisor, utc_now(), time_limit_s=max(1.0, options.time_limit)
    )
    call.tell("\n".join(draw_look(found)), found.to_data())
    return 0


def draw_look(found: Discovered) -> Iterator[str]:
    """What a person wants to see first: applications, databases, and what nothing can be said of."""
    yield f"{found.server}: {len(found.sites)} sites, {len(found.containers)} containers, {len(found.units)} services"
    for each in found.configurations:
        yield f"{each.framework:12} {each.root or each.container}  ({each.file})"
        yield from (f"{'':12} uses {tell_reference(reference)}" for reference in each.databases)
        yield from (f"{'':12} keeps {folder}" for folder in each.data)
    for database in found.databases:
        if not database.is_system:
            yield f"{database.engine:12} {database.name} at {database.instance}, {database.size_bytes} bytes"
    for file in found.sqlite_files:
        yield f"{'sqlite':12} {file.path}, {file.size_bytes} bytes"
    for missed in found.unreadable:
        yield f"{'unknown':12} {missed.kind} {json.dumps(missed.subject)}: {json.dumps(missed.reason)}"


def tell_reference(reference: DatabaseReference) -> str:
    """`mysql portal at db:3307`."""
    port = f":{reference.port}" if reference.port else ""
    place = reference.socket or (reference.host or "localhost") + port
    name = reference.path or f"{reference.name or 'any database of ' + reference.user} at {place}"
    return f"{reference.engine} {name}" + (f", tables {reference.prefix}*" if reference.prefix else "")
