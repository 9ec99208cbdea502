from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused, SourceMissing
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.reading import read_receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import (
    CONTACT,
    Failure,
    Part,
    Receipt,
    StoredFile,
    describe_failure,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes, read_json
from ansible_collections.diskominfo.backup.tests.records import NOON, make_failed_receipt, make_receipt

FILE = StoredFile("database-app.db.sqlite.zst", 100, "a" * 64)
ASIDE = StoredFile("source-site.manifest.jsonl.zst", 20, "b" * 64)


def make_part(level: str = "compared", *asides: StoredFile) -> Part:
    return Part("database", "sqlite", "app.db", "/srv/app.db", file=FILE, asides=asides, level=level)


def test_the_size_of_a_run_is_that_of_all_its_files() -> None:
    assert make_receipt(parts=(make_part(), make_part("compared", ASIDE))).size_bytes == 220
    assert make_part("compared", ASIDE).files == (FILE, ASIDE)
    assert Part("source", "tree", "site", "/srv", asides=(ASIDE,)).files == (ASIDE,)
    assert make_receipt().size_bytes == 0


def test_a_run_is_proved_as_far_as_its_weakest_part() -> None:
    assert make_receipt(parts=(make_part(), make_part("readable"))).level == "readable"
    assert make_receipt(parts=(make_part(), make_part("damaged"))).level == "damaged"
    assert make_receipt().level == "none"


def test_a_link_of_the_chain_differs_from_the_receipt_by_what_it_names_only() -> None:
    first = make_receipt()
    second = make_receipt(NOON + timedelta(days=1)).chain_to(hash_bytes(first.to_bytes()))
    assert second.previous == hash_bytes(first.to_bytes())
    assert second.chain_to("") == make_receipt(NOON + timedelta(days=1))


def test_what_says_nothing_is_not_written() -> None:
    written = make_receipt().to_data()
    assert not {"failure", "run_id", "warnings", "parts", "store", "previous"} & set(written)
    assert (written["began"], written["duration_s"]) == ("2026-11-22T12:00:00Z", 5.25)


@pytest.mark.parametrize(
    "receipt", [make_failed_receipt(kind=CONTACT, application=""), make_receipt(title="", owner="")]
)
def test_a_receipt_that_leaves_fields_empty_can_be_read_again(receipt: Receipt) -> None:
    assert read_receipt(read_json(receipt.to_bytes(), "test"), "test") == receipt


def test_an_error_becomes_a_failure_with_its_slug_and_remedy() -> None:
    failure = describe_failure(SourceMissing.no_path("/srv/app.db"))
    assert failure == Failure("source_missing", "source is missing: /srv/app.db", failure.hint)
    assert failure.hint
    assert describe_failure(ZeroDivisionError()).slug == "internal"
    assert make_failed_receipt().has_succeeded is False


def test_an_endless_message_is_cut_so_that_the_receipt_can_be_read() -> None:
    receipt = make_failed_receipt()
    endless = Receipt(**{**vars(receipt), "failure": describe_failure(RuntimeError("x" * 1_000_000))})
    assert read_receipt(read_json(endless.to_bytes(), "test"), "test") == endless


@pytest.mark.parametrize("receipt", [make_receipt(parts=(make_part("readable", ASIDE),)), make_failed_receipt()])
def test_a_receipt_that_lost_a_byte_is_never_taken_for_the_whole_one(receipt: Receipt) -> None:
    whole = receipt.to_bytes()
    for position in range(len(whole)):
        with contextlib.suppress(RecordRefused):
            read = read_receipt(read_json(whole[:position] + whole[position + 1 :], "test"), "test")
            assert read != receipt or whole[position : position + 1].isspace()


@pytest.mark.parametrize(
    "field", ["title", "stranger\x1b[31m", "stranger\n" * 1000, "parts"], ids=["title", "colour", "long", "parts"]
)
def test_what_is_refused_is_told_in_one_short_printable_line(field: str) -> None:
    with pytest.raises(RecordRefused) as caught:
        read_receipt({**make_receipt().to_data(), field: {"x": ["\x1b"]}}, "a receipt of web")
    assert caught.value.message.startswith("a receipt of web is refused: ")
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
