"""What belongs together: an application, its databases and its source trees."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from . import policy
from .fields import Fields, Problems, format_duration
from .hooks import NO_HOOKS, Hooks, read_hooks
from .policy import CheckPolicy, Retention
from .preset import PRESETS, Preset, place_sources
from .source import TREE, DatabaseSource, Source, TreeSource, read_database, read_tree

NO_PRESET = "none"
NAME_PATTERN = r"[a-z0-9][a-z0-9_-]{0,62}"


@dataclass(frozen=True)
class Application:
    """The unit of everything. `category`, `retention` and `check` decide how often, how long, how well proved.

    `begin` is when it is backed up, empty: with the others of its category.
    """

    name: str
    title: str
    owner: str
    category: str
    databases: tuple[DatabaseSource, ...]
    sources: tuple[TreeSource, ...]
    check: CheckPolicy
    retention: Retention
    time_limit_s: float
    hooks: Hooks = NO_HOOKS
    begin: str = ""

    @property
    def everything(self) -> tuple[Source, ...]:
        """Databases first, then trees: a tree's uploads then are never older than the rows that name them."""
        return (*self.databases, *self.sources)

    def to_data(self) -> dict[str, Any]:
        """The mapping that `read_application` reads back to an equal application."""
        return {
            "name": self.name,
            "title": self.title,
            "owner": self.owner,
            "category": self.category,
            "databases": [item.to_data() for item in self.databases],
            "sources": [item.to_data() for item in self.sources],
            "check": vars(self.check).copy(),
            "retention": vars(self.retention).copy(),
            "time_limit": format_duration(self.time_limit_s),
            "hooks": self.hooks.to_data(),
            "begin": self.begin,
        }


def read_application(value: Any, problems: Problems, position: int) -> Application:
    """One entry of `backup_applications`; problems are gathered, so look at them before using the result."""
    named = value.get("name") if isinstance(value, dict) else None
    subject = named if isinstance(named, str) and named and named.isprintable() else f"application {position}"
    fields = Fields(value, subject, problems)
    name = fields.text("name", None, NAME_PATTERN, "sippn (a-z, 0-9, _ and -)")
    category = fields.choice("category", policy.CATEGORIES, policy.DAILY)
    preset = fields.choice("preset", {**PRESETS, NO_PRESET: None}, NO_PRESET)
    application = Application(
        name=name,
        title=fields.text("title", name),
        owner=fields.text("owner"),
        category=category,
        databases=tuple(read_database(entry) for entry in fields.each("databases")),
        sources=_read_sources(fields, preset),
        check=policy.read_check(fields.within("check"), category),
        retention=policy.read_retention(fields.within("retention"), category),
        time_limit_s=fields.duration("time_limit", policy.TIME_LIMIT_S),
        hooks=read_hooks(fields.within("hooks")),
        begin=fields.text("begin"),
    )
    fields.finish()
    _refuse_doubtful(application, preset, fields)
    return application


def _read_sources(fields: Fields, preset: Preset | None) -> tuple[TreeSource, ...]:
    """Its folders: those of its preset first, unless `sources` names the same path; what is given itself wins."""
    given = tuple(read_tree(entry) for entry in fields.each("sources"))
    root, data = fields.path("root"), fields.paths("data")
    if preset is None:
        if root or data:
            fields.complain("root", "and data have no meaning without a preset", "name the folders in sources")
        return given
    if not root:
        fields.complain("root", "is missing beside preset", "for example root: /var/www/sippn")
        return given
    named = {source.path for source in given}
    return (*(source for source in place_sources(preset, root, data) if source.path not in named), *given)


def _refuse_doubtful(application: Application, preset: Preset | None, fields: Fields) -> None:
    if not application.everything and preset is None:
        fields.complain("databases", "and sources are both empty", "name at least one database or source")
    keys = [source.key for source in application.everything]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        fields.complain("sources", f"{key!r} is listed twice", "list it once")


def make_stand_in(name: str) -> Application:
    """For an application that left the register while its backups and receipts stay."""
    return Application(
        name,
        name,
        "",
        policy.DAILY,
        (),
        (),
        policy.CHECK[policy.DAILY],
        policy.RETENTION[policy.DAILY],
        policy.TIME_LIMIT_S,
    )


def name_parts(application: Application) -> dict[str, str]:
    """source key -> stem of its file in the store, such as `database-app.db`; readable, safe and without repetition."""
    stems: dict[str, str] = {}
    for source in application.everything:
        kind = "source" if source.engine == TREE else "database"
        stem = f"{kind}-" + (re.sub(r"[^A-Za-z0-9._-]+", "_", source.label)[:64].strip(".") or "unnamed")
        numbered = (f"{stem}-{number}" for number in itertools.count(2))
        stems[source.key] = next(name for name in itertools.chain([stem], numbered) if name not in stems.values())
    return stems
