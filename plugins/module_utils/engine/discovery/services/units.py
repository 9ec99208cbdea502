"""systemd: services that an administrator made, or that work in a folder where applications lie."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from ...errors import BackupError, ToolMissing
from ...record.discovered import Configuration, Unit
from ..base import Files, Finds, Machine, Unfit
from ..languages.dotenv import read_dotenv
from ..languages.environment import find_references

PROPERTIES = "Id,WorkingDirectory,User,ExecStart,ActiveState,FragmentPath,Environment,EnvironmentFiles"
OWN_FOLDERS = ("/etc/systemd/system", "/usr/local/lib/systemd/system")
APPLICATION_FOLDERS = ("/srv/", "/opt/", "/home/", "/var/www/", "/usr/local/", "/usr/share/")
OURS = "diskominfo-backup"
MASK = "/dev/null"
"""What a unit that must not start is a link to."""

_LINE = re.compile(r"(\w+)\s*=(.*)")


def read_units(machine: Machine, finds: Finds) -> None:
    """By `systemctl show`, or by the files of units where it does not answer."""
    try:
        text = machine.run(["systemctl", "show", "--property", PROPERTIES, "--no-pager", "*.service"])
        found = [*_read_shown(text)]
    except BackupError as error:
        if not isinstance(error, ToolMissing):
            finds.miss("units", "systemctl show", error.message)
        found = [*_read_files(machine.files, finds)]
    for values in found:
        _add(values, machine.files, finds)


def _read_shown(text: str) -> Iterator[Mapping[str, str]]:
    for block in text.split("\n\n"):
        values: dict[str, str] = {}
        for key, _sign, value in (line.partition("=") for line in block.splitlines()):
            values[key] = f"{values[key]} {value}" if key in values else value
        command = re.search(r"argv\[\]=(.*?) ; ", values.get("ExecStart", ""))
        files = re.findall(r"(/\S+) \(ignore_errors=", values.get("EnvironmentFiles", ""))
        yield {**values, "ExecStart": command[1] if command else "", "EnvironmentFiles": "\n".join(files)}


def _read_files(files: Files, finds: Finds) -> Iterator[Mapping[str, str]]:
    paths = [path for folder in OWN_FOLDERS for path in files.expand(f"{folder}/*.service")]
    for path in [path for path in paths if files.resolve(path) != MASK]:
        try:
            text = files.read(path) or ""
        except Unfit as error:
            finds.miss("units", path, error)
            continue
        lines = re.sub(r"\\\n", " ", text).splitlines()
        pairs = [(found[1], found[2].strip()) for line in lines if (found := _LINE.fullmatch(line.strip()))]
        more = {
            "Id": path.rpartition("/")[2],
            "FragmentPath": path,
            "ExecStart": re.sub(r"^[-@:+!]+", "", dict(pairs).get("ExecStart", "")),
            "Environment": " ".join(value for key, value in pairs if key == "Environment"),
            "EnvironmentFiles": "\n".join(value.lstrip("-") for key, value in pairs if key == "EnvironmentFile"),
        }
        yield {**dict(pairs), **more}


def _add(values: Mapping[str, str], files: Files, finds: Finds) -> None:
    name, folder = values.get("Id", ""), values.get("WorkingDirectory", "").lstrip("!-")
    words = _split(values.get("ExecStart", ""))
    fragment = values.get("FragmentPath", "")
    named = [folder, *words]
    is_ours = name.startswith(OURS)
    if is_ours or not (fragment.startswith(OWN_FOLDERS) or any(word.startswith(APPLICATION_FOLDERS) for word in named)):
        return
    program = words[0].rpartition("/")[2] if words else ""
    paths = tuple(word for word in words[:40] if word.startswith("/") and files.is_there(word))
    is_active = values.get("ActiveState") == "active"
    folder = files.resolve(folder) if folder.startswith("/") else ""
    finds.add("units", Unit(name, folder, values.get("User", ""), program, paths, is_active))
    references = tuple(filter(None, find_references(_read_environment(values, files, finds))))
    if references:
        finds.add("configurations", Configuration(fragment or name, "generic", folder, references))


def _read_environment(values: Mapping[str, str], files: Files, finds: Finds) -> dict[str, str]:
    pairs = {word.partition("=")[0]: word.partition("=")[2] for word in _split(values.get("Environment", ""))}
    for path in values.get("EnvironmentFiles", "").splitlines():
        try:
            pairs.update(read_dotenv(files.read(path) or ""))
        except Unfit as error:
            finds.miss("units", path, error)
    return pairs


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
