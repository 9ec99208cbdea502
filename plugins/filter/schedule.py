# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: schedule
short_description: Tell which timers a server of the register needs
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Turns the configuration of one server into the units of its timers. The role P(diskominfo.backup.schedule#role)
    installs them.
  - The module M(diskominfo.backup.schedule) plans the moments of all servers together. A configuration without a
    C(schedule) is planned for its server alone, from its C(calendar).
options:
  _input:
    description: The configuration of one server, as the filter P(diskominfo.backup.register#filter) gives it.
    type: dict
    required: true
seealso:
  - plugin: diskominfo.backup.register
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show when this server is backed up
  ansible.builtin.debug:
    msg: "{{ (hostvars | diskominfo.backup.register([inventory_hostname])) | first
             | diskominfo.backup.schedule }}"
"""

RETURN = r"""
_value:
  description:
    - C(entries) is a list of timers. Each has a C(name), C(applications), and C(on_calendar), a list of calendar
      expressions of systemd. C(cron_minutes) are the minutes of an hour at which cron has to ask what is due.
    - C(schedule) is the same as the configuration of the server holds it.
    - C(reaches_network) is whether any database is elsewhere, C(becomes_others) whether any is reached by its socket.
    - C(writable) are folders of file databases, C(engines) the kinds of databases, C(password_files) the files that the
      register names.
  type: dict
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.spread import plan_schedules
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.timetable import plan_timetable
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import resolve_value, tell_problem


def find_units(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The timetable of one server; AnsibleFilterError with all problems."""
    try:
        server = read_server(resolve_value(configuration))
        schedule = server.schedule
        if schedule is None:
            planned = plan_schedules([server], {}, {}, datetime.now(timezone.utc)).schedules
            schedule = planned.get(server.name, Schedule(server.calendar.zone, ()))
        return plan_timetable(server, schedule).to_data()
    except ConfigurationError as error:
        raise AnsibleFilterError(tell_problem(error)) from error


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"schedule": find_units}
