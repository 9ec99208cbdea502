"""TCP ports that are open, by `ss`, or by the kernel's own table where it is missing."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator

from ...errors import BackupError
from ...record.discovered import Listener
from ..base import Finds, Machine, Unfit

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTENS = "0A"

_LINE = re.compile(r"LISTEN\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\(\"([^\"]*)\".*)?")
_ROW = re.compile(r"\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) .*")


def read_listeners(machine: Machine, finds: Finds) -> None:
    """Address, port and, where `ss` tells it, the program."""
    try:
        finds.add("listeners", *read_lines(machine.run(["ss", "-H", "-l", "-t", "-n", "-p"])))
    except BackupError:
        for path in TABLES:
            try:
                finds.add("listeners", *read_table(machine.files.read(path) or ""))
            except Unfit as error:
                finds.miss("listeners", path, error)


def read_lines(text: str) -> Iterator[Listener]:
    """The lines of `ss -H -ltnp`."""
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and int(found[2]) < 65536:
            yield Listener(found[1].strip("[]").partition("%")[0], int(found[2]), found[3] or "")


def read_table(text: str) -> Iterator[Listener]:
    """The rows of `/proc/net/tcp`, whose addresses are words in the order of the machine."""
    for line in text.splitlines():
        found = _ROW.fullmatch(line)
        if found and found[3] == LISTENS:
            words = [int(found[1][at : at + 8], 16) for at in range(0, len(found[1]), 8)]
            family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
            yield Listener(socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words)), int(found[2], 16))
