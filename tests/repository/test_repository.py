"""The repository speaks of itself alone, hides nothing from the tools that judge it, and says the same everywhere."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
APART = {ROOT / "COPYING", Path(__file__).resolve()}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
HOW_IT_IS_MADE = re.compile(
    r"(?<![\w.])/work/\w|\b(issue|(pull|merge) request) #?\d|\bco-authored-by\b|\bthis session\b|\bas instructed\b",
    re.IGNORECASE,
)
REGISTRIES = re.compile(
    r"\b(pypi\.(org|python)|pythonhosted\.org|galaxy\.ansible\.com|(docker|quay|ghcr|gcr|crates)\.io|npmjs\.(org|com)"
    r"|golang\.org|(deb|archive|security)\.(debian\.org|ubuntu\.com))\b"
)
HIDDEN_FROM_COVERAGE = re.compile(r"pragma:\s*no\s*(cover|branch)")
LICENSE_LINE = "GNU General Public License v3.0+"
DOCUMENTED = ("action", "callback", "doc_fragments", "filter", "lookup", "modules")


def list_files() -> list[Path]:
    """List what git tracks or would track, but for the licence, which is not ours to word, and for this file."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    files = {ROOT / os.fsdecode(name) for name in names if name}
    return sorted(file for file in files if file.is_file() and not file.is_symlink() and file not in APART)


def find_lines(pattern: re.Pattern[str], files: list[Path], root: Path) -> Iterator[str]:
    """Yield `path:line: text` for every line of a text file that holds the pattern."""
    for file in files:
        content = file.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                yield f"{file.relative_to(root)}:{number}: {line.strip()}"


def find_without_header(plugins: Path) -> list[str]:
    """List the documented plugins whose first twenty lines do not name the licence."""
    files = [file for kind in DOCUMENTED for file in sorted((plugins / kind).glob("*.py")) if file.stat().st_size]
    return [
        str(file.relative_to(plugins))
        for file in files
        if LICENSE_LINE not in "\n".join(file.read_text(encoding="utf-8").splitlines()[:20])
    ]


def read_words(makefile: str) -> set[str]:
    """Read the words that `make help` lists."""
    return set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


@pytest.mark.parametrize("pattern", [UNFINISHED, HOW_IT_IS_MADE, REGISTRIES], ids=["unfinished", "making", "registry"])
def test_the_repository_speaks_of_itself_alone(pattern: re.Pattern[str]) -> None:
    assert list(find_lines(pattern, list_files(), ROOT)) == []


def test_nothing_hides_from_the_coverage_figure() -> None:
    assert list(find_lines(HIDDEN_FROM_COVERAGE, sorted((ROOT / "plugins").rglob("*.py")), ROOT)) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (UNFINISHED, "# TODO: later"),
        (HOW_IT_IS_MADE, "see /work/notes.md"),
        (HOW_IT_IS_MADE, "closes issue #7"),
        (REGISTRIES, "pip install --index-url https://pypi.org/simple x"),
        (HIDDEN_FROM_COVERAGE, "if x:  # pragma: no cover"),
    ],
)
def test_a_line_that_does_not_belong_here_is_found(tmp_path: Path, pattern: re.Pattern[str], line: str) -> None:
    (tmp_path / "a.md").write_text(f"good\n{line}\n", encoding="utf-8")
    assert list(find_lines(pattern, [tmp_path / "a.md"], tmp_path)) == [f"a.md:2: {line}"]


def test_no_finding_is_ignored_by_a_list() -> None:
    lists = [file for file in list_files() if re.fullmatch(r"ignore.*\.txt|\.ansible-lint-ignore", file.name)]
    assert lists == []


def test_every_documented_plugin_names_its_licence() -> None:
    assert find_without_header(ROOT / "plugins") == []


def test_a_plugin_without_its_licence_is_found(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "good.py").write_text(f"#!/usr/bin/python\n# {LICENSE_LINE}\n", encoding="utf-8")
    (tmp_path / "modules" / "bare.py").write_text("#!/usr/bin/python\n", encoding="utf-8")
    (tmp_path / "modules" / "late.py").write_text("\n" * 20 + f"# {LICENSE_LINE}\n", encoding="utf-8")
    assert find_without_header(tmp_path) == ["modules/bare.py", "modules/late.py"]


def test_the_checkout_is_its_own_installation() -> None:
    assert (ROOT / "collections/ansible_collections/diskominfo/backup").resolve() == ROOT


def test_the_engine_has_the_version_of_the_collection() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    engine = (ROOT / "plugins/module_utils/engine/version.py").read_text(encoding="utf-8")
    assert re.findall(r'^VERSION = "(.+)"$', engine, re.MULTILINE) == [galaxy["version"]]


def test_every_requirement_is_pinned() -> None:
    lines = [line for file in sorted(ROOT.glob("requirements*.txt")) for line in file.read_text().splitlines()]
    asked = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert [line for line in asked if not re.match(r"[A-Za-z0-9-]+==[0-9][0-9.]*(; .+)?$", line)] == []


def test_every_changelog_fragment_has_known_kinds_and_says_something() -> None:
    config = yaml.safe_load((ROOT / "changelogs/config.yaml").read_text(encoding="utf-8"))
    lists = {kind for kind, *_title in config["sections"]} | {config["trivial_section_name"]}
    for file in sorted((ROOT / "changelogs/fragments").iterdir()):
        fragment = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert file.suffix == ".yml"
        assert set(fragment) <= lists | {config["prelude_section_name"]}, file.name
        assert all(fragment.values()), file.name


def test_every_script_stops_at_the_first_error_nobody_reads() -> None:
    for file in sorted((ROOT / ".ci").iterdir()):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "#!/usr/bin/env bash", file.name
        assert any(re.match(r"set -e?uo pipefail$", line) for line in lines), file.name
        assert os.access(file, os.X_OK), file.name


def test_the_contributors_guide_names_every_word_of_make() -> None:
    words = read_words((ROOT / "Makefile").read_text(encoding="utf-8"))
    guide = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert words == guide
