"""Destroyed, and back where it was with one command each; refused without the exact name."""

from __future__ import annotations

import pytest
from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet, Played
from ansible_collections.diskominfo.backup.tests.pages import ask_page, ask_postgresql

TREE = "cd /var/www/portal && find . -not -path './cache*' -printf '%p %m %u %l\\n' | sort"
GRANTS = "SHOW GRANTS FOR portal@localhost"
ROLES = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'perizinan'"
COUNT = "SELECT count(*), max(usaha) FROM izin"


def restore(fleet: Fleet, application: str, **more: object) -> Played:
    return fleet.play("restore", application=application, in_place=True, **more)


@pytest.fixture(scope="module")
def page(fleet: Fleet, web: Host) -> tuple[str, str, str]:
    """The page, the folder and the grants as they were; then all of it is destroyed."""
    before = ask_page(web), web.check_output(TREE), fleet.ask_mariadb("web", GRANTS)
    fleet.ask_mariadb("web", "DROP DATABASE portal; DROP USER portal@localhost;")
    web.check_output("rm -rf /var/www/portal")
    return before


@pytest.mark.parametrize("typed", [{}, {"confirm": "Portal"}])
def test_without_the_exact_name_nothing_is_started(
    fleet: Fleet, page: tuple[str, str, str], web: Host, typed: dict[str, str]
) -> None:
    played = restore(fleet, "portal", **typed)

    assert page[0]
    assert played.status != 0
    assert "Nothing was started" in played.output
    assert not web.file("/var/www/portal").exists


def test_the_page_answers_as_before(fleet: Fleet, page: tuple[str, str, str], web: Host) -> None:
    played = restore(fleet, "portal", confirm="portal")

    assert played.status == 0
    assert "make the accounts that are missing" in played.output
    assert "Berita 400" in page[0]
    assert ask_page(web) == page[0]
    assert web.check_output(TREE) == page[1]
    assert fleet.ask_mariadb("web", GRANTS) == page[2]


def test_what_is_there_is_kept_and_named(fleet: Fleet, page: tuple[str, str, str], web: Host) -> None:
    fleet.ask_mariadb("web", "DELETE FROM portal.berita;")

    played = restore(fleet, "portal", confirm="portal")
    receipt = fleet.receipts("web", "portal")[-1]

    assert played.status == 0
    assert ask_page(web) == page[0]
    assert web.file(f"/var/backups/diskominfo/portal/{receipt['safety_id']}/receipt.json").exists
    assert receipt["target"] == "original"


@pytest.mark.usefixtures("fleet")
def test_a_database_comes_back_with_its_role_by_the_command(data: Host) -> None:
    before = ask_postgresql(data, ROLES), ask_postgresql(data, COUNT)
    ask_postgresql(data, "DROP DATABASE perizinan WITH (FORCE)", "postgres")
    ask_postgresql(data, "DROP ROLE perizinan", "postgres")

    refused = data.run("diskominfo-backup restore perizinan --in-place --confirm izin")
    done = data.run("diskominfo-backup restore perizinan --in-place --confirm perizinan --quiet")

    assert refused.rc == 2
    assert "type the exact name" in refused.stderr
    assert done.rc == 0, done.stdout
    assert (ask_postgresql(data, ROLES), ask_postgresql(data, COUNT)) == before


def test_the_report_tells_how_long_it_took(fleet: Fleet) -> None:
    assert fleet.play("report").status == 0
    for server, name in (("web", "portal"), ("data", "perizinan")):
        took = [receipt["duration_s"] for receipt in fleet.receipts(server, name) if receipt["kind"] == "restore"][-1]
        assert fleet.rows[name]["restore_s"] == pytest.approx(took, abs=0.001)
        print(f"restore of {name}: {took} s")
