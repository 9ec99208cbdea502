from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import TargetRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow import exchange as exchanging
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.exchange import Exchange, find_mounts


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page").write_text("old")
    return tmp_path / "site"


def make_new(exchange: Exchange) -> Path:
    exchange.begin()
    (exchange.staging / "site").mkdir()
    (exchange.staging / "site" / "page").write_text("new")
    return exchange.staging / "site"


def test_the_new_takes_the_place_of_the_old_and_nothing_else_is_left(site: Path) -> None:
    exchange = Exchange(str(site))
    exchange.prove()
    exchange.swap(make_new(exchange))
    exchange.forget()
    exchange.end()

    assert (site / "page").read_text() == "new"
    assert os.listdir(site.parent) == ["site"]


def test_a_link_to_the_place_stays_a_link(site: Path) -> None:
    (site.parent / "current").symlink_to("site")
    exchange = Exchange(str(site.parent / "current"))
    exchange.swap(make_new(exchange))

    assert (site.parent / "current").is_symlink()
    assert (site / "page").read_text() == "new"


def test_folders_above_that_are_gone_are_made(tmp_path: Path) -> None:
    exchange = Exchange(str(tmp_path / "a" / "b" / "site"))
    assert (exchange.is_there, exchange.room) == (False, tmp_path)
    exchange.swap(make_new(exchange))

    assert (tmp_path / "a" / "b" / "site" / "page").read_text() == "new"


def test_who_died_between_the_two_renames_finds_the_old_in_its_place_again(site: Path) -> None:
    dead = Exchange(str(site))
    make_new(dead)
    os.rename(site, dead.former)

    exchange = Exchange(str(site))
    assert exchange.is_there
    exchange.prove()
    exchange.begin()

    assert (site / "page").read_text() == "old"
    assert os.listdir(exchange.staging) == []


def test_what_a_dead_one_put_aside_is_never_thrown_away(site: Path) -> None:
    exchange = Exchange(str(site))
    exchange.former.mkdir()
    with pytest.raises(TargetRefused, match="interrupted restore put aside"):
        exchange.prove()


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetRefused, match="cannot restore into"):
        Exchange(str(tmp_path / "file" / "site")).begin()


def test_a_rename_that_is_refused_is_named(site: Path) -> None:
    exchange = Exchange(str(site))
    exchange.begin()
    with pytest.raises(TargetRefused, match="No such file"):
        exchange.swap(exchange.staging / "nothing")


def test_what_is_mounted_there_is_refused_by_name(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.NamedTemporaryFile() as mounts:
        line = f"36 35 98:0 / {site}/up\\040loads rw - ext4 /dev/root rw\n37 35 98:0 / {site}-other rw - ext4 x rw\n"
        Path(mounts.name).write_text(line)
        monkeypatch.setattr(exchanging, "MOUNTS", Path(mounts.name))
        assert find_mounts(site) == [f"{site}/up loads"]
        with pytest.raises(TargetRefused, match="up loads is mounted there"):
            Exchange(str(site)).prove()
