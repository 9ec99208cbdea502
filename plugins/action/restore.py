# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.diskominfo.backup.plugins.plugin_utils.watching import WatchedAction


class ActionModule(WatchedAction):
    """Runs the module of the same name and shows how far it has come."""
