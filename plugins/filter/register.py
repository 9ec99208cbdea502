# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: register
short_description: Read the register of applications out of the inventory
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - The inventory is the register. This filter turns the variables of hosts into a list of server configurations, each
    exactly what the modules take as O(diskominfo.backup.run#module:config) and what a server's C(config.json) holds.
  - Templates and vaulted values are resolved. A configuration holds no password.
  - A host without C(backup_applications) is no part of the register.
  - Everything is validated before anything runs. All problems of all hosts are told in one message, each naming the
    application, the field and the remedy. A variable that is almost one of ours is refused too, since a misspelt
    C(backup_applications) would leave a server out without a word.
options:
  _input:
    description: The variables of all hosts, which is what C(hostvars) holds.
    type: dict
    required: true
  hosts:
    description: Names of the hosts to read, in the order of the result.
    type: list
    elements: str
    required: true
  may_be_empty:
    description:
      - Whether hosts without C(backup_applications) are servers with none, and an inventory without any is no problem.
        That is how a search begins, before anything is registered.
    type: bool
    default: false
notes:
  - "Variables that are read: C(backup_applications), C(backup_calendar), C(backup_compression), C(backup_copies),
    C(backup_ignored), C(backup_language), C(backup_lock_wait), C(backup_office), C(backup_own_calendar),
    C(backup_slots), C(backup_state), C(backup_store)."
seealso:
  - plugin: diskominfo.backup.run
    plugin_type: module
"""

EXAMPLES = r"""
- name: Read the register of the whole inventory
  ansible.builtin.set_fact:
    backup_register: "{{ hostvars | diskominfo.backup.register(groups['all']) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: One configuration for each host that lists applications, without secrets.
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import read_hostvars, tell_problem


def read_register(
    hostvars: Mapping[str, Any], hosts: Sequence[str], may_be_empty: bool = False
) -> list[dict[str, Any]]:
    """The configurations of `hosts`; AnsibleFilterError with all problems."""
    try:
        return [server.to_data() for server in read_hostvars(hostvars, hosts, may_be_empty).servers]
    except ConfigurationError as error:
        raise AnsibleFilterError(tell_problem(error)) from error


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"register": read_register}
