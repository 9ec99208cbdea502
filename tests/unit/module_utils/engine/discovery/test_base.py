from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery import base
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import Files, Unfit, clean_url


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path))


def test_a_pipe_and_a_device_are_not_waited_for(files: Files, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ("/pipe", "/folder"):
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(Unfit, match="no regular file"):
            files.read(path)
    with pytest.raises(Unfit, match="no regular file"):
        Files().read("/dev/zero")


def test_what_is_too_long_or_no_path_is_unfit_and_what_is_not_there_is_none(files: Files, tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * (base.SIZE_LIMIT_BYTES + 1))
    with pytest.raises(Unfit, match="more than"):
        files.read("/long")
    with pytest.raises(Unfit, match="no usable path"):
        files.read("/a\0b")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(Unfit, match="symbolic links"):
        files.read("/loop")
    assert files.read("/nowhere") is None
    assert files.read("/long/below") is None


def test_text_is_read_whatever_its_bytes_and_line_ends(files: Files, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\xef\xbb\xbfa\r\nb\xff")
    assert files.read("/text") == "a\nb�"


def test_links_are_followed_within_the_server(files: Files, tmp_path: Path) -> None:
    (tmp_path / "releases" / "7").mkdir(parents=True)
    (tmp_path / "current").symlink_to("releases/7")
    assert files.resolve("/current") == "/releases/7"
    assert files.resolve("/a\0b") == "/a\0b"
    assert Files().resolve("/") == "/"


def test_patterns_that_mean_nothing_find_nothing(files: Files) -> None:
    assert [files.expand(pattern) for pattern in ("", "/", "/**a", "/nowhere/*", "/a\0*")] == [[], [], [], [], []]


def test_the_beginning_of_what_cannot_be_read_is_not_what_was_sought(files: Files, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")
    assert files.begins_with("/a", b"ab")
    assert [files.begins_with(path, b"ab") for path in ("/nowhere", "/", "/link")] == [False, False, False]


def test_a_folder_that_refuses_is_told_and_one_that_is_not_there_is_empty(files: Files, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert [entry.name for entry in files.entries("/")] == ["a"]
    assert files.entries("/nowhere") == files.entries("/a") == []
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(Unfit):
        files.entries("/loop")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/", "https://a.example"),
        (" http://a.example:8080/x/y ", "http://a.example:8080/x/y"),
        ("https://user:1234@a.example", ""),
        ("https://a.example/?token=x", ""),
        ("ftp://a.example", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_only_where_it_holds_no_login(text: str, expected: str) -> None:
    assert clean_url(text) == expected
