# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: delivery
short_description: Tell settings of channels that can be used from those that cannot
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Judges C(backup_delivery) before anything begins. A channel that is set wrong keeps neither a backup from running
    nor another channel from its message.
  - Hands both kinds to the module M(diskominfo.backup.deliver), which tells of the wrong ones and has them stand in
    the report.
options:
  _input:
    description: The settings, one mapping a channel, as C(docs/delivery.md) describes them.
    type: list
    elements: dict
    required: true
seealso:
  - module: diskominfo.backup.deliver
"""

EXAMPLES = r"""
- name: Note what is wrong in the settings before the work begins
  diskominfo.backup.deliver:
    evidence: /srv/evidence
    event: settings
    channels: "{{ (backup_delivery | diskominfo.backup.delivery).usable }}"
    refused: "{{ (backup_delivery | diskominfo.backup.delivery).refused }}"
"""

RETURN = r"""
_value:
  description:
    - C(usable) is a list of settings, C(refused) the name of each other channel and everything that is wrong with it,
      in one text that holds no secret.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.deliver import sort_settings
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import resolve_value

WHOLE = "backup_delivery"
"""What a problem is told of that is none of a single channel."""


def sort_delivery(settings: Any) -> dict[str, Any]:
    """The settings that can be used, and what is wrong with the others."""
    resolved = resolve_value(settings)
    if not isinstance(resolved, list):
        return {"usable": [], "refused": {WHOLE: f"{WHOLE}: must be a list; begin each channel with '- channel:'"}}
    usable, refused = sort_settings([_settle(value) for value in resolved])
    return {"usable": usable, "refused": refused}


def _settle(value: Any) -> Any:
    """As the options of the module take it: what is not given is left out, numbers of a chat or a token are texts."""
    if not isinstance(value, Mapping):
        return value
    return {str(key): _settle_value(str(key), item) for key, item in value.items() if item is not None}


def _settle_value(key: str, value: Any) -> Any:
    if key == "port":
        return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"delivery": sort_delivery}
