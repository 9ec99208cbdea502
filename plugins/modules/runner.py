#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: runner
short_description: Install the command diskominfo-backup
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Builds the command C(diskominfo-backup) out of the very files that the modules use and installs it on the server,
    for timers and for a person without Ansible. The same version gives the same bytes, whatever built it.
  - The new file is asked for its version before it takes its place, and takes it in one step.
options:
  path:
    description:
      - Where it is installed.
    type: path
    default: /usr/local/bin/diskominfo-backup
  interpreter:
    description:
      - The Python that the command starts with, 3.9 or newer.
    type: path
    default: /usr/bin/python3
extends_documentation_fragment:
  - diskominfo.backup.attributes
"""

EXAMPLES = r"""
- name: Install the command
  diskominfo.backup.runner:
  become: true
"""

RETURN = r"""
path:
  description: Where the command is.
  returned: always
  type: str
  sample: /usr/local/bin/diskominfo-backup
version:
  description: Its version.
  returned: always
  type: str
  sample: 0.1.0
sha256:
  description: The sha256 of its file, which receipts name.
  returned: always
  type: str
  sample: b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
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

from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.bundle import build_runner, install_runner
from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "path": {"type": "path", "default": "/usr/local/bin/diskominfo-backup"},
    "interpreter": {"type": "path", "default": "/usr/bin/python3"},
}


def bring_runner(request: Request) -> Answer:
    """The installed command."""
    path, bundle = Path(request["path"]), build_runner(request["interpreter"])
    is_new = install_runner(bundle, path, request["interpreter"], request.supervisor, request.is_check_mode)
    return Answer({"path": str(path), "version": bundle.version, "sha256": bundle.sha256}, is_new)


def main() -> None:
    """Runs the module."""
    serve(bring_runner, get_spec(**OWN))


if __name__ == "__main__":
    main()
