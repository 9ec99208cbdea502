# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which server: its configuration, or the file that holds it."""

    DOCUMENTATION = r"""
options:
  config:
    description:
      - The configuration of this server, exactly what its C(config.json) holds. Use the filter
        P(diskominfo.backup.register#filter) to read it out of the inventory.
      - All problems of a configuration are told at once, and nothing is started.
    type: dict
  config_path:
    description:
      - The file that holds the configuration on this server. Not read when O(config) is given.
    type: path
    default: /etc/diskominfo-backup/config.json
"""
