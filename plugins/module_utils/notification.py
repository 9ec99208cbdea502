# Copyright: the diskominfo.backup authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one file that knows the library `apprise`: tells a message to any service that it reaches."""

from __future__ import annotations

import logging
import re
import warnings
from typing import Any

from .engine.channels.base import Message
from .engine.errors import DeliveryFailed, ToolMissing

PURPOSE = "the channel apprise"


def notify_by_apprise(url: str, message: Message, timeout_s: float) -> None:
    """Sends the subject as title and the lines as text. Raises DeliveryFailed, ToolMissing without the library.

    Nothing of the address is told but its first word, for in many services host and path are the secret; for the same
    reason the library's own log, which tells them, is thrown away.
    """
    place = _name_service(url)
    try:
        _send(place, url, message, timeout_s)
    except (DeliveryFailed, ToolMissing):
        raise
    except Exception as error:
        raise DeliveryFailed.refused(place, f"the library broke ({type(error).__name__})") from None


def _send(place: str, url: str, message: Message, timeout_s: float) -> None:
    try:
        import apprise  # takes half a second: only who uses it waits for it
    except ImportError as error:
        raise ToolMissing.no_library("apprise", PURPOSE) from error
    logging.getLogger("apprise").disabled = True
    services = apprise.Apprise(asset=_open_asset(apprise))
    if not services.add(url):
        raise DeliveryFailed.refused(place, "the library knows no such address")
    for service in services:
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    kind = apprise.NotifyType.SUCCESS if message.is_well else apprise.NotifyType.FAILURE
    text = "\n".join(message.lines) or message.subject
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        has_arrived = services.notify(text, message.subject, kind, body_format=apprise.NotifyFormat.TEXT)
    if not has_arrived:
        raise DeliveryFailed.refused(place, "the library could not hand it over")


def _open_asset(apprise: Any) -> Any:
    """Has the library work in no thread of its own: a process does not end before such a thread does. Who calls sets
    the limit. Older ones know none."""
    try:
        return apprise.AppriseAsset(async_mode=False, service_timeout=0)
    except (AttributeError, TypeError):
        return apprise.AppriseAsset(async_mode=False)


def _name_service(url: str) -> str:
    scheme, mark, _secret = url.partition("://")
    return f"apprise {scheme}://" if mark and re.fullmatch("[a-z0-9]{1,20}", scheme) else "apprise"
