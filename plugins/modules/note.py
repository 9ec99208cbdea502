#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: note
short_description: Add what a person says to the evidence
version_added: 0.2.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Keeps a remark on a check or a repair, or the acknowledgement that a backup shrank, with the name of who says so.
  - A note is a file below C(notes/) of the evidence folder. It is never changed, and every report on its time shows it.
  - A backup of half its usual size or less stays red until somebody acknowledges it.
  - Runs on the host of the evidence folder.
options:
  server:
    description:
      - The server of the application.
    type: str
    required: true
  application:
    description:
      - The application that it is about.
    type: str
    required: true
  about:
    description:
      - V(check) stands with the Laporan Hasil Pengecekan, V(repair) with the Laporan Hasil Perbaikan.
      - V(shrunk) acknowledges that the backup is smaller than it used to be. Needs O(last_day).
    type: str
    choices: [check, repair, shrunk]
    required: true
  name:
    description:
      - Who says it.
    type: str
    required: true
  position:
    description:
      - As what.
    type: str
    default: ""
  text:
    description:
      - What there is to say, or the reason of the acknowledgement; at most 2000 characters.
    type: str
    required: true
  last_day:
    description:
      - The last day of the acknowledgement, such as V(2026-12-31), as the clocks of O(zone) count it.
      - While it holds, the finding is yellow, and runs of the smaller size become the usual ones.
    type: str
  zone:
    description:
      - The time zone of the office.
    type: str
    choices: [Asia/Jakarta, Asia/Pontianak, Asia/Makassar, Asia/Jayapura, UTC]
    default: Asia/Jakarta
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.report
"""

EXAMPLES = r"""
- name: Say that the backup is meant to be smaller
  diskominfo.backup.note:
    evidence: /srv/evidence
    server: web
    application: sippn
    about: shrunk
    name: Analis Sistem
    text: Tabel log lama dihapus sesuai nota dinas
    last_day: "2026-12-31"
  delegate_to: localhost
"""

RETURN = r"""
note:
  description: The note as it is kept.
  returned: success
  type: dict
  sample: {about: shrunk, application: sippn, server: web}
path:
  description: Its file.
  returned: success
  type: str
  sample: /srv/evidence/notes/20261122T130100Z-8f3c2a10.json
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: configuration
hint:
  description: What to do now.
  returned: on failure
  type: str
"""

from ansible_collections.diskominfo.backup.plugins.module_utils.door import serve
from ansible_collections.diskominfo.backup.plugins.module_utils.noting import keep_note
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "server": {"type": "str", "required": True},
    "application": {"type": "str", "required": True},
    "about": {"type": "str", "choices": ["check", "repair", "shrunk"], "required": True},
    "name": {"type": "str", "required": True},
    "position": {"type": "str", "default": ""},
    "text": {"type": "str", "required": True},
    "last_day": {"type": "str"},
    "zone": {
        "type": "str",
        "choices": ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura", "UTC"],
        "default": "Asia/Jakarta",
    },
}


def main() -> None:
    """Runs the module."""
    serve(keep_note, get_spec("evidence", **OWN), required_if=[("about", "shrunk", ["last_day"])])


if __name__ == "__main__":
    main()
