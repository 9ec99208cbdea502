from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery import base, configurations
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import (
    Files,
    Finds,
    FrameworkReader,
    Place,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.configurations import Search
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.discovered import (
    Configuration,
    Unreadable,
)


def read(_text: str, place: Place) -> Configuration:
    return Configuration(place.file, "generic", place.root)


READERS = (FrameworkReader("generic", read, ("app.ini", "config/app.ini", "conf/*.ini")),)


def search(place: Path, *folders: str, is_over: bool = False) -> Finds:
    finds = Finds()
    Search(Files(str(place)), READERS, finds, lambda: is_over).run(folders)
    return finds


def make(place: Path, *paths: str) -> None:
    for path in paths:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).touch()


def list_roots(finds: Finds) -> list[tuple[str, str]]:
    return [(found.file, found.root) for found in finds.get("configurations")]


def test_the_root_is_what_lies_above_the_longest_ending(tmp_path: Path) -> None:
    make(tmp_path, "srv/a/config/app.ini", "srv/b/conf/x.ini", "srv/c/app.ini", "srv/d/app.ini.bak", "srv/d/xapp.ini")
    assert list_roots(search(tmp_path, "/srv")) == [
        ("/srv/a/config/app.ini", "/srv/a"),
        ("/srv/b/conf/x.ini", "/srv/b"),
        ("/srv/c/app.ini", "/srv/c"),
    ]


def test_the_whole_disk_is_never_walked(tmp_path: Path) -> None:
    make(tmp_path, "app.ini", "etc/app.ini", "home/a/app.ini", "var/app.ini")
    assert list_roots(search(tmp_path, "/", "/etc", "/home", "/var", "")) == []


def test_folders_too_deep_and_those_of_libraries_are_not_entered(tmp_path: Path) -> None:
    deep = "/".join("abcdefgh")
    make(tmp_path, f"srv/{deep}/app.ini", "srv/x/vendor/y/app.ini", "srv/x/node_modules/app.ini")
    assert list_roots(search(tmp_path, "/srv")) == []


def test_no_time_and_too_many_folders_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "srv/a/app.ini", "srv/b/app.ini")
    late = Unreadable("folders", "srv", "more folders than could be looked at")
    assert search(tmp_path, "/srv", is_over=True).get("unreadable") == [late]
    monkeypatch.setattr(configurations, "FOLDERS_LIMIT", 2)
    finds = search(tmp_path, "/srv")
    assert (len(list_roots(finds)), finds.get("unreadable")) == (1, [late])
    monkeypatch.setattr(base, "ENTRIES_LIMIT", 1)
    assert search(tmp_path, "/srv/a").get("unreadable") == [
        Unreadable("folders", "/srv/a", "it has more entries than are looked at")
    ]


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    class Refusing(Files):
        def entries(self, folder: str) -> list[os.DirEntry[str]]:
            raise base.Unfit(f"Permission denied: {folder}")

    finds = Finds()
    Search(Refusing(str(tmp_path)), READERS, finds, lambda: False).run(["/srv/a"])
    assert finds.get("unreadable") == [Unreadable("folders", "/srv/a", "Permission denied: /srv/a")]


def test_a_reader_that_breaks_stops_no_other(tmp_path: Path) -> None:
    def explode(_text: str, _place: Place) -> Configuration:
        raise RecursionError

    make(tmp_path, "srv/a/app.ini")
    finds = Finds()
    readers = (FrameworkReader("broken", explode, ("app.ini",)), *READERS)
    Search(Files(str(tmp_path)), readers, finds, lambda: False).run(["/srv"])
    assert list_roots(finds) == [("/srv/a/app.ini", "/srv/a")]
    (missed,) = finds.get("unreadable")
    assert missed == Unreadable("broken", "/srv/a/app.ini", "it cannot be understood (RecursionError)")
