"""Tests of this checkout on a server of a scenario: by its own Python, below its own systemd, with its own programs."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from .fleet import PROJECT, SCENARIO

CHECKOUT = "/opt/checkout"
BROUGHT = ("plugins", "tests", "extensions/molecule/facts", "collections", "pyproject.toml")
LIBRARIES = ("_pytest", "iniconfig", "packaging", "pluggy*", "py.py", "pygments", "pytest")
"""pytest and what it needs, without a compiled line: it works on the Python of every server."""
LEFT_OUT = ("__pycache__", "tests/unit/conftest.py")
"""The second one sets up a library that no test on a server uses."""
LIMIT_S = 600


@dataclass(frozen=True)
class Bench:
    """A server, by the first part of its name."""

    server: str

    def run(self, *argv: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Runs a command there as root; a failure fails the test."""
        command = ["podman", "exec", "--interactive", f"{SCENARIO}-{self.server}.kota.example", *argv]
        return subprocess.run(command, input=given, check=True, stdout=subprocess.PIPE, timeout=LIMIT_S)

    def bring(self) -> None:
        """Puts the tests there, and what runs them."""
        packed = io.BytesIO()
        libraries = Path(pytest.__file__).parents[1]
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for folder, names in ((PROJECT, BROUGHT), (libraries, LIBRARIES)):
                for path in (path for name in names for path in folder.glob(name)):
                    archive.add(path, str(path.relative_to(folder)), filter=leave_out)
        self.run("mkdir", CHECKOUT)
        self.run("tar", "--extract", "--no-same-owner", f"--directory={CHECKOUT}", given=packed.getvalue())

    def try_tests(self, chosen: Sequence[str]) -> str:
        """Runs these tests there; what pytest said, to be printed, and failed when one of them is."""
        argv = ["python3", "-m", "pytest", "-p", "no:cacheprovider", "-v", "--durations=5", *chosen]
        command = ["podman", "exec", f"--workdir={CHECKOUT}", "--env=LC_ALL=C.UTF-8"]
        command += [f"{SCENARIO}-{self.server}.kota.example", *argv]
        ran = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S
        )
        print(ran.stdout)
        assert ran.returncode == 0, f"tests failed on {self.server}\n{ran.stdout[-6000:]}"
        return ran.stdout


def leave_out(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The member, or nothing where it is not wanted."""
    return None if member.name.endswith(LEFT_OUT) else member
