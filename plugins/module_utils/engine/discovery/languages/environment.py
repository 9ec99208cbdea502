"""The databases that an environment names, whoever set it: a .env file, a container, a service of systemd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...record.discovered import DatabaseReference
from .address import make_reference, name_engine, read_address

NAME_LIMIT = 100

_NAMED = re.compile(r"((?:\w*_)?(?:DB\w*?_|DATABASE_|MYSQL_|MARIADB_|POSTGRES(?:QL)?_|PG))(?:DATABASE|NAME|DB)(_\w+)?")
_ADDRESS = re.compile(r"(?:jdbc:)?[A-Za-z][\w+.-]*:.*")
_CONNECTION = re.compile(r".*CONNECTION_?STRING.*|.*_DSN", re.IGNORECASE)
_DOTTED = re.compile(r"database\.(\w+)\.database")
_STEMS: Mapping[str, str] = {"MYSQL": "mysql", "MARIADB": "mysql", "POSTGRES": "postgresql", "PG": "postgresql"}
_PORTS: Mapping[str, str] = {"3306": "mysql", "5432": "postgresql", "1433": "sqlserver"}


def find_references(values: Mapping[str, str]) -> list[DatabaseReference | None]:
    """Every database that is named: by an address, or by variables that belong together, such as `DB_HOST_2`."""
    found = [*_read_addresses(values), *_read_groups(values), *_read_dotted(values)]
    return list(dict.fromkeys(found))


def _read_addresses(values: Mapping[str, str]) -> Iterator[DatabaseReference | None]:
    for name, value in ((key[:NAME_LIMIT], value) for key, value in values.items()):
        scheme = re.sub("^jdbc:", "", value).partition(":")[0]
        is_address = "URL" in name.upper() or "URI" in name.upper() or _CONNECTION.fullmatch(name)
        if (_ADDRESS.fullmatch(value) and name_engine(scheme)) or (is_address and ";" in value):
            yield read_address(value)


def _read_groups(values: Mapping[str, str]) -> Iterator[DatabaseReference | None]:
    for key in values:
        found = _NAMED.fullmatch(key[: NAME_LIMIT + 1])
        if not found or not values[key]:
            continue
        stem, tail = found[1], found[2] or ""

        def pick(*words: str, stem: str = stem, tail: str = tail) -> str:
            return next((values[stem + word + tail] for word in words if values.get(stem + word + tail)), "")

        engine = name_engine(pick("CONNECTION", "DRIVER", "ENGINE", "TYPE", "DIALECT", "CLIENT"))
        engine = engine or _guess_engine(values, stem, pick("PORT"))
        user, socket = pick("USERNAME", "USER"), pick("SOCKET", "UNIX_SOCKET")
        prefix = pick("PREFIX", "TABLE_PREFIX")
        yield make_reference(
            engine, values[key], pick("HOST", "HOSTNAME", "SERVER"), pick("PORT"), socket, user, prefix
        )


def _guess_engine(values: Mapping[str, str], stem: str, port: str) -> str:
    """By the names of the variables, else by the port, else that of the main connection; most are MySQL."""
    named = next((engine for word, engine in _STEMS.items() if word in stem), "")
    return named or _PORTS.get(port, "") or name_engine(values.get("DB_CONNECTION", "")) or "mysql"


def _read_dotted(values: Mapping[str, str]) -> Iterator[DatabaseReference | None]:
    """`database.default.hostname` of CodeIgniter 4."""
    for key, name in values.items():
        found = _DOTTED.fullmatch(key)
        if found:
            of = {word: values.get(f"database.{found[1]}.{word}", "") for word in _DOTTED_WORDS}
            engine = name_engine(of["DBDriver"] or "mysqli")
            yield make_reference(engine, name, of["hostname"], of["port"], "", of["username"], of["DBPrefix"])


_DOTTED_WORDS = ("hostname", "port", "username", "DBDriver", "DBPrefix")
