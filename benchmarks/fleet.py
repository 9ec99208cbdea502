"""What Ansible adds: one call with many applications against one with one, and against a task for each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from measuring.command import CHECKOUT, ENVIRONMENT
from measuring.data import workshop
from measuring.findings import FOLDER, write_findings
from measuring.races import race
from measuring.rounds import Way

APPLICATIONS, ROUNDS = 20, 5
ONE, MANY, LOOP = "ours, one application", "ours, all applications in one call", "a task for each application"
MANY_BAR, LOOP_BAR = 1.15, 0.10
FLEET_ENVIRONMENT = {
    **ENVIRONMENT,
    "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "collections"),
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "LC_ALL": "C.UTF-8",
}


def make_server(place: Path, tree: Path, applications: int) -> dict[str, Any]:
    """The configuration of a server with small applications."""
    return {
        "schema": "diskominfo.backup/config/1",
        "server": "web",
        "applications": [{"name": f"app{number}", "sources": [{"path": str(tree)}]} for number in range(applications)],
        "store": {"type": "directory", "path": str(place / "store")},
        "state": str(place / "state"),
    }


def make_play(place: Path, tasks: list[dict[str, Any]]) -> list[str]:
    """argv of a play with these tasks on this machine, without facts."""
    variables = {"ansible_python_interpreter": sys.executable}
    plays = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "vars": variables, "tasks": tasks}]
    (place / "play.json").write_text(json.dumps(plays))
    return [str(Path(sys.executable).with_name("ansible-playbook")), str(place / "play.json")]


def main(applications: int = APPLICATIONS, rounds: int = ROUNDS) -> None:
    """Measures and writes docs/benchmarks/fleet.*."""
    with workshop() as folder:
        tree = folder / "tree"
        tree.mkdir()
        (tree / "index.html").write_text("<p>Selamat datang</p>")

        def call(count: int) -> Way:
            def make(place: Path) -> list[str]:
                return make_play(place, [{"diskominfo.backup.run": {"config": make_server(place, tree, count)}}])

            return Way(ONE if count == 1 else MANY, make)

        def loop(place: Path) -> list[str]:
            archive = {"path": str(tree), "dest": str(place / "single")}
            return make_play(place, [{"diskominfo.backup.archive": archive, "loop": list(range(applications))}])

        told = race([call(1), call(applications), Way(LOOP, loop)], ONE, folder, rounds, FLEET_ENVIRONMENT)
    many, loops = told.ratio(MANY), told.ratio(MANY, LOOP)
    (FOLDER / "fleet.svg").write_text(told.draw_bars())
    lines = [
        f"{applications} applications of one small file each, on this machine, from the start of `ansible-playbook` to",
        "its end. Each application has a run, files, a receipt and their places on the disk: the call with all of them",
        "does that many times what the call with one does.",
        "",
        "![Fleet](fleet.svg)",
        "",
        *told.draw_table(),
        "",
        f"- all in one call / one application: {many:.2f}, {'within' if many <= MANY_BAR else 'ABOVE'} {MANY_BAR}.",
        f"- all in one call / a task for each: {loops:.2f}, {'within' if loops <= LOOP_BAR else 'ABOVE'} {LOOP_BAR}.",
    ]
    facts = {"many_ratio": round(many, 3), "loop_ratio": round(loops, 3), "applications": applications}
    write_findings("fleet", "Fleet", lines, {**facts, "ways": told.describe()})


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
