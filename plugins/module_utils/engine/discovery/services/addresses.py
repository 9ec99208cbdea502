"""How the server itself is called and reached."""

from __future__ import annotations

import re

from ...errors import BackupError
from ..base import Files, Finds, Machine, Unfit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}")


def read_addresses(machine: Machine, finds: Finds) -> None:
    """Its name by `/etc/hostname`, its addresses by `hostname -I`, and what `/etc/hosts` calls them."""
    try:
        finds.add("addresses", *filter(_ADDRESS.fullmatch, machine.run(["hostname", "-I"]).split()))
    except BackupError as error:
        finds.miss("addresses", "hostname -I", error.message)
    hosts = read_hosts(machine.files)
    try:
        own = (machine.files.read("/etc/hostname") or "").split()[:1]
    except Unfit:
        own = []
    known = {*finds.get("addresses"), "127.0.1.1"}
    named = [name for name, found in hosts.items() if known & set(found) and not name.startswith("localhost")]
    finds.add("names", *filter(_NAME.fullmatch, [*own, *named]))


def read_hosts(files: Files) -> dict[str, list[str]]:
    """Name -> addresses by `/etc/hosts`."""
    try:
        text = files.read("/etc/hosts") or ""
    except Unfit:
        return {}
    hosts: dict[str, list[str]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names if _ADDRESS.fullmatch(address) else ():
            hosts.setdefault(name, []).append(address)
    return hosts
