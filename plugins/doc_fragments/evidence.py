# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where the evidence lies."""

    DOCUMENTATION = r"""
options:
  evidence:
    description:
      - The evidence folder, where the receipts of all servers and the reports are kept.
    type: path
    required: true
"""
