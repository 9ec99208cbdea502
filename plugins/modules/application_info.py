#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_info
short_description: Find the applications and databases of a server
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Looks once at a server and returns what it hosts. Virtual hosts, services, containers, cron lines, the
    configurations of applications with the databases they name, every database of every instance, SQLite files.
  - Executes nothing of an application, writes nothing, and returns no password.
  - What cannot be read is returned in C(unreadable), so that unknown is never taken for empty.
options:
  server:
    description:
      - The name of the server in the register. By default the name in its configuration, else its host name.
    type: str
  time_limit:
    description:
      - For so many seconds at most it is looked. What is not seen by then is told.
    type: float
    default: 60
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.config
notes:
  - No configuration is needed. Where there is one, the accounts it names are used to list databases.
seealso:
  - module: diskominfo.backup.receipt_info
"""

EXAMPLES = r"""
- name: Look at what a server hosts
  diskominfo.backup.application_info:
    server: "{{ inventory_hostname }}"
  become: true
  register: look

- name: Show the databases that are not the server's own
  ansible.builtin.debug:
    msg: "{{ look.discovered.databases | rejectattr('is_system', 'defined') | map(attribute='name') }}"
"""

RETURN = r"""
discovered:
  description: What was found. See C(docs/discovery.md) and C(docs/schemas/discovered.schema.json).
  returned: success
  type: dict
  sample:
    schema: diskominfo.backup/discovered/1
    server: web.kota.example
    at: "2026-11-22T12:00:00Z"
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

import platform
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discover import discover_server, list_registered
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {"server": {"type": "str"}, "time_limit": {"type": "float", "default": 60}}


def look(request: Request) -> Answer:
    """What this server hosts."""
    has_configuration = request["config"] is not None or Path(request["config_path"]).exists()
    known = request.read_server() if has_configuration else None
    name = request["server"] or (known.name if known else platform.node())
    registered, limit_s = list_registered(known), max(1.0, request["time_limit"])
    found = discover_server(name, registered, request.supervisor, utc_now(), time_limit_s=limit_s)
    return Answer({"discovered": found.to_data()})


def main() -> None:
    """Runs the module."""
    serve(look, get_spec("config", **OWN))


if __name__ == "__main__":
    main()
