"""Sends a request over HTTP, for channels that speak it: no redirect is followed, no secret is told in an error."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import DeliveryFailed

ANSWER_LIMIT_BYTES = 65536
AGENT = "diskominfo-backup"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token must not go where an answer points to."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Refuses."""
        return


def name_place(url: str) -> str:
    """Scheme and host of an address: the rest may be a secret, also what stands where a port belongs."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.hostname}{port}"


def send(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float, ca_file: str = "") -> bytes:
    """POSTs `body`; the beginning of the answer. Raises DeliveryFailed for anything but a status 2xx."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect)
        if urlsplit(url).scheme not in ("http", "https"):
            raise DeliveryFailed.refused("the address", "it does not begin with http:// or https://")
        request = urllib.request.Request(url, body, {"User-Agent": AGENT, **headers}, method="POST")  # noqa: S310
        with opener.open(request, timeout=timeout_s) as answer:
            data: bytes = answer.read(ANSWER_LIMIT_BYTES)
            return data
    except urllib.error.HTTPError as error:
        with error:
            raise DeliveryFailed.refused(name_place(url), f"status {error.code}") from None
    except urllib.error.URLError as error:
        raise DeliveryFailed.refused(name_place(url), str(error.reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryFailed.refused(name_place(url), type(error).__name__) from None


def send_json(url: str, data: Any, token: str, timeout_s: float, ca_file: str = "") -> bytes:
    """The same with `data` as JSON; the token, if there is one, as a bearer."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return send(url, json.dumps(data).encode("ascii"), headers, timeout_s, ca_file)
