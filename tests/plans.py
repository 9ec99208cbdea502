"""A small city's plan to test renderers and records with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plan import Plan
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.spread import plan_schedules

MADE = datetime(2026, 11, 27, 3, tzinfo=timezone.utc)
"""A Friday, ten in the morning in Jakarta."""


def make_servers(**calendar: Any) -> list[Server]:
    """Two servers with every category, a moment of its own, and a title that is up to no good."""
    applications = {
        "web": [("portal", "daily", ""), ("agenda", "weekly", ""), ("kios", "daily", "12:30")],
        "data": [("arsip", "monthly", "")],
    }
    return [
        read_server(
            {
                "server": server,
                "calendar": calendar,
                "office": {"name": "Dinas Contoh", "parent": "Kota Contoh"},
                "applications": [
                    {"name": name, "title": TITLE.format(name), "category": category, "begin": begin, **SOURCE}
                    for name, category, begin in listed
                ],
            }
        )
        for server, listed in applications.items()
    ]


TITLE = "=Aplikasi; <{}> Pelayanan Terpadu Satu Pintu Kota Contoh, satu nama yang panjang"
SOURCE: Mapping[str, Any] = {"sources": [{"path": "/srv"}]}


def make_plan(**calendar: Any) -> Plan:
    """The plan of these servers; it has a finding, a quiet day and a retired application."""
    servers = make_servers(**{"quiet": ["2026-11-29"], "weekly": "sun 00:30", **calendar})
    spread = plan_schedules(servers, {("web", "portal"): 9 * 3600.0, ("data", "arsip"): 90.0}, {}, MADE)
    return Plan(
        id="20261127T030000Z-0a1b2c3d",
        made=MADE,
        office=servers[0].office,
        schedules=spread.schedules,
        titles={server.name: {one.name: one.title for one in server.applications} for server in servers},
        retired=(("data", "lama"),),
        findings=spread.findings,
    )
