"""Uses a module as Ansible does: its options in, its JSON out."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any

from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.diskominfo.backup.plugins.modules"


def use(module: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """The result of one use of a module within this process."""
    given = {**options, "_ansible_check_mode": check_mode, "_ansible_remote_tmp": "/tmp"}
    output = io.StringIO()
    with patch_module_args(given), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        importlib.import_module(f"{MODULES}.{module}").main()
    return dict(json.loads(output.getvalue()))
