# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door between Ansible and the engine: the only place that makes an AnsibleModule and ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .engine.act import settle
from .engine.errors import BackupError, Interrupted
from .engine.flow.heartbeat import open_progress
from .engine.flow.process import Supervisor
from .engine.flow.progress import Progress, Silence
from .engine.flow.signals import end_on_signals
from .engine.record.finding import RED, Finding
from .engine.record.receipt import PLAYBOOK, Receipt, Runner
from .engine.record.register import Server, read_server
from .engine.station import Station, open_station, read_configuration
from .engine.version import VERSION


@dataclass(frozen=True)
class Request:
    """One call of a module: its options, and whether it may change anything."""

    options: Mapping[str, Any]
    is_check_mode: bool
    supervisor: Supervisor
    progress: Progress = field(default_factory=Silence)

    def __getitem__(self, option: str) -> Any:
        return self.options[option]

    def read_server(self) -> Server:
        """The server of the options `config` or `config_path`; ConfigurationError with all its problems."""
        given = self.options["config"]
        return read_configuration(self.options["config_path"]) if given is None else read_server(given)

    def open_station(self, server: Server | None = None) -> Station:
        """The working place of `server`, or of the server of the options; the store is not touched."""
        runner = Runner(VERSION, "")
        return open_station(server or self.read_server(), self.supervisor, self.progress, runner, PLAYBOOK)

    def open_ready_station(self, server: Server | None = None) -> Station:
        """The same, with its store proved and what earlier acts left made good; in check mode the store is probed."""
        station = self.open_station(server)
        if self.is_check_mode:
            station.store.probe()
        else:
            station.store.open()
            settle(station)
        return station


@dataclass(frozen=True)
class Answer:
    """What a module returns. A `failure` fails the task, with `values` beside it."""

    values: dict[str, Any] = field(default_factory=dict)
    changed: bool = False
    failure: BackupError | None = None
    warnings: Sequence[str] = ()


Work = Callable[[Request], Answer]


def serve(work: Work, spec: dict[str, dict[str, Any]], **rules: Any) -> None:
    """Does `work` for the module that runs now, and ends it. `rules` are such as `required_one_of`.

    A BackupError fails the task with `msg`, `slug` and `hint`. A signal ends the work in good order.
    """
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **rules)
    supervisor = Supervisor()
    restore_signals = end_on_signals(supervisor)
    try:
        with open_progress(module.params.get("progress"), supervisor) as progress:
            answer = work(Request(module.params, module.check_mode, supervisor, progress))
    except BackupError as error:
        answer = Answer(failure=error)
    finally:
        restore_signals()
    _end(module, answer, supervisor.ended_by)


def _end(module: AnsibleModule, answer: Answer, ended_by: BackupError | None) -> None:
    for warning in answer.warnings:
        module.warn(warning)
    failure = ended_by if isinstance(ended_by, Interrupted) else answer.failure
    if failure is None:
        module.exit_json(changed=answer.changed, **answer.values)
    else:
        told = {"msg": failure.message, "slug": failure.slug, "hint": failure.hint}
        module.fail_json(changed=answer.changed, **told, **answer.values)


def answer_receipts(receipts: Sequence[Receipt], act: str) -> Answer:
    """What a module says of the receipts that its acts left; it fails when any of them did. `act` is their kind."""
    failed = [receipt for receipt in receipts if receipt.failure]
    names = list(dict.fromkeys(receipt.application for receipt in failed))
    values = {
        "receipts": [receipt.to_data() for receipt in receipts],
        "failed_applications": names,
        "succeeded_applications": [
            name for name in dict.fromkeys(receipt.application for receipt in receipts) if name not in names
        ],
    }
    warnings = [f"{receipt.application}: {warning}" for receipt in receipts for warning in receipt.warnings]
    return Answer(values, bool(receipts), _sum_up(failed, len(receipts), act), warnings)


def answer_findings(findings: Sequence[Finding], would_change: bool) -> Answer:
    """What a module says in check mode of a probe: it fails when anything is red, and its message tells all of it."""
    red = [finding for finding in findings if finding.severity == RED]
    failure = None
    if red:
        failure = BackupError("; ".join(f"{finding.subject}: {finding.message}" for finding in red), red[0].hint)
        failure.slug = red[0].slug
    return Answer({"findings": [finding.to_data() for finding in findings]}, would_change, failure)


def _sum_up(failed: Sequence[Receipt], count: int, act: str) -> BackupError | None:
    """One error for all: that of the only failed receipt, or how many there are and the first of them."""
    reasons = [receipt.failure for receipt in failed if receipt.failure]
    if not reasons:
        return None
    first = reasons[0]
    message = f"{act} of {failed[0].application} failed: {first.message}"
    if len(reasons) > 1:
        message = f"{act} failed for {len(reasons)} of {count}, see receipts; the first: {message}"
    error = BackupError(message, first.hint)
    error.slug = first.slug
    return error
