#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: archive
short_description: Archive one source tree into a folder
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Backs up a single folder with all below it, without a register. It appears in O(dest) as a finished archive with a
    manifest beside it, or not at all.
  - Each call makes a new run with files of its own, so the task is always changed.
  - In check mode the source and the folder are probed, and nothing is written.
options:
  path:
    description:
      - The folder to archive.
    type: path
    required: true
  exclude:
    description:
      - What to leave out. A name without a slash holds at any depth, one that begins with a slash only there, below
        O(path).
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.part
requirements:
  - GNU tar on the server
seealso:
  - module: diskominfo.backup.dump
  - module: diskominfo.backup.run
"""

EXAMPLES = r"""
- name: Archive a site before a migration
  diskominfo.backup.archive:
    path: /var/www/portal
    exclude: [/cache, node_modules]
    dest: /var/backups/before-migration
"""

RETURN = r"""
path:
  description: The finished file.
  returned: success
  type: str
  sample: /var/backups/before-migration/store/portal/20261122T200100Z-8f3c2a10/source-portal.tar.zst
run_id:
  description: The id of the run.
  returned: not in check mode
  type: str
  sample: 20261122T200100Z-8f3c2a10
size_bytes:
  description: The size of the finished file.
  returned: success, not in check mode
  type: int
  sample: 48211
sha256:
  description: The sha256 of the finished file.
  returned: success, not in check mode
  type: str
  sample: b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
receipt:
  description: The receipt, which counts what was in the source. See C(docs/receipt.md).
  returned: not in check mode
  type: dict
findings:
  description: What the probe found, with C(slug), C(severity), C(subject), C(message) and C(hint).
  returned: in check mode
  type: list
  elements: dict
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: source_missing
hint:
  description: What to do now.
  returned: on failure
  type: str
  sample: restore it, or correct its path in the register
"""

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec
from ansible_collections.diskominfo.backup.plugins.module_utils.single import store_single

OWN: dict[str, Option] = {
    "path": {"type": "path", "required": True},
    "exclude": {"type": "list", "elements": "str", "default": []},
}


def archive_tree(request: Request) -> Answer:
    """The finished archive."""
    return store_single(request, "sources", {"path": request["path"], "exclude": request["exclude"]})


def main() -> None:
    """Runs the module."""
    serve(archive_tree, get_spec("part", **OWN))


if __name__ == "__main__":
    main()
