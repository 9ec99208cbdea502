"""What citizens and administrators see of the servers of a scenario."""

from __future__ import annotations

from typing import Any


def ask_page(web: Any) -> str:
    """What a citizen sees."""
    code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/').read().decode())"
    web.run("systemctl stop halaman")
    serve = "systemd-run --quiet --unit=halaman --uid=www-data php -S 127.0.0.1:8080 -t /var/www/portal"
    web.check_output(serve)
    wait = "for n in $(seq 300); do ss -ltn | grep -q 127.0.0.1:8080 && break; sleep 0.1; done"
    return str(web.check_output(f'{wait}; python3 -c "{code}"'))


def ask_postgresql(host: Any, sql: str, database: str = "perizinan") -> str:
    """What the administrator of PostgreSQL is answered."""
    return str(host.check_output("runuser -u postgres -- psql -XAtq -d %s -c %s", database, sql))
