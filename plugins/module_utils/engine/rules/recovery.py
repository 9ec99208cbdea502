"""The commands that restore a run by hand: standard tools, in an order and a form that overwrite nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from shlex import join, quote

from ..record.card import Card, CardPart
from ..record.receipt import Part, Receipt, StoredFile
from ..record.report import ApplicationRow
from ..record.source import TREE, DatabaseSource, Source

ACCOUNT_SUFFIXES = (".accounts.sql", ".globals.sql")
SUPERUSER = "postgres"
UNPACK = "tar --extract --file=- --same-permissions --same-owner --numeric-owner --acls --xattrs --xattrs-include='*'"
COMPARE = "tar --compare --file=- --acls --xattrs"
DATABASE_KIND, CHARACTERS = "database", "default characters"


def make_card(row: ApplicationRow, run: Receipt, sources: Iterable[Source], zone: str) -> Card:
    """The card of an application whose newest good run is `run`; `sources` are its registered ones."""
    parts = tuple(_describe(part, source) for part, source in _order_parts(run, sources))
    store = run.store.path if run.store else ""
    folder = str(PurePosixPath(store) / run.application / run.id)
    return Card(
        application=run.application,
        title=row.title,
        owner=row.owner,
        server=row.server,
        run_id=run.id,
        began=run.began,
        zone=zone,
        folder=folder,
        level=row.level if _is_last(row.began, run) else run.level,
        last_compared=row.last_compared,
        restore_s=row.restore_s,
        opening=_tell_opening(folder),
        parts=parts,
        has_accounts=any(_find_accounts(part) for part in run.parts),
    )


def tell_run(run: Receipt, folder: str, sources: Iterable[Source]) -> Iterator[str]:
    """All commands for a run that is stored in `folder`: a folder before what lies in it."""
    yield _tell_opening(folder)
    for part, source in _order_parts(run, sources):
        yield from tell_commands(part, source)


def _tell_opening(folder: str) -> str:
    return f"cd {quote(folder)} && sha256sum --check SHA256SUMS"


def _order_parts(run: Receipt, sources: Iterable[Source]) -> list[tuple[Part, Source | None]]:
    known = {source.key: source for source in sources}
    ordered = sorted(run.parts, key=lambda part: part.engine != TREE)
    return [(part, known.get(f"{part.engine}:{part.path}")) for part in ordered]


def _is_last(began: datetime | None, run: Receipt) -> bool:
    return began is not None and f"{began:%Y%m%dT%H%M%SZ}" == run.id[:16]


def _describe(part: Part, source: Source | None) -> CardPart:
    place = part.path if part.engine in (TREE, "sqlite") else part.name
    return CardPart(
        kind=part.kind,
        name=part.name,
        place=place,
        engine=part.engine,
        server_version=part.server_version,
        size_bytes=sum(stored.size_bytes for stored in part.files),
        raw_bytes=part.raw_bytes,
        commands=tuple(tell_commands(part, source)),
    )


def tell_commands(part: Part, source: Source | None = None) -> Iterator[str]:
    """The commands for one part, to be typed in the folder of its run. Each stops where something is there already."""
    if part.file is None:
        return
    unpacked = _unpack(part.file)
    server = source if isinstance(source, DatabaseSource) else DatabaseSource(part.engine, name=part.name)
    if part.engine == TREE:
        yield from _tell_tree(part.path, unpacked)
    elif part.engine == "sqlite":
        yield from _tell_sqlite(part.path, unpacked)
    elif part.engine == "mysql":
        yield from _tell_mysql(part, server, unpacked)
    else:
        yield from _tell_postgresql(part, server, unpacked)


def _unpack(stored: StoredFile) -> str:
    return f"{'zstd' if stored.name.endswith('.zst') else 'gzip'} --decompress --stdout {quote(stored.name)}"


def _find_accounts(part: Part) -> str:
    """What unpacks the accounts that lie beside a database; empty where none do."""
    named = [stored for stored in part.asides if any(suffix in stored.name for suffix in ACCOUNT_SUFFIXES)]
    return _unpack(named[0]) if named else ""


def _tell_tree(path: str, unpacked: str) -> Iterator[str]:
    parent, place = quote(str(PurePosixPath(path).parent)), quote(path)
    yield f"mkdir --parents {parent} && mkdir {place} && {unpacked} | {UNPACK} --directory={place}"
    yield f"{unpacked} | {COMPARE} --directory={place}"


def _tell_sqlite(path: str, unpacked: str) -> Iterator[str]:
    parent, place = quote(str(PurePosixPath(path).parent)), quote(path)
    yield f"mkdir --parents {parent} && test ! -e {place} && {unpacked} > {place} && chown --reference={parent} {place}"
    yield f"sqlite3 {place} 'PRAGMA integrity_check'"


def _tell_mysql(part: Part, source: DatabaseSource, unpacked: str) -> Iterator[str]:
    client = join(["mariadb", "--default-character-set=utf8mb4", *_reach_mysql(source)])
    accounts = _find_accounts(part)
    if accounts:
        yield f"{accounts} | {client}"
    named = "`" + part.name.replace("`", "``") + "`"
    making = quote(f"CREATE DATABASE {named}{_tell_characters(part)}")
    yield f"{client} --execute={making} && {unpacked} | {client} --binary-mode -- {quote(part.name)}"


def _tell_characters(part: Part) -> str:
    words = (part.census.objects.get(DATABASE_KIND, {}) if part.census else {}).get(CHARACTERS, "").split(" ")
    return f" CHARACTER SET {words[0]} COLLATE {words[1]}" if len(words) == 2 and all(map(_is_plain, words)) else ""


def _is_plain(word: str) -> bool:
    return word.replace("_", "").isalnum() and word.isascii()


def _reach_mysql(source: DatabaseSource) -> list[str]:
    options = {
        "--host": source.host,
        "--port": str(source.port or ""),
        "--socket": source.socket,
        "--user": source.user,
    }
    asked = ["--password"] if source.password_file else []
    return [*(f"{key}={value}" for key, value in options.items() if value), *asked]


def _tell_postgresql(part: Part, source: DatabaseSource, unpacked: str) -> Iterator[str]:
    """`--create` makes the database with its settings and rights, and stops where one of its name is there."""
    options = {"--host": source.socket or source.host, "--port": str(source.port or ""), "--username": source.user}
    reach = [f"{key}={value}" for key, value in options.items() if value]
    become = [] if source.host else ["runuser", "-u", source.user or SUPERUSER, "--"]
    accounts = _find_accounts(part)
    if accounts:
        yield f"{accounts} | {join([*become, 'psql', '--no-psqlrc', '--quiet', *reach, '--dbname=postgres'])}"
    restoring = ["pg_restore", "--create", "--exit-on-error", *reach, "--dbname=postgres"]
    yield f"{unpacked} | {join([*become, *restoring])}"


def find_good_ids(row: ApplicationRow, ids: Sequence[str]) -> list[str]:
    """The ids that the row's newest good run can have: of what began in its second, the newest first."""
    begun = f"{row.last_good:%Y%m%dT%H%M%SZ}-" if row.last_good else "none"
    return [identity for identity in reversed(ids) if identity.startswith(begun)]
