# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: select
short_description: Ask receipts or a report with a JMESPath expression
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Gives what a JMESPath expression finds in receipts, as the modules return them, or in a report, as
    O(diskominfo.backup.report#module:register) and C(report.json) hold it.
  - An expression that cannot be understood fails with the place where it is wrong.
  - C(docs/selecting.md) has ten expressions that are useful as they stand.
options:
  _input:
    description: A list of receipts, a report, or any other value.
    type: raw
    required: true
  expression:
    description: The expression, see U(https://jmespath.org/specification.html).
    type: str
    required: true
requirements:
  - The Python library C(jmespath) on the control node
seealso:
  - plugin: diskominfo.backup.receipt_info
    plugin_type: module
"""

EXAMPLES = r"""
- name: Show which applications need somebody, and why
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'var/evidence/reports/latest/report.json') | from_json
             | diskominfo.backup.select('applications[?reason].[server, application, reason.message]') }}"
"""

RETURN = r"""
_value:
  description: What was found; none when the expression matches nothing.
  type: raw
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import resolve_value

try:
    import jmespath
except ImportError as missing:
    JMESPATH_MISSING: ImportError | None = missing
else:
    JMESPATH_MISSING = None


def select_values(value: Any, expression: str) -> Any:
    """What `expression` finds in `value`; AnsibleFilterError for a missing library and a wrong expression."""
    if JMESPATH_MISSING is not None:
        raise AnsibleFilterError(
            "diskominfo.backup.select needs the Python library jmespath on the control node: "
            "install it there (pip install jmespath)"
        ) from JMESPATH_MISSING
    try:
        return jmespath.search(str(expression), resolve_value(value))
    except (jmespath.exceptions.JMESPathError, ValueError) as error:
        raise AnsibleFilterError(f"diskominfo.backup.select cannot evaluate {expression!r}: {error}") from error


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"select": select_values}
