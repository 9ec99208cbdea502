#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prune
short_description: Remove old runs of a server by the retention of each application
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Removes the runs that the retention of an application no longer keeps. The newest run and the newest proved ones
    stay, whatever the retention says, and nothing is removed after a failure.
  - Receipts are never removed. What was removed is told by a receipt of its own.
  - The task fails when pruning an application is refused, after all the others were done.
  - In check mode the module only says what it would remove.
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
  - diskominfo.backup.selection
seealso:
  - module: diskominfo.backup.check
"""

EXAMPLES = r"""
- name: See what would be removed
  diskominfo.backup.prune:
  check_mode: true
  register: plan

- name: Remove old runs of the applications that were backed up well
  diskominfo.backup.prune:
    applications: "{{ backup.succeeded_applications }}"
  when: backup.succeeded_applications | length > 0
"""

RETURN = r"""
receipts:
  description:
    - The receipt of every prune, failed ones too, in the order of the register. See C(docs/receipt.md).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What the prune is called; ids sort by time.
      type: str
      returned: always
      sample: 20261122T200100Z-8f3c2a10
    kind:
      description: What was attempted.
      type: str
      returned: always
      sample: prune
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
  returned: always
  type: list
  elements: str
  sample: []
succeeded_applications:
  description: Names of the applications that succeeded.
  returned: always
  type: list
  elements: str
  sample: [portal, agenda]
deleted:
  description: Name of an application -> ids of the runs that were removed, or would be in check mode.
  returned: always
  type: dict
  sample: {portal: [20261022T200100Z-8f3c2a10]}
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

from dataclasses import replace

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, answer_receipts, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.prune import prune_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.selection import pick_applications
from ansible_collections.diskominfo.backup.plugins.module_utils.options import get_spec


def prune_runs(request: Request) -> Answer:
    """The receipts of what was removed, or would be."""
    station = request.open_ready_station()
    chosen = pick_applications(station, request["applications"], request["category"] or "")
    receipts = prune_server(station, chosen, request.is_check_mode)
    deleted = {receipt.application: list(receipt.deleted) for receipt in receipts if receipt.deleted}
    answer = answer_receipts(receipts, "prune")
    return replace(answer, values={**answer.values, "deleted": deleted}, changed=bool(deleted))


def main() -> None:
    """Runs the module."""
    serve(prune_runs, get_spec("config", "selection"))


if __name__ == "__main__":
    main()
