"""A configuration that is cut or changed anywhere tells no password and breaks no reader."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.base import (
    Files,
    FrameworkReader,
    Place,
    Unfit,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.address import read_address
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.dotenv import read_dotenv
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.ini import read_ini
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.php import read_php
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.python import read_python
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.languages.yaml import read_yaml
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.registry import FRAMEWORKS
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.discovery.services.nginx import read_sites
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plain import write_plain

ADDRESSES = (
    "mysql://user:{}@db:3306/name",
    "mysql://user:{}@db/name?x=y#z",
    "mysql://:{}@db/name",
    "mysql:host=db;dbname=name;user=u;password={}",
    "pgsql:host=db dbname=name user=u password={}",
    "host=db dbname=name user=u password='{}'",
    "jdbc:mysql://db:3306/name?user=u&password={}",
    "jdbc:mysql://u:{}@db:3306/name",
    "jdbc:oracle:thin:u/{}@db:1521/name",
    "jdbc:oracle:thin:u/{}@//db:1521/name",
    "jdbc:sqlserver://db:1433;databaseName=name;user=u;password={}",
    "Server=db;Database=name;User Id=u;Password={};",
    "Server=db;Database=name;User Id=u;Password='{}';Port=3306",
    "Host=db;Username=u;Password={};Database=name",
    "Data Source=db;Initial Catalog=name;User Id=u;Pwd={}",
)
SECRETS = (
    "1234",
    "p?ss",
    "p#ss",
    "p@ss",
    "p/ss",
    "p:1234",
    "p;Database=geheim",
    "p=q",
    "p q",
    "p'q",
    'p"q',
    "p\\q",
    "%40p",
    "p&q",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_form_of_address_gives_its_password_away(address: str, secret: str) -> None:
    told = read_address(address.format(secret))
    parts = {str(value) for value in (vars(told) if told else {}).values()}
    assert parts <= {"", "0", "()", "mysql", "postgresql", "oracle", "sqlserver", "name", "db", "u", "user", "1433"}


HOSTILE = (
    (
        "<?php\n$db['default'] = array('hostname' => 'db', 'password' => 'R4hasia', 'database' => 'n');",
        "<?php define('DB_NAME', \"n\"); define(\"DB_PASSWORD\", 'R4hasia'); $table_prefix = 'wp_';",
        "<?php $CFG->dbtype = 'mariadb'; $CFG->dbname = 'n'; $CFG->dbpass = 'R4hasia'; $CFG->dataroot = '/x';",
        "<?php class JConfig { public $db = 'n'; public $password = 'R4hasia'; public $dbprefix = 'j_'; }",
        "<?php return ['dsn' => 'mysql:host=db;dbname=n', 'username' => 'u', 'password' => 'R4hasia'];",
    ),
    ("DB_HOST=db\nDB_DATABASE=n\nDB_USERNAME=u\nDB_PASSWORD=R4hasia\nDATABASE_URL=mysql://u:R4hasia@db/n\n",),
    ("DATABASES = {'default': {'ENGINE': 'mysql', 'NAME': 'n', 'PASSWORD': 'R4hasia', 'HOST': 'db'}}\n",),
    ("[database]\ndriver = mysqli\nname = n\npassword = R4hasia\n[options]\ndb_name = n\ndb_password = R4hasia\n",),
    ("services:\n  db:\n    environment:\n      MYSQL_DATABASE: n\n      MYSQL_PASSWORD: R4hasia\n",),
    ('{"ConnectionStrings": {"A": "Server=db;Database=n;User Id=u;Password=R4hasia;"}}',),
    ('<Resource url="jdbc:mysql://db/n" username="u" password="R4hasia"/>',),
)


def change(text: str, source: random.Random) -> Iterator[str]:
    """The text cut, or without one character."""
    for _time in range(25):
        at = source.randrange(len(text))
        yield from (text[:at], text[:at] + text[at + 1 :])


def tell(reader: FrameworkReader, text: str, place: Place) -> str:
    """Everything that a reader says of a text."""
    try:
        found = reader.read(text, place)
    except (ValueError, Unfit) as error:
        return str(error)
    return json.dumps(write_plain(found)) if found else ""


@pytest.mark.parametrize("reader", FRAMEWORKS, ids=lambda reader: reader.framework)
def test_no_change_of_a_file_breaks_a_reader_or_gives_a_password_away(reader: FrameworkReader, tmp_path: Path) -> None:
    source = random.Random(5)
    place = Place(Files(str(tmp_path)), "/srv/a/x", "/srv/a")
    texts = [sample for samples in HOSTILE for sample in samples]
    for text in texts:
        for changed in change(text, source):
            assert "R4hasia" not in tell(reader, changed, place)


LONG = (
    *("a", " ", "'", '"', "\\", "#", "/*", "<<<A\n", "(", "[", "{", "=", ":", ";", "$", "${", "$a", ",", "-", "&"),
    *("=>", "a=", "a: ", "//", "<Resource ", "}", "\n", "a;", "include a;"),
)
TEXT_READERS: dict[str, Callable[[str], object]] = {
    "address": read_address,
    "dotenv": read_dotenv,
    "ini": read_ini,
    "nginx": read_sites,
    "php": lambda text: read_php("<?php " + text),
    "python": read_python,
    "yaml": read_yaml,
}


@pytest.mark.parametrize("name", TEXT_READERS)
def test_what_repeats_without_end_is_read_to_its_end(name: str) -> None:
    """A reader that goes back over the same text would not end within the life of a test."""
    for piece in LONG:
        for head in ("", "x = ", "a: ", "[a]\n", 'a "'):
            with contextlib.suppress(ValueError):
                TEXT_READERS[name](head + piece * (4_000 // len(piece)))
