"""A run of one source tree against the shell: tar into zstd."""

from __future__ import annotations

import sys
from pathlib import Path

from measuring.command import make_command
from measuring.data import make_tree, workshop
from measuring.findings import describe_result, tell_result, write_findings
from measuring.rounds import Way, compare_ways

BAR = 1.05
FILES = 60_000
ROUNDS = 5
SHELL = """
set -euo pipefail
tar --create --file=- --directory="$1" . | zstd -q -3 -T2 -c >"$2/artifact.zst"
"""


def main(files: int = FILES, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/tree.*."""
    with workshop() as folder:
        root = folder / "tree"
        size = make_tree(root, files)

        def make_ours(place: Path) -> list[str]:
            return make_command("run", place, sources=[{"path": str(root)}])

        def make_peer(place: Path) -> list[str]:
            return ["bash", "-c", SHELL, "shell", str(root), str(place)]

        result = compare_ways(Way("ours", make_ours), Way("shell", make_peer), folder, rounds)
    lines = [
        f"A tree of {files} files with {size / 1e6:.0f} MB, from the start of the command to the stored run with its",
        "receipt and the sha256 of every file, against `tar | zstd -3 -T2`, which hashes nothing and waits for no",
        "disk:",
        "",
        tell_result(result, BAR) + ".",
    ]
    write_findings("tree", "Trees", lines, {"bar": BAR, "files": files, "tree_bytes": size, **describe_result(result)})


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
