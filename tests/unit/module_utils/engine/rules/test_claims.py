from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Container,
    Discovered,
    Site,
    SqliteFile,
    Tree,
    Unreadable,
    Volume,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import (
    CHANGED,
    DANGLING,
    GONE,
    IGNORED,
    NEW,
    REGISTERED,
    UNCLAIMED,
    UNKNOWN,
    Find,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import TreeSource
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.claims import Searched, holds, join_claims
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


def join(known: Register, *looks: Discovered, **more: Any) -> dict[tuple[str, str], Find]:
    searched = Searched({look.server: look for look in looks}, NOW, **{"since": NOW - DAY, **more})
    return {(find.server.partition(".")[0], find.key): find for find in join_claims(known, searched).finds}


def states(finds: Collection[Find]) -> dict[str, str]:
    return {find.key: find.state for find in finds}


def test_a_whole_city_is_told_apart() -> None:
    finds = join(register(web=[PORTAL]), *make_city().values())

    assert {key: (find.state, find.application) for key, find in finds.items()} == {
        ("web", "mysql:localhost/portal"): (REGISTERED, f"{WEB}/portal"),
        ("web", "tree:/var/www/portal"): (REGISTERED, f"{WEB}/portal"),
        ("web", "tree:/srv/izin/releases/7"): (UNCLAIMED, "izin"),
        ("data", "mysql:localhost/izin"): (UNCLAIMED, "izin"),
        ("web", "tree:/var/www/brosur"): (UNCLAIMED, "brosur"),
        ("web", "tree:/var/www/elearning"): (UNCLAIMED, "elearning"),
        ("web", "tree:/srv/moodledata"): (UNCLAIMED, "elearning"),
        ("data", "postgresql:localhost/moodle"): (UNCLAIMED, "elearning"),
        ("web", "tree:/opt/antrean"): (UNCLAIMED, "antrean"),
        ("web", "sqlite:/opt/antrean/data/antrean.db"): (UNCLAIMED, "antrean"),
        ("web", "mysql:container:kasir_db/kasir"): (UNCLAIMED, "kasir"),
        ("web", "tree:/srv/kasir/unggahan"): (UNCLAIMED, "kasir"),
        ("data", "postgresql:localhost:5433/arsip"): (UNCLAIMED, "arsip"),
    }


def test_a_web_servers_application_claims_a_database_of_another_server_by_either_name() -> None:
    """Whichever server lists the database, the other one's find is claimed, and the folder too."""
    looks = make_city()
    over_tcp = {
        "name": "izin",
        "databases": [{"engine": "mysql", "name": "izin", "host": "data.kota.example"}],
        "sources": [{"path": "/srv/izin"}],
    }
    at_home = {"name": "izin", "databases": [{"engine": "mysql", "name": "izin"}]}

    finds = join(register(web=[over_tcp]), *looks.values())
    assert finds["data", "mysql:localhost/izin"].application == f"{WEB}/izin"
    assert finds["web", "tree:/srv/izin/releases/7"].state == REGISTERED

    finds = join(register(data=[at_home]), *looks.values())
    assert finds["data", "mysql:localhost/izin"].application == f"{DATA}/izin"
    assert finds["web", "tree:/srv/izin/releases/7"].state == CHANGED
    assert finds["web", "tree:/srv/izin/releases/7"].application == f"{DATA}/izin"


@pytest.mark.parametrize(
    ("reference", "instance"),
    [
        (refer("a", "localhost"), {}),
        (refer("a", ""), {"port": 3306}),
        (refer("a", "127.0.0.1"), {}),
        (refer("a", "[::1]"), {}),
        (refer("a", "10.0.0.10"), {}),
        (refer("a", "WEB.kota.example"), {}),
        (refer("a", "dbhost", addresses=("127.0.0.1",)), {}),
        (refer("a", "web"), {}),
        (refer("a", "", socket="/var/run/mysqld/mysqld.sock"), {"socket": "/run/mysqld/mysqld.sock"}),
        (refer("a", "", socket="/run/mysqld/b.sock"), {"socket": "/run/mysqld/b.sock", "instance": "x"}),
        (refer("a", "localhost", port=3307), {"port": 3307, "instance": "localhost:3307"}),
        (refer("a", "", "postgresql", socket="/var/run/postgresql", port=5433), {"port": 5433}),
    ],
)
def test_localhost_sockets_names_and_addresses_lead_to_the_same_place(reference: Any, instance: dict[str, Any]) -> None:
    found = make_database("a", reference.engine, **instance)
    look = make_look(databases=(found,), configurations=(make_configuration("/srv/a", reference),))
    finds = join(register(), look)

    assert states(finds.values()) == {f"{found.engine}:{found.instance}/a": UNCLAIMED, "tree:/srv/a": UNCLAIMED}
    assert {find.application for find in finds.values()} == {"a"}


@pytest.mark.parametrize(
    ("reference", "instance"),
    [
        (refer("a", "localhost", port=3307), {}),
        (refer("a", "localhost"), {"port": 3307}),
        (refer("a", "", socket="/run/mysqld/b.sock"), {"socket": "/run/mysqld/mysqld.sock"}),
        (refer("A", "localhost"), {}),
        (refer("a", "localhost", "postgresql"), {}),
    ],
)
def test_another_instance_another_case_and_another_engine_are_another_database(
    reference: Any, instance: dict[str, Any]
) -> None:
    look = make_look(
        databases=(make_database("a", **instance),), configurations=(make_configuration("/srv/a", reference),)
    )
    assert DANGLING in states(join(register(), look).values()).values()


def test_a_configuration_that_names_a_database_which_does_not_exist_is_dangling() -> None:
    look = make_look(configurations=(make_configuration("/srv/a", refer("hilang")),))
    find = join(register(), look)["web", "mysql:localhost/hilang"]
    assert (find.state, find.application, find.file) == (DANGLING, "a", "/srv/a/.env")


def test_a_database_of_a_strange_host_is_unknown() -> None:
    look = make_look(configurations=(make_configuration("/srv/a", refer("a", "db.pusat.example")),))
    find = join(register(), look)["web", "mysql:db.pusat.example/a"]
    assert (find.state, find.reason) == (UNKNOWN, "strange_host")


def test_what_could_not_be_read_is_unknown_and_never_clean() -> None:
    """Neither is its configuration clean, nor is a database of that engine gone or dangling."""
    unreadable = (
        Unreadable("mysql", "localhost", "Access denied"),
        Unreadable("wordpress", "/var/www/x/wp-config.php", "no regular file"),
    )
    look = make_look(configurations=(make_configuration("/srv/a", refer("a")),), unreadable=unreadable)
    finds = join(register(web=[PORTAL]), look)

    assert finds["web", "wordpress:/var/www/x/wp-config.php"].state == UNKNOWN
    assert finds["web", "mysql:localhost"].reason == "Access denied"
    assert finds["web", "mysql:localhost/a"].state == UNKNOWN
    assert finds["web", "mysql:localhost/portal"].reason == "unread_instance"


def test_a_server_that_was_not_searched_is_unknown_and_so_is_what_it_holds() -> None:
    known = register(web=[PORTAL], data=[])
    old = make_look(at=NOW - 3 * DAY, databases=(make_database("portal"),))
    finds = join(known, old)

    assert (finds["data", f"server:{DATA}"].state, finds["data", f"server:{DATA}"].reason) == (
        UNKNOWN,
        "never_searched",
    )
    assert finds["web", f"server:{WEB}"].reason == "searched_long_ago"
    assert finds["web", "mysql:localhost/portal"].state == REGISTERED
    assert set(join(known)) == {("web", f"server:{WEB}"), ("data", f"server:{DATA}")}


def test_what_is_registered_and_not_there_any_more_is_gone() -> None:
    find = join(register(web=[PORTAL]), make_look())["web", "mysql:localhost/portal"]
    assert (find.state, find.application) == (GONE, f"{WEB}/portal")


def test_what_was_there_the_last_time_is_gone_only_where_all_could_be_read() -> None:
    earlier = [Find(WEB, "database", "mysql:localhost/lama", UNCLAIMED, "lama", file="/x")]
    assert states(join(register(), make_look(), earlier=earlier).values()) == {"mysql:localhost/lama": GONE}

    doubtful = make_look(unreadable=(Unreadable("mysql", "localhost", "Access denied"),))
    assert GONE not in states(join(register(), doubtful, earlier=earlier).values()).values()
    assert join(register(), earlier=earlier) == {}
    still_there = make_look(databases=(make_database("lama"),))
    assert states(join(register(), still_there, earlier=earlier).values()) == {"mysql:localhost/lama": UNCLAIMED}


def test_what_the_accepted_list_did_not_hold_is_new() -> None:
    look = make_look(databases=(make_database("lama"), make_database("baru")))
    finds = join(register(), look, accepted={(WEB, "mysql:localhost/lama")})
    assert states(finds.values()) == {"mysql:localhost/baru": NEW, "mysql:localhost/lama": UNCLAIMED}


def test_a_registered_application_that_uses_more_than_its_entry_says_has_changed() -> None:
    look = make_look(
        databases=(make_database("portal"), make_database("portal2")),
        configurations=(
            make_configuration("/var/www/portal", refer("portal2"), data=("/srv/unggahan", "/var/www/portal/x")),
        ),
        sqlite_files=(SqliteFile("/var/www/portal/x.db", "/var/www/portal"),),
    )
    finds = join(register(web=[PORTAL]), look)

    assert states(finds.values()) == {
        "mysql:localhost/portal": REGISTERED,
        "mysql:localhost/portal2": CHANGED,
        "sqlite:/var/www/portal/x.db": CHANGED,
        "tree:/srv/unggahan": CHANGED,
        "tree:/var/www/portal": REGISTERED,
    }
    assert {find.application for find in finds.values()} == {f"{WEB}/portal"}


def test_a_root_behind_a_symbolic_link_is_claimed_by_either_name() -> None:
    site = Site("nginx", ("a.kota.example",), (), "/var/www/a/public", "/data/sites/a/public")
    look = make_look(sites=(site,), configurations=(make_configuration("/data/sites/a"),))
    for path in ("/var/www/a", "/data/sites/a", "/data"):
        known = register(web=[{"name": "a", "sources": [{"path": path}]}])
        assert states(join(known, look).values()) == {"tree:/data/sites/a": REGISTERED}


def test_the_closest_source_is_the_owner() -> None:
    look = make_look(configurations=(make_configuration("/var/www/a"),))
    known = register(
        web=[{"name": "all", "sources": [{"path": "/var/www"}]}, {"name": "a", "sources": [{"path": "/var/www/a"}]}]
    )
    assert join(known, look)["web", "tree:/var/www/a"].application == f"{WEB}/a"


@pytest.mark.parametrize(
    ("exclude", "is_held"),
    [
        ((), True),
        (("/uploads",), False),
        (("/uploads/",), False),
        (("uploads",), False),
        (("/up*",), False),
        (("/uploads/2025",), True),
        (("/other",), True),
        (("*.log",), True),
    ],
)
def test_an_excluded_folder_is_not_backed_up(exclude: tuple[str, ...], is_held: bool) -> None:
    assert holds(TreeSource("/srv/a", exclude), "/srv/a/uploads") is is_held
    assert not holds(TreeSource("/srv/b"), "/srv/a/uploads")


def test_what_is_ignored_stays_so_for_a_time_and_with_a_reason() -> None:
    entry = {"find": "mysql:localhost/latihan", "reason": "dipakai pelatihan", "until": "2026-11-22"}
    known = register({"web": [entry]})
    look = make_look(databases=(make_database("latihan"), make_database("lain")))

    find = join(known, look)["web", "mysql:localhost/latihan"]
    assert (find.state, find.reason) == (IGNORED, "dipakai pelatihan (2026-11-22)")
    assert join(known, look)["web", "mysql:localhost/lain"].state == UNCLAIMED
    over = Searched({WEB: look}, NOW + DAY, NOW)
    assert IGNORED not in states(join_claims(known, over).finds).values()


def test_what_is_registered_cannot_be_ignored() -> None:
    entry = {"find": "tree:/var/www/portal", "reason": "salah tulis", "until": "2027-01-01"}
    look = make_look(configurations=(make_configuration("/var/www/portal"),))
    assert join(register({"web": [entry]}, web=[PORTAL]), look)["web", "tree:/var/www/portal"].state == REGISTERED


def test_a_file_is_known_to_be_missing_only_where_its_folder_was_searched() -> None:
    reference = refer("", "", "sqlite", path="/srv/a/hilang.db")
    look = make_look(configurations=(make_configuration("/srv/a", reference),))
    assert join(register(), look)["web", "sqlite:/srv/a/hilang.db"].state == UNKNOWN
    searched = replace(look, trees=(Tree("/srv/a"),))
    assert join(register(), searched)["web", "sqlite:/srv/a/hilang.db"].state == DANGLING
    cut = replace(look, trees=(Tree("/srv/a", is_cut=True),))
    assert join(register(), cut)["web", "sqlite:/srv/a/hilang.db"].state == UNKNOWN
    known = register(web=[{"name": "a", "databases": [{"path": "/srv/a/x.db"}]}])
    assert ("web", "sqlite:/srv/a/x.db") not in join(known)
    assert join(known, make_look())["web", "sqlite:/srv/a/x.db"].state == UNKNOWN
    there = make_look(sqlite_files=(SqliteFile("/srv/a/x.db", "/srv/a"),))
    assert join(known, there)["web", "sqlite:/srv/a/x.db"].state == REGISTERED


def test_a_container_is_reached_by_its_neighbours_names_and_its_port() -> None:
    found = make_database("kasir", instance="container:kasir_db", container="kasir_db")
    database = Container(
        *("kasir_db", "podman"),
        project="kasir",
        service="db",
        folder="/srv/kasir",
        engine="mysql",
        addresses=("10.88.0.5",),
        ports=("127.0.0.1:3308->3306/tcp",),
    )
    application = Container("kasir_app", "podman", project="kasir")
    stranger = Container("lain", "podman", project="lain", service="db", engine="mysql")
    for reference, container in (
        (refer("kasir", "db"), "kasir_app"),
        (refer("kasir", "kasir_db"), "kasir_app"),
        (refer("kasir", "10.88.0.5"), ""),
        (refer("kasir", "127.0.0.1", port=3308), ""),
        (refer("kasir", "db", port=3306), ""),
        (refer("kasir", ""), ""),
    ):
        look = make_look(
            containers=(stranger, application, database),
            databases=(found,),
            configurations=(make_configuration("/srv/kasir", reference, container=container),),
        )
        assert states(join(register(), look).values())["mysql:container:kasir_db/kasir"] == UNCLAIMED
        assert UNKNOWN not in states(join(register(), look).values()).values()


def test_a_container_whose_databases_could_not_be_listed_is_unknown() -> None:
    look = make_look(
        containers=(
            Container("kasir_app", "podman", project="kasir"),
            Container("kasir_db", "podman", project="kasir", service="db", engine="mysql"),
        ),
        configurations=(make_configuration("/srv/kasir", refer("kasir", "db"), container="kasir_app"),),
    )
    find = join(register(), look)["web", "mysql:db/kasir"]
    assert (find.state, find.reason) == (UNKNOWN, "unread_instance")


def test_a_short_name_leads_to_the_only_server_that_it_can_mean() -> None:
    asking = make_look("a.kota.example", names=(), configurations=(make_configuration("/srv/a", refer("x", "db")),))
    meant = make_look("db.kota.example", names=(), databases=(make_database("x"),))
    other = make_look("db.lain.example", names=())
    assert states(join(register(), asking, meant).values())["mysql:localhost/x"] == UNCLAIMED
    assert states(join(register(), asking, meant).values()).get("mysql:db/x") is None
    assert join(register(), asking, meant, other)["a", "mysql:db/x"].reason == "strange_host"


def test_what_a_database_server_keeps_for_itself_is_no_folder_of_uploads() -> None:
    look = make_look(
        containers=(Container("db", "podman", engine="mysql", volumes=(Volume("/srv/db", "/var/lib/mysql"),)),),
        configurations=(make_configuration("/srv/a", data=("/srv/db", "/srv/unggahan")),),
    )
    assert set(states(join(register(), look).values())) == {"tree:/srv/a", "tree:/srv/unggahan"}


def test_the_first_page_of_a_web_server_is_no_application() -> None:
    site = Site("nginx", (), ("80",), "/var/www/html", "/var/www/html")
    assert join(register(), make_look(sites=(site,), trees=(Tree("/var/www/html", 615, 1),))) == {}
    (find,) = join(register(), make_look(sites=(site,), trees=(Tree("/var/www/html", 900, 3),))).values()
    assert (find.key, find.application) == ("tree:/var/www/html", "html")
    assert states(join(register(), make_look(sites=(site,))).values()) == {"tree:/var/www/html": UNCLAIMED}


def test_a_container_without_data_and_configuration_is_nothing_to_back_up() -> None:
    assert join(register(), make_look(containers=(Container("cache", "podman"),))) == {}


def test_finds_are_in_the_order_of_a_report_and_the_same_the_second_time() -> None:
    looks = make_city()
    first = join_claims(register(web=[PORTAL]), Searched(looks, NOW, NOW - DAY)).finds
    shuffled = dict(reversed(looks.items()))
    assert first == join_claims(register(web=[PORTAL]), Searched(shuffled, NOW, NOW - DAY)).finds
    assert [find.state for find in first] == [UNCLAIMED] * 11 + [REGISTERED] * 2
