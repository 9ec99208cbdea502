# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How far the work has come."""

    DOCUMENTATION = r"""
options:
  progress:
    description:
      - A file on the server that tells how far the work has come. The action plugin of the same name sets it, reads it
        every few seconds and shows what it says; nobody else needs it.
    type: path
"""
