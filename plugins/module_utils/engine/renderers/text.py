"""The report as a table for terminals and for `report.txt`: failures first, each with its reason and remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..record.report import FAILED, MISSED, PENDING, RETIRED, SUCCEEDED, UNREACHABLE, ApplicationRow, Report
from .language import DAMAGED, SYMBOLS, UNKNOWN, Language, clean, shorten

PLAIN_WIDTH = 78
"""What a mail shows on every screen, and a terminal of 80 columns without breaking lines anew (RFC 5322, 2.1.1)."""
LEAST_WIDTH = 40
REASON_LINES = 3
SHOWN_CHARACTERS = 600
CELL_CHARACTERS = 200
SHOWN_FINDS = 30
"""So many of what nobody claims are listed; the report's other forms hold all."""
NAME_WIDTH = 14
"""What the column of names may shrink to before a column is left out."""
LEFT_OUT = ("change", "duration", "category", "size", "when", "level")
"""Columns in the order in which a narrow terminal loses them."""

COLOURS: Mapping[str, str] = {
    FAILED: "\x1b[1;31m",
    DAMAGED: "\x1b[1;31m",
    UNREACHABLE: "\x1b[1;33m",
    MISSED: "\x1b[1;33m",
    PENDING: "\x1b[2m",
    SUCCEEDED: "\x1b[32m",
    RETIRED: "\x1b[2m",
}
PLAIN = "\x1b[0m"
SOFT = "\x1b[2m"


def measure_width(text: str) -> int:
    """Columns that a terminal needs for a clean text: East Asian characters take two, marks on others none."""
    if text.isascii():
        return len(text)
    return sum(_width_of(character) for character in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def fit(text: str, width: int) -> str:
    """The text in exactly `width` columns: padded with spaces, or cut with an ellipsis."""
    room = width - measure_width(text)
    if room >= 0:
        return text + " " * room
    cut = _cut(text, width - 1)[0] + "…"
    return cut + " " * (width - measure_width(cut))


def wrap(text: str, width: int, limit: int, lead: str = "") -> list[str]:
    """The text in at most `limit` lines of `width` columns, broken at spaces; too long words are cut to pieces.

    The first line begins with `lead`, the others with as many spaces.
    """
    if lead:
        lines = wrap(text, width - measure_width(lead), limit)
        return [(" " * measure_width(lead) if index else lead) + line for index, line in enumerate(lines)]
    lines = [""]
    for word in text.split(" "):
        gap = " " if lines[-1] else ""
        if lines[-1] and measure_width(lines[-1] + gap + word) > width:
            lines.append("")
            gap = ""
        pieces = _cut(lines[-1] + gap + word, width)
        lines[-1:] = pieces
    if len(lines) > limit:
        lines[limit - 1 :] = [fit(lines[limit - 1] + " …", width).rstrip()]
    return lines


def _cut(text: str, width: int) -> list[str]:
    pieces, used = [""], 0
    for character in text:
        used += _width_of(character)
        if used > width:
            pieces.append("")
            used = _width_of(character)
        pieces[-1] += character
    return pieces


@dataclass(frozen=True)
class Column:
    """One column: its name, its title and what it says of a row."""

    name: str
    title: str
    tell: Callable[[ApplicationRow], str]
    is_number: bool = False


def make_columns(language: Language, zone: str) -> list[Column]:
    """Every column, in the order of the table."""

    def tell_status(row: ApplicationRow) -> str:
        status = language.status_of(row)
        return f"{SYMBOLS[status]} {language.word('status.' + status)}"

    def tell_when(row: ApplicationRow) -> str:
        return language.moment(row.began, zone, "short")

    return [
        Column("status", "column.status", tell_status),
        Column("application", "column.application_server", lambda row: f"{row.application} @ {row.server}"),
        Column("category", "column.category", lambda row: language.word(f"category.{row.category}")),
        Column("when", "column.when_short", tell_when, True),
        Column("duration", "column.duration", lambda row: language.clock(row.duration_s), True),
        Column("size", "column.size", lambda row: language.size(row.size_bytes), True),
        Column("change", "column.change", lambda row: language.change(row.size_change), True),
        Column("level", "column.level", lambda row: language.word(f"level.{row.level}")),
        Column("reason", "column.reason", lambda row: language.explain(row.reason).sentence if row.reason else ""),
    ]


def render_text(report: Report, language: str, width: int = PLAIN_WIDTH, colours: bool = False) -> str:
    """The report as lines of at most `width` columns; `colours` adds escape sequences of a terminal."""
    chosen, width = Language(language), max(width, LEAST_WIDTH)
    painter = _Painter(chosen, width, colours)
    lines = [*_tell_head(report, chosen, width), ""]
    if report.rows:
        lines += _make_table(report, chosen, painter)
    else:
        lines += wrap(chosen.word("verdict.empty"), width, 1) + wrap(chosen.word("verdict.empty.hint"), width, 9)
    return "\n".join([*lines, "", *_tell_end(report, chosen, painter)]) + "\n"


def _tell_head(report: Report, language: Language, width: int) -> list[str]:
    zone = report.period.zone
    began, ended = language.moment(report.period.began, zone), language.moment(report.period.ended, zone)
    between = language.say("document.between", began=began, ended=ended)
    title, office = language.word("document.title"), clean(shorten(report.office.get("name", ""), CELL_CHARACTERS))
    named = f"{title} · {office}" if office else title
    return [*wrap(named, width, 2), *wrap(f"{language.word('document.period')}: {between}", width, 3)]


@dataclass(frozen=True)
class _Painter:
    language: Language
    width: int
    has_colours: bool

    def paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self.has_colours else text

    def tell_reason(self, row: ApplicationRow, zone: str, has_column: bool) -> list[str]:
        """The reason and the remedy of a row, indented below it; a sentence that has a column is not said twice."""
        told = self.language.explain_row(row, zone)
        if told is None:
            return []
        said = (told.detail,) if has_column else (told.sentence, told.detail)
        colour = COLOURS[self.language.status_of(row)]
        return [
            *self._indent(shorten(": ".join(filter(None, said)), SHOWN_CHARACTERS), "    ", colour),
            *self._indent(shorten(told.remedy, SHOWN_CHARACTERS), "  → ", ""),
        ]

    def _indent(self, text: str, lead: str, colour: str) -> list[str]:
        lines = wrap(text, self.width, REASON_LINES, lead) if text else []
        return [self.paint(line, colour) if colour else line for line in lines]


def _make_table(report: Report, language: Language, painter: _Painter) -> list[str]:
    columns = make_columns(language, report.period.zone)
    cells = {
        column.name: [clean(shorten(column.tell(row), CELL_CHARACTERS)) for row in report.rows] for column in columns
    }
    titles = {column.name: language.word(column.title) for column in columns}
    widths = choose_widths(cells, titles, painter.width)
    shown = [column for column in columns if column.name in widths]
    head = " ".join(_place(titles[column.name], widths, column) for column in shown)
    lines = [painter.paint(head.rstrip(), SOFT)]
    before: list[str] = []
    for index, row in enumerate(report.rows):
        placed = [_place(cells[column.name][index], widths, column) for column in shown]
        placed[0] = painter.paint(placed[0], COLOURS[language.status_of(row)])
        lines.append(" ".join(placed).rstrip())
        reason = painter.tell_reason(row, report.period.zone, "reason" in widths)
        lines += [f"    {language.word('row.same')}"] if reason and reason == before else reason
        before = reason
    return lines


def _place(text: str, widths: Mapping[str, int], column: Column) -> str:
    width = widths[column.name]
    if column.is_number and measure_width(text) < width:
        return " " * (width - measure_width(text)) + text
    return fit(text, width)


def choose_widths(cells: Mapping[str, Sequence[str]], titles: Mapping[str, str], width: int) -> dict[str, int]:
    """Column -> width, all of them with a space between within `width`.

    The reason stands only where the others leave room for the whole of it, else it is told below its row. Where room
    is short, names shrink, then columns go, the least needed first.
    """
    widths = {name: max(map(measure_width, (titles[name], *cells[name]))) for name in cells}
    reason = widths.pop("reason")
    names = widths["application"]
    widths["application"] = min(names, NAME_WIDTH)
    for name in LEFT_OUT:
        if _total(widths.values()) > width:
            del widths[name]
    widths["application"] = min(names, width - _total(widths.values()) + widths["application"])
    if any(cells["reason"]) and _total([*widths.values(), reason]) <= width:
        widths["reason"] = reason
    return widths


def _total(widths: Iterable[int]) -> int:
    held = list(widths)
    return sum(held) + len(held) - 1


def _tell_end(report: Report, language: Language, painter: _Painter) -> list[str]:
    """Notes, counts, and what nobody claims."""
    summary = report.summary
    names = (FAILED, DAMAGED, UNREACHABLE, MISSED, PENDING, SUCCEEDED, RETIRED)
    counts = {name: getattr(summary, name) for name in names}
    counts[SUCCEEDED] = sum(row.status == SUCCEEDED and not row.is_damaged for row in report.rows)
    told = [f"{language.number(count)}\xa0{language.word('status.' + name)}" for name, count in counts.items() if count]
    proved = f"{language.number(summary.compared)} {language.word('headline.compared')}"
    total = f"{language.number(summary.applications)} {language.word('headline.applications')}"
    stored = language.say("headline.stored", bytes=language.size(summary.bytes))
    lines = [*_tell_notes(report, language, painter.width)]
    lines += wrap(f"{total}: {', '.join(told) or UNKNOWN}", painter.width, 3)
    lines += wrap(f"{proved} · {stored}", painter.width, 3)
    return lines + _tell_unclaimed(report, language, painter.width)


def _tell_notes(report: Report, language: Language, width: int) -> list[str]:
    """One line for each kind of finding, with whom it is about: the same note on every row would hide the others."""
    about: dict[str, list[str]] = {}
    for finding in (*report.findings, *(finding for row in report.rows for finding in row.findings)):
        told = language.explain_finding(finding)
        about.setdefault(shorten(told.sentence, SHOWN_CHARACTERS), []).append(
            clean(shorten(finding.subject, CELL_CHARACTERS))
        )
    lines = []
    for sentence, subjects in about.items():
        named = ", ".join(subjects[:4]) + (
            f" {language.say('row.more', count=len(subjects) - 4)}" * (len(subjects) > 4)
        )
        lines += wrap(f"{sentence}: {named}", width, 2, "! ")
    return [*lines, ""] if lines else []


def _tell_unclaimed(report: Report, language: Language, width: int) -> list[str]:
    if report.unclaimed is None:
        return wrap(language.word("unclaimed.count_unknown"), width, 2)
    lines = wrap(language.say("unclaimed.count", count=language.number(report.summary.unclaimed or 0)), width, 2)
    for find in report.unclaimed[:SHOWN_FINDS]:
        named = clean(shorten(f"{find.server}: {find.key}", SHOWN_CHARACTERS))
        lines += wrap(f"{named}: {shorten(language.explain_find(find), SHOWN_CHARACTERS)}", width, 4, "  ")
    left = len(report.unclaimed) - SHOWN_FINDS
    return lines + (wrap(language.say("row.more", count=left), width, 2, "  ") if left > 0 else [])


def render_plain(report: Report, language: str) -> bytes:
    """The table for a file: PLAIN_WIDTH columns, no colours."""
    return render_text(report, language).encode("utf-8")
