from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import yaml

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import priority
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import read_application
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.priority import (
    Acceptance,
    Change,
    PriorityEntry,
    PriorityList,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.language import CATALOGUES
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.priorities import (
    FORMATS,
    render_priorities_csv,
    render_priorities_yaml,
    tell_priorities,
)

NOW = datetime.fromisoformat("2026-11-22T13:01:00+00:00")
HOSTILE = "=cmd|' /C calc'!A0\n\u202e# {{ 1 }} \"'\\ <b> : -"
PROPOSAL: dict[str, Any] = {
    "name": "sippn",
    "title": "sippn.kota.example",
    "owner": "",
    "category": "daily",
    "databases": [{"engine": "mysql", "name": "sippn: #1"}],
    "sources": [{"path": "/var/www/sippn", "exclude": ["node_modules", "/storage/logs/*"]}],
}
ENTRY = PriorityEntry("web", "sippn", "sippn.kota.example", "daily", "proposed", ("unclassified",), ("mysql:x",))
KNOWN = PriorityEntry("web", "portal", "Portal", "weekly", "registered", ("chosen",), ("tree:/srv",), "Bagian Umum")
LISTED = PriorityList((KNOWN, ENTRY), (), proposals={"web": (PROPOSAL,)})


def read_yaml(listed: PriorityList) -> Any:
    return yaml.safe_load(render_priorities_yaml(listed, "id"))


def test_what_is_proposed_can_be_pasted_and_is_accepted_by_the_register() -> None:
    (entry,) = read_yaml(LISTED)["web"]["backup_applications"]
    problems = Problems()
    read_application(entry, problems, 1)

    assert entry == PROPOSAL
    assert problems.found == []


def test_reason_flag_and_what_is_left_to_fill_in_stand_beside_the_entry() -> None:
    text = render_priorities_yaml(LISTED, "id").decode()
    assert "# tidak dapat digolongkan oleh mesin — PERLU DIPERIKSA" in text
    assert 'owner: ""  # isi unit pemilik' in text
    assert "# host_vars/web.yml" in text
    calm = replace(LISTED, entries=(KNOWN, replace(ENTRY, reasons=("written",))))
    assert "PERLU DIPERIKSA" not in render_priorities_yaml(calm, "id").decode()


def test_nothing_from_a_server_leaves_its_place_in_the_file() -> None:
    hostile = {"name": "x", "title": HOSTILE, "owner": "", "databases": [{"engine": "mysql", "name": HOSTILE}]}
    entry = replace(ENTRY, name="x")
    change = Change("web", HOSTILE, priority.CONTENT, HOSTILE, HOSTILE)
    listed = PriorityList((entry,), (), Acceptance(HOSTILE, NOW), (change,), {"we: b": (hostile,)})
    listed = replace(listed, entries=(replace(entry, server="we: b"),))
    assert read_yaml(listed) == {"we: b": {"backup_applications": [hostile]}}


def test_the_difference_from_the_accepted_list_is_told() -> None:
    assert "Belum ada daftar yang disetujui" in render_priorities_yaml(LISTED, "id").decode()
    accepted = replace(LISTED, accepted=Acceptance("Analis Sistem Informasi", NOW))
    text = render_priorities_yaml(accepted, "id").decode()
    assert "# Dibandingkan dengan daftar yang disetujui Analis Sistem Informasi pada 2026-11-22:\n# tidak ada" in text
    changes = (Change("web", "sippn", "added", "", "daily"), Change("web", "lama", "removed", "weekly"))
    text = render_priorities_yaml(replace(accepted, changes=changes), "id").decode()
    assert "# web/sippn: baru, daily\n# web/lama: tidak ada lagi, sebelumnya weekly" in text


def test_nothing_to_propose_is_said() -> None:
    assert "Tidak ada usulan" in render_priorities_yaml(PriorityList((), ()), "id").decode()


def test_the_table_holds_every_application_and_no_formula() -> None:
    listed = replace(LISTED, entries=(KNOWN, replace(ENTRY, title=HOSTILE)))
    rows = list(csv.reader(io.StringIO(render_priorities_csv(listed, "id").decode("utf-8-sig"))))

    assert rows[1] == [
        "web",
        "portal",
        "Portal",
        "Bagian Umum",
        "mingguan",
        "terdaftar",
        "menurut daftar aplikasi",
        "tree:/srv",
    ]
    assert rows[2][2].startswith("'=cmd")
    assert len(rows) == 3


def test_the_list_in_some_lines_names_what_is_proposed_and_what_differs() -> None:
    lines = list(tell_priorities(replace(LISTED, changes=(Change("web", "sippn", "added", "", "daily"),)), "en"))
    assert lines == [
        "1 registered, 1 proposed",
        "web/sippn: daily (cannot be classified by machine)",
        "web/sippn: added, daily",
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_list_is_written_as_the_same_bytes(suffix: str) -> None:
    assert FORMATS[suffix](LISTED, "id") == FORMATS[suffix](replace(LISTED), "id") != b""


@pytest.mark.parametrize("code", ["id", "en"])
def test_every_reason_state_and_change_has_a_word(code: str) -> None:
    wanted = {f"priority.reason.{reason}" for reason in priority.REASONS}
    wanted |= {f"priority.change.{change}" for change in priority.CHANGES}
    wanted |= {f"priority.state.{state}" for state in (priority.IN_REGISTER, priority.PROPOSED)}
    assert wanted - set(CATALOGUES[code]) == set()
