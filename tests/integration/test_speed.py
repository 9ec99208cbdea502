"""The benchmarks in small: a run that became several times slower is noticed, nothing finer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.mark.parametrize("kind", ["sqlite", "tree", "mysql", "postgresql"])
def test_a_run_takes_no_fourfold_of_the_plain_pipe(kind: str) -> None:
    argv = [sys.executable, "-m", "measuring.smoke", kind]
    finished = subprocess.run(argv, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
