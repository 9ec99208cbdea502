"""What is in a database: rows of every table in one snapshot, and a digest of every definition."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ...errors import SourceMissing, SourceUnreadable
from ...record.census import SNAPSHOT, Census
from .client import quote_name
from .session import Row, Session

TRANSACTIONAL = ("InnoDB", "ROCKSDB", "TokuDB")
"""Engines whose tables are seen as they were when a snapshot began."""

DATABASE, DEFINER, SEQUENCE, SEQUENCE_SHAPE, TABLE, VIEW = (
    "database",
    "definer",
    "sequence",
    "sequence definition",
    "table",
    "view",
)
DEFAULT_CHARACTERS = "default characters"
NAME_CASE = "lower_case_table_names"
VERSIONED = "SYSTEM VERSIONED"
KINDS: Mapping[str, str] = {"BASE TABLE": TABLE, VERSIONED: TABLE, "SEQUENCE": SEQUENCE_SHAPE, "VIEW": VIEW}
SHOWN: Mapping[str, str] = {SEQUENCE_SHAPE: "SEQUENCE"}

# Names compare without case in the server's lists: the first half of each condition is fast, the second exact.
DEFAULTS = """
SELECT CONCAT(DEFAULT_CHARACTER_SET_NAME, ' ', DEFAULT_COLLATION_NAME), @@lower_case_table_names
FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE() AND BINARY SCHEMA_NAME = DATABASE()"""
TABLES = """
SELECT TABLE_TYPE, TABLE_NAME, IFNULL(ENGINE, ''), IFNULL(DATA_LENGTH, 0)
FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND BINARY TABLE_SCHEMA = DATABASE()"""
VIEWS = """
SELECT 'view', TABLE_NAME, DEFINER, VIEW_DEFINITION, CHECK_OPTION, SECURITY_TYPE, CHARACTER_SET_CLIENT,
COLLATION_CONNECTION /*M!100100 , ALGORITHM */
FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND BINARY TABLE_SCHEMA = DATABASE()"""
ROUTINES = """
SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, DEFINER
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND BINARY ROUTINE_SCHEMA = DATABASE()"""
TRIGGERS = """
SELECT 'trigger', TRIGGER_NAME, DEFINER
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND BINARY TRIGGER_SCHEMA = DATABASE()"""
EVENTS = """
SELECT 'event', EVENT_NAME, DEFINER
FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND BINARY EVENT_SCHEMA = DATABASE()"""
ANY_HISTORY = """
SELECT 1 FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND BINARY TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SYSTEM VERSIONED' LIMIT 1"""
CODE: Sequence[str] = (VIEWS, ROUTINES, TRIGGERS, EVENTS)
ACCOUNTS = "SELECT CONCAT(User, '@', Host) FROM mysql.user"


@dataclass(frozen=True)
class Definitions:
    """Everything in a database but rows and the values of sequences.

    `objects`: kind -> name -> digest of the definition. `engines`: table -> storage engine. `definers`: the accounts
    (`name@host`) in whose name code runs, each with the first object of theirs. `data_bytes` is a guess of the server.
    """

    objects: Mapping[str, Mapping[str, str]]
    engines: Mapping[str, str]
    versioned: tuple[str, ...]
    definers: Mapping[str, str]
    name_case: int
    data_bytes: int = field(default=0, compare=False)

    @property
    def fixed_tables(self) -> list[str]:
        """Tables that a snapshot does not hold still."""
        return sorted(name for name, engine in self.engines.items() if engine not in TRANSACTIONAL)

    @property
    def sequences(self) -> Iterable[str]:
        """The names of the sequences."""
        return self.objects.get(SEQUENCE_SHAPE, {})

    def make_census(self, rows: Mapping[str, int], sequences: Mapping[str, str], consistency: str) -> Census:
        """The census of counts, values and definitions that belong together."""
        values = {SEQUENCE: dict(sequences)} if sequences else {}
        accounts = {DEFINER: dict.fromkeys(self.definers, "")} if self.definers else {}
        return Census(
            rows, {**self.objects, **accounts, **values}, {NAME_CASE: self.name_case}, consistency=consistency
        )

    def find_change(self, later: Definitions) -> str:
        """What is not any more as it was, such as `view v`; empty when nothing changed."""
        kinds = sorted({*self.objects, *later.objects})
        for kind in kinds:
            before, after = self.objects.get(kind, {}), later.objects.get(kind, {})
            for name in sorted({*before, *after}):
                if before.get(name) != after.get(name):
                    return f"{kind} {name}"
        return ""


def read_definitions(session: Session) -> Definitions:
    """What the account of the session sees. Raises SourceMissing, SourceUnreadable for what it may not read."""
    defaults = session.query(DEFAULTS)
    if not defaults:
        raise SourceMissing.no_answer("the database", "it is not there any more")
    tables = session.query(TABLES)
    code = [row for statement in CODE for row in session.query(statement)]
    named = [(KINDS[row[0]], row[1]) for row in tables if row[0] in KINDS] + [(row[0], row[1]) for row in code]
    objects: dict[str, dict[str, str]] = {DATABASE: {DEFAULT_CHARACTERS: defaults[0][0]}}
    for kind, name in sorted(set(named)):
        if kind != VIEW:
            objects.setdefault(kind, {})[name] = digest_definition(session, kind, name)
    definers: dict[str, str] = {}
    for kind, name, definer, *view in code:
        definers.setdefault(definer, f"{kind} {name}")
        if view:
            objects.setdefault(kind, {})[name] = digest([definer, *view])
    engines = {row[1]: row[2] for row in tables if KINDS.get(row[0]) == TABLE}
    versioned = tuple(sorted(row[1] for row in tables if row[0] == VERSIONED))
    return Definitions(objects, engines, versioned, definers, int(defaults[0][1]), sum(int(row[3]) for row in tables))


def digest_definition(session: Session, kind: str, name: str) -> str:
    """The digest of the statement that makes an object.

    Not for views: SHOW CREATE VIEW names the database in it, or not, by what the view's account may do.
    """
    row = session.query(f"SHOW CREATE {SHOWN.get(kind, kind.upper())} {quote_name(name)}")[0]
    has_mode = kind not in (TABLE, SEQUENCE_SHAPE)
    if row[2 if has_mode else 1] == "NULL":
        raise SourceUnreadable.too_few_rights(f"{kind} {name}", ["its definition may not be read"])
    return digest(row[1:6] if has_mode else [_drop_next_number(row)])


def digest(texts: Sequence[str]) -> str:
    """Sixteen hexadecimal digits of some texts."""
    return sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _drop_next_number(row: Row) -> str:
    """The statement of a table without what changes with every row."""
    head, mark, tail = row[1].rpartition("\n) ENGINE=")
    return head + mark + " ".join(word for word in tail.split(" ") if not word.startswith("AUTO_INCREMENT="))


def read_sequences(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Sequence -> the next value that it has not given to anybody, as a dump writes it."""
    statement = "SELECT next_not_cached_value FROM "
    return {name: session.query(statement + quote_name(name))[0][0] for name in names}


def find_orphans(session: Session, definitions: Definitions) -> list[str]:
    """What runs in the name of an account that is not there: `view v (old@localhost)`. Reads the list of accounts."""
    known = {row[0] for row in session.query(ACCOUNTS)}
    return [f"{what} ({definer})" for definer, what in sorted(definitions.definers.items()) if definer not in known]


def count_rows(session: Session, tables: Iterable[str], with_history: Iterable[str]) -> Iterator[tuple[str, int]]:
    """(table, rows), exact, one after the other; of the tables `with_history` also what was deleted or changed."""
    for name in tables:
        source = quote_name(name) + (" FOR SYSTEM_TIME ALL" if name in with_history else "")
        yield name, int(session.query("SELECT COUNT(*) FROM " + source)[0][0])  # noqa: S608 - quoted


class Count(threading.Thread):
    """Counts the rows of tables in the snapshot of a session, beside the dump; `result` waits for it.

    A dump waits for a locked table for ever, this only as long as its session does: `on_fault` is called then.
    """

    def __init__(
        self, session: Session, tables: Sequence[str], with_history: Sequence[str], on_fault: Callable[[], None]
    ) -> None:
        super().__init__(daemon=True)
        self._on_fault = on_fault
        self._session = session
        self._tables = tables
        self._with_history = with_history
        self._rows: dict[str, int] = {}
        self._fault: Exception | None = None

    def run(self) -> None:
        """The thread: ends with the last table, or with the first fault."""
        try:
            self._rows.update(count_rows(self._session, self._tables, self._with_history))
        except Exception as fault:  # pylint: disable=broad-exception-caught
            self._fault = fault
            self._on_fault()

    def stop(self) -> None:
        """Ends it without a result when it is not done."""
        if self.is_alive():
            self._session.kill()
        self.join()

    def require_no_fault(self) -> None:
        """Raises what came in between."""
        if self._fault is not None:
            raise self._fault

    def result(self) -> Mapping[str, int]:
        """Table -> rows; raises what came in between."""
        self.join()
        self.require_no_fault()
        return self._rows


def take_census(session: Session) -> Census:
    """Everything at once, of a database that nobody changes."""
    definitions = read_definitions(session)
    rows = dict(count_rows(session, sorted(definitions.engines), definitions.versioned))
    return definitions.make_census(rows, read_sequences(session, definitions.sequences), SNAPSHOT)
