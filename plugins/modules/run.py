#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: run
short_description: Back up the applications of a server
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Backs up every chosen application of one server in one call, several side by side. Databases and source trees go
    into the server's store, all parts of an application or none of them, and a receipt is kept of every attempt.
  - One application that fails does not stop the others. The task fails afterwards, and its result holds all receipts.
  - In check mode nothing is written. The store and every source are probed instead, and the task fails when a backup
    would not begin well.
options:
  only_failed:
    description:
      - Only applications whose newest run failed, or was found damaged since. The receipts name what they repeat.
    type: bool
    default: false
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
  - diskominfo.backup.progress
  - diskominfo.backup.selection
requirements:
  - GNU tar on the server
  - zstd or gzip on the server
seealso:
  - module: diskominfo.backup.check
  - module: diskominfo.backup.report
"""

EXAMPLES = r"""
- name: Back up everything that this server's configuration lists
  diskominfo.backup.run:

- name: Back up the daily applications, as the inventory describes them
  diskominfo.backup.run:
    config: "{{ (hostvars | diskominfo.backup.register([inventory_hostname])) | first }}"
    category: daily

- name: Look whether a backup of one application would begin well
  diskominfo.backup.run:
    applications: [portal]
  check_mode: true
"""

RETURN = r"""
receipts:
  description:
    - The receipt of every run, failed ones too, in the order of the register. See C(docs/receipt.md).
  returned: not in check mode
  type: list
  elements: dict
  contains:
    id:
      description: What the run is called; ids sort by time.
      type: str
      returned: always
      sample: 20261122T200100Z-8f3c2a10
    kind:
      description: What was attempted.
      type: str
      returned: always
      sample: run
    application:
      description: The name of the application.
      type: str
      returned: always
      sample: portal
    status:
      description: V(succeeded) or V(failed).
      type: str
      returned: always
      sample: succeeded
    failure:
      description: Why it failed, with C(slug), C(message) and C(hint).
      type: dict
      returned: on failure
    parts:
      description: The databases and source trees, each with its file, size, sha256 and what was counted in it.
      type: list
      elements: dict
      returned: when there are parts
failed_applications:
  description: Names of the applications that failed.
  returned: not in check mode
  type: list
  elements: str
  sample: []
succeeded_applications:
  description: Names of the applications that succeeded.
  returned: not in check mode
  type: list
  elements: str
  sample: [portal, agenda]
findings:
  description: What the probe found, with C(slug), C(severity), C(subject), C(message) and C(hint).
  returned: in check mode
  type: list
  elements: dict
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: source_missing
hint:
  description: What to do now.
  returned: on failure
  type: str
  sample: restore it, or correct its path in the register
"""

from ansible_collections.diskominfo.backup.plugins.module_utils.door import (
    Answer,
    Request,
    answer_findings,
    answer_receipts,
    serve,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.act import settle_if_possible
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.probe import probe_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.repair import find_failed_runs
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.run import repeat_runs, run_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.selection import pick_applications
from ansible_collections.diskominfo.backup.plugins.module_utils.options import get_spec


def back_up(request: Request) -> Answer:
    """The receipts of the chosen applications; in check mode what a probe of them found."""
    station = request.open_station()
    chosen = pick_applications(station, request["applications"], request["category"] or "")
    if request.is_check_mode:
        return answer_findings(probe_server(station, chosen), bool(chosen))
    settle_if_possible(station)
    receipts = (
        repeat_runs(station, find_failed_runs(station, chosen))
        if request["only_failed"]
        else run_server(station, chosen)
    )
    return answer_receipts(receipts, "run")


def main() -> None:
    """Runs the module."""
    serve(back_up, get_spec("config", "progress", "selection", only_failed={"type": "bool", "default": False}))


if __name__ == "__main__":
    main()
