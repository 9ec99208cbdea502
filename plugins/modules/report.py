#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write the report on the backups of all servers
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Makes the report from the register and the receipts of the evidence folder, and writes it below C(reports/) there,
    all formats at once. C(reports/latest) then points at it.
  - An application of the register without a receipt is a row too, so silence is never an absence.
  - The task fails only for faults of its own. Whether the applications are well is told by RV(unwell).
  - The register is kept in the evidence folder as a dated version whenever it has changed.
  - Runs on the host of the evidence folder. In check mode nothing is written.
options:
  register:
    description:
      - The register, a list of server configurations as P(diskominfo.backup.register#filter) gives it.
    type: list
    elements: dict
    required: true
  limit:
    description:
      - Names of the servers that were asked. The rows of all others keep what is known of them.
      - Every server was asked when it is not given.
    type: list
    elements: str
  hours:
    description:
      - The length of the period, which ends now.
    type: float
    default: 24
  began:
    description:
      - The beginning of the period, such as V(2026-11-22T17:00:00Z). Needs O(ended); O(hours) is not read then.
    type: str
  ended:
    description:
      - The end of the period.
    type: str
  period:
    description:
      - A day (V(2026-11-22)), a week (V(2026-W47)), a month (V(2026-11)), a year (V(2026)), from one day to another
        (V(2026-11-01/2026-11-15)), or a word, V(today), V(yesterday), V(this-week), V(last-week), V(this-month),
        V(last-month), also V(hari-ini), V(kemarin), V(minggu-ini), V(minggu-lalu), V(bulan-ini), V(bulan-lalu).
      - O(hours), O(began) and O(ended) are not read then.
    type: str
  zone:
    description:
      - The time zone of the office, for the times that people read.
    type: str
    choices: [Asia/Jakarta, Asia/Pontianak, Asia/Makassar, Asia/Jayapura, UTC]
    default: Asia/Jakarta
  office:
    description:
      - The letterhead, as C(backup_office) holds it. That of the first server when it is not given.
    type: dict
  people:
    description:
      - The roles of the procedure, as C(backup_people) holds them. C(operator), C(analyst), C(verifier) and C(head),
        each with C(name), C(rank), C(nip) and C(position), which has the procedure's word where it is not given.
    type: dict
  language:
    description:
      - The language of the report. That of the first server when it is not given.
    type: str
    choices: [id, en]
  languages:
    description:
      - Format -> language, for the formats that are to be in another one than O(language).
    type: dict
  formats:
    description:
      - What to write, each as C(report.<ending>). V(csv) is for programs, V(csv_semicolon) for spreadsheets that
        expect semicolons, V(metrics) for the textfile collector of node_exporter, V(txt) for terminals and mail,
        V(status) tells how each application stands over all time.
      - V(pdf) is the official letter, PDF/A with report.json attached. It needs the Python library C(typst) on the host
        of the evidence folder. Where that is missing, the task fails after all other formats are written.
    type: list
    elements: str
    choices: [csv, csv_semicolon, html, json, junit, markdown, metrics, pdf, status, txt, xlsx]
    default: [html, json, txt]
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.collect
  - plugin: diskominfo.backup.report
    plugin_type: callback
"""

EXAMPLES = r"""
- name: Write the report of the last day
  diskominfo.backup.report:
    evidence: /srv/evidence
    register: "{{ hostvars | diskominfo.backup.register(groups['all']) }}"
  register: report
  run_once: true
  delegate_to: localhost

- name: Fail when an application needs somebody
  ansible.builtin.assert:
    that: report.unwell | length == 0
    fail_msg: "{{ report.unwell | map(attribute='told') | join('; ') }}"
"""

RETURN = r"""
id:
  description: The id of the report.
  returned: success
  type: str
  sample: 20261122T200100Z-8f3c2a10
paths:
  description: Format -> path of the file.
  returned: success, not in check mode
  type: dict
  sample: {html: /srv/evidence/reports/20261122T200100Z-8f3c2a10/report.html}
latest:
  description: The link to the folder of this report.
  returned: success, not in check mode
  type: str
  sample: /srv/evidence/reports/latest
summary:
  description: How many applications there are of each status, and how many of them are compared.
  returned: success
  type: dict
  sample: {applications: 4, succeeded: 4, compared: 4}
rows:
  description: A row for each application, what needs somebody first. See C(docs/report.md).
  returned: success
  type: list
  elements: dict
unwell:
  description:
    - The applications of the servers that were asked which need somebody, with C(server), C(application), C(status),
      C(slug), C(message), C(hint), and all of it in one sentence as C(told).
  returned: success
  type: list
  elements: dict
index:
  description:
    - How the pasts of the applications were found. C(recalled) came out of the index as they were,
      C(continued) were continued by new receipts, C(rebuilt) were made anew out of all receipts,
      C(read) were read past the index, because the period is older than what it holds.
    - All but the first took C(seconds).
  returned: success
  type: dict
  sample: {recalled: 96, continued: 4, rebuilt: 0, read: 0, seconds: 0.012}
report:
  description: The whole report, as C(report.json) holds it.
  returned: success
  type: dict
slug:
  description: The kind of failure, for programs. See C(docs/errors.md).
  returned: on failure
  type: str
  sample: not_recorded
hint:
  description: What to do now.
  returned: on failure
  type: str
"""

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec
from ansible_collections.diskominfo.backup.plugins.module_utils.reporting import (
    make_answer,
    make_evidence_report,
    publish_evidence_report,
)

OWN: dict[str, Option] = {
    "register": {"type": "list", "elements": "dict", "required": True},
    "limit": {"type": "list", "elements": "str"},
    "hours": {"type": "float", "default": 24},
    "began": {"type": "str"},
    "ended": {"type": "str"},
    "period": {"type": "str"},
    "zone": {
        "type": "str",
        "choices": ["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura", "UTC"],
        "default": "Asia/Jakarta",
    },
    "office": {"type": "dict"},
    "people": {"type": "dict"},
    "language": {"type": "str", "choices": ["id", "en"]},
    "languages": {"type": "dict"},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": [
            "csv",
            "csv_semicolon",
            "html",
            "json",
            "junit",
            "markdown",
            "metrics",
            "pdf",
            "status",
            "txt",
            "xlsx",
        ],
        "default": ["html", "json", "txt"],
    },
}


def write_report(request: Request) -> Answer:
    """The report, and where it was written."""
    report, effort = make_evidence_report(request)
    paths = {} if request.is_check_mode else publish_evidence_report(request, report)
    return make_answer(request, report, effort, paths)


def main() -> None:
    """Runs the module."""
    serve(write_report, get_spec("evidence", **OWN), required_together=[("began", "ended")])


if __name__ == "__main__":
    main()
