"""What a module takes and what its documentation says it takes are the same, shared options included."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.diskominfo.backup.plugins.module_utils import door
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import CONFIG_PATH
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.policy import CATEGORIES
from ansible_collections.diskominfo.backup.plugins.module_utils.options import CATEGORY_WORDS, OPTIONS, get_spec

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
FRAGMENTS = sorted(path.stem for path in (PLUGINS / "doc_fragments").glob("*.py"))
ROOT = "ansible_collections.diskominfo.backup.plugins"
TOLD = ("type", "elements", "choices", "default", "required")


class _Asked(Exception):
    """Carries the argument spec out of a module that wanted to begin."""


def read_spec(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def begin(**arguments: Any) -> None:
        raise _Asked(arguments)

    monkeypatch.setattr(door, "AnsibleModule", begin)
    with pytest.raises(_Asked) as asked:
        importlib.import_module(f"{ROOT}.modules.{module}").main()
    return dict(asked.value.args[0])


def read_documentation(module: str) -> dict[str, Any]:
    """The documentation with its fragments merged in, as Ansible does."""
    told = yaml.safe_load(importlib.import_module(f"{ROOT}.modules.{module}").DOCUMENTATION)
    options = dict(told.get("options", {}))
    for fragment in told.get("extends_documentation_fragment", []):
        options.update(read_fragment(fragment.rpartition(".")[2]).get("options", {}))
    return {**told, "options": options}


def read_fragment(name: str) -> dict[str, Any]:
    fragment = importlib.import_module(f"{ROOT}.doc_fragments.{name}").ModuleDocFragment
    return dict(yaml.safe_load(fragment.DOCUMENTATION))


def strip(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: {key: option[key] for key in TOLD if key in option} for name, option in options.items()}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_takes_what_its_documentation_says(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, told = read_spec(module, monkeypatch), read_documentation(module)
    assert strip(spec["argument_spec"]) == strip(told["options"])
    assert spec["supports_check_mode"]
    assert "diskominfo.backup.attributes" in told["extends_documentation_fragment"]
    assert told["module"] == module


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_group_of_shared_options_has_a_fragment_of_its_name(name: str) -> None:
    assert strip(read_fragment(name)["options"]) == strip(get_spec(name))


def test_every_fragment_with_options_is_a_group() -> None:
    assert [name for name in FRAGMENTS if "options" in read_fragment(name)] == sorted(OPTIONS)


def test_defaults_and_words_are_those_of_the_engine() -> None:
    assert OPTIONS["config"]["config_path"]["default"] == CONFIG_PATH
    assert tuple(CATEGORIES) == CATEGORY_WORDS


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_use_its_options_only(module: str) -> None:
    known = read_documentation(module)["options"]
    tasks = yaml.safe_load(importlib.import_module(f"{ROOT}.modules.{module}").EXAMPLES)
    used = [task[f"diskominfo.backup.{module}"] or {} for task in tasks if f"diskominfo.backup.{module}" in task]
    assert used
    assert [name for options in used for name in options if name not in known] == []
