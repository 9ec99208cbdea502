from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import remember as verb
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books import catalogue
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.index import Entry as IndexEntry
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.index import Facts, Index
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.moment import Moment
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.plan import Plan
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, read_register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Entry, Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.remember import FOLDER, Effort, Memory
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.json import render_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.schedule import publish_plan
from ansible_collections.diskominfo.backup.tests.evidence import DAY, NOW, OFFICE, SOP, make_failed_run, make_run
from ansible_collections.diskominfo.backup.tests.records import make_config
from ansible_collections.diskominfo.backup.tests.years import make_days

HOUR = timedelta(hours=1)
NAMES = ("arsip", "jdih", "sippn")
WEEK_H, MONTH_H = 7 * 24.0, 31 * 24.0


def make_register(category: str = "daily") -> Register:
    applications = [{"name": name, "category": category, "sources": [{"path": f"/srv/{name}"}]} for name in NAMES]
    return read_register([make_config(applications=applications)])


class City:
    """Three applications on a server, whose receipts come home day by day, and the index over them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.register = make_register()
        self.now = NOW
        self._heads: dict[str, str] = {}

    @property
    def folder(self) -> EvidenceFolder:
        return EvidenceFolder(self.root / "evidence", self.register)

    def place(self, name: str = "sippn") -> Path:
        return self.root / "evidence" / "receipts" / "web" / name

    def files(self, name: str = "sippn") -> list[Path]:
        return sorted(self.place(name).glob("2*.json"))

    def entry(self, name: str = "sippn") -> Path:
        return self.root / "evidence" / FOLDER / "web" / name

    def add(self, *receipts: Receipt) -> None:
        for receipt in receipts:
            data = receipt.chain_to(self._heads.get(receipt.application, "")).to_bytes()
            self._heads[receipt.application] = hash_bytes(data)
            self.place(receipt.application).mkdir(parents=True, exist_ok=True)
            self.place(receipt.application).joinpath(f"{receipt.id}.json").write_bytes(data)

    def age(self) -> None:
        """An hour goes by for all folders of receipts, so that their times can be relied on."""
        for name in NAMES:
            if self.place(name).exists():
                seen = os.stat(self.place(name))
                os.utime(self.place(name), ns=(seen.st_atime_ns, seen.st_mtime_ns - 3600 * 10**9))

    def report(self, hours: float = 24, files_looked_at: int = 0) -> tuple[bytes, Effort]:
        """The report out of the index, after it was seen to be the one out of the receipts."""
        folder, period = self.folder, make_recent_period(self.now, hours)
        memory = Memory(self.root / "evidence" / FOLDER, folder.catalogue, files_looked_at)
        told = render_json(make_report(folder, period, self.now, OFFICE, SOP, recall=memory.recall), "id")
        memory.conclude()
        assert told == render_json(make_report(folder, period, self.now, OFFICE, SOP), "id")
        return told, memory.effort


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def fill(city: City, days: int, seed: int = 1) -> Iterator[datetime]:
    """Day by day the receipts of all; each day's end."""
    years = [make_days(NOW - days * DAY, days, name, seed=seed) for name in NAMES]
    for day in range(days):
        for year in years:
            city.add(*next(year, ()))
        city.now = NOW - (days - day) * DAY + 20 * HOUR
        yield city.now


@pytest.mark.parametrize("seed", range(3))
def test_every_night_the_index_tells_what_the_receipts_tell(city: City, seed: int) -> None:
    for day, _unused in enumerate(fill(city, 75, seed)):
        if day % 7 < 3 or day > 65:
            city.report(hours=[24, WEEK_H, MONTH_H][day % 3])
    _told, effort = city.report(100 * 24.0)
    assert effort.read >= 2, "a period before all that is in the index is read from the receipts"


def test_a_night_costs_the_new_receipts_and_no_more(city: City) -> None:
    for _day in fill(city, 20):
        _told, effort = city.report()
    city.age()
    _told, effort = city.report()
    assert (effort.recalled, effort.continued, effort.rebuilt, effort.read) == (3, 0, 0, 0)
    city.add(make_run(city.now + HOUR))
    city.now += 2 * HOUR
    _told, effort = city.report()
    assert (effort.recalled, effort.continued, effort.rebuilt, effort.read) == (2, 1, 0, 0)
    assert effort.seconds > 0


def test_receipts_that_did_not_change_are_not_read_again(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for _day in fill(city, 20):
        pass
    told, _effort = city.report()
    folder, memory = city.folder, Memory(city.root / "evidence" / FOLDER, city.folder.catalogue, 0)
    monkeypatch.setattr(catalogue, "read_receipt", None)
    again = make_report(folder, make_recent_period(city.now, 24), city.now, OFFICE, SOP, recall=memory.recall)
    assert render_json(again, "id") == told


def spoil_nothing(_city: City) -> None:
    """The index as it is."""


def delete_index(city: City) -> None:
    shutil.rmtree(city.root / "evidence" / FOLDER)


def empty_entry(city: City) -> None:
    city.entry().write_bytes(b"")


def cut_entry(lines: int) -> Callable[[City], None]:
    def cut(city: City) -> None:
        city.entry().write_bytes(b"\n".join(city.entry().read_bytes().split(b"\n")[:lines]))

    return cut


def alter_entry(line: int) -> Callable[[City], None]:
    def alter(city: City) -> None:
        lines = city.entry().read_bytes().split(b"\n")
        lines[line] = lines[line][:-3] + b"9" + lines[line][-2:]
        city.entry().write_bytes(b"\n".join(lines))

    return alter


def write_noise(city: City) -> None:
    city.entry().write_bytes(os.urandom(4000))


@pytest.mark.parametrize(
    ("spoil", "rebuilt"),
    [
        (spoil_nothing, 0),
        (delete_index, 3),
        (empty_entry, 1),
        (cut_entry(2), 1),
        (cut_entry(3), 0),
        (alter_entry(0), 1),
        (alter_entry(1), 1),
        (alter_entry(2), 1),
        (write_noise, 1),
    ],
)
def test_the_report_is_the_same_whatever_becomes_of_the_index(
    city: City, spoil: Callable[[City], None], rebuilt: int
) -> None:
    for _day in fill(city, 30):
        pass
    told, first = city.report()
    assert first.rebuilt == 3
    spoil(city)
    again, effort = city.report()
    assert again == told
    assert effort.rebuilt == rebuilt
    assert city.report()[1].rebuilt == 0, "what was made again is kept"


def test_a_cut_entry_is_made_again_before_it_is_continued(city: City) -> None:
    for _day in fill(city, 30):
        pass
    city.report()
    cut_entry(3)(city)
    city.add(make_run(city.now + HOUR))
    city.now += 2 * HOUR
    assert city.report()[1].rebuilt == 1
    assert city.report(MONTH_H)[1].recalled == 3, "nothing of it is missing"


def test_an_entry_that_another_report_replaced_meanwhile_is_made_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _day in fill(city, 10):
        pass
    city.report()
    city.add(make_run(city.now + HOUR))
    city.now += 2 * HOUR
    read = Index.read

    def lose(index: Index, server: str, name: str, *count: Callable[[Facts], int]) -> IndexEntry | None:
        return read(index, server, name, *count) if count else None

    monkeypatch.setattr(Index, "read", lose)
    assert city.report()[1].rebuilt == 1


def test_an_index_of_another_version_is_made_again(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for _day in fill(city, 5):
        pass
    city.report()
    monkeypatch.setattr(verb, "VERSION", "9.9.9")
    assert city.report()[1].rebuilt == 3


def test_a_damaged_entry_is_made_again_when_receipts_are_added_to_it(city: City) -> None:
    for _day in fill(city, 12):
        city.report()
    alter_entry(2)(city)
    city.add(make_run(city.now + HOUR))
    assert city.report()[1].rebuilt == 1


def alter_receipt(city: City) -> None:
    """Within the file: the folder does not tell."""
    file = city.files()[3]
    file.write_bytes(file.read_bytes().replace(b"Bagian Organisasi", b"Bagian Keuangan  "))


def replace_receipt(city: City) -> None:
    file = city.files()[3]
    file.with_suffix(".new").write_bytes(file.read_bytes().replace(b"Bagian Organisasi", b"Bagian Keuangan  "))
    file.with_suffix(".new").rename(file)


def remove_receipt(city: City) -> None:
    city.files()[3].unlink()


def remove_newest(city: City) -> None:
    city.files()[-1].unlink()


def insert_receipt(city: City) -> None:
    run = make_run(NOW - 9 * DAY - 7 * HOUR, 77)
    city.place().joinpath(f"{run.id}.json").write_bytes(run.to_bytes())


def append_noise(city: City) -> None:
    city.place().joinpath("20991231T000000Z-00000000.json").write_bytes(b"{}")


def fork(city: City) -> None:
    """Somebody appends a receipt that follows the one before the last."""
    last = city.folder.catalogue("web").latest("sippn", "run")
    assert last
    run = replace(make_run(city.now, 66), previous=last.previous)
    city.place().joinpath(f"{run.id}.json").write_bytes(run.to_bytes())


@pytest.mark.parametrize(
    "tamper", [alter_receipt, replace_receipt, remove_receipt, remove_newest, insert_receipt, append_noise, fork]
)
def test_receipts_that_were_altered_removed_or_added_are_noticed(city: City, tamper: Callable[[City], None]) -> None:
    for _day in fill(city, 30):
        pass
    city.report()
    city.age()
    city.report()
    tamper(city)
    _told, effort = city.report(files_looked_at=1000)
    assert effort.rebuilt == 1
    city.add(make_failed_run(city.now + HOUR))
    city.report(files_looked_at=1000)


def test_files_are_looked_at_in_turn_until_all_were(city: City) -> None:
    for _day in fill(city, 20):
        pass
    city.report()
    city.age()
    city.report()
    for name in NAMES:
        file = city.files(name)[2]
        os.utime(file, ns=(0, 0))
    rebuilt = [city.report(files_looked_at=1)[1].rebuilt for _turn in range(4)]
    assert rebuilt == [1, 1, 1, 0]
    os.utime(city.files("arsip")[2], ns=(1, 1))
    assert city.report(files_looked_at=1)[1].rebuilt == 1, "and then from the beginning"


def test_a_cursor_at_an_application_that_is_gone_begins_anew(city: City) -> None:
    for _day in fill(city, 5):
        pass
    city.report()
    (city.root / "evidence" / FOLDER / "cursor").write_text("web/gone")
    os.utime(city.files()[2], ns=(1, 1))
    stale = Memory(city.root / "evidence" / FOLDER, city.folder.catalogue)
    make_report(city.folder, make_recent_period(city.now, 24), city.now, OFFICE, SOP, recall=stale.recall)
    stale.conclude()
    assert stale.effort.rebuilt == 0
    assert city.report(files_looked_at=1000)[1].rebuilt == 1


def test_a_category_that_changed_counts_from_the_beginning(city: City) -> None:
    for _day in fill(city, 30):
        pass
    city.report()
    city.register = make_register("weekly")
    assert city.report()[1].rebuilt == 3


def test_days_that_became_quiet_count_from_the_beginning(city: City) -> None:
    for _day in fill(city, 30):
        pass
    city.report()
    begins = Entry("daily", "daily", NAMES, Moment(22 * 60))
    days = tuple(NOW.date() - number * DAY for number in range(20))
    planned = {"web": Schedule("Asia/Jakarta", (begins,), days)}
    publish_plan(Plan("20261122T130100Z-00000000", NOW, {}, planned), city.root / "evidence", ["json"], "id")
    assert city.report(WEEK_H)[1].rebuilt == 3
    assert city.report(WEEK_H)[1].rebuilt == 0


def test_an_index_that_cannot_be_written_changes_no_report(city: City) -> None:
    for _day in fill(city, 5):
        pass
    (city.root / "evidence" / FOLDER).touch()
    assert city.report()[1].rebuilt == 3
    assert city.report()[1].rebuilt == 3


def test_a_fault_of_the_disk_is_told_and_not_taken_for_an_empty_folder(city: City) -> None:
    city.add(make_run(city.now - HOUR))
    shutil.rmtree(city.place())
    city.place().touch()
    with pytest.raises(NotRecorded):
        city.report()


def test_what_stopped_long_ago_and_what_never_left_a_receipt_are_kept_too(city: City) -> None:
    city.add(make_run(NOW - 100 * DAY), make_run(NOW - 99 * DAY))
    city.place("jdih").mkdir()
    city.place("arsip").mkdir()
    city.place("arsip").joinpath("20261122T000000Z-00000000.json").write_bytes(b"{}")
    assert city.report()[1].rebuilt == 3
    city.add(make_run(city.now - HOUR, name="jdih"), make_run(city.now - HOUR))
    assert city.report()[1].continued == 1
