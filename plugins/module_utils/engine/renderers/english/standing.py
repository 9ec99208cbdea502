"""How each application stands over all time, in English."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "section.standing": "How every backup stands, over all time",
    "standing.application_server": "Application",
    "standing.last_good": "Last good / limit",
    "standing.last_compared": "Compared / limit",
    "standing.failures": "Failures",
    "standing.copies": "{copies} ({elsewhere} on other disks)",
    "standing.copies_head": "Copies (3-2-1)",
    "standing.restore": "Restore takes",
    "standing.limit": "{age} / {limit}",
    "standing.rule": "3-2-1: three copies with the source, on two disks, one of them not that of the source. "
    "Ages are counted up to the end of the period; limits follow the category and the check interval.",
    "standing.kept": "kept",
    "standing.not_kept": "not kept",
    "row.places": "Places of the copies",
    "section.notes": "Notes by people",
}
