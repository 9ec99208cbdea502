#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: receipt_info
short_description: Read the receipts of a server or of the evidence folder
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Returns receipts, oldest first. A receipt is the record of one attempt at one application, failed ones too.
  - Reads the records of this server, or those of all servers when O(evidence) names the evidence folder.
  - Changes nothing.
options:
  evidence:
    description:
      - The evidence folder. The configuration of a server is not read then.
    type: path
  application:
    description:
      - Only receipts of this application.
    type: str
  kinds:
    description:
      - Only receipts of these kinds. Every kind when the list is empty.
    type: list
    elements: str
    choices: [run, check, restore, prune, copy, contact]
    default: []
  since:
    description:
      - Only receipts of acts that began at this time or later, such as V(2026-11-22T20:01:00Z).
    type: str
  known:
    description:
      - Ids of receipts to leave out.
    type: list
    elements: str
    default: []
  limit:
    description:
      - At most so many, the newest. Whether there are others is told by RV(has_more).
    type: int
    default: 100
  exact:
    description:
      - Returns the very texts of the receipts as RV(documents), in place of RV(receipts). The module
        M(diskominfo.backup.collect) takes them.
    type: bool
    default: false
  installed:
    description:
      - Also tells as RV(installed) what begins backups on this server, its timers or lines of cron, and whether the
        configuration is what the register says. Not with O(evidence).
    type: bool
    default: false
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
seealso:
  - module: diskominfo.backup.collect
"""

EXAMPLES = r"""
- name: Read the newest receipts of one application
  diskominfo.backup.receipt_info:
    application: portal
    limit: 10

- name: Ask how far the evidence reaches
  diskominfo.backup.receipt_info:
    evidence: /srv/evidence
    limit: 0
  register: known

- name: Read from a server what the evidence lacks
  diskominfo.backup.receipt_info:
    since: "{{ known.since[inventory_hostname] | default(omit) }}"
    known: "{{ known.known[inventory_hostname] | default([]) }}"
    limit: 5000
    exact: true
    installed: true
"""

RETURN = r"""
receipts:
  description: The receipts. See C(docs/receipt.md).
  returned: when O(exact=false)
  type: list
  elements: dict
documents:
  description: The receipts as the texts they were written as, so that their hashes hold.
  returned: when O(exact=true)
  type: list
  elements: dict
  contains:
    application:
      description: The name of the application. Empty for the server itself.
      type: str
      returned: always
      sample: portal
    text:
      description: The receipt.
      type: str
      returned: always
has_more:
  description: Whether older receipts were left out by O(limit).
  returned: always
  type: bool
  sample: false
problems:
  description: What was found on the way and cannot be read as a receipt, a sentence each.
  returned: always
  type: list
  elements: str
  sample: []
installed:
  description:
    - What is installed on this server as it is in force, drop-ins included. See C(docs/schedule.md). The module
      M(diskominfo.backup.collect) takes it.
  returned: when O(installed=true) and O(evidence) is not given
  type: dict
since:
  description: Name of a server -> from when on its receipts may be missing here, some days before the newest.
  returned: when O(evidence) is given
  type: dict
  sample: {web: "2026-11-15T20:01:00Z"}
known:
  description: Name of a server -> ids of its receipts since then.
  returned: when O(evidence) is given
  type: dict
  sample: {web: [20261122T200100Z-8f3c2a10]}
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

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec
from ansible_collections.diskominfo.backup.plugins.module_utils.reading import read_evidence, read_station

OWN: dict[str, Option] = {
    "evidence": {"type": "path"},
    "application": {"type": "str"},
    "kinds": {
        "type": "list",
        "elements": "str",
        "choices": ["run", "check", "restore", "prune", "copy", "contact"],
        "default": [],
    },
    "since": {"type": "str"},
    "known": {"type": "list", "elements": "str", "default": []},
    "limit": {"type": "int", "default": 100},
    "exact": {"type": "bool", "default": False},
    "installed": {"type": "bool", "default": False},
}


def read_receipts(request: Request) -> Answer:
    """The receipts that were asked for."""
    return read_station(request) if request["evidence"] is None else read_evidence(request)


def main() -> None:
    """Runs the module."""
    serve(read_receipts, get_spec("config", **OWN))


if __name__ == "__main__":
    main()
