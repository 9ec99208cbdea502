from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.hooks import Hook, Hooks
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import read_server
from ansible_collections.diskominfo.backup.tests.records import make_config


def read(hooks: Any) -> Hooks:
    config = make_config()
    config["applications"][0]["hooks"] = hooks
    return read_server(config).applications[0].hooks


def test_a_hook_is_a_script_or_arguments_and_may_have_a_limit() -> None:
    hooks = read(
        {
            "before_run": "/usr/local/sbin/maintenance on",
            "after_run": ["systemctl", "start", "sippn"],
            "after_check": {"argv": ["logger", "checked"], "time_limit": "10s"},
        }
    )

    assert hooks.find("before", "run") == Hook(("/usr/local/sbin/maintenance on",), 300.0)
    assert hooks.find("after", "run") == Hook(("systemctl", "start", "sippn"), 300.0)
    assert hooks.find("after", "check") == Hook(("logger", "checked"), 10.0)
    assert hooks.find("before", "restore") is None
    assert read(hooks.to_data()) == hooks


@pytest.mark.parametrize(
    ("hooks", "complaint"),
    [
        ({"before_run": "systemctl stop sippn"}, "hooks.before_run: cannot be 'systemctl stop sippn'"),
        ({"before_run": []}, "write the path of a script, or a list"),
        ({"before_run": ["bin/stop"]}, "hooks.before_run: cannot be ['bin/stop']"),
        ({"after_run": {"time_limit": "soon"}}, "hooks.after_run.argv: cannot be None"),
        ({"after_run": {"argv": "/x", "shell": True}}, "hooks.after_run.shell: is not known"),
        ({"before_prune": "/x"}, "hooks.before_prune: is not known"),
    ],
)
def test_what_cannot_be_a_hook_is_refused_by_name(hooks: Any, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(hooks)

    assert complaint in caught.value.message
    assert "sippn: " in caught.value.message
