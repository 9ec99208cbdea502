#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule
short_description: Plan when everything in the register is backed up
version_added: 0.2.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Gives every server of the register its own moments in the window of the office's calendar, where the other servers
    leave most room. How long something takes is what its last backup took, by the receipts of the evidence folder.
  - Whoever has a moment keeps it as long as the calendar allows it. A plan that says what the accepted one says changes
    nothing.
  - The plan is written for people as the document Jadwal Backup, with a picture of a week, and for calendar programs.
  - Runs on the host of the evidence folder. In check mode nothing is written, and the difference is told.
options:
  register:
    description:
      - The servers of the register, as the filter P(diskominfo.backup.register#filter) gives them.
    type: list
    elements: dict
    required: true
  formats:
    description:
      - What the document is written as. C(schedule.json), the plan itself, is always written.
    type: list
    elements: str
    choices: [csv, html, ics, json, txt]
    default: [html, txt, csv, ics]
  language:
    description:
      - The language of the document. That of the register where it is left out.
    type: str
    choices: [id, en]
  anew:
    description:
      - Whether every server gets a new moment, as if nothing had been accepted yet.
    type: bool
    default: false
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - plugin: diskominfo.backup.schedule
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan when everything is backed up
  diskominfo.backup.schedule:
    evidence: /srv/evidence
    register: "{{ hostvars | diskominfo.backup.register(groups['all']) }}"
  delegate_to: localhost
  run_once: true
  register: planned
"""

RETURN = r"""
id:
  description: The id of the plan. That of the accepted one, where nothing changed.
  returned: success
  type: str
  sample: 20261127T030000Z-0a1b2c3d
schedules:
  description: Name of a server and its C(schedule), as its configuration holds it.
  returned: success
  type: dict
findings:
  description: Where a window is too small, each with C(subject), C(message) and C(hint).
  returned: success
  type: list
  elements: dict
paths:
  description: Format and the file that was written.
  returned: when not in check mode
  type: dict
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: configuration
hint:
  description: What to do now.
  returned: on failure
  type: str
"""

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.plans import find_accepted
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import write_value
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.schedule import (
    make_plan,
    publish_plan,
    render_text,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "register": {"type": "list", "elements": "dict", "required": True},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": ["csv", "html", "ics", "json", "txt"],
        "default": ["html", "txt", "csv", "ics"],
    },
    "language": {"type": "str", "choices": ["id", "en"]},
    "anew": {"type": "bool", "default": False},
}


def plan_register(request: Request) -> Answer:
    """The plan, written where it says something new."""
    register, root = read_register(list(request["register"])), Path(request["evidence"])
    accepted = find_accepted(root)
    plan = make_plan(register, EvidenceFolder(root, register), None if request["anew"] else accepted, utc_now())
    is_new = not plan.is_as(accepted)
    language = request["language"] or next((server.language for server in register.servers), Server("", ()).language)
    values: dict[str, Any] = {
        "id": plan.id if is_new or accepted is None else accepted.id,
        "schedules": {name: schedule.to_data() for name, schedule in plan.schedules.items()},
        "findings": [write_value(finding) for finding in plan.findings],
        "diff": {
            "before": render_text(accepted, language),
            "after": render_text(plan if is_new else accepted, language),
        },
    }
    if is_new and not request.is_check_mode:
        published = publish_plan(plan, root, request["formats"], language)
        values["paths"] = {name: str(path) for name, path in published.items()}
    warnings = [f"{finding.message}; {finding.hint}" for finding in plan.findings]
    return Answer(values, is_new, warnings=warnings)


def main() -> None:
    """Runs the module."""
    serve(plan_register, get_spec("evidence", **OWN))


if __name__ == "__main__":
    main()
