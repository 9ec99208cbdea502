"""Find the Pythons that the runner and the modules are tried with: interpreters.py VERSION prints a path."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ("3.9", "3.10", "3.11", "3.12", "3.13")
"""The versions a managed server may have."""


class InterpreterMissing(Exception):
    """No Python of a version runs on this machine; a test that needs it fails with this text and its remedy."""


def find_interpreter(version: str) -> Path:
    """Find a Python of `version` (such as `3.9`) by running candidates; InterpreterMissing when none answers rightly.

    The variable PYTHON39 (for 3.9) names one. Names in PATH prove nothing: version managers leave shims there that end
    with status 127.
    """
    for candidate in _candidates(version):
        if candidate.is_file() and _ask_version(candidate) == version:
            return candidate
    variable = _variable(version)
    raise InterpreterMissing(
        f"no Python {version} runs on this machine; install one (for example: pyenv install {version}), "
        f"or name it: {variable}=/path/to/python{version}"
    )


def _variable(version: str) -> str:
    return "PYTHON" + version.replace(".", "")


def _candidates(version: str) -> Iterator[Path]:
    named = os.environ.get(_variable(version))
    if named:
        yield Path(named)
        return
    name = f"python{version}"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for folder in (*folders, Path("/usr/bin"), Path("/usr/local/bin")):
        yield folder / name
    # HOME may be an empty folder made for a test, so the account's own is looked at as well.
    homes = {Path(os.environ.get("HOME", "/")), Path(pwd.getpwuid(os.getuid()).pw_dir)}
    roots = {home / ".pyenv" for home in homes} | {folder.parent for folder in folders if folder.name == "shims"}
    if "PYENV_ROOT" in os.environ:
        roots.add(Path(os.environ["PYENV_ROOT"]))
    for root in sorted(roots):
        yield from sorted(root.glob(f"versions/{version}*/bin/{name}"))


def _ask_version(candidate: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([candidate, "-I", "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


if __name__ == "__main__":
    try:
        print(find_interpreter(sys.argv[1]))
    except InterpreterMissing as missing:
        sys.exit(str(missing))
