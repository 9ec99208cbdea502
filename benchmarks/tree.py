"""A run of one source tree against the shell: tar into zstd, without and with the hashes that a run has."""

from __future__ import annotations

import sys
from pathlib import Path

from measuring.command import make_command
from measuring.data import make_tree, workshop
from measuring.findings import compare_seconds, describe_result, tell_result, write_findings
from measuring.rounds import Way, compare_ways

BAR = 1.05
FILES = 60_000
ROUNDS = 5
PLAIN = """
set -euo pipefail
tar --create --file=- --directory="$1" . | zstd -q -3 -T2 -c >"$2/artifact.zst"
"""
HASHED = """
set -euo pipefail
(cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >"$2/manifest" &
tar --create --file=- --format=posix --acls --xattrs --sort=name --directory="$1" . |
  zstd -q -3 -T2 -c | tee "$2/artifact.zst" | sha256sum >"$2/sum"
wait $!
sync "$2/artifact.zst"
"""


def main(files: int = FILES, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/tree.*."""
    with workshop() as folder:
        root = folder / "tree"
        size = make_tree(root, files)

        def make_ours(place: Path) -> list[str]:
            return make_command("run", place, sources=[{"path": str(root)}])

        def make_peer(script: str) -> Way:
            return Way("shell", lambda place: ["bash", "-c", script, "shell", str(root), str(place)])

        ours = Way("ours", make_ours)
        plain = compare_ways(ours, make_peer(PLAIN), folder, rounds)
        hashed = compare_ways(ours, make_peer(HASHED), folder, rounds)
    lines = [
        f"A tree of {files} files with {size / 1e6:.0f} MB, from the start of the command to the stored run with its",
        "receipt and the sha256 of every file.",
        "",
        "Against `tar | zstd -3 -T2`, which hashes nothing, asks for no ACLs and extended attributes, and waits for no",
        f"disk: {tell_result(plain, BAR)}.",
        "",
        "Against a shell that does the same work (`sha256sum` of every file beside `tar --acls --xattrs | zstd`,",
        f"a hash of the archive, its bytes on the disk): {tell_result(hashed, BAR)}.",
    ]
    data = {"bar": BAR, "files": files, "tree_bytes": size}
    bars = [*compare_seconds(plain, BAR, "tar, zstd"), *compare_seconds(hashed, BAR, "tar, zstd, sha256sum of all")]
    facts = {**data, "plain": describe_result(plain), "hashed": describe_result(hashed)}
    write_findings("tree", "Trees", lines, facts, bars=bars)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
