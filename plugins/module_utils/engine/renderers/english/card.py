"""The recovery card in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "card.title": "Recovery card: {application}",
    "card.run": "Newest good backup",
    "card.folder": "Where it lies",
    "card.size": "How big",
    "card.sizes": "{stored} stored, {raw} when it is back",
    "card.level": "How far it is proved",
    "card.proved": "Last restored and compared",
    "card.time": "Measured time of a restore",
    "card.warning": "To be typed by hand, as root, on the server or on a new one; standard "
    "tools are enough. Every command stops where something is there already: move it away first. With our"
    " command it is one line, with a safety backup before and a comparison afterwards: diskominfo-backup "
    "restore.",
    "card.first": "First: the stored bytes are those that were written",
    "card.with_accounts": "The accounts come back with their passwords. An account that is there "
    "already keeps what it has; that its command complains is no fault. Then start the application and "
    "look at it.",
    "card.last": "Then start the application and look at it.",
    "card.without_accounts": "Accounts of databases are not in this backup: make them and grant them"
    " again where the application needs one. Then start the application and look at it.",
}
