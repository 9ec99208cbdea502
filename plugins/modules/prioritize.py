#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prioritize
short_description: Write the priority list of applications
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Joins what the servers were found to hold with the register, and writes the priority list below C(priorities/) of
    the evidence folder. See C(docs/priorities.md).
  - What nobody registered is proposed, with databases, folders, a category and its reason. What nobody can classify is
    proposed daily and flagged.
  - Where a person accepts the list, it is kept as a version below C(register/). The register itself is the inventory,
    and is not changed.
  - Runs on the host of the evidence folder. In check mode nothing is written.
options:
  register:
    description:
      - The register, a list of server configurations as P(diskominfo.backup.register#filter) gives it.
    type: list
    elements: dict
    required: true
  looks:
    description:
      - Name of a server to what M(diskominfo.backup.application_info) found on it.
    type: dict
    default: {}
  silent:
    description:
      - Name of a server that could not be searched to what was said instead.
    type: dict
    default: {}
  accept:
    description:
      - Who accepts the list.
    type: str
  language:
    description:
      - The language of the list. That of the first server when it is not given.
    type: str
    choices: [id, en]
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.application_info
  - module: diskominfo.backup.report
"""

EXAMPLES = r"""
- name: Look at a server
  diskominfo.backup.application_info:
    server: "{{ inventory_hostname }}"
  register: found

- name: Write the priority list
  diskominfo.backup.prioritize:
    evidence: /srv/evidence
    register: "{{ hostvars | diskominfo.backup.register(groups['all'], true) }}"
    looks: "{{ {inventory_hostname: found.discovered} }}"
  delegate_to: localhost
"""

RETURN = r"""
lines:
  description: The list in some lines, for people.
  returned: success
  type: list
  elements: str
priorities:
  description: The list as C(priorities.json) holds it.
  returned: success
  type: dict
paths:
  description: The files that hold it.
  returned: success, not in check mode
  type: list
  elements: str
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

from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.searches import Searches
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.prioritize import (
    add_looks,
    keep_priorities,
    prioritize,
    read_look,
    tell_list,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Server, read_register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "register": {"type": "list", "elements": "dict", "required": True},
    "looks": {"type": "dict", "default": {}},
    "silent": {"type": "dict", "default": {}},
    "accept": {"type": "str"},
    "language": {"type": "str", "choices": ["id", "en"]},
}


def list_priorities(request: Request) -> Answer:
    """The priority list, and where it was written."""
    register, now, root = read_register(list(request["register"])), utc_now(), Path(request["evidence"])
    language = request["language"] or next((server.language for server in register.servers), Server("", ()).language)
    looks, silent = [], {str(server): str(said) for server, said in request["silent"].items()}
    for server, data in request["looks"].items():
        try:
            looks.append(read_look(server, data if isinstance(data, dict) else {}, now))
        except RecordRefused as error:
            silent[server] = error.message
    if request.is_check_mode:
        search = add_looks(Searches(root).read_search(), looks)
        listed = prioritize(register, search, now, silent.items())
        return Answer({"lines": tell_list(listed, language), "priorities": listed.to_data()})
    kept = keep_priorities(root, register, looks, now, request["accept"] or "", language, silent.items())
    values = {"lines": tell_list(kept.listed, language), "priorities": kept.listed.to_data(), "paths": [*kept.paths]}
    return Answer(values, kept.is_changed)


def main() -> None:
    """Runs the module."""
    serve(list_priorities, get_spec("evidence", **OWN))


if __name__ == "__main__":
    main()
