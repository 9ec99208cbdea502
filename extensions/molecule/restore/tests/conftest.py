from __future__ import annotations

import os

import pytest
import testinfra.utils.ansible_runner
from testinfra.host import Host

from ansible_collections.diskominfo.backup.tests.fleet import Fleet

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
PAGE = """<?php
$berita = new PDO('mysql:dbname=portal;unix_socket=/run/mysqld/mysqld.sock', 'portal', 'rahasia-halaman');
foreach ($berita->query('SELECT judul FROM terbaru') as $baris) { echo $baris['judul'], "\\n"; }
readfile(__DIR__ . '/index.html');
echo hash_file('sha256', __DIR__ . '/terbaru');
"""
ACCOUNT = """CREATE USER portal@localhost IDENTIFIED BY 'rahasia-halaman';
GRANT SELECT, INSERT, UPDATE, DELETE ON portal.* TO portal@localhost;"""


@pytest.fixture(scope="session")
def fleet() -> Fleet:
    """The servers; on web the portal has a page and its database an account that only the page uses."""
    fleet, web = Fleet(), RUNNER.get_host("web.kota.example")
    fleet.ask_mariadb("web", ACCOUNT)
    write(web, "/var/www/portal/index.php", PAGE)
    assert fleet.play("schedule").status == 0
    assert fleet.play("backup").status == 0
    return fleet


def write(host: Host, path: str, text: str) -> None:
    """A file of the page's user."""
    host.check_output("printf '%%s' %s >%s && chown www-data:www-data %s", text, path, path)


@pytest.fixture(scope="session")
def web() -> Host:
    return RUNNER.get_host("web.kota.example")


@pytest.fixture(scope="session")
def data() -> Host:
    return RUNNER.get_host("data.kota.example")


@pytest.fixture(scope="session")
def baru() -> Host:
    return RUNNER.get_host("baru.kota.example")
