"""Records to test with: one valid receipt and configuration to change, and strategies that make many."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import level, reading, receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Census, Difference
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.hooks import HOOK_NAMES
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    Failure,
    HookTrace,
    Host,
    Part,
    ProcessTrace,
    Receipt,
    Runner,
    StoredFile,
    StoreTrace,
)

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone.utc)
SCHEMAS = Path(__file__).resolve().parents[1] / "docs" / "schemas"


def make_identity(began: datetime, number: int = 0) -> str:
    """An id of that time; `number` tells several of one second apart."""
    return f"{began:%Y%m%dT%H%M%SZ}-{number:08x}"


def make_receipt(began: datetime = NOON, number: int = 0, **changes: Any) -> Receipt:
    """A run of the application `sippn` on the server `web` that succeeded, with `changes`."""
    fields: dict[str, Any] = {
        "id": make_identity(began, number),
        "kind": receipt.RUN,
        "server": "web",
        "application": "sippn",
        "title": "Sistem Informasi Pelayanan Publik",
        "owner": "Bagian Organisasi",
        "category": "daily",
        "trigger": receipt.TIMER,
        "began": began,
        "ended": began + timedelta(seconds=5),
        "duration_s": 5.25,
        "status": receipt.SUCCEEDED,
        "host": Host("Debian GNU/Linux 12", "3.11.2", "5b1e"),
        "runner": Runner("1.0.0", "a" * 64),
        "config_hash": "b" * 64,
        **changes,
    }
    return Receipt(**fields)


def make_failed_receipt(began: datetime = NOON, number: int = 0, **changes: Any) -> Receipt:
    """The same, failed because its source was missing."""
    failure = Failure("source_missing", "source is missing: /var/www/sippn", "restore it")
    return make_receipt(began, number, status=receipt.FAILED, failure=failure, **changes)


def make_config(**changes: Any) -> dict[str, Any]:
    """A configuration of the server `web` with one application, with `changes`."""
    application = {
        "name": "sippn",
        "databases": [{"engine": "sqlite", "path": "/srv/sippn/app.db"}],
        "sources": [{"path": "/srv/sippn/www", "exclude": ["node_modules", "/storage/logs"]}],
    }
    return {"server": "web", "applications": [application], **changes}


SCHEDULE: dict[str, Any] = {
    "zone": "Asia/Jakarta",
    "quiet": ["2026-12-25"],
    "entries": [{"name": "daily", "category": "daily", "applications": ["sippn"], "begins": "22:30"}],
}
"""What was planned for the server of `make_config`."""

texts = st.text(max_size=8)
hashes = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
wholes = st.integers(0, reading.WHOLE_LIMIT)
seconds = st.floats(0, 1e6).map(lambda value: round(value, 3))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=timezone.utc)
)
identities = st.builds(make_identity, moments, st.integers(0, 2**32 - 1))
slugs = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)


def lists(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Short tuples."""
    return st.lists(elements, max_size=2).map(tuple)


failures = st.builds(Failure, slugs, texts, texts)
stored_files = st.builds(StoredFile, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), wholes, hashes)
censuses = st.builds(
    Census,
    rows=st.dictionaries(texts, wholes, max_size=2),
    objects=st.dictionaries(texts, st.dictionaries(texts, texts, max_size=2), max_size=2),
    counts=st.dictionaries(texts, wholes, max_size=2),
    digest=texts,
    consistency=st.sampled_from(reading.CONSISTENCIES),
)
parts = st.builds(
    Part,
    kind=st.sampled_from(receipt.PART_KINDS),
    engine=slugs,
    name=st.text(min_size=1, max_size=20),
    path=texts,
    status=st.sampled_from([receipt.SUCCEEDED, receipt.FAILED]),
    failure=st.none() | failures,
    duration_s=seconds,
    file=st.none() | stored_files,
    asides=lists(stored_files),
    raw_bytes=wholes,
    tool=texts,
    server_version=texts,
    census=st.none() | censuses,
    notes=lists(texts),
    level=st.sampled_from([*level.LADDER, level.DAMAGED]),
    comparison=st.sampled_from(reading.COMPARISONS),
    found=st.none() | censuses,
    differences=lists(st.builds(Difference, texts, texts, texts)),
    difference_count=wholes,
)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Any valid receipt."""
    kind = draw(st.sampled_from(receipt.KINDS))
    status = draw(st.sampled_from([receipt.SUCCEEDED, receipt.FAILED]))
    return Receipt(
        id=draw(identities),
        kind=kind,
        server=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)),
        application="" if kind == receipt.CONTACT else draw(names),
        title=draw(texts),
        owner=draw(texts),
        category=draw(st.sampled_from(reading.CATEGORIES)),
        trigger=draw(st.sampled_from(receipt.TRIGGERS)),
        began=draw(moments),
        ended=draw(moments),
        duration_s=draw(seconds),
        status=status,
        host=draw(st.builds(Host, texts, texts, texts)),
        runner=draw(st.builds(Runner, texts, st.just("") | hashes)),
        config_hash=draw(st.just("") | hashes),
        failure=draw(failures) if status == receipt.FAILED else None,
        run_id=draw(st.just("") | identities),
        retry_of=draw(st.just("") | identities),
        safety_id=draw(st.just("") | identities),
        warnings=draw(lists(texts)),
        parts=draw(lists(parts)),
        store=draw(st.none() | st.builds(StoreTrace, texts, texts, wholes, wholes, st.booleans())),
        processes=draw(lists(st.builds(ProcessTrace, lists(texts), st.integers(-64, 255), seconds, texts))),
        hooks=draw(
            lists(
                st.builds(HookTrace, st.sampled_from(HOOK_NAMES), lists(texts), st.integers(-64, 255), seconds, texts)
            )
        ),
        previous=draw(st.just("") | hashes),
        target=draw(texts),
        deleted=draw(lists(identities)),
    )


paths = st.lists(st.from_regex(r"[a-z. \n-]{1,6}", fullmatch=True).filter(lambda name: name != ".."), max_size=3).map(
    lambda names: "/" + "/".join(names)
)
durations = st.integers(1, 31622400) | st.sampled_from(["90s", "0.5 h", "366d", "30m", "45"])


def maybe(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or null for the default."""
    return st.none() | value


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping of which each field may be missing or null."""
    return st.fixed_dictionaries({}, optional={key: maybe(value) for key, value in fields.items()})


clock_times = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
quiet_days = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(str)
calendars = optional(
    daily=clock_times,
    weekly=clock_times.map(lambda clock: f"minggu {clock}"),
    monthly=st.builds("{} {}".format, st.integers(1, 28), clock_times),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "Europe/Berlin"]),
    window=st.builds("{}-{}".format, clock_times, clock_times),
    spread=durations,
    quiet=st.lists(quiet_days, max_size=3),
    at_once=st.integers(0, 100),
    retry=optional(times=st.integers(0, 5), after=durations),
)
database_names = st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), min_size=1, max_size=20)
file_databases = st.fixed_dictionaries({"path": paths}, optional={"engine": st.sampled_from(["sqlite", None])})
server_databases = st.fixed_dictionaries(
    {"engine": st.sampled_from(["mysql", "postgresql"]), "name": database_names},
    optional={
        "port": st.none() | st.integers(0, 65535),
        "socket": st.none() | paths,
        "user": st.none() | database_names,
        "password_file": st.none() | paths,
        "credentials": st.none() | st.booleans(),
        "container": st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    },
)
databases = file_databases | server_databases
excludes = st.from_regex(r"/[a-z/]{0,5}|[a-z]{1,5}/?", fullmatch=True)
sources = st.fixed_dictionaries({"path": paths}, optional={"exclude": maybe(st.lists(excludes, max_size=3))})
scripts = paths
argvs = st.lists(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1), min_size=1)
hooks = (
    scripts | argvs | st.fixed_dictionaries({"argv": scripts | argvs}, optional={"time_limit": st.none() | durations})
)
applications = st.builds(
    lambda required, more: {**required, **more},
    st.fixed_dictionaries({"name": names, "sources": st.lists(sources, min_size=1, max_size=2, unique_by=str)}),
    optional(
        title=texts,
        owner=texts,
        category=st.sampled_from(["daily", "weekly", "monthly", "harian", "mingguan", "bulanan"]),
        databases=st.lists(databases, max_size=2),
        preset=st.sampled_from(["laravel", "moodle", "none"]),
        root=paths,
        data=st.lists(paths, max_size=2),
        check=optional(
            restore=st.sampled_from(["daily", "weekly", "monthly", "harian", "never"]),
            compare=st.sampled_from(["rows", "content"]),
        ),
        retention=optional(
            daily=st.integers(0, 3660),
            weekly=st.integers(0, 1040),
            monthly=st.integers(0, 480),
            yearly=st.integers(0, 100),
        ),
        time_limit=durations,
        hooks=optional(**dict.fromkeys(HOOK_NAMES, hooks)),
        begin=clock_times | st.sampled_from(["", "senin 23:00", "Sun 01:30", "28 22:00"]),
    ),
)
configs = st.builds(
    lambda required, more: {**required, **more},
    st.fixed_dictionaries(
        {
            "server": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
            "applications": st.lists(applications, max_size=3),
        }
    ),
    optional(
        schema=st.just("diskominfo.backup/config/1"),
        store=optional(type=st.just("directory"), path=paths),
        state=paths,
        compression=optional(
            method=st.sampled_from(["auto", "zstd", "gzip"]), level=st.integers(1, 19), threads=st.integers(0, 64)
        ),
        slots=st.integers(0, 64),
        ignored=st.lists(
            st.fixed_dictionaries(
                {
                    "find": database_names,
                    "reason": st.text("abc ", min_size=3, max_size=9),
                    "until": st.dates(date(2026, 1, 1), date(2030, 1, 1)).map(str),
                }
            ),
            max_size=2,
        ),
        lock_wait=durations,
        calendar=calendars,
        schedule=st.just(SCHEDULE),
        language=st.sampled_from(["id", "en"]),
        office=optional(
            name=texts, parent=texts, address=texts, city=texts, telephone=texts, email=texts, sop_number=texts
        ),
    ),
)
"""Configurations that the schema allows; names, sources or retention may still contradict each other."""
