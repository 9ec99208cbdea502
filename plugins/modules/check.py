#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: check
short_description: Prove stored backups of a server
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Reads stored runs to their end, restores them into a throwaway place and compares what came back with what was in
    the source when the backup was made. Every check leaves a receipt.
  - The task fails when a check fails, after all the others were done.
  - In check mode the runs that would be checked are named and nothing is read.
options:
  runs:
    description:
      - Which runs. V(due) follows the C(check) policy of each application, V(latest) takes the newest run of each,
        V(all) takes everything that is stored, V(failed) repeats what came to no result the last time. Anything else
        is the id of one run.
      - With V(latest) an application that has no stored run is passed over.
    type: str
    default: due
  depth:
    description:
      - How deep. V(readable) reads every byte, V(compared) restores and compares. With O(runs=due) the policy of the
        application decides.
    type: str
    choices: [readable, compared]
    default: compared
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
  - diskominfo.backup.progress
  - diskominfo.backup.selection
seealso:
  - module: diskominfo.backup.run
"""

EXAMPLES = r"""
- name: Check what is due
  diskominfo.backup.check:

- name: Restore and compare the newest run of one application
  diskominfo.backup.check:
    applications: [portal]
    runs: latest
"""

RETURN = r"""
receipts:
  description:
    - The receipt of every check, failed ones too, in the order of the register. See C(docs/receipt.md).
  returned: not in check mode
  type: list
  elements: dict
  contains:
    id:
      description: What the check is called; ids sort by time.
      type: str
      returned: always
      sample: 20261122T200100Z-8f3c2a10
    kind:
      description: What was attempted.
      type: str
      returned: always
      sample: check
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
planned:
  description: The runs that would be checked, with C(application), C(run_id) and C(depth).
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

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, answer_receipts, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.check import check_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.repair import FAILED_ONLY, find_failed_checks
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.selection import (
    LATEST,
    pick_applications,
    pick_checks,
    stored_runs,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "runs": {"type": "str", "default": "due"},
    "depth": {"type": "str", "choices": ["readable", "compared"], "default": "compared"},
}


def check_runs(request: Request) -> Answer:
    """The receipts of the checks; in check mode which checks there would be."""
    station = request.open_ready_station()
    chosen = pick_applications(station, request["applications"], request["category"] or "")
    if request["runs"] == LATEST:
        chosen = [application for application in chosen if stored_runs(station, application.name)]
    again = find_failed_checks(station, chosen) if request["runs"] == FAILED_ONLY else []
    wanted = [(one, run, request["depth"]) for one, run, _unused in again]
    if request["runs"] != FAILED_ONLY:
        wanted = pick_checks(station, chosen, request["runs"], request["depth"])
    if request.is_check_mode:
        planned = [{"application": one.name, "run_id": run.id, "depth": depth} for one, run, depth in wanted]
        return Answer({"planned": planned}, bool(planned))
    return answer_receipts(check_server(station, wanted, {run.id: check.id for _unused, run, check in again}), "check")


def main() -> None:
    """Runs the module."""
    serve(check_runs, get_spec("config", "progress", "selection", **OWN))


if __name__ == "__main__":
    main()
