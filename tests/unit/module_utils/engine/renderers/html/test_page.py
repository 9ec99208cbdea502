from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Difference
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import Find
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.people import read_people
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report, Step
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html import page
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.html.page import render_html
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    OFFICE,
    SOP,
    KeptEvidence,
    make_application,
    make_city,
    make_run,
    make_said,
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[31m\u202e{0}{__class__}&amp;"
HOSTILE_FIND = Find(HOSTILE, HOSTILE, HOSTILE, "unknown", HOSTILE, HOSTILE, HOSTILE)
EMPTY_ELEMENTS = {"meta", "br", "rect", "path", "circle", "use"}


class Reader(HTMLParser):
    """Reads a page as a browser does: its text, its elements, and whether all of them are closed in order."""

    def __init__(self, markup: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.feed(markup.decode("utf-8"))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)
        self.pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.pieces))

    def find(self, tag: str, kind: str = "") -> list[dict[str, str]]:
        return [held for name, held in self.elements if name == tag and kind in ["", *held.get("class", "").split(" ")]]


def report_on(evidence: KeptEvidence, **options: object) -> Report:
    return make_report(evidence, make_recent_period(NOW, 24), NOW, OFFICE, SOP, **options)  # type: ignore[arg-type]


def read(report: Report, language: str = "id") -> Reader:
    return Reader(render_html(report, language))


def read_city(language: str = "id", **changes: Any) -> Reader:
    return read(replace(CITY, **changes), language)


CITY = report_on(make_city())


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_element_of_the_page_is_closed(language: str) -> None:
    assert read_city(language).text


def test_the_page_needs_nothing_but_itself() -> None:
    reader = read_city()
    assert {tag for tag, _unused in reader.elements}.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
    links = [held.get(name, "") for _unused, held in reader.elements for name in ("href", "src", "action")]
    assert all(link.startswith("#") for link in links if link)
    assert not any(name.startswith("on") for _unused, held in reader.elements for name in held)
    assert b"url(" not in render_html(CITY, "id")
    assert b"@import" not in render_html(CITY, "id")


def test_the_page_forbids_the_browser_to_run_or_fetch_anything() -> None:
    policies = [held["content"] for held in read_city().find("meta") if "http-equiv" in held]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_letterhead_and_the_procedure_stand_on_top() -> None:
    text = read_city().text
    assert "Pemerintah Kota Contoh Dinas Komunikasi, Informatika, Statistik dan Persandian" in text
    assert "Jalan Merdeka Nomor 1, Kota Contoh Telepon (0271) 000000 · diskominfo@contoh.example" in text
    assert "Laporan Hasil Backup Backup Database dan Aplikasi" in text
    assert "Periode 21 November 2026 pukul 20.01 WIB sampai 22 November 2026 pukul 20.01 WIB" in text
    assert f"Nomor SOP {SOP} Nomor laporan {CITY.id}" in text


def test_an_office_that_gave_no_name_has_no_letterhead() -> None:
    reader = read_city(office={"address": "Jalan Merdeka"}, sop="")
    assert reader.find("header") == []
    assert "Nomor SOP" not in reader.text


def test_a_letterhead_may_be_a_name_only() -> None:
    assert "Dinas Contoh Laporan" in read_city(office={"name": "Dinas Contoh"}).text


def test_four_numbers_tell_the_head_of_division() -> None:
    text = read_city().text
    assert "✗ 4 dari 8 aplikasi perlu ditindaklanjuti 1 gagal · 1 rusak · 1 tak terjangkau · 1 terlewat" in text
    assert "4 perlu tindakan dari 8 aplikasi" in text
    assert "3 berhasil 6,0 MB tersimpan" in text
    assert "1 terbukti pulih dan cocok 2 berhasil tetapi belum dibandingkan" in text
    assert "8 aplikasi terdaftar 1 menunggu · 1 nonaktif" in text


def test_a_good_night_is_told_as_one() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application(), make_run(NOW - DAY / 24))
    reader = read(report_on(evidence))
    assert "✓ Semua 1 aplikasi berhasil dibackup" in reader.text
    assert reader.find("div", "verdict-good")


def test_a_night_with_first_runs_to_come_is_neither_good_nor_bad() -> None:
    evidence = KeptEvidence()
    evidence.add(make_application())
    evidence.since["web", "sippn"] = NOW
    reader = read(report_on(evidence), "en")
    assert "… Nothing failed; 1 of 1 still to be backed up for the first time" in reader.text


def test_an_empty_register_is_told_with_its_remedy() -> None:
    text = read(report_on(KeptEvidence()), "en").text
    assert "✗ No application is registered yet Fill in the priority list (backup_applications)" in text


def test_failures_come_first() -> None:
    rows = read_city().find("details")
    assert [row["id"] for row in rows][:2] == ["db/ppid", "web/arsip"]
    assert [row["class"] for row in rows] == [
        *["row row-bad"] * 2,
        *["row row-warn"] * 2,
        "row row-idle",
        *["row row-good"] * 3,
        "row row-idle",
    ]


def test_a_status_is_a_sign_and_a_word_not_only_a_colour() -> None:
    text = read_city().text
    for pair in ("✗ gagal", "! rusak", "? tak terjangkau", "○ terlewat", "… menunggu", "✓ berhasil", "– nonaktif"):
        assert pair in text


def test_a_row_tells_all_that_matters_at_a_glance() -> None:
    text = read_city().text
    row = text[text.index("✓ berhasil Sistem Informasi") :]
    assert row.startswith("✓ berhasil Sistem Informasi Pelayanan Publik web/sippn · harian · Bagian Organisasi ")
    figures = ["Tanggal backup 22 Nov 2026 14.01", "Lama 13 dtk", "Ukuran 1,5 MB ±0 %", "Bukti cocok"]
    figures += ["Backup baik terakhir 6 jam lalu", "Terakhir cocok 22 Nov 14.21", "Berikutnya 22 Nov 22.30"]
    positions = [row.index(figure) for figure in figures]
    assert positions == sorted(positions)


def test_a_failed_row_says_why_and_what_to_do_without_unfolding() -> None:
    markup = render_html(CITY, "id").decode("utf-8")
    summary = markup[markup.index('id="db/ppid"') :]
    summary = summary[: summary.index("</summary>")]
    assert "Sumber yang harus dibackup tidak ada." in summary
    assert "source is missing: /srv/sippn/www" in summary
    assert "Tindakan: Kembalikan sumbernya" in summary


def test_what_was_missed_is_told_by_the_clocks_of_the_office() -> None:
    assert "terakhir dijalankan 19 November 2026 pukul 20.01 WIB; seharusnya paling lambat" in read_city().text


def test_an_application_that_never_ran_has_dashes_and_no_pictures() -> None:
    text = read_city().text
    row = text[text.index("… menunggu") :]
    assert "Tanggal backup – Lama – Ukuran – Bukti tidak ada Backup baik terakhir belum pernah" in row
    assert row.index("Pelaksanaan dalam periode") < row.index("✓ berhasil")


def test_behind_a_row_lie_its_parts_notes_warnings_and_history() -> None:
    reader = read_city("en")
    assert "app.db database /srv/sippn/app.db compared 300 kB 2 tables · 420 rows · 1 view · 1 trigger" in reader.text
    assert "Failed 3 times in a row. What fails every time does not mend itself" in reader.text
    assert "Warnings www: app.log grew" in reader.text
    assert "The last twelve months, a square a day Size from 1.5 MB to 1.5 MB, last 1.5 MB" in reader.text
    assert "Failures in a row 3" in reader.text
    assert "Copies 1, of which 1 not on the disk of the source" in reader.text
    labels = [held["aria-label"] for held in reader.find("svg") if "aria-label" in held]
    assert "1 days succeeded, 3 failed or were damaged, 1 without a run" in labels


def test_a_category_that_is_rarer_than_daily_has_a_strip_of_its_runs() -> None:
    reader = read_city("en", rows=(replace(CITY.rows[0], category="weekly"),))
    assert "History of runs (last 4)" in reader.text
    labels = [held["aria-label"] for held in reader.find("svg") if "aria-label" in held]
    assert "1 of 4 runs succeeded, 3 failed or were damaged" in labels


def test_the_squares_of_a_year_are_explained() -> None:
    assert "berhasil dan dibandingkan gagal rusak tanpa backup" in read_city().text


def test_a_failed_part_says_why_where_its_level_would_stand() -> None:
    part = replace(CITY.rows[-2].parts[0], status="failed", failure=Failure("source_locked", "locked"), size_bytes=0)
    row = replace(CITY.rows[0], parts=(replace(part, notes=("a note",)),))
    text = read_city("en", rows=(row,)).text
    assert "Another program kept the source locked – 2 tables" in text
    assert "a note" in text


def test_more_warnings_than_are_carried_are_counted() -> None:
    row = replace(CITY.rows[0], warnings=("one", "two"), warning_count=9)
    assert "Warnings one two and 7 more" in read_city("en", rows=(row,)).text


def test_an_application_without_a_title_is_called_by_its_name() -> None:
    row = replace(CITY.rows[0], title="", category="", owner="")
    assert "failed ppid db/ppid Date of backup" in read_city("en", rows=(row,)).text


def test_the_checks_say_what_was_expected_and_found() -> None:
    text = read_city().text
    section = text[text.index("Laporan Hasil Pengecekan") : text.index("Laporan Hasil Perbaikan")]
    assert "2 tabel · 420 baris" in section
    assert "✗ rusak dibandingkan menurut jumlah Hasil pemulihan tidak sama dengan sumbernya 1 perbedaan" in section
    assert "table users: seharusnya 120 rows, ditemukan 119 rows" in section
    assert "✓ terbaca" in section
    assert "dalam 41 dtk" in section


def test_a_check_that_failed_for_its_own_reasons_is_not_called_damaged() -> None:
    entry = replace(CITY.checks[0], level="written", comparison="none", failure=Failure("busy", "busy"))
    entry = replace(entry, differences=(), difference_count=0, expected={}, found={})
    text = read_city(checks=(entry,)).text
    assert "– – ✗ gagal Pekerjaan lain untuk aplikasi yang sama masih berjalan" in text


def test_differences_that_are_not_carried_are_counted() -> None:
    shown = tuple(Difference(f"table t{number}", "1 rows", "2 rows") for number in range(3))
    entry = replace(CITY.checks[0], differences=shown, difference_count=1200)
    assert "dan 1.197 lagi" in read_city(checks=(entry,)).text


def test_the_repairs_say_what_failed_why_and_what_came_of_it() -> None:
    text = read_city().text
    section = text[text.index("Laporan Hasil Perbaikan") :]
    assert "backup diulang ✓ berhasil diperbaiki 22 Nov 16.01" in section
    assert "belum ada ✗ masih terbuka" in section


def test_a_cause_that_speaks_for_itself_is_told_once() -> None:
    entry = replace(CITY.repairs[0], cause=Failure("odd", "an odd thing"))
    assert read_city(repairs=(entry,)).text.count("an odd thing") == 1


def test_nothing_checked_and_nothing_failed_is_written_down_too() -> None:
    text = read_city(checks=(), repairs=()).text
    assert "Nihil: tidak ada pengecekan dalam periode ini." in text
    assert "Nihil: tidak ada kegagalan dalam periode ini." in text


def test_what_nobody_searched_for_is_not_called_none() -> None:
    assert "Belum dicari" in read_city().text
    assert "Nihil: semua database dan folder yang ditemukan sudah terdaftar." in read_city(unclaimed=()).text
    orphan = Find("web", "folder", "tree:/var/www/yatim", "unclaimed", "yatim")
    dangling = Find("web", "database", "mysql:localhost/x", "dangling", "web/portal", file="/var/www/portal/.env")
    text = read_city(unclaimed=(orphan, dangling)).text
    assert "tree:/var/www/yatim @ web belum terdaftar belum masuk backup; usulan nama: yatim" in text
    assert "mysql:localhost/x @ web /var/www/portal/.env menggantung disebut dalam konfigurasi web/portal" in text


def test_notes_on_servers_have_a_place_of_their_own() -> None:
    room = Finding("low_room", "red", "web", "no room", "make room", {"free_bytes": 1e6, "round_bytes": 2e6})
    text = read_city(findings=(room,)).text
    assert "Catatan tentang server web Sisa ruang 1,0 MB tidak cukup" in text
    assert "Catatan tentang server" not in read_city().text


def test_the_same_note_on_many_servers_is_one_point_that_names_them_all() -> None:
    found = [Finding("schedule_absent", "red", f"web{number}", "", "") for number in range(500)]
    other = Finding("config_drift", "yellow", "data: config.json", "", "")
    text = read_city(findings=(*found[:1], other, *found[1:])).text
    assert text.count("Jadwal belum terpasang") == 1
    names = ", ".join(finding.subject for finding in found)
    assert f"{names} Jadwal belum terpasang" in text.replace(" , ", ", ")
    assert "data: config.json Konfigurasi di server" in text


def test_the_time_taken_is_held_against_the_norms() -> None:
    steps = (Step(4, 1440, 0.5), Step(5, 30, 45.0), Step(6, 60, None))
    text = read_city(steps=steps).text
    assert "4. Melakukan backup database dan source code 24 jam 30 dtk" in text
    assert "5. Melakukan pengecekan hasil kegiatan backup 30 mnt ✗ 45 mnt melebihi baku mutu" in text
    assert "6. Membuat laporan hasil kegiatan backup 1 jam tidak diukur" in text


def test_the_levels_are_explained() -> None:
    assert "cocok dipulihkan dan sama dengan isi sumber saat dibackup" in read_city().text


def test_nothing_from_a_server_becomes_markup() -> None:
    evil = Failure("odd", HOSTILE, HOSTILE)
    part = replace(CITY.rows[-2].parts[0], name=HOSTILE, path=HOSTILE, counted={HOSTILE: 1}, notes=(HOSTILE,))
    finding = Finding("odd", "red", HOSTILE, HOSTILE, HOSTILE)
    texts: dict[str, Any] = {"title": HOSTILE, "owner": HOSTILE, "server": HOSTILE, "warnings": (HOSTILE,)}
    row = replace(CITY.rows[0], reason=evil, parts=(part,), findings=(finding,), **texts)
    check = replace(CITY.checks[0], run_id=HOSTILE, failure=evil, differences=(Difference(HOSTILE, HOSTILE, HOSTILE),))
    repair = replace(CITY.repairs[0], cause=evil, application=HOSTILE)
    office = dict.fromkeys(OFFICE, HOSTILE)
    lists: dict[str, Any] = {"rows": (row,), "checks": (check,), "repairs": (repair,), "findings": (finding,)}
    reader = read_city(office=office, sop=HOSTILE, unclaimed=(HOSTILE_FIND,), **lists)
    assert {tag for tag, _unused in reader.elements}.isdisjoint({"script", "img"})
    assert not any(name.startswith("on") for _unused, held in reader.elements for name in held)
    assert reader.text.count("<script>alert(1)</script>") > 20
    assert "{0}{__class__}&amp;" in reader.text
    assert not re.search("[\x1b\u202e]", reader.text)


def test_a_text_without_end_is_shortened() -> None:
    row = replace(CITY.rows[0], reason=Failure("odd", "z" * 100_000, ""), title="t" * 9000, owner="o" * 9000)
    assert len(render_html(replace(CITY, rows=(row,)), "id")) < len(render_html(CITY, "id"))


def test_a_very_long_report_unfolds_only_its_first_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "FULL_ROWS", 2)
    reader = read_city()
    assert len(reader.find("details")) == len(CITY.rows)
    assert len(reader.find("div", "more")) == 2


def test_how_every_application_stands_over_all_time_is_told() -> None:
    text = read_city().text
    section = text[text.index("Keadaan backup sepanjang waktu") : text.index("3-2-1: tiga salinan")]
    assert "ppid @ db ✗ 4 hari / 36 jam ! belum pernah / 10 hari ✗ 3" in section
    assert "sippn @ web 6 jam / 36 jam 5 jam / 10 hari 0 ! belum terpenuhi 2 (1 di disk lain)" in section
    assert "lama @ web" not in section
    assert "Keadaan backup sepanjang waktu Isi list prioritas" in read(report_on(KeptEvidence())).text


def test_who_is_well_copied_is_told_with_the_places() -> None:
    row = replace(CITY.rows[-2], copies=2, copies_elsewhere=2, places=("/mnt/a", "/mnt/b"))
    text = read_city(rows=(row,)).text
    assert "✓ terpenuhi 3 (2 di disk lain)" in text
    assert "Tempat salinan /mnt/a, /mnt/b" in text


def test_what_people_added_stands_below_each_record_with_their_names() -> None:
    city = make_city()
    city.said.append(make_said("shrunk", at=NOW - DAY, until=NOW + DAY, text="Log lama <b>dihapus</b>"))
    text = read(report_on(city)).text
    checks = text[text.index("Laporan Hasil Pengecekan") : text.index("Laporan Hasil Perbaikan")]
    repairs = text[text.index("Laporan Hasil Perbaikan") : text.index("Keadaan backup sepanjang waktu")]
    assert "web/sippn Sudah dicek Analis Sistem, Analis Sistem Informasi dan Jaringan, 22 November 2026" in checks
    assert "db/ulas Kunci lama dihapus Analis Sistem, 22 November 2026" in repairs
    said = text[text.index("Catatan petugas") : text.index("Laporan Hasil Pengecekan")]
    assert "web/sippn Log lama <b>dihapus</b> Analis Sistem" in said
    assert "berlaku sampai 23 November 2026 pukul 20.01 WIB" in said
    assert "Catatan petugas" not in read_city().text


def test_who_makes_checks_verifies_and_receives_is_named() -> None:
    people = read_people({"head": {"name": "Kepala Contoh", "rank": "Pembina (IV/a)", "nip": "19750101 200001 1 003"}})
    text = read_city(people=people).text
    assert "menerima Kepala Bidang Teknologi dan Informatika Kepala Contoh Pembina (IV/a) · NIP 19750101" in text
    assert "memverifikasi JF Pranata Komputer Ahli Muda – –" in text
    assert "Pelaksana" not in read_city(people=read_people(None)).text.replace("Pelaksanaan", "")
