"""The documents and the code say the same: every word, module, exit status and field stands in docs/."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import errors
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import make_parser
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.registry import FRAMEWORKS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import discovered, level, receipt, report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.health import SLUGS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.words.registry import WORDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def read_first_column(text: str) -> set[str]:
    """Every `name` in the first cell of a table's rows."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}


def find_words() -> set[str]:
    (choices,) = [action.choices for action in make_parser()._actions if action.dest == "word"]
    return set(choices or ())


def test_every_word_of_the_runner_is_described_and_does_something() -> None:
    told = read_first_column((DOCS / "runner.md").read_text())

    assert find_words() == set(WORDS)
    assert told == set(WORDS)


def test_every_module_is_named_in_the_documents() -> None:
    text = "".join(path.read_text() for path in DOCS.glob("*.md"))
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}

    assert modules
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_every_exit_status_is_described() -> None:
    text = (DOCS / "runner.md").read_text()
    statuses = {str(kind.exit_status) for kind in errors.ALL}

    assert {status for status in statuses if not re.search(rf"^\| .*\b{status}\b", text, re.MULTILINE)} == set()


@pytest.mark.parametrize(
    ("document", "kinds"),
    [
        ("receipt.md", (receipt.Receipt, receipt.Part, receipt.StoreTrace, receipt.ProcessTrace, receipt.Host)),
        ("report.md", (report.ApplicationRow, report.Summary, report.CheckEntry, report.RepairEntry)),
    ],
)
def test_every_field_of_a_record_is_described(document: str, kinds: tuple[type, ...]) -> None:
    text = (DOCS / document).read_text()
    fields = {field.name for kind in kinds for field in dataclasses.fields(kind)}

    assert {name for name in fields if f"`{name}`" not in text} == set()


def test_what_a_look_finds_is_described() -> None:
    text = (DOCS / "discovery.md").read_text()
    told = {field.name for field in dataclasses.fields(discovered.Discovered)} | {it.framework for it in FRAMEWORKS}

    assert {name for name in told if f"`{name}`" not in text} == set()


def test_every_finding_is_described() -> None:
    text = (DOCS / "report.md").read_text()

    assert {slug for slug in SLUGS if f"`{slug}`" not in text} == set()


def test_every_finding_of_a_probe_is_described() -> None:
    engine = ROOT / "plugins" / "module_utils" / "engine" / "drivers"
    found = {slug for path in engine.rglob("*.py") for slug in re.findall(r'Finding\(\s*"(\w+)"', path.read_text())}

    assert found
    assert found <= read_first_column((DOCS / "errors.md").read_text())


def test_every_evidence_level_is_explained() -> None:
    text = (DOCS / "architecture.md").read_text()

    assert {word for word in (*level.LADDER[1:], level.DAMAGED) if f"| `{word}` |" not in text} == set()


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)

    assert len(text.splitlines()) <= 150
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_fault_of_the_matrix_has_its_tests() -> None:
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "faults.md").read_text()))
    folders = (ROOT / "tests", ROOT / "extensions")
    code = "".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))

    assert len(named) > 60
    assert {name for name in named if f"def {name}(" not in code} == set()
