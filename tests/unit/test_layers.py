"""Who may import whom, read from the table in CONTRIBUTING.md and held against every import below plugins/."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = PurePosixPath("module_utils/engine")
OURS = ("ansible_collections", "diskominfo", "backup", "plugins")

# What a file of plugins/ may import that is neither ours nor the standard library's.
FOREIGN = {
    "filter/delivery.py": {"jinja2"},
    "filter/select.py": {"jmespath"},
    "module_utils/notification.py": {"apprise"},
    "module_utils/typesetting.py": {"typst"},
}
# AnsiballZ and the runner ship what they see imported: what is found by name at run time does not arrive.
FOUND_AT_RUN_TIME = {"importlib", "pkgutil", "runpy"}
STARTS_PROCESSES = {"subprocess", "multiprocessing", "pty"}
MAY_START_PROCESSES = {"flow/process"}
# These rooms get the clock and the world as arguments, so that the same input always gives the same output.
PURE_ROOMS = {"record", "rules", "renderers"}
WORLD = {"glob", "random", "secrets", "shutil", "signal", "socket", "tempfile", "threading", "time"}
WORLD_CALLS = {"open", "now", "utcnow", "today"}

# Files of engine/ that are not what it does: the ground below, the command line above.
NO_VERBS = {"__init__", "cli", "errors", "version"}


@dataclass(frozen=True)
class Table:
    """The two kinds of rows: who may import whom, and what the files of one room may import of that room."""

    rows: dict[str, set[str]]
    inside: dict[str, set[str]]


def read_table(text: str) -> Table:
    """Read the block fenced as `layers`; a row is `who, who → what, what`, and `room/*` is a row for inside a room."""
    block = re.search(r"^```layers\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if block is None:
        raise ValueError("CONTRIBUTING.md has no block fenced as `layers`")
    table = Table({}, {})
    for line in block[1].splitlines():
        if not line.strip():
            continue
        left, arrow, right = line.partition("→")
        names = {name.strip() for name in right.split(",")} - {"nothing"}
        if not arrow or "" in names:
            raise ValueError(f"not a row of the layer table: {line!r}")
        for who in left.split(","):
            rows, name = (table.inside, who.strip()[:-2]) if who.strip().endswith("/*") else (table.rows, who.strip())
            if name in rows:
                raise ValueError(f"two rows for {name} in the layer table")
            rows[name] = names
    return table


def name_place(path: PurePosixPath) -> str:
    """Name the place of a file or package below plugins/ as the table does: `run`, `flow/process`, `modules/check`."""
    if path.is_relative_to(ENGINE):
        path = path.relative_to(ENGINE)
    elif path.parts[0] == "module_utils":
        path = path.relative_to("module_utils")
    return str(path.with_suffix(""))


def room_of(place: str) -> str:
    """Tell the room of a place: its first folder, or the file itself."""
    return place.split("/", maxsplit=1)[0]


def may_import(table: Table, verbs: set[str], who: str, what: str) -> bool:
    """Tell whether the file at place `who` may import the file at place `what`."""
    who_room, what_room = room_of(who), room_of(what)
    if who in table.rows and who != who_room:
        return _is_named(table.rows[who], what)
    if who_room == what_room:
        return _may_import_inside(table, who, what)
    allowed = table.rows.get(who_room, set())
    return _is_named(allowed, what) or ("verbs" in allowed and what in verbs)


def _is_named(names: set[str], place: str) -> bool:
    """Tell whether a place, or a folder that it lies in, is among the names."""
    return any(place == name or place.startswith(f"{name}/") for name in names)


def _may_import_inside(table: Table, who: str, what: str) -> bool:
    room = room_of(who)
    if what == f"{room}/registry":
        return False
    if room not in table.inside or who == f"{room}/registry":
        return True
    same_alternative = who.split("/")[1:2] == what.split("/")[1:2]
    return same_alternative or _is_named(table.inside[room], what)


def find_imports(tree: ast.AST, path: PurePosixPath, plugins: Path) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """Yield line, dotted name in parts and whether it was relative, for every import; ours start at plugins/."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, tuple(alias.name.split(".")), False
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                here = path.parts[: len(path.parts) - node.level]
                module = (*OURS, *here, *module)
            for alias in node.names:
                is_package = module[:4] == OURS and plugins.joinpath(*module[4:]).is_dir()
                yield node.lineno, (*module, alias.name) if is_package else module, bool(node.level)


def check_file(plugins: Path, path: PurePosixPath, table: Table, verbs: set[str]) -> Iterator[str]:
    """Yield a sentence for every import of one file that the table does not list."""
    source = (plugins / path).read_text(encoding="utf-8")
    tree = ast.parse(source)
    who, in_engine = name_place(path), path.is_relative_to(ENGINE)
    if path.name == "__init__.py":
        if source.strip():
            yield f"{path}: an __init__.py stays empty, or importing one file of a room would load others"
        return
    if room_of(who) not in table.rows and who not in table.rows:
        yield f"{path}: the layer table of CONTRIBUTING.md has no row for {room_of(who)}"
        return
    for line, name, is_relative in find_imports(tree, path, plugins):
        at = f"{path}:{line}"
        if name[:4] == OURS:
            what = name_place(PurePosixPath(*name[4:]))
            if in_engine and not is_relative:
                yield f"{at}: the engine imports its own files relatively, or they do not reach the server"
            if not may_import(table, verbs, who, what):
                yield f"{at}: {who} may not import {what}"
        else:
            yield from (f"{at}: {problem}" for problem in check_foreign(path, who, in_engine, name[0]))
    yield from check_calls(tree, path, who, in_engine)


def check_foreign(path: PurePosixPath, who: str, in_engine: bool, top: str) -> Iterator[str]:
    """Yield what is wrong with one import of something that is not ours."""
    is_known = top in sys.stdlib_module_names or top in FOREIGN.get(str(path), set())
    if in_engine and not is_known:
        yield f"the engine knows nothing but the standard library, not {top}"
    if not in_engine and not is_known and top != "ansible":
        yield f"{who} may not import {top}"
    if in_engine and top in FOUND_AT_RUN_TIME:
        yield f"the engine imports by name, not through {top}: what is found at run time does not reach the server"
    if in_engine and top in STARTS_PROCESSES and who not in MAY_START_PROCESSES:
        yield f"only flow/process.py starts processes, so {who} may not import {top}"
    if in_engine and room_of(who) in PURE_ROOMS and top in WORLD:
        yield f"{room_of(who)} is pure: {who} may not import {top}"


def check_calls(tree: ast.AST, path: PurePosixPath, who: str, in_engine: bool) -> Iterator[str]:
    """Yield calls that go around the imports: `__import__`, `os.system`, and the clock or a file in a pure room."""
    for node in ast.walk(tree):
        if not in_engine or not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        owner = getattr(getattr(function, "value", None), "id", "")
        if name == "__import__" or (owner == "os" and name in {"system", "popen"}):
            yield f"{path}:{node.lineno}: {who} may not call {name}"
        if room_of(who) in PURE_ROOMS and name in WORLD_CALLS and owner in {"", "datetime", "date"}:
            yield f"{path}:{node.lineno}: {room_of(who)} is pure: {who} may not call {name}"


def check_layers(plugins: Path, table: Table) -> list[str]:
    """Tell everything below `plugins` that imports what the table does not list; an empty list is good."""
    files = sorted(PurePosixPath(file.relative_to(plugins)) for file in plugins.rglob("*.py"))
    verbs = {file.stem for file in files if file.parent == ENGINE} - NO_VERBS
    problems = [problem for file in files for problem in check_file(plugins, file, table, verbs)]
    # One import of several names is one problem.
    return list(dict.fromkeys(problems))


@pytest.fixture(scope="module")
def table() -> Table:
    """Read the real table."""
    return read_table((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


def plant(plugins: Path, path: str, source: str) -> None:
    """Write one file below a made-up plugins/, with the packages around it."""
    file = plugins / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_relative_to(plugins / ENGINE):
        for folder in file.relative_to(plugins / ENGINE).parents:
            (plugins / ENGINE / folder / "__init__.py").touch()
    file.write_text(source, encoding="utf-8")


def test_every_import_below_plugins_stands_in_the_table(table: Table) -> None:
    assert check_layers(ROOT / "plugins", table) == []


def test_a_tree_without_files_has_no_problem(tmp_path: Path, table: Table) -> None:
    assert check_layers(tmp_path, table) == []


def test_the_table_names_only_rooms_it_has_rows_for(table: Table) -> None:
    named = {room_of(name) for names in (*table.rows.values(), *table.inside.values()) for name in names}
    assert named | set(table.inside) <= {room_of(name) for name in table.rows} | {"verbs"}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("run.py", "from .copy import copy_run\nfrom .drivers.registry import DRIVERS\nfrom . import errors"),
        (
            "words/acts.py",
            "def run():\n    from ..run import run_server\n    from ..renderers.registry import RENDERERS",
        ),
        ("flow/pipeline.py", "from . import process\nfrom ..errors import Failed\nimport hashlib"),
        ("flow/process.py", "import subprocess"),
        ("drivers/tree/driver.py", "from .scan import scan\nfrom ..base import Driver\nfrom ...record import census"),
        ("drivers/registry.py", "from .sqlite import driver\nfrom .tree.driver import DRIVER"),
        ("../../modules/run.py", "from ..module_utils.engine.run import run_server\nfrom ..module_utils.door import d"),
        (
            "../../modules/run.py",
            "from ansible_collections.diskominfo.backup.plugins.module_utils.engine.run import run_server",
        ),
    ],
)
def test_what_the_table_lists_is_accepted(tmp_path: Path, table: Table, path: str, source: str) -> None:
    for other in ("run.py", "copy.py", "record/census.py", "flow/process.py", "drivers/tree/scan.py"):
        plant(tmp_path, str(ENGINE / other), "")
    plant(tmp_path, str(ENGINE / path), source)
    assert check_layers(tmp_path, table) == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("record/census.py", "from ..flow.files import write", "record/census may not import flow/files"),
        ("record/census.py", "from ..flow import files", "record/census may not import flow/files"),
        ("flow/pipeline.py", "from ..record import receipt", "flow/pipeline may not import record/receipt"),
        ("rules/order.py", "from ..flow.files import write", "rules/order may not import flow/files"),
        ("renderers/html.py", "from ..rules.health import ask", "renderers/html may not import rules/health"),
        ("renderers/html.py", "from .text import render", "renderers/html may not import renderers/text"),
        ("drivers/sqlite.py", "from ..stores.base import Store", "drivers/sqlite may not import stores/base"),
        ("drivers/sqlite.py", "from .tree.scan import scan", "drivers/sqlite may not import drivers/tree/scan"),
        ("drivers/sqlite.py", "from .registry import DRIVERS", "drivers/sqlite may not import drivers/registry"),
        ("books/index.py", "import subprocess", "only flow/process.py starts processes"),
        ("check.py", "from .run import run_server", "check may not import run"),
        ("report.py", "from .renderers.html import render", "report may not import renderers/html"),
        ("brew.py", "", "no row for brew"),
        ("run.py", "if True:\n    from ..door import leave", "run may not import door"),
        ("run.py", "def f():\n    from .report import make_report", "run may not import report"),
        ("run.py", "from ansible.module_utils.basic import AnsibleModule", "not ansible"),
        ("run.py", "import yaml", "not yaml"),
        ("run.py", "import importlib.util", "not through importlib"),
        ("run.py", "from pkgutil import walk_packages", "not through pkgutil"),
        ("run.py", "__import__('yaml')", "may not call __import__"),
        ("run.py", "from subprocess import run", "may not import subprocess"),
        ("run.py", "import os\nos.system('true')", "may not call system"),
        ("rules/order.py", "import time", "rules is pure"),
        ("rules/order.py", "import datetime\ndatetime.datetime.now()", "rules is pure"),
        ("record/register.py", "open('/etc/passwd')", "record is pure"),
        ("drivers/__init__.py", "from .sqlite import DRIVER", "stays empty"),
        ("run.py", "import ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors", "relatively"),
        ("../../modules/run.py", "from ..plugin_utils.plays import p", "modules/run may not import plugin_utils/plays"),
        ("../../filter/select.py", "import yaml", "filter/select may not import yaml"),
        ("../../lookup/secret.py", "", "no row for lookup"),
        ("../helpers.py", "", "no row for helpers"),
    ],
)
def test_what_the_table_does_not_list_is_found(
    tmp_path: Path, table: Table, path: str, source: str, expected: str
) -> None:
    for folder in ("flow", "record", "rules", "renderers", "drivers/tree", "stores", "books"):
        plant(tmp_path, str(ENGINE / folder / "__init__.py"), "")
    (tmp_path / "plugin_utils").mkdir()
    plant(tmp_path, str(ENGINE / path), source)
    problems = check_layers(tmp_path, table)
    assert any(expected in problem for problem in problems), problems


@pytest.mark.parametrize("block", ["", "record errors", "a → b\na → c", "a → "])
def test_a_table_that_cannot_be_read_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match="layer"):
        read_table(f"```layers\n{block}\n```" if block else "no table")
