#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore
short_description: Restore an application into a new folder
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Brings a stored run, or some of its parts, back into a folder that does not exist yet or is empty, and compares what
    came with what was in the source. Nothing that exists is ever touched.
  - In check mode the run is found and the folder is looked at, and nothing is written.
options:
  application:
    description:
      - The name of the application. It may have left the register as long as it has stored runs.
    type: str
    required: true
  run:
    description:
      - The newest run (V(latest)), the newest that was restored and compared (V(proved)), or the id of a run.
    type: str
    default: latest
  target:
    description:
      - The folder to fill. Each part gets a folder of its own in it.
    type: path
    required: true
  parts:
    description:
      - Only these parts, by their names in the receipt. All of them when the list is empty.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
  - diskominfo.backup.progress
seealso:
  - module: diskominfo.backup.receipt_info
"""

EXAMPLES = r"""
- name: Restore the newest proved run beside the running site
  diskominfo.backup.restore:
    application: portal
    run: proved
    target: /srv/restored/portal

- name: Restore one database only
  diskominfo.backup.restore:
    application: portal
    target: /srv/restored/portal-database
    parts: [portal.sqlite]
"""

RETURN = r"""
run_id:
  description: The run that was restored, or would be.
  returned: when it was found
  type: str
  sample: 20261122T200100Z-8f3c2a10
target:
  description: The folder that was filled, or would be.
  returned: when the run was found
  type: str
  sample: /srv/restored/portal
folders:
  description: Name of a part -> its folder.
  returned: when the run was found
  type: dict
  sample: {portal.sqlite: /srv/restored/portal/database-portal.sqlite}
receipts:
  description:
    - The receipt of every restore, failed ones too, in the order of the register. See C(docs/receipt.md).
  returned: not in check mode
  type: list
  elements: dict
  contains:
    id:
      description: What the restore is called; ids sort by time.
      type: str
      returned: always
      sample: 20261122T200100Z-8f3c2a10
    kind:
      description: What was attempted.
      type: str
      returned: always
      sample: restore
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
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, answer_receipts, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.restore import (
    name_folder,
    prove_target,
    restore_run,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.selection import find_application, pick_run
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "application": {"type": "str", "required": True},
    "run": {"type": "str", "default": "latest"},
    "target": {"type": "path", "required": True},
    "parts": {"type": "list", "elements": "str", "default": []},
}


def restore_application(request: Request) -> Answer:
    """The receipt of the restore; in check mode what would be restored, and where."""
    station, target = request.open_ready_station(), Path(request["target"])
    application = find_application(station, request["application"])
    run = pick_run(station, application.name, request["run"])
    folders = {
        part.name: str(target / name_folder(part))
        for part in run.parts
        if not request["parts"] or part.name in request["parts"]
    }
    values = {"run_id": run.id, "target": str(target), "folders": folders}
    if request.is_check_mode:
        prove_target(target)
        return Answer(values, changed=True)
    answer = answer_receipts([restore_run(station, application, run, target, request["parts"])], "restore")
    return replace(answer, values={**values, **answer.values})


def main() -> None:
    """Runs the module."""
    serve(restore_application, get_spec("config", "progress", **OWN))


if __name__ == "__main__":
    main()
