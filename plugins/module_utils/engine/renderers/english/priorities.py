"""The priority list in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "priority.server": "Server",
    "priority.name": "Name",
    "priority.title": "Title",
    "priority.owner": "Owner",
    "priority.category": "Category",
    "priority.state": "State",
    "priority.reasons": "Reason",
    "priority.contents": "Databases and folders",
    "priority.state.registered": "registered",
    "priority.state.proposed": "proposed",
    "priority.reason.written": "its database is written to",
    "priority.reason.changing": "its files change",
    "priority.reason.public": "public site",
    "priority.reason.large": "more than 10 GB",
    "priority.reason.quiet": "nothing changes in it",
    "priority.reason.unclassified": "cannot be classified by machine",
    "priority.reason.chosen": "as the register says",
    "priority.intro": "Proposed entries of the register: put those that are right into the file named above them.",
    "priority.nothing": "Nothing is proposed: all that was found is registered.",
    "priority.never_accepted": 'No list was accepted yet. To accept this one: -e accept="name of the person"',
    "priority.accepted": "Held against the list that was accepted by {by} on {at}:",
    "priority.no_change": "no difference",
    "priority.change.added": "added, {after}",
    "priority.change.removed": "not there any more, it was {before}",
    "priority.change.category": "category {after}, it was {before}",
    "priority.change.content": "gained {after}; lost {before}",
    "priority.flag": "— SOMEBODY HAS TO LOOK",
    "priority.fill": "the unit that owns it",
    "priority.sum": "{registered} registered, {proposed} proposed",
}
