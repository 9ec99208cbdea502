# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: schedule
short_description: Plan when a server of the register is backed up
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Turns the configuration of one server and the calendar of the office into the timers of that server. The role
    P(diskominfo.backup.schedule#role) installs them.
  - Every server begins at its own, always the same moment within the spread, so that a fleet does not begin at once.
  - Every beginning, the spread included, must lie in the window. All problems are told in one message.
options:
  _input:
    description: The configuration of one server, as the filter P(diskominfo.backup.register#filter) gives it.
    type: dict
    required: true
  calendar:
    description:
      - C(daily) is a time of day such as V(22:30), C(weekly) a day and a time such as V(sun 00:30) or
        V(minggu 00:30), C(monthly) a day from 1 to 28 and a time such as V(1 02:30).
      - C(zone) is the time zone of these times, V(Asia/Jakarta) by default. C(window) is when backups may begin,
        V(22:00-05:00) by default. C(spread) is how far the servers are spread, V(30m) by default.
    type: dict
    default: {}
seealso:
  - plugin: diskominfo.backup.register
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show when this server is backed up
  ansible.builtin.debug:
    msg: "{{ (hostvars | diskominfo.backup.register([inventory_hostname])) | first
             | diskominfo.backup.schedule({'daily': '23:00'}) }}"
"""

RETURN = r"""
_value:
  description:
    - C(entries) is a list with one entry for each category that has applications, in which C(on_calendar) is a calendar
      expression of systemd and C(applications) are the names.
    - C(reaches_network) is whether any database is elsewhere, C(becomes_others) whether any is reached by its socket.
    - C(delay_s) is how many seconds later this server begins, C(spread_s) the most that any server does.
    - C(writable) are folders of file databases, C(engines) the kinds of databases, C(password_files) the files that the
      register names.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.calendar import read_calendar
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.timetable import plan_timetable
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import resolve_value, tell_problem


def plan_schedule(configuration: Mapping[str, Any], calendar: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The timetable of one server; AnsibleFilterError with all problems."""
    try:
        server = read_server(resolve_value(configuration))
        return plan_timetable(server, read_calendar(resolve_value(calendar or {}))).to_data()
    except ConfigurationError as error:
        raise AnsibleFilterError(tell_problem(error)) from error


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"schedule": plan_schedule}
