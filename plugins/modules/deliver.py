#!/usr/bin/python
# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deliver
short_description: Tell people of the report
version_added: 0.1.0
author:
  - The diskominfo.backup authors (@diskominfo)
description:
  - Sends the newest report of the evidence folder to every channel, also when all is well. The subject holds the
    counts, what needs somebody comes first.
  - A message that does not arrive fails neither this task nor a backup. It is a warning here, and a finding of the next
    report. The task fails for settings that cannot be used and where there is no report.
  - Runs on the host of the evidence folder. In check mode the settings are judged and nothing is sent.
options:
  event:
    description:
      - V(report) sends the newest report. V(start) tells the channels V(ping) and V(webhook) that the work begins.
      - V(settings) tells nobody. It only notes what is O(refused).
      - V(failure) tells nobody either. It notes in O(refused) why telling people failed as a whole, so that the next
        report has it, whatever the settings are by then.
    type: str
    choices: [failure, report, settings, start]
    default: report
  channels:
    description:
      - Whom to tell, and how. Which keys belong to which channel is told in C(docs/delivery.md).
      - A secret is given as the path of a file on this host that nobody else may read (mode 0600), or out of a vault.
    type: list
    elements: dict
    required: true
    suboptions:
      channel:
        description:
          - What it is.
        type: str
        choices: [apprise, mail, ntfy, ping, telegram, webhook]
        required: true
      name:
        description:
          - Its name in findings, needed where a channel stands twice.
        type: str
      redaction:
        description:
          - How much it is told. V(none) is everything, V(names) is the names and states of applications, V(counts) is
            numbers only. V(names) for V(apprise), V(ntfy) and V(telegram), V(none) for the others, when it is not
            given.
        type: str
        choices: [none, names, counts]
      timeout:
        description:
          - How long to wait for a delivery as a whole, such as V(60s). 30 seconds when it is not given.
        type: str
      ca_file:
        description:
          - A file with the certificates of authorities to trust, in place of those of the system.
        type: path
      host:
        description:
          - The mail server.
        type: str
      port:
        description:
          - Its port. That of O(channels[].security) when it is not given.
        type: int
      security:
        description:
          - How the connection is protected. A password is not sent with V(none).
        type: str
        choices: [starttls, tls, none]
      user:
        description:
          - The account at the mail server.
        type: str
      password:
        description:
          - Its password.
        type: str
      password_file:
        description:
          - The file that holds it.
        type: path
      sender:
        description:
          - The address that mail comes from.
        type: str
      recipients:
        description:
          - The addresses that mail goes to.
        type: list
        elements: str
      url:
        description:
          - The address of the webhook, of the check, of the topic, of another server for Telegram, or of any service
            as the library Apprise writes it. For V(apprise) that library must be installed on this host.
        type: str
      url_file:
        description:
          - The file that holds it, for V(apprise), V(webhook) and V(ping), where it is a secret.
        type: path
      token:
        description:
          - The token of the bot, of the topic or of the webhook.
        type: str
      token_file:
        description:
          - The file that holds it.
        type: path
      chat:
        description:
          - The chat of Telegram, a number or C(@name).
        type: str
  refused:
    description:
      - Name of a channel whose settings cannot be used, and why, as the filter P(diskominfo.backup.delivery#filter)
        tells it. Each is noted as a message that did not arrive, and is a warning.
    type: dict
    default: {}
extends_documentation_fragment:
  - diskominfo.backup.attributes
  - diskominfo.backup.evidence
seealso:
  - module: diskominfo.backup.report
  - plugin: diskominfo.backup.delivery
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Tell the head of division by mail and the operators by chat
  diskominfo.backup.deliver:
    evidence: /srv/evidence
    channels:
      - channel: mail
        host: smtp.kota.example
        user: backup
        password_file: /etc/diskominfo-backup/smtp
        sender: backup@kota.example
        recipients: [kepala.bidang@kota.example]
      - channel: telegram
        token_file: /etc/diskominfo-backup/telegram
        chat: "-1001234567890"
        redaction: counts
"""

RETURN = r"""
deliveries:
  description: For each channel that was told, its C(name), when (C(at)), the C(report), and C(failure) or null.
  returned: success
  type: list
  elements: dict
failed_channels:
  description: The names of those that were not reached.
  returned: success
  type: list
  elements: str
  sample: []
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

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.door import Answer, Request, serve
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.deliveries import Delivery
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.deliver import (
    deliver_report,
    deliver_start,
    judge_settings,
    note_failed,
    note_refused,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import utc_now
from ansible_collections.diskominfo.backup.plugins.module_utils.notification import notify_by_apprise
from ansible_collections.diskominfo.backup.plugins.module_utils.options import Option, get_spec

CHANNEL: dict[str, Any] = {
    "channel": {"type": "str", "choices": ["apprise", "mail", "ntfy", "ping", "telegram", "webhook"], "required": True},
    "name": {"type": "str"},
    "redaction": {"type": "str", "choices": ["none", "names", "counts"]},
    "timeout": {"type": "str"},
    "ca_file": {"type": "path"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "security": {"type": "str", "choices": ["starttls", "tls", "none"]},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_file": {"type": "path", "no_log": False},
    "sender": {"type": "str"},
    "recipients": {"type": "list", "elements": "str"},
    "url": {"type": "str", "no_log": True},
    "url_file": {"type": "path"},
    "token": {"type": "str", "no_log": True},
    "token_file": {"type": "path", "no_log": False},
    "chat": {"type": "str"},
}
OWN: dict[str, Option] = {
    "event": {"type": "str", "choices": ["failure", "report", "settings", "start"], "default": "report"},
    "channels": {"type": "list", "elements": "dict", "required": True, "options": CHANNEL},
    "refused": {"type": "dict", "default": {}},
}


def tell_people(request: Request) -> Answer:
    """What came of each channel."""
    given = [{key: value for key, value in each.items() if value is not None} for each in request["channels"]]
    refused = {str(name): str(message) for name, message in request["refused"].items()}
    if request.is_check_mode:
        judge_settings(given)
        return Answer({"deliveries": [], "failed_channels": []}, warnings=list(refused.values()))
    made = _tell(request, given, refused)
    failed = [delivery for delivery in made if delivery.failure]
    warnings = [f"{delivery.name}: {delivery.failure.message}" for delivery in failed if delivery.failure]
    values = {"deliveries": [each.to_data() for each in made], "failed_channels": [each.name for each in failed]}
    return Answer(values, bool(made), warnings=warnings)


def _tell(request: Request, given: list[dict[str, Any]], refused: dict[str, str]) -> list[Delivery]:
    evidence, now = Path(request["evidence"]), utc_now()
    if request["event"] == "report":
        return deliver_report(given, evidence, now, refused, notify_by_apprise)
    if request["event"] == "failure":
        return note_failed(evidence, refused, now)
    noted = note_refused(evidence, refused, now)
    return noted + (deliver_start(given, now, notify_by_apprise) if request["event"] == "start" else [])


def main() -> None:
    """Runs the module."""
    serve(tell_people, get_spec("evidence", **OWN))


if __name__ == "__main__":
    main()
