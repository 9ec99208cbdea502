"""The figures of plugins/: lines a file and a function, types and documentation of what others call."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FILE_LINES_MAX = 300
FILE_LINES_MEDIAN = 120
FUNCTION_LINES_MAX = 50
FUNCTION_LINES_P95 = 35
FUNCTION_LINES_MEDIAN = 10
# The YAML documentation of a module is for its users; it does not make the code longer.
YAML_DOCS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
DOORS = {"modules", "action", "callback", "filter", "doc_fragments"}

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Figures:
    """What is counted of a tree of Python files."""

    files: dict[str, int]
    """Lines of each file."""
    functions: dict[str, int]
    """Lines of each function, as `file:line name`."""
    untyped: list[str]
    """Functions with a parameter or a result that has no type."""
    undocumented: list[str]
    """Files, classes and functions that others may use and that say nothing of themselves."""


def measure(plugins: Path) -> Figures:
    """Count every Python file below `plugins`."""
    figures = Figures({}, {}, [], [])
    for file in sorted(plugins.rglob("*.py")):
        name = str(file.relative_to(plugins))
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        figures.files[name] = len(text.splitlines()) - sum(_span(node) for node in tree.body if _is_yaml(node))
        figures.undocumented.extend(_find_undocumented(tree, name))
        for node in ast.walk(tree):
            if isinstance(node, Function):
                at = f"{name}:{node.lineno} {node.name}"
                figures.functions[at] = _span(node)
                if not _is_typed(node):
                    figures.untyped.append(at)
    return figures


def find_problems(figures: Figures) -> list[str]:
    """Tell every figure that is beyond its goal; an empty list is good."""
    problems = [f"{name} has {n} lines" for name, n in figures.files.items() if n > FILE_LINES_MAX]
    problems += [f"{name} has {n} lines" for name, n in figures.functions.items() if n > FUNCTION_LINES_MAX]
    problems += [f"{name} is not typed" for name in figures.untyped]
    problems += [f"{name} is not documented" for name in figures.undocumented]
    if figures.files and (median := statistics.median(figures.files.values())) > FILE_LINES_MEDIAN:
        problems.append(f"the median file has {median} lines")
    if figures.functions:
        lines = sorted(figures.functions.values())
        if (median := statistics.median(lines)) > FUNCTION_LINES_MEDIAN:
            problems.append(f"the median function has {median} lines")
        if (p95 := lines[int(0.95 * len(lines))]) > FUNCTION_LINES_P95:
            problems.append(f"one function in twenty has {p95} lines or more")
    return problems


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_yaml(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in YAML_DOCS


def _is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    if arguments and arguments[0].arg in {"self", "cls"}:
        arguments = arguments[1:]
    arguments += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
    return node.returns is not None and all(argument.annotation for argument in arguments)


def _find_undocumented(tree: ast.Module, name: str) -> Iterator[str]:
    if tree.body and Path(name).parts[0] not in DOORS and not ast.get_docstring(tree):
        yield name
    yield from _find_undocumented_names(tree.body, name)


def _find_undocumented_names(body: list[ast.stmt], name: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, (*Function, ast.ClassDef)) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield f"{name}:{node.lineno} {node.name}"
            if isinstance(node, ast.ClassDef):
                yield from _find_undocumented_names(node.body, name)


def test_the_figures_of_plugins_keep_to_their_goals() -> None:
    assert find_problems(measure(ROOT / "plugins")) == []


def test_a_tree_without_files_has_no_problem(tmp_path: Path) -> None:
    assert find_problems(measure(tmp_path)) == []


def make_function(name: str, lines: int, signature: str = "() -> int") -> str:
    return f'def {name}{signature}:\n    """Do."""\n' + "    0\n" * (lines - 2)


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("a.py", '"""A."""\n' * 301, "a.py has 301 lines"),
        ("a.py", '"""A."""\n' + make_function("f", 51), "a.py:2 f has 51 lines"),
        ("a.py", '"""A."""\n' * 121, "the median file has 121 lines"),
        ("a.py", '"""A."""\n' + make_function("f", 11), "the median function has 11 lines"),
        (
            "a.py",
            '"""A."""\n' + make_function("f", 36) + "".join(make_function(f"g{n}", 3) for n in range(19)),
            "one function in twenty has 36 lines or more",
        ),
        ("a.py", '"""A."""\n' + make_function("f", 3, "(x: int)"), "a.py:2 f is not typed"),
        ("a.py", '"""A."""\n' + make_function("f", 3, "(x) -> int"), "a.py:2 f is not typed"),
        ("a.py", '"""A."""\n' + make_function("f", 3, "(*, x) -> int"), "a.py:2 f is not typed"),
        ("a.py", '"""A."""\n' + make_function("f", 3, "(**x) -> int"), "a.py:2 f is not typed"),
        ("a.py", "import os\n", "a.py is not documented"),
        ("a.py", '"""A."""\ndef f() -> int: ...\n', "a.py:2 f is not documented"),
        ("a.py", '"""A."""\nclass A: ...\n', "a.py:2 A is not documented"),
        ("modules/a.py", "def main() -> None: ...\n", "modules/a.py:1 main is not documented"),
        ("a.py", '"""A."""\nclass A:\n    """A."""\n    def f(self) -> int: ...', "a.py:4 f is not documented"),
    ],
)
def test_what_is_beyond_a_goal_is_found(tmp_path: Path, path: str, source: str, expected: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(source, encoding="utf-8")
    assert expected in find_problems(measure(tmp_path))


def test_the_yaml_documentation_of_a_module_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    source = f'DOCUMENTATION = r"""{chr(10) * 400}"""\nEXAMPLES = ""\n\n' + make_function("main", 5, "() -> None")
    (tmp_path / "modules" / "a.py").write_text(source, encoding="utf-8")
    figures = measure(tmp_path)
    assert (figures.files, find_problems(figures)) == ({"modules/a.py": 6}, [])
