#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: collect
short_description: Keep the receipts of a server as evidence
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Keeps the receipts of one server in the evidence folder, byte for byte. Those that are there already stay.
  - A server is not believed. What is no receipt of it, is too large or too deep, or comes from the future, is refused
    by name, and everything else is kept.
  - A server that gave no answer leaves a record of its silence.
  - Runs on the host of the evidence folder. In check mode nothing is kept.
options:
  server:
    description:
      - The name of the server, which is the name of its host in the inventory.
    type: str
    required: true
  documents:
    description:
      - The receipts, as M(diskominfo.backup.receipt_info) returns them when its C(exact) is true.
    type: list
    elements: dict
    default: []
    suboptions:
      application:
        description:
          - The name of the application. Empty for the server itself.
        type: str
        default: ""
      text:
        description:
          - The receipt as it was written.
        type: str
        required: true
  discovered:
    description:
      - What M(diskominfo.backup.application_info) found on the server. It is kept for the next report.
    type: dict
  installed:
    description:
      - What M(diskominfo.backup.receipt_info) found installed on the server. The report holds it against the schedule
        that was accepted.
    type: dict
  error:
    description:
      - Why the server gave no answer, as the connection said it.
    type: str
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.receipt_info
  - module: diskominfo.backup.report
"""

EXAMPLES = r"""
- name: Read the receipts of a server
  diskominfo.backup.receipt_info:
    exact: true
    installed: true
  register: found
  ignore_unreachable: true

- name: Keep them, or the silence of the server
  diskominfo.backup.collect:
    evidence: /srv/evidence
    server: "{{ inventory_hostname }}"
    documents: "{{ found.documents | default([]) }}"
    installed: "{{ found.installed | default(omit) }}"
    error: "{{ found.msg | default(omit) }}"
  delegate_to: localhost
"""

RETURN = r"""
added:
  description: How many receipts were new.
  returned: success
  type: int
  sample: 4
known:
  description: How many were there already.
  returned: success
  type: int
  sample: 12
refused:
  description: A sentence for each document that is no receipt of this server.
  returned: success
  type: list
  elements: str
  sample: []
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: not_recorded
hint:
  description: What to do now.
  returned: on failure
  type: str
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.installations import Installations
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.searches import Searches
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.collect import (
    collect_receipts,
    keep_installed,
    make_contact,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.prioritize import read_look
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

DOCUMENT: dict[str, Any] = {
    "application": {"type": "str", "default": ""},
    "text": {"type": "str", "required": True},
}
OWN: dict[str, Option] = {
    "server": {"type": "str", "required": True},
    "documents": {"type": "list", "elements": "dict", "default": [], "options": DOCUMENT},
    "discovered": {"type": "dict"},
    "installed": {"type": "dict"},
    "error": {"type": "str"},
}

Keeper = Callable[[Request, datetime], bool]
"""Keeps the record of one option; whether it is new."""


def keep_receipts(request: Request) -> Answer:
    """How many receipts came home, and what was refused."""
    server, documents, error = request["server"], request["documents"], request["error"]
    folder, now = EvidenceFolder(Path(request["evidence"]), Register(())), utc_now()
    if request.is_check_mode:
        refused, changes = _keep_told(request, now, {"installed": _keep_installed})
        values = {"added": 0, "known": 0, "refused": refused}
        return Answer(values, bool(documents or error or any(changes)), warnings=refused)
    bundles = ((document["application"], document["text"].encode("utf-8", "replace")) for document in documents)
    collected = collect_receipts(server, bundles, folder, now)
    contacts = [make_contact(server, error, now).to_bytes()] if error else []
    added = collected.added + sum(folder.add_receipt(server, "", contact) for contact in contacts)
    told, changes = _keep_told(request, now, {"discovered": _keep_look, "installed": _keep_installed})
    refused = [*collected.refused, *told]
    values = {"added": added, "known": collected.known, "refused": refused}
    return Answer(values, added > 0 or any(changes), warnings=refused)


def _keep_told(request: Request, now: datetime, keepers: Mapping[str, Keeper]) -> tuple[list[str], list[bool]]:
    """A sentence for each option whose record is refused, and whether each of the others was kept as something new."""
    refused: list[str] = []
    changes: list[bool] = []
    for option, keep in keepers.items():
        try:
            changes += [keep(request, now)] if request[option] is not None else []
        except RecordRefused as fault:
            refused.append(fault.message)
    return refused, changes


def _keep_look(request: Request, now: datetime) -> bool:
    look = read_look(request["server"], request["discovered"], now)
    return Searches(Path(request["evidence"])).keep_look(look)


def _keep_installed(request: Request, now: datetime) -> bool:
    books = Installations(Path(request["evidence"]))
    return keep_installed(request["server"], request["installed"], books, now, request.is_check_mode)


def main() -> None:
    """Runs the module."""
    serve(keep_receipts, get_spec("evidence", **OWN))


if __name__ == "__main__":
    main()
