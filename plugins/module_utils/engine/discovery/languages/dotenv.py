"""Lines `NAME=value` as .env files, systemd's EnvironmentFile and shells write them."""

from __future__ import annotations

import re

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=[ \t]*(.*)")
_QUOTED = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")
_NAMES_LIMIT = 2000
_LENGTH_LIMIT = 4096


def read_dotenv(text: str) -> dict[str, str]:
    """Name -> value; the first of two lines counts, as in most readers. `${OTHER}` is what was read before it."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found and len(values) < _NAMES_LIMIT:
            values.setdefault(found[1], _read_value(found[2].strip(), values))
    return values


def _read_value(raw: str, values: dict[str, str]) -> str:
    quoted = _QUOTED.match(raw)
    if quoted and quoted[2] is not None:
        return quoted[2]
    plain = quoted[1].replace('\\"', '"') if quoted else re.split(r"\s#|^#", raw)[0].rstrip()
    return _REFERENCE.sub(lambda found: values.get(found[1], ""), plain)[:_LENGTH_LIMIT]
