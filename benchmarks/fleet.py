"""What Ansible adds: applications in one call against a task for each, many servers against few, and the callback."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from measuring.data import workshop
from measuring.findings import FOLDER, judge, write_findings
from measuring.plays import (
    CALLBACK,
    FLEET_ENVIRONMENT,
    FORKS,
    back_up,
    count_calls,
    make_fleet,
    make_play,
    make_server,
)
from measuring.races import Race, race
from measuring.rounds import Way

APPLICATIONS, ROUNDS = 20, 5
FEW, HOSTS, HOST_ROUNDS = 10, 200, 3
TOLD_HOSTS = 50
ONE, MANY, LOOP = "ours, one application", "ours, all applications in one call", "a task for each application"
CARRIED = "ours, all applications in one call, one of them chosen"
FIRST = "ours, all applications in one call, for the first time"
PLAIN, TOLD = "ours, without the callback", "ours, with the callback"
MANY_BAR, LOOP_BAR, LINEAR_BAR, CALLBACK_BAR = 1.15, 0.10, 1.1, 1.03
RUN = "diskominfo.backup.run"


def main(applications: int = APPLICATIONS, rounds: int = ROUNDS, hosts: int = HOSTS) -> None:
    """Measures and writes docs/benchmarks/fleet.*."""
    with workshop() as folder:
        tree = folder / "tree"
        tree.mkdir()
        (tree / "index.html").write_text("<p>Selamat datang</p>")
        server = race_applications(folder, tree, applications, rounds)
        tasks = race_tasks(folder, tree, applications)
        fleet = race_hosts(folder, tree, hosts)
        told = race_callback(folder, tree, rounds)
        calls = {count: count_server(folder / f"calls{count}", tree, count) for count in (1, applications)}
    pictures = {"fleet": server, "fleet-tasks": tasks, "fleet-hosts": fleet, "fleet-callback": told}
    for name, drawn in pictures.items():
        (FOLDER / f"{name}.svg").write_text(drawn.draw_bars())
    linear = fleet.ratio(name_hosts(hosts)) * FEW / hosts
    lines = [
        f"From the start of `ansible-playbook` to its end, on this machine, {FORKS} forks. An application is one small",
        "file; each has a run, files, a receipt and their places on the disk.",
        *tell_server(server, applications, calls),
        *tell_tasks(tasks, applications),
        *tell_hosts(fleet, hosts, linear),
        *tell_callback(told),
    ]
    ratios = {
        "many": server.ratio(MANY),
        "first": server.ratio(FIRST),
        "loop": tasks.ratio(MANY, LOOP),
        "carried": server.ratio(CARRIED),
        "linear": linear,
        "callback": told.ratio(TOLD),
        "callback_cpu": told.cpu_ratio(TOLD),
    }
    facts = {
        **{f"{name}_ratio": round(value, 3) for name, value in ratios.items()},
        "applications": applications,
        "hosts": hosts,
        "forks": FORKS,
        "calls": {str(count): dict(found) for count, found in calls.items()},
        **{name: drawn.describe() for name, drawn in pictures.items()},
    }
    write_findings("fleet", "Fleet", lines, facts, ("ansible-core",))


def tell_server(told: Race, applications: int, calls: Mapping[int, Counter[str]]) -> list[str]:
    """The chapter about one server."""
    carried = f"- {applications} applications carried to the server, one of them backed up / one application"
    return [
        "",
        "## One server",
        "",
        "Everything was backed up once before, as on any night but the first.",
        "",
        "![One server](fleet.svg)",
        "",
        *told.draw_table(),
        "",
        f"{carried}: {judge(told.ratio(CARRIED), MANY_BAR)}.",
        f"- all {applications} backed up / one application: {judge(told.ratio(MANY), MANY_BAR)}.",
        f"- the same, of processor time: {told.cpu_ratio(MANY):.3f}; in the first night: {told.ratio(FIRST):.3f}.",
        "",
        f"Modules called on a server by the playbook `backup`, with one application: {tell_calls(calls[1])};",
        f"with {applications}: {tell_calls(calls[applications])}. No facts are gathered.",
    ]


def tell_tasks(told: Race, applications: int) -> list[str]:
    """The chapter about one call and many."""
    return [
        "",
        "## One call, or a task for each application",
        "",
        f"{FEW} servers of {applications} applications each, as where the bar was found: there the start of Ansible",
        "itself weighs less.",
        "",
        "![One call and tasks](fleet-tasks.svg)",
        "",
        *told.draw_table(),
        "",
        f"- all in one call / a task for each: {judge(told.ratio(MANY, LOOP), LOOP_BAR)}.",
    ]


def tell_hosts(told: Race, hosts: int, linear: float) -> list[str]:
    """The chapter about many servers."""
    return [
        "",
        "## Many servers",
        "",
        "Each has folders of its own and one application; one task.",
        "",
        "![Many servers](fleet-hosts.svg)",
        "",
        *told.draw_table(),
        "",
        f"- {hosts} servers / {hosts // FEW} times {FEW}: {judge(linear, LINEAR_BAR)}.",
    ]


def tell_callback(told: Race) -> list[str]:
    """The chapter about the callback."""
    return [
        "",
        "## The callback",
        "",
        f"{TOLD_HOSTS} servers, with and without the table at the end of the play.",
        "",
        "![The callback](fleet-callback.svg)",
        "",
        *told.draw_table(),
        "",
        f"- with / without: {judge(told.ratio(TOLD), CALLBACK_BAR)}; of processor time {told.cpu_ratio(TOLD):.3f}.",
    ]


def tell_calls(calls: Counter[str]) -> str:
    """`run` once, ..."""
    return ", ".join(f"`{module}` {count} x" for module, count in sorted(calls.items()))


def race_applications(folder: Path, tree: Path, applications: int, rounds: int) -> Race:
    """One application, and all of them in one call."""

    def call(name: str, count: int, is_first: bool = False, **options: object) -> Way:
        def make(place: Path) -> list[str]:
            server = make_server(place, tree, count)
            if not is_first:
                back_up(server, place)
            return make_play(place, [{RUN: {"config": server, **options}}])

        return Way(name, make)

    ways = [call(ONE, 1), call(CARRIED, applications, applications=["app0"]), call(MANY, applications)]
    return race([*ways, call(FIRST, applications, is_first=True)], ONE, folder, rounds, FLEET_ENVIRONMENT)


def race_tasks(folder: Path, tree: Path, applications: int) -> Race:
    """One call for all applications of each server, and a task for each of them."""

    def ask(name: str, count: int, options: Mapping[str, object], **task: object) -> Way:
        def make(place: Path) -> list[str]:
            hosts = make_fleet(place, tree, FEW, count)
            for variables in hosts.values():
                back_up(variables["backup_config"], place)
            return make_play(place, [{RUN: {"config": "{{ backup_config }}", **options}, **task}], hosts)

        return Way(name, make)

    loop = ask(LOOP, applications, {"applications": ["app{{ item }}"]}, loop=list(range(applications)))
    ways = [ask(ONE, 1, {}), ask(MANY, applications, {}), loop]
    return race(ways, ONE, folder, HOST_ROUNDS, FLEET_ENVIRONMENT, is_warm=True)


def name_hosts(count: int) -> str:
    """The way with so many servers."""
    return f"ours, {count} servers"


def play_hosts(tree: Path, name: str, count: int, *environment: str) -> Way:
    """One call on each of so many servers."""

    def make(place: Path) -> list[str]:
        play = make_play(place, [{RUN: {"config": "{{ backup_config }}"}}], make_fleet(place, tree, count))
        return ["env", *environment, *play]

    return Way(name, make)


def race_hosts(folder: Path, tree: Path, hosts: int) -> Race:
    """Few servers and many."""
    ways = [play_hosts(tree, name_hosts(count), count) for count in (FEW, hosts)]
    return race(ways, name_hosts(FEW), folder, HOST_ROUNDS, FLEET_ENVIRONMENT, is_warm=True)


def race_callback(folder: Path, tree: Path, rounds: int) -> Race:
    """The same play without and with the callback."""
    ways = [
        play_hosts(tree, PLAIN, TOLD_HOSTS, "-u", "ANSIBLE_CALLBACKS_ENABLED"),
        play_hosts(tree, TOLD, TOLD_HOSTS, f"ANSIBLE_CALLBACKS_ENABLED={CALLBACK}"),
    ]
    return race(ways, PLAIN, folder, rounds, FLEET_ENVIRONMENT, is_warm=True)


def count_server(place: Path, tree: Path, applications: int) -> Counter[str]:
    """What the playbook `backup` starts on a server."""
    place.mkdir()
    hosts = make_fleet(place, tree, 1, applications)
    for variables in hosts.values():
        del variables["backup_config"]
    return count_calls(place, "backup.yml", hosts)[min(hosts)]


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
