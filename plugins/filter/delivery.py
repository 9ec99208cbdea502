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

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible.errors import AnsibleError
from ansible.template import accept_args_markers
from jinja2 import Undefined, UndefinedError

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.deliver import sort_settings
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Unresolved
from ansible_collections.diskominfo.backup.plugins.plugin_utils.register import resolve_value

WHOLE = "backup_delivery"
"""What a problem is told of that is none of a single channel."""

CAPTURED = "A captured exception marker was tripped: "
"""What Ansible puts before the reason, of its own inside."""

VAULTED = "it is in a vault that was not opened"


@accept_args_markers
def sort_delivery(settings: Any) -> dict[str, Any]:
    """The settings that can be used, and what is wrong with the others, also with what Ansible cannot resolve."""
    if isinstance(settings, Undefined):
        reason = _attempt(lambda: str(settings)).reason
        return _refuse_whole(f"cannot be resolved: {reason}; correct it, or what it refers to")
    if not isinstance(settings, list):
        return _refuse_whole("must be a list; begin each channel with '- channel:'")
    usable, refused = sort_settings([_settle(settings, number) for number in range(len(settings))])
    return {"usable": usable, "refused": refused}


def _refuse_whole(complaint: str) -> dict[str, Any]:
    return {"usable": [], "refused": {WHOLE: f"{WHOLE}: {complaint}"}}


def _attempt(find: Callable[[], Any]) -> Any:
    """What is found; Unresolved where Ansible cannot tell it. An address may be a secret: the reason repeats none."""
    try:
        return find()
    except (AnsibleError, UndefinedError) as error:
        reason = re.sub(r"\S*://\S*", "(an address)", " ".join(str(error).split()))
        return Unresolved(VAULTED if reason.startswith("A vault ") else reason.replace(CAPTURED, "", 1))


def _settle(settings: list[Any], number: int) -> Any:
    """As the options of the module take it: what is not given is left out, numbers of a chat or a token are texts."""
    value = _attempt(lambda: settings[number])
    if not isinstance(value, Mapping):
        return _attempt(lambda: resolve_value(value))
    resolved = {str(key): _attempt(partial(_resolve_item, value, key)) for key in value}
    return {key: _settle_value(key, item) for key, item in resolved.items() if item is not None}


def _resolve_item(value: Mapping[Any, Any], key: Any) -> Any:
    return resolve_value(value[key])


def _settle_value(key: str, value: Any) -> Any:
    if key == "port":
        return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of a filter -> function."""
        return {"delivery": sort_delivery}
