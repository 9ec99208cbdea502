#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: copy
short_description: Pull the stored runs of a server to the host of the evidence
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Copies every run of a server that is to stay and is not here yet into each folder of C(backup_copies), as plain
    files like those on the server. A copy appears whole or not at all.
  - The copying machine asks, the server answers. A server that was taken over cannot change what was copied before, and
    nothing that was copied leaves in its first fortnight, whatever the server tells.
  - Each file is held against the hash in the receipt that was collected before. What differs is refused and told.
  - Copies that the retention of the application does not keep any more are removed here, by the same rules as on the
    server, among them that the newest and the proved ones stay.
  - Every copy leaves a receipt, failures too. Runs on the host of the evidence.
options:
  config:
    description:
      - The configuration of the server whose runs are copied, as P(diskominfo.backup.register#filter) returns it.
    type: dict
    required: true
  command:
    description:
      - How the command C(diskominfo-backup) is started on that server, as a list of arguments without a shell. The
        words C(send APPLICATION RUN) are added.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.collect
  - module: diskominfo.backup.runner
"""

EXAMPLES = r"""
- name: Copy what a server stored to where the evidence is kept
  diskominfo.backup.copy:
    evidence: /srv/evidence
    config: "{{ backup_server }}"
    command: [ssh, -o, BatchMode=yes, -l, backup, --, "{{ ansible_host }}", sudo, -n, /usr/local/bin/diskominfo-backup]
  delegate_to: localhost
"""

RETURN = r"""
copied:
  description: What was copied, or in check mode what would be.
  returned: success or failure
  type: list
  elements: dict
  sample: [{"application": "sippn", "run_id": "20261122T200100Z-8f3c2a10", "size_bytes": 48211034}]
receipts:
  description: The receipt of each copy, and of each removal of old copies. See C(docs/receipt.md).
  returned: success or failure
  type: list
  elements: dict
failed_applications:
  description: Names of those of which a run could not be copied.
  returned: success or failure
  type: list
  elements: str
  sample: []
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: unreachable
hint:
  description: What to do now.
  returned: on failure
  type: str
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, answer_receipts, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.copy import Puller
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import BackupError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import COPY, Receipt, Runner
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.version import VERSION
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

OWN: dict[str, Option] = {
    "config": {"type": "dict", "required": True},
    "command": {"type": "list", "elements": "str", "required": True},
}


def copy_runs(request: Request) -> Answer:
    """What was copied into every place, or would be."""
    server, evidence = request.read_server(), Path(request["evidence"])
    folder, runner = EvidenceFolder(evidence, Register((server,))), Runner(VERSION, "")
    pullers = [Puller(folder, server, place, evidence / "copies", runner, utc_now) for place in server.copies]
    if request.is_check_mode:
        missing = [_describe(run, run.id) for puller in pullers for run in puller.find_missing()]
        return Answer({"copied": missing, "receipts": [], "failed_applications": []}, bool(missing))
    failure = _pull(pullers, request)
    receipts = [receipt for puller in pullers for receipt in puller.receipts]
    told = answer_receipts(receipts, "copy")
    copied = [_describe(it, it.run_id) for it in receipts if it.kind == COPY and it.has_succeeded]
    return Answer({**told.values, "copied": copied}, told.changed, failure or told.failure, told.warnings)


def _pull(pullers: Sequence[Puller], request: Request) -> BackupError | None:
    """Fills every place; the failure of one, such as a missing mount, stops no other and is told at the end."""
    failure: BackupError | None = None
    for puller in pullers:
        try:
            puller.pull(request["command"], request.supervisor)
        except BackupError as error:
            failure = failure or error
    return failure


def _describe(receipt: Receipt, run_id: str) -> dict[str, Any]:
    return {"application": receipt.application, "run_id": run_id, "size_bytes": receipt.size_bytes}


def main() -> None:
    """Runs the module."""
    serve(copy_runs, get_spec("evidence", **OWN))


if __name__ == "__main__":
    main()
