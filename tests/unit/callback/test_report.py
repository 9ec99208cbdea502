from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.callback.report import CallbackModule
from ansible_collections.diskominfo.backup.tests.records import make_receipt


class Name:
    """A host."""

    def get_name(self) -> str:
        return "web"


def make_result(result: Any, action: str = "diskominfo.backup.run") -> Any:
    return SimpleNamespace(host=Name(), task=SimpleNamespace(resolved_action=action, action=action), result=result)


def test_a_result_that_cannot_be_read_is_a_red_line_at_the_end_and_no_exception(
    capsys: pytest.CaptureFixture[str],
) -> None:
    callback = CallbackModule()
    callback.v2_runner_on_ok(None)
    callback.v2_runner_on_failed(make_result({"receipts": 7}), ignore_errors=True)
    callback.v2_runner_on_unreachable(SimpleNamespace())
    callback.v2_playbook_on_stats(None)
    told = capsys.readouterr()
    assert "The backup report could not be shown: AttributeError" in told.out + told.err
    assert "run the playbook 'report'" in told.out + told.err


def test_a_broken_report_of_the_module_does_not_hide_that_it_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    callback = CallbackModule()
    callback.v2_runner_on_ok(make_result({"report": {"schema": "other"}}, "diskominfo.backup.report"))
    callback.v2_playbook_on_stats(None)
    told = capsys.readouterr()
    assert "report is refused" in told.out + told.err


def test_nothing_is_said_when_nothing_of_ours_ran(capsys: pytest.CaptureFixture[str]) -> None:
    callback = CallbackModule()
    callback.v2_runner_on_start(Name(), SimpleNamespace(resolved_action="ansible.builtin.ping", action="ping"))
    callback.v2_runner_on_ok(make_result({"receipts": [make_receipt().to_data()]}, "ansible.builtin.ping"))
    callback.v2_playbook_on_stats(None)
    told = capsys.readouterr()
    assert told.out + told.err == ""
