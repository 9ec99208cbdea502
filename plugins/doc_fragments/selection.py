# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which applications of the register."""

    DOCUMENTATION = r"""
options:
  applications:
    description:
      - Names of applications in the register. All of them when the list is empty.
      - A name that is not registered fails the task before anything is started.
    type: list
    elements: str
    default: []
  category:
    description:
      - Only applications of this category. The Indonesian words mean the same as the English ones.
    type: str
    choices: [daily, weekly, monthly, harian, mingguan, bulanan]
"""
