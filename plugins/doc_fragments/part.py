# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """One part without a register: where it goes and what it is called."""

    DOCUMENTATION = r"""
options:
  dest:
    description:
      - The folder that receives the result. It is made where it is missing.
      - The finished files lie below C(store/<application>/<run id>/), receipts and locks below C(state/).
    type: path
    required: true
  application:
    description:
      - The name under which the result is stored, of C(a-z), C(0-9), C(_) and C(-).
      - Made from the name of the source when it is not given.
    type: str
  title:
    description:
      - What people call it. The name when it is not given.
    type: str
  owner:
    description:
      - Who owns it, for the receipt.
    type: str
  compression:
    description:
      - The method. V(auto) takes zstd where it is installed and gzip elsewhere.
    type: str
    choices: [auto, zstd, gzip]
    default: auto
  time_limit:
    description:
      - How long it may take, such as V(90s), V(30m) or V(6h). Its processes are ended then, and the task fails.
    type: str
    default: 6h
"""
