# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report
type: aggregate
short_description: Show the backup report at the end of a playbook
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - At the end of a playbook in which modules of this collection ran, shows a table with a row for each application,
    what failed first, with the reason and the remedy.
  - Where the playbook made a report itself (P(diskominfo.backup.report#module)), that one is shown. Otherwise one is
    made of the results of the playbook. An application whose server gave no answer is a row too.
  - Says nothing in other playbooks.
options:
  directory:
    description:
      - A folder on the control node that receives C(report.html) and C(report.json). Nothing is written without it.
    type: path
    ini:
      - section: callback_diskominfo_backup_report
        key: directory
    env:
      - name: DISKOMINFO_BACKUP_REPORT_DIRECTORY
    vars:
      - name: backup_report_directory
  language:
    description:
      - The language of the table. That of the register, or Indonesian, when it is not given.
    type: str
    choices: [id, en]
    ini:
      - section: callback_diskominfo_backup_report
        key: language
    env:
      - name: DISKOMINFO_BACKUP_REPORT_LANGUAGE
    vars:
      - name: backup_report_language
requirements:
  - Enable it by adding C(diskominfo.backup.report) to C(callbacks_enabled) in C(ansible.cfg).
"""

import functools
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.plugins.callback import CallbackBase
from ansible.utils.color import ANSIBLE_COLOR

from ansible_collections.diskominfo.backup.plugins.plugin_utils.plays import COLLECTION, PlayEvidence

if TYPE_CHECKING:
    from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report

WIDTH_WITHOUT_TERMINAL = 80
REMEDY = "the backups themselves are not touched by this; run the playbook 'report', and please report this fault"


def guard(listen: Callable[..., None]) -> Callable[..., None]:
    """A listener that never raises: what goes wrong in it is a red line at the end of the playbook."""

    @functools.wraps(listen)
    def listen_safely(self: CallbackModule, *arguments: Any, **options: Any) -> None:
        try:
            listen(self, *arguments, **options)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.faults[f"{type(error).__name__}: {error}"] = None

    return listen_safely


class CallbackModule(CallbackBase):
    """Listens to a playbook and tells its backups at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "diskominfo.backup.report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.evidence = PlayEvidence()
        self.began = _now()
        self.faults: dict[str, None] = {}

    @guard
    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host takes part."""
        self.evidence.take_host(host.get_name())
        self._name_module(task)

    @guard
    def v2_runner_on_ok(self, result: Any) -> None:
        """A task ended well, or was told to look well."""
        self._take(result)

    @guard
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        """A task failed; the receipts are in its result all the same."""
        self._take(result)

    @guard
    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host gave no answer."""
        self._name_module(result.task)
        self.evidence.take_silence(result.host.get_name(), str(result.result.get("msg", "")), _now())

    def _take(self, result: Any) -> None:
        self.evidence.take_facts(result.result.get("ansible_facts"))
        module = self._name_module(result.task)
        if module:
            self.evidence.take_result(result.host.get_name(), module, result.result, _now())

    def _name_module(self, task: Any) -> str:
        name = str(task.resolved_action or task.action)
        if not name.startswith(COLLECTION):
            return ""
        self.evidence.modules.add(name[len(COLLECTION) :])
        return name[len(COLLECTION) :]

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002
        """The playbook is over."""
        self._tell()
        for fault in self.faults:
            self._display.display(f"The backup report could not be shown: {fault}\n  -> {REMEDY}", color="red")

    @guard
    def _tell(self) -> None:
        if self.evidence.report is None and not self.evidence.has_backups:
            return
        # Who enables this for every playbook waits for what makes a report only where there is one.
        from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.text import render_text
        from ansible_collections.diskominfo.backup.plugins.plugin_utils.reports import write_report

        report = self._find_report()
        language = self._choose_language()
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
        self._display.display("\n" + render_text(report, language, width, ANSIBLE_COLOR).rstrip("\n"))
        directory = self._read_option("directory")
        if directory:
            for path in write_report(report, language, Path(directory)):
                self._display.display(str(path))

    def _find_report(self) -> Report:
        from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Period
        from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_report
        from ansible_collections.diskominfo.backup.plugins.plugin_utils.reports import read_report

        if self.evidence.report is not None:
            return read_report(self.evidence.report)
        evidence, now = self.evidence, _now()
        period = Period(min([self.began, *evidence.moments]), max([now, *evidence.moments]))
        office = next((server.office for server in evidence.register.servers if server.office), {})
        report = make_report(evidence, period, now, office, office.get("sop_number", ""))
        return replace(report, findings=(*report.findings, *evidence.findings, *evidence.tell_strangers()))

    def _choose_language(self) -> str:
        registered = next((server.language for server in self.evidence.register.servers), "id")
        return str(self._read_option("language") or registered)

    def _read_option(self, name: str) -> Any:
        read: Callable[[str], Any] = self.get_option
        return read(name)


def _now() -> datetime:
    return datetime.now(timezone.utc)
