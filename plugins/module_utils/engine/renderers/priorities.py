"""The priority list for people and programs: entries to paste, a table for spreadsheets, and all of it as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..record.priority import CHOSEN, Change, PriorityEntry, PriorityList
from ..record.wire import write_json
from .language import Language, clean

COLUMNS = ("server", "name", "title", "owner", "category", "state", "reasons", "contents")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def render_priorities_json(listed: PriorityList, _language: str) -> bytes:
    """All of it, in the canonical order."""
    return write_json(listed.to_data())


def render_priorities_csv(listed: PriorityList, language: str) -> bytes:
    """One line for each application, registered or proposed."""
    words = Language(language)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(words.word(f"priority.{name}") for name in COLUMNS)
    for entry in listed.entries:
        writer.writerow(map(_guard, _tell_entry(entry, words)))
    return stream.getvalue().encode("utf-8-sig")


def _tell_entry(entry: PriorityEntry, words: Language) -> tuple[str, ...]:
    return (
        *(entry.server, entry.name, entry.title, entry.owner),
        words.word(f"category.{entry.category}"),
        words.word(f"priority.state.{entry.state}"),
        _tell_reasons(entry, words),
        "; ".join(entry.contents),
    )


def _tell_reasons(entry: PriorityEntry, words: Language) -> str:
    return ", ".join(words.word(f"priority.reason.{reason}") for reason in entry.reasons)


def _guard(text: str) -> str:
    shown = clean(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown


def render_priorities_yaml(listed: PriorityList, language: str) -> bytes:
    """Entries for `backup_applications`, server by server, with what else a person should know as comments."""
    words = Language(language)
    lines = ["---", *_comment(words.word("priority.intro")), *_tell_changes(listed, words)]
    if not listed.proposals:
        lines += _comment(words.word("priority.nothing"))
    entries = {(entry.server, entry.name): entry for entry in listed.entries}
    for server, proposals in listed.proposals.items():
        lines += ["", *_comment(f"host_vars/{server}.yml"), f"{_quote(server)}:", "  backup_applications:"]
        for proposal in proposals:
            lines += _write_proposal(proposal, entries[server, proposal["name"]], words)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _tell_changes(listed: PriorityList, words: Language) -> list[str]:
    if listed.accepted is None:
        return _comment(words.word("priority.never_accepted"))
    head = words.say("priority.accepted", by=listed.accepted.by, at=f"{listed.accepted.at:%Y-%m-%d}")
    told = [_tell_change(change, words) for change in listed.changes] or [words.word("priority.no_change")]
    return _comment(head) + [line for each in told for line in _comment(each)]


def _tell_change(change: Change, words: Language) -> str:
    told = words.say(f"priority.change.{change.what}", before=change.before or "–", after=change.after or "–")
    return f"{change.server}/{change.name}: {told}"


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in map(clean, text.split("\n"))]


def _write_proposal(proposal: Mapping[str, Any], entry: PriorityEntry, words: Language) -> list[str]:
    reason = _tell_reasons(entry, words)
    mark = words.word("priority.flag") if entry.is_flagged else ""
    lines = [f"  {line}" for line in _comment(" ".join(filter(None, (reason, mark))))]
    for number, (key, value) in enumerate(proposal.items()):
        lead = "  - " if number == 0 else "    "
        if isinstance(value, list):
            lines += [f"{lead}{key}:", *(f"      - {_write_flow(item)}" for item in value)]
        else:
            note = f"  # {words.word('priority.fill')}" if value == "" else ""
            lines.append(f"{lead}{key}: {_quote(value)}{note}")
    return ["", *lines]


def _write_flow(item: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_quote(value)}" for key, value in item.items()) + "}"


def _quote(value: Any) -> str:
    """JSON is YAML, but for characters that YAML would not print: those are escaped."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_quote, value)) + "]"
    return json.dumps(value, ensure_ascii=not (isinstance(value, str) and value.isprintable()))


FORMATS: Mapping[str, Any] = {
    "csv": render_priorities_csv,
    "json": render_priorities_json,
    "yml": render_priorities_yaml,
}
"""Suffix -> what writes that form."""


def tell_priorities(listed: PriorityList, language: str) -> Iterable[str]:
    """The list in some lines, for who started the search: what is new, and what somebody has to look at."""
    words = Language(language)
    proposed = [entry for entry in listed.entries if CHOSEN not in entry.reasons]
    yield words.say("priority.sum", registered=len(listed.entries) - len(proposed), proposed=len(proposed))
    for entry in proposed:
        category = words.word(f"category.{entry.category}")
        yield clean(f"{entry.server}/{entry.name}: {category} ({_tell_reasons(entry, words)})")
    for change in listed.changes:
        yield clean(_tell_change(change, words))
