#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore
short_description: Restore an application
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Brings a stored run, or some of its parts, back and compares what came with what was in the source.
  - With O(target) everything goes into a new folder, with O(database) one database goes onto its running server under a
    new name. Nothing that exists is touched then.
  - With O(in_place) the original is replaced. That needs its exact name in O(confirm), keeps what is there in a safety
    backup first, and exchanges nothing that is not what was backed up.
  - In check mode nothing is written. RV(steps) says what would be done, RV(rooms) the room it needs, and the task fails
    for whatever would be in the way.
options:
  application:
    description:
      - The name of the application. It may have left the register as long as it has stored runs.
    type: str
    required: true
  run:
    description:
      - The newest run (V(latest)), the newest that was restored and compared (V(proved)), the id of a run, or a date
        such as V(2026-11-22) or V(2026-11-22T20:00), which means the newest that had begun by then.
    type: str
    default: latest
  source:
    description:
      - The folder of one run that was brought here, as it lies in a store. O(run) is not read then.
    type: path
  target:
    description:
      - The folder to fill, which does not exist or is empty. Each part gets a folder of its own in it.
    type: path
  database:
    description:
      - A name that no database of the server has. One database is restored under it.
    type: str
  in_place:
    description:
      - Whether the original is replaced.
    type: bool
    default: false
  confirm:
    description:
      - The exact name of the application, as a person typed it. Needed with O(in_place).
    type: str
    default: ""
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

- name: Say what restoring over the original would do
  diskominfo.backup.restore:
    application: portal
    in_place: true
    confirm: portal
  check_mode: true

- name: Restore the databases of yesterday under another name
  diskominfo.backup.restore:
    application: portal
    run: "2026-11-21"
    database: portal_kemarin

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
  description: The folder that was filled, or would be; C(original), or C(database) and its name.
  returned: when the run was found
  type: str
  sample: /srv/restored/portal
folders:
  description: Name of a part -> its folder.
  returned: when the run was found and O(target) is given
  type: dict
  sample: {portal.sqlite: /srv/restored/portal/database-portal.sqlite}
steps:
  description: What would be done, in its order.
  returned: in check mode
  type: list
  elements: str
  sample: ["portal.sqlite: restore into /srv/restored/portal/database-portal.sqlite, compare with the backup"]
rooms:
  description: C(path), C(needed_bytes), C(free_bytes) and, in words, C(told) for each part that would come.
  returned: in check mode
  type: list
  elements: dict
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
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.restore import name_folder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.restoring import Way, Wish, choose_way
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.run import back_up_aside
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "application": {"type": "str", "required": True},
    "run": {"type": "str", "default": "latest"},
    "source": {"type": "path"},
    "target": {"type": "path"},
    "database": {"type": "str"},
    "in_place": {"type": "bool", "default": False},
    "confirm": {"type": "str", "default": ""},
    "parts": {"type": "list", "elements": "str", "default": []},
}


def restore_application(request: Request) -> Answer:
    """The receipt of the restore; in check mode what would be restored, and where."""
    way = choose_way(request.open_ready_station(), _read_wish(request))
    if request.is_check_mode:
        plan = way.plan()
        return Answer({**plan.to_data(), **_name_folders(way)}, changed=True)
    answer = answer_receipts([way.go(back_up_aside)], "restore")
    target = answer.values["receipts"][0].get("target", "")
    return replace(answer, values={"run_id": way.run.id, "target": target, **_name_folders(way), **answer.values})


def _read_wish(request: Request) -> Wish:
    return Wish(
        application=request["application"],
        run=request["run"],
        folder=Path(request["source"]) if request["source"] else None,
        names=request["parts"],
        target=Path(request["target"]) if request["target"] else None,
        database=request["database"] or "",
        is_in_place=request["in_place"],
        typed=request["confirm"],
    )


def _name_folders(way: Way) -> dict[str, dict[str, str]]:
    if not isinstance(way.goal, Path):
        return {}
    chosen = [part for part in way.run.parts if not way.names or part.name in way.names]
    return {"folders": {part.name: str(way.goal / name_folder(part)) for part in chosen}}


def main() -> None:
    """Runs the module."""
    serve(restore_application, get_spec("config", "progress", **OWN))


if __name__ == "__main__":
    main()
