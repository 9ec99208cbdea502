"""What a search of the servers found, in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "find.new": "newly found, in no backup; proposed name: {application}",
    "find.unclaimed": "in no backup; proposed name: {application}",
    "find.changed": "in no backup, though {application} uses it: add it to that entry",
    "find.dangling": "named in the configuration of {application}, and does not exist",
    "find.gone": "not there any more; it belonged to {application}",
    "find.unknown": "nothing can be said of it: {reason}",
    "find.ignored": "left out on purpose: {reason}",
    "find.registered": "belongs to {application}",
    "find.reason.never_searched": "its server was never searched",
    "find.reason.searched_long_ago": "its server was not searched in this period",
    "find.reason.strange_host": "it is on a host that is no server of the inventory",
    "find.reason.unread_instance": "the databases there could not be listed",
    "state.new": "new",
    "state.unclaimed": "unclaimed",
    "state.changed": "changed",
    "state.dangling": "dangling",
    "state.gone": "gone",
    "state.unknown": "unknown",
    "state.ignored": "ignored",
    "state.registered": "registered",
    "column.find": "What",
    "column.state": "State",
    "column.told": "What that means",
}
