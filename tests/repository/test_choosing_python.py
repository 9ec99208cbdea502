"""Which Python is taken, by `.ci/python.sh` for the environment and by `tests/interpreters.py` for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.tests import interpreters

ROOT = Path(__file__).resolve().parents[2]
SHIM = "#!/bin/sh\nexit 127\n"
# Answers the questions of python.sh in the order it asks them: the version, whether it suffices, what it lacks.
OLD = '#!/bin/sh\ncase "$2" in *print*) echo 3.9;; *) exit 1;; esac\n'
BARE = '#!/bin/sh\ncase "$2" in *print*) echo 3.12;; *ensurepip*) exit 1;; esac\n'


def plant(folder: Path, name: str, script: str) -> Path:
    """Write an executable script."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)
    return file


def choose(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run python.sh where only the planted interpreters are in PATH."""
    bash = shutil.which("bash")
    assert bash
    env = {"PATH": str(tmp_path), **environment}
    return subprocess.run([bash, ROOT / ".ci/python.sh"], env=env, capture_output=True, text=True, check=False)


def test_a_shim_that_runs_nothing_is_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, "python3", SHIM)
    plant(tmp_path, "python3.12", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    chosen = choose(tmp_path)
    assert (chosen.returncode, Path(chosen.stdout.strip()).is_file()) == (0, True), chosen.stderr


@pytest.mark.parametrize(
    ("script", "problem", "remedy"),
    [
        (SHIM, "none of these runs: python3 ", "apt install python3 python3-venv"),
        (OLD, "3.11 or newer is needed; python3 is 3.9", "make PYTHON="),
        (BARE, "Python 3.12 is here, but it cannot make a virtual environment", "apt install python3.12-venv"),
    ],
)
def test_a_python_that_does_not_serve_is_named_with_the_remedy(
    tmp_path: Path, script: str, problem: str, remedy: str
) -> None:
    plant(tmp_path, "python3", script)
    chosen = choose(tmp_path)
    assert chosen.returncode == 1
    assert problem in chosen.stderr
    assert remedy in chosen.stderr


def test_a_named_python_is_the_only_candidate(tmp_path: Path) -> None:
    plant(tmp_path, "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    chosen = choose(tmp_path, PYTHON="/nowhere/python")
    assert (chosen.returncode, "/nowhere/python" in chosen.stderr) == (1, True)


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give tests/interpreters.py a PATH and a pyenv of our own."""
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    return tmp_path


def test_an_interpreter_is_found_behind_a_shim(bare_machine: Path) -> None:
    plant(bare_machine / "shims", "python4.2", SHIM)
    real = plant(bare_machine / "versions/4.2.1/bin", "python4.2", "#!/bin/sh\necho 4.2\n")
    assert interpreters.find_interpreter("4.2") == real


def test_an_interpreter_of_another_version_is_not_taken(bare_machine: Path) -> None:
    plant(bare_machine / "shims", "python4.2", "#!/bin/sh\necho 4.1\n")
    with pytest.raises(interpreters.InterpreterMissing, match=r"no Python 4\.2 runs.*PYTHON42="):
        interpreters.find_interpreter("4.2")


def test_a_named_interpreter_is_the_only_candidate(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(bare_machine / "shims", "python4.2", "#!/bin/sh\necho 4.2\n")
    monkeypatch.setenv("PYTHON42", os.devnull)
    with pytest.raises(interpreters.InterpreterMissing):
        interpreters.find_interpreter("4.2")
