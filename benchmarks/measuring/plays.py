"""Plays of Ansible on this machine: servers that are folders, what is done on them, and which modules that calls."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .command import CHECKOUT, ENTRY, ENVIRONMENT

FORKS = 20
CALLBACK = "diskominfo.backup.report"
FLEET_ENVIRONMENT = {
    **{name: value for name, value in ENVIRONMENT.items() if not name.startswith("ANSIBLE_")},
    "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
    "ANSIBLE_FORKS": str(FORKS),
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "LC_ALL": "C.UTF-8",
}
_CALL = re.compile(r"^<([^>]+)> EXEC (?!.*chmod).*/AnsiballZ_([a-z_]+)\.py", re.MULTILINE)


def make_server(place: Path, tree: Path, applications: int, name: str = "web") -> dict[str, Any]:
    """The configuration of a server with small applications, whose store and state lie below `place`."""
    return {
        "schema": "diskominfo.backup/config/1",
        "server": name,
        "applications": [{"name": f"app{number}", "sources": [{"path": str(tree)}]} for number in range(applications)],
        "store": {"type": "directory", "path": str(place / name / "store")},
        "state": str(place / name / "state"),
    }


def back_up(server: dict[str, Any], place: Path) -> None:
    """Backs up everything of a server of `make_server` once, without Ansible."""
    config = place / "config.json"
    config.write_text(json.dumps(server))
    argv = [sys.executable, "-c", ENTRY, "run", "--config", str(config), "--quiet", "--json"]
    subprocess.run(argv, env=ENVIRONMENT, capture_output=True, check=True)


def make_play(
    place: Path, tasks: Sequence[dict[str, Any]], hosts: dict[str, dict[str, Any]] | None = None
) -> list[str]:
    """argv of a play with these tasks, without facts, on hosts with these variables (None: on localhost)."""
    known = hosts or {"localhost": {}}
    common = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (place / "hosts.json").write_text(json.dumps({"all": {"hosts": known, "vars": common}}))
    plays = [{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]
    (place / "play.json").write_text(json.dumps(plays))
    return [find_program(), "-i", str(place / "hosts.json"), str(place / "play.json")]


def make_fleet(place: Path, tree: Path, hosts: int, applications: int = 1) -> dict[str, dict[str, Any]]:
    """host -> its variables as an inventory has them; each has folders of its own."""
    found = {}
    for number in range(hosts):
        server = make_server(place, tree, applications, f"server{number:03}")
        found[f"server{number:03}"] = {
            "backup_applications": server["applications"],
            "backup_store": server["store"],
            "backup_state": server["state"],
            "backup_config": server,
        }
    return found


def find_program() -> str:
    """ansible-playbook of this Python."""
    return str(Path(sys.executable).with_name("ansible-playbook"))


def count_calls(place: Path, playbook: str, hosts: dict[str, dict[str, Any]]) -> dict[str, Counter[str]]:
    """host -> how often each module was started on it while a playbook of the collection was played."""
    make_play(place, [], {name: {**variables} for name, variables in hosts.items()})
    argv = [find_program(), "-vvv", "-i", str(place / "hosts.json"), str(CHECKOUT / "playbooks" / playbook)]
    done = subprocess.run(
        [*argv, "-e", f"backup_evidence={place / 'evidence'}"],
        env={**os.environ, **FLEET_ENVIRONMENT},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{playbook} ended with status {done.returncode}: {done.stdout[-3000:]}{done.stderr[-1000:]}")
    found: dict[str, Counter[str]] = {}
    for host, module in _CALL.findall(done.stdout):
        found.setdefault(host, Counter())[module] += 1
    return found
