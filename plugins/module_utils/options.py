# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share, by the name of the doc fragment that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Option = Mapping[str, Any]

CATEGORY_WORDS = ("daily", "weekly", "monthly", "harian", "mingguan", "bulanan")

OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "config": {
        "config": {"type": "dict"},
        "config_path": {"type": "path", "default": "/etc/diskominfo-backup/config.json"},
    },
    "evidence": {
        "evidence": {"type": "path", "required": True},
    },
    "part": {
        "dest": {"type": "path", "required": True},
        "application": {"type": "str"},
        "title": {"type": "str"},
        "owner": {"type": "str"},
        "compression": {"type": "str", "choices": ["auto", "zstd", "gzip"], "default": "auto"},
        "time_limit": {"type": "str", "default": "6h"},
    },
    "progress": {
        "progress": {"type": "path"},
    },
    "selection": {
        "applications": {"type": "list", "elements": "str", "default": []},
        "category": {"type": "str", "choices": list(CATEGORY_WORDS)},
    },
}
"""Name of a group -> its options, as AnsibleModule takes them."""


def get_spec(*groups: str, **own: Option) -> dict[str, dict[str, Any]]:
    """The argument spec of the named groups and of a module's own options."""
    spec: dict[str, dict[str, Any]] = {}
    for group in groups:
        spec.update((name, dict(option)) for name, option in OPTIONS[group].items())
    spec.update((name, dict(option)) for name, option in own.items())
    return spec
