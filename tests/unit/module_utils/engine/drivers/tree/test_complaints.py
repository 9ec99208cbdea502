"""What tar says is sorted by what it means for the backup."""

from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.complaints import (
    SHOWN_CHARACTERS,
    SHOWN_LINES,
    Complaints,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import DumpFailed, SourceUnreadable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Trace

CLOSING = b"/usr/bin/tar: Exiting with failure status due to previous errors"


def listen(*lines: bytes) -> Complaints:
    complaints = Complaints()
    for line in lines:
        complaints.take(line)
    return complaints


def judge(complaints: Complaints, status: int) -> None:
    complaints.judge(Trace(("tar",), status, 0.1, "tar: last words"), "/srv/app")


@pytest.mark.parametrize(
    "line",
    [
        b"/usr/bin/tar: ./storage/logs/app.log: file changed as we read it",
        b"tar: ./cache/x: File removed before we read it",
        b"tar: ./upload: File shrank by 4093 bytes; padding with zeros",
        b"tar: ./upload: File shrank by 1 byte; padding with zeros",
        b"tar: ./odd: Cannot open: name: file changed as we read it",
    ],
)
def test_a_file_that_changed_or_vanished_is_a_warning(line: bytes) -> None:
    complaints = listen(line, CLOSING)
    judge(complaints, 1)
    assert complaints.warnings.tell() == (line.decode().partition("tar: ")[2],)


@pytest.mark.parametrize("kind", [b"socket", b"door"])
def test_what_no_archive_holds_is_a_note(kind: bytes) -> None:
    complaints = listen(b"tar: ./run/app.sock: " + kind + b" ignored")
    judge(complaints, 0)
    assert complaints.notes.tell() == (f"not archived, a {kind.decode()}: ./run/app.sock",)
    assert complaints.warnings.tell() == ()


@pytest.mark.parametrize(
    "said",
    [
        "Cannot open: Permission denied",
        "Cannot stat: Permission denied",
        "Cannot readlink: Input/output error",
        "Read error at byte 0, while reading 4096 bytes: Invalid argument",
        "Warning: Cannot llistxattr: Permission denied",
    ],
)
@pytest.mark.parametrize("status", [0, 1, 2])
def test_what_was_not_read_fails_and_is_named(said: str, status: int) -> None:
    complaints = listen(b"tar: ./.env: " + said.encode(), b"tar: ./a: file changed as we read it", CLOSING)
    with pytest.raises(SourceUnreadable) as caught:
        judge(complaints, status)
    assert "/srv/app" in caught.value.message
    assert "./.env: " in caught.value.message
    assert said.removeprefix("Warning: ").split(": ")[-1] in caught.value.message


def test_of_many_unreadable_files_the_first_are_named_and_all_counted() -> None:
    complaints = listen(*(b"tar: ./%d: Cannot open: Permission denied" % number for number in range(1000)))
    with pytest.raises(SourceUnreadable, match="1000 of what is below") as caught:
        judge(complaints, 2)
    assert "./0: " in caught.value.message
    assert caught.value.message.endswith("...")
    assert len(caught.value.message) < SHOWN_LINES * SHOWN_CHARACTERS


@pytest.mark.parametrize("status", [2, 64, -9, -13])
def test_a_status_that_nothing_explains_fails(status: int) -> None:
    with pytest.raises(DumpFailed, match="last words"):
        judge(listen(CLOSING), status)
    with pytest.raises(DumpFailed):
        judge(listen(b"tar: ./a: file changed as we read it"), status)


def test_an_unknown_line_fails_with_a_status_and_warns_without() -> None:
    line = b"tar: ./a: Sasquatch ate it"
    for lines, status in (((line,), 2), ((line, b"tar: ./a: file changed as we read it"), 1), ((line,), 1)):
        with pytest.raises(DumpFailed, match="Sasquatch"):
            judge(listen(*lines), status)
    complaints = listen(line)
    judge(complaints, 0)
    assert complaints.warnings.tell() == ("./a: Sasquatch ate it",)


def test_status_1_without_a_word_fails() -> None:
    with pytest.raises(DumpFailed):
        judge(listen(), 1)


def test_of_many_warnings_the_first_are_kept_and_all_counted() -> None:
    complaints = listen(*(b"tar: ./%s: File removed before we read it" % (b"x" * 5000) for _unused in range(100)))
    judge(complaints, 1)
    told = complaints.warnings.tell()
    assert len(told) == SHOWN_LINES + 1
    assert told[-1] == f"and {100 - SHOWN_LINES} more"
    assert max(map(len, told)) <= SHOWN_CHARACTERS
    assert len(told[0]) == SHOWN_CHARACTERS
