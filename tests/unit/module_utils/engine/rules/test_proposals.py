from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Container,
    Discovered,
    FoundDatabase,
    Site,
    SqliteFile,
    Tree,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.priority import (
    ADDED,
    CATEGORY,
    CONTENT,
    REMOVED,
    Acceptance,
    Change,
    PriorityList,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import DatabaseSource
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.claims import Searched, join_claims
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.groups import Group
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.places import make_key
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.proposals import (
    choose_category,
    make_priority_list,
    write_source,
)
from ansible_collections.diskominfo.backup.tests.looks import (
    DATA,
    DAY,
    NOW,
    PORTAL,
    WEB,
    make_city,
    make_configuration,
    make_database,
    make_look,
    refer,
    register,
)


def prioritize(known: Register, *looks: Discovered, accepted: PriorityList | None = None) -> PriorityList:
    by_server = {look.server: look for look in looks}
    claims = join_claims(known, Searched(by_server, NOW, NOW - DAY))
    return make_priority_list(known, claims, by_server, accepted)


def test_every_application_of_a_city_is_proposed_where_it_can_be_backed_up() -> None:
    """One entry on each server that holds a part of it, so that no password has to be made up."""
    listed = prioritize(register(web=[PORTAL]), *make_city().values())

    assert {(entry.server, entry.name): entry.contents for entry in listed.entries} == {
        (WEB, "portal"): ("mysql:localhost/portal", "tree:/var/www/portal"),
        (WEB, "izin"): ("tree:/srv/izin",),
        (DATA, "izin"): ("mysql:localhost/izin",),
        (WEB, "brosur"): ("tree:/var/www/brosur",),
        (WEB, "elearning"): ("tree:/var/www/elearning", "tree:/srv/moodledata"),
        (DATA, "elearning"): ("postgresql:localhost/moodle",),
        (WEB, "antrean"): ("sqlite:/opt/antrean/data/antrean.db", "tree:/opt/antrean"),
        (WEB, "kasir"): ("mysql:container:kasir_db/kasir", "tree:/srv/kasir/unggahan"),
        (DATA, "arsip"): ("postgresql:localhost:5433/arsip",),
    }
    assert {entry.name for entry in listed.entries if entry.state == "registered"} == {"portal"}


def test_what_is_proposed_can_be_pasted_and_leaves_nothing_unclaimed() -> None:
    looks = make_city()
    listed = prioritize(register(), *looks.values())
    servers = [
        read_server({"server": server, "applications": [dict(entry) for entry in entries]})
        for server, entries in listed.proposals.items()
    ]
    claims = join_claims(Register(tuple(servers)), Searched(looks, NOW, NOW - DAY))

    assert [find.key for find in claims.finds if find.state != "registered"] == []


def test_a_preset_leaves_out_what_is_worth_nothing_and_keeps_uploads() -> None:
    listed = prioritize(register(), *make_city().values())
    proposal = {entry["name"]: entry for entry in listed.proposals[WEB]}

    assert "node_modules" in proposal["portal"]["sources"][0]["exclude"]
    assert "/sessions/*" in proposal["elearning"]["sources"][1]["exclude"]
    assert proposal["antrean"]["sources"][0]["exclude"] == ["/data/antrean.db*"]
    assert proposal["izin"]["title"] == "izin.kota.example"
    assert proposal["izin"]["owner"] == ""


def test_a_folder_of_releases_is_taken_whole_for_the_next_release_has_another_name() -> None:
    look = make_look(configurations=(make_configuration("/srv/izin/releases/7"),))
    (proposal,) = prioritize(register(), look).proposals[WEB]
    assert proposal["sources"] == [{"path": "/srv/izin", "exclude": ["node_modules"]}]


def test_an_application_within_another_one_is_not_stored_twice() -> None:
    look = make_look(configurations=(make_configuration("/var/www/a"), make_configuration("/var/www/a/blog")))
    outer, inner = prioritize(register(), look).proposals[WEB]
    assert "/blog" in outer["sources"][0]["exclude"]
    assert inner["sources"][0]["path"] == "/var/www/a/blog"


def test_what_a_registered_application_uses_is_not_proposed_as_another_one() -> None:
    look = make_look(
        databases=(make_database("portal"), make_database("portal2")),
        configurations=(make_configuration("/var/www/portal", refer("portal2")),),
    )
    listed = prioritize(register(web=[PORTAL]), look)
    assert [entry.name for entry in listed.entries] == ["portal"]
    assert listed.proposals == {}


def test_names_are_such_that_the_register_takes_them_and_nobody_has_them() -> None:
    look = make_look(
        databases=(make_database("Portal"), make_database("ARSIP kota"), make_database("日本"), make_database("x" * 64))
    )
    names = [entry.name for entry in prioritize(register(web=[PORTAL]), look).entries]
    assert sorted(names) == ["aplikasi", "arsip-kota", "portal", "portal-2", "x" * 60]


def written(days: float = 1) -> dict[str, Any]:
    return {"written": f"{NOW - days * DAY:%Y-%m-%dT%H:%M:%SZ}"}


SITE = Site("nginx", ("a.kota.example",))


@pytest.mark.parametrize(
    ("databases", "tree", "sites", "expected"),
    [
        ([written(1)], Tree("/a"), [SITE], ("daily", ("written", "public"))),
        ([{"writes": 5, "writes_since": "2026-11-01T00:00:00Z"}], None, [], ("daily", ("written",))),
        ([written(30)], Tree("/a", changed=3), [], ("weekly", ("changing",))),
        ([written(30)], Tree("/a"), [SITE], ("weekly", ("public",))),
        ([{**written(30), "size_bytes": 11 * 10**9}], Tree("/a"), [], ("weekly", ("large",))),
        ([written(30)], Tree("/a"), [], ("monthly", ("quiet",))),
        ([], Tree("/a"), [], ("monthly", ("quiet",))),
        ([{}], Tree("/a"), [SITE], ("daily", ("public", "unclassified"))),
        ([], None, [], ("daily", ("unclassified",))),
    ],
)
def test_a_category_is_proposed_with_its_reason_and_daily_where_nobody_can_tell(
    databases: list[dict[str, Any]], tree: Tree | None, sites: list[Site], expected: tuple[str, tuple[str, ...]]
) -> None:
    group = Group(WEB, "/a", "a", sites=sites, tree=tree)
    assert choose_category(group, [make_database("a", **fields) for fields in databases], NOW) == expected


def test_what_nobody_can_classify_is_flagged_and_never_skipped() -> None:
    (entry,) = prioritize(register(), make_look(databases=(make_database("entah"),))).entries
    assert (entry.category, entry.is_flagged) == ("daily", True)
    assert not replace(entry, reasons=("quiet",)).is_flagged


@pytest.mark.parametrize(
    ("found", "source"),
    [
        (make_database("a"), DatabaseSource("mysql", name="a")),
        (
            make_database("a", "postgresql", instance="localhost:5433"),
            DatabaseSource("postgresql", name="a", port=5433),
        ),
        (make_database("a", instance="/run/b.sock"), DatabaseSource("mysql", name="a", socket="/run/b.sock")),
        (
            make_database("a", instance="/run/b.sock:3307"),
            DatabaseSource("mysql", name="a", socket="/run/b.sock", port=3307),
        ),
        (
            make_database("a", instance="10.0.0.5:3307"),
            DatabaseSource("mysql", name="a", host="10.0.0.5", port=3307),
        ),
        (make_database("a", instance="::1"), DatabaseSource("mysql", name="a", host=":", port=1)),
    ],
)
def test_a_database_is_proposed_as_the_register_names_it(found: FoundDatabase, source: DatabaseSource) -> None:
    assert write_source(found) == source
    if found.instance != "::1":
        assert source.key == make_key(found)


def test_a_database_in_a_container_is_proposed_by_the_port_that_the_server_gives_it() -> None:
    found = make_database("kasir", instance="container:kasir_db", container="kasir_db")
    container = Container(
        "kasir_db", "podman", engine="mysql", ports=("0.0.0.0:->33060/tcp", "127.0.0.1:3307->3306/tcp")
    )
    source = write_source(found, container)
    assert (source.host, source.port) == ("127.0.0.1", 3307)
    assert write_source(found, replace(container, ports=())).host == "container:kasir_db"


def test_the_difference_from_the_accepted_list_is_told_application_by_application() -> None:
    before = prioritize(register(web=[PORTAL]), make_look(databases=(make_database("lama"),)))
    accepted = replace(before, accepted=Acceptance("Analis", NOW))
    changed = {**PORTAL, "category": "weekly", "databases": [{"engine": "mysql", "name": "portal2"}]}
    after = prioritize(register(web=[changed]), make_look(databases=(make_database("baru"),)), accepted=accepted)

    assert after.accepted == Acceptance("Analis", NOW)
    assert after.changes == (
        Change(WEB, "baru", ADDED, "", "daily"),
        Change(WEB, "lama", REMOVED, "daily"),
        Change(WEB, "portal", CATEGORY, "daily", "weekly"),
        Change(WEB, "portal", CONTENT, "mysql:localhost/portal", "mysql:localhost/portal2"),
    )
    again = prioritize(register(web=[PORTAL]), make_look(databases=(make_database("lama"),)), accepted=accepted)
    assert again.changes == ()


def test_a_sqlite_database_outside_of_every_application_is_proposed_by_its_file() -> None:
    look = make_look(sqlite_files=(SqliteFile("/srv/x/y.db", ""),))
    (proposal,) = prioritize(register(), look).proposals[WEB]
    assert proposal["databases"] == [{"engine": "sqlite", "path": "/srv/x/y.db"}]
