from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.credentials import lend, redact


def test_every_secret_is_hidden_the_longest_first_and_an_empty_one_hides_nothing() -> None:
    assert redact("a=rahasia b=rahasia-besar", ["", "rahasia", "rahasia-besar"]) == "a=******** b=********"
    assert redact("nothing to hide", []) == "nothing to hide"


def test_what_is_lent_is_for_its_owner_only_and_gone_afterwards(tmp_path: Path) -> None:
    with lend("password=p\udcff\n", tmp_path) as lent:
        assert lent.parent == tmp_path
        assert lent.read_bytes() == b"password=p\xff\n"
        assert stat.S_IMODE(lent.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []


def fail_without(lent: Path) -> None:
    lent.unlink()
    raise ZeroDivisionError


def test_what_is_lent_is_gone_after_an_error_too_and_does_not_hide_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lend("secret", tmp_path) as lent:
        fail_without(lent)
    with pytest.raises(KeyboardInterrupt), lend("secret", tmp_path):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError), lend("\ud800", tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
