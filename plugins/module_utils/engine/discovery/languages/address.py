"""Where a database is, out of one text: a URL, a DSN of PDO or JDBC, a string of .NET. No password leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ...record.discovered import DatabaseReference
from ...record.source import DEFAULT_PORTS

ENGINES: Mapping[str, str] = {
    "mariadb": "mysql",
    "mongodb": "mongodb",
    "mssql": "sqlserver",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mysqli": "mysql",
    "mysqlnd": "mysql",
    "oci8": "oracle",
    "oracle": "oracle",
    "pdo_mysql": "mysql",
    "pdo_pgsql": "postgresql",
    "pdo_sqlite": "sqlite",
    "pdomysql": "mysql",
    "pgsql": "postgresql",
    "postgis": "postgresql",
    "postgre": "postgresql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "postgresql_psycopg2": "postgresql",
    "psql": "postgresql",
    "spatialite": "sqlite",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "sqlserver": "sqlserver",
    "sqlsrv": "sqlserver",
}
"""A driver's word -> the engine. mysql serves MariaDB too."""

LENGTH_LIMIT = 4096
NAME_LIMIT = 200

_URL = re.compile(r"(?:jdbc:)?([A-Za-z][\w+.-]*)://([^?#]*)(?:[?#](.*))?")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:]+:[0-9A-Fa-f:]*|[\w.-]*)(?::(\d{1,5}))?")
_PLAIN = re.compile(r"[^\s=;]{0,200}")
_PAIR = re.compile(r"""(?:"[^"]*"|'[^']*'|[^;])+""")
_SPACED_PAIR = re.compile(r"""(?<![a-z_])([a-z_]+) ?= ?('(?:[^'\\]|\\.)*'|[^\s;]*)""")

_KEYS: Mapping[str, tuple[str, ...]] = {
    "host": (
        "host",
        "hostname",
        "server",
        "data source",
        "datasource",
        "address",
        "addr",
        "network address",
        "hostaddr",
    ),
    "name": ("dbname", "database", "databasename", "initial catalog"),
    "user": ("user", "user id", "uid", "username", "user name"),
    "port": ("port",),
    "socket": ("unix_socket",),
}
_SQLSERVER_KEYS = {"initial catalog", "trusted_connection", "integrated security", "trustservercertificate"}


def name_engine(driver: str) -> str:
    """The engine of a driver's word such as `pdo_pgsql`, `django.db.backends.mysql`, `mysql+pymysql`; empty if none."""
    word = driver.lower().rsplit(".", 1)[-1].rsplit("\\", 1)[-1].split("+")[0]
    return ENGINES.get(word, "")


def make_reference(
    engine: str, name: str = "", host: str = "", port: str = "", socket: str = "", user: str = "", prefix: str = ""
) -> DatabaseReference | None:
    """A reference out of a configuration's own words; None where the engine is unknown or nothing is named.

    A host may hold a port (`db:3307`) or a socket (`localhost:/run/mysqld/mysqld.sock`); of SQLite, `name` is the path.
    """
    if not engine or not (name or user) or max(map(len, (name, socket))) > LENGTH_LIMIT:
        return None
    if engine == "sqlite":
        return DatabaseReference(engine, path=name, prefix=prefix[:NAME_LIMIT]) if name else None
    if ":/" in host or host.startswith("/"):
        host, _colon, socket = host.rpartition(":")
    found = _HOST.fullmatch("" if socket and host in ("localhost", "127.0.0.1", "unix") else host[: NAME_LIMIT + 1])
    if not found or len(host) > NAME_LIMIT or not all(map(_PLAIN.fullmatch, (name, user, prefix))):
        return None  # nobody knows which part of it is which: it may hold a password
    port = found[2] or port
    number = int(port) if port.isdigit() and len(port) < 6 else 0
    number = 0 if number == DEFAULT_PORTS.get(engine) or number > 65535 else number
    return DatabaseReference(engine, name, "", found[1].strip("[]"), number, socket, user, prefix)


def read_address(text: str) -> DatabaseReference | None:
    """The database a text names: `mysql://u:p@h:3307/n`, `mysql:host=h;dbname=n`, `jdbc:postgresql://h/n`,
    `Server=h;Database=n;User Id=u`. None for anything else; the password is dropped here."""
    text = text.strip()
    if len(text) > LENGTH_LIMIT:
        return None
    if text.lower().startswith("jdbc:sqlserver://"):
        return _read_pairs("Server=" + text[17:].replace(":", ","), "sqlserver")
    if text.lower().startswith("jdbc:oracle:"):
        return _read_oracle(text)
    url = _URL.fullmatch(text)
    if url:
        return _read_url(url[1], url[2], url[3] or "")
    driver, colon, rest = re.sub("^jdbc:", "", text).partition(":")
    engine = name_engine(driver) if colon else ""
    if engine == "sqlite":
        return make_reference(engine, rest)
    if engine or "=" in text:
        return _read_pairs(rest if engine else text, engine)
    return None


def _read_oracle(text: str) -> DatabaseReference | None:
    host, *_middle, name = re.split(r"[:/]", text.rpartition("@")[2].lstrip("/"))
    return make_reference("oracle", name, host)


def _read_url(scheme: str, body: str, query: str) -> DatabaseReference | None:
    engine = name_engine(scheme)
    if engine == "sqlite":
        return make_reference(engine, unquote(body[1:]))
    if "@" in query and "@" not in body:
        return None  # the end of a password that was not written as a URL wants it, perhaps
    login, _at, place = body.rpartition("@")
    address, _slash, name = place.partition("/")
    options = dict(pair.partition("=")[::2] for pair in query.split("&"))
    user = unquote(login.partition(":")[0]) or options.get("user", "")
    host = unquote(address).split(",")[0] or unquote(options.get("host", ""))
    return make_reference(engine, unquote(name), host, socket=unquote(options.get("socket", "")), user=user)


def _read_pairs(text: str, engine: str) -> DatabaseReference | None:
    """`host=h;dbname=n` of PDO, `Server=h,1433;Database=n` of .NET, `host=h dbname=n` of libpq."""
    is_spaced = engine in ("", "postgresql") and ";" not in text and "dbname" in text
    found = _SPACED_PAIR.findall(text) if is_spaced else [part.partition("=")[::2] for part in _PAIR.findall(text)]
    pairs = {key.strip().lower(): value.strip().strip("\"'") for key, value in found}
    words = {kind: next((pairs[key] for key in keys if key in pairs), "") for kind, keys in _KEYS.items()}
    if len({key.strip().lower() for key, _value in found}) < len(found) or len({*_KEYS["name"]} & {*pairs}) > 1:
        return None  # said twice: one of them may be a piece of a password
    engine = engine or _guess_engine(pairs, words, is_spaced)
    if engine == "sqlite":
        return make_reference(engine, words["host"] or words["name"])
    host, _comma, port = words["host"].rpartition("tcp:")[2].partition(",")
    name = words["name"]
    return make_reference(engine, name, host.partition("\\")[0], words["port"] or port, words["socket"], words["user"])


def _guess_engine(pairs: Mapping[str, str], words: Mapping[str, str], is_spaced: bool) -> str:
    """Which of the providers of .NET would take these keys; empty for no connection string at all."""
    if re.search(r"\.(?:db|db3|sqlite|sqlite3)$", words["host"]):
        return "sqlite"
    if is_spaced or words["port"] == "5432" or {"host", "username"} <= set(pairs):
        return "postgresql"
    if not words["host"] or not words["name"]:
        return ""
    if _SQLSERVER_KEYS & set(pairs) or "," in words["host"] or "\\" in words["host"]:
        return "sqlserver"
    return "mysql" if words["port"] == "3306" or {"uid", "user"} & set(pairs) else "sqlserver"
