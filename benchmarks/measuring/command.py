"""The command as a person or a timer uses it, as one process of its own, on made-up applications."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
ENTRY = """
import sys
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
raise SystemExit(main(sys.argv[1:]))
"""
ENVIRONMENT: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(CHECKOUT / "collections")}


def make_command(word: str, folder: Path, **application: Any) -> list[str]:
    """argv of `diskominfo-backup word` for a server of one application, whose store and state lie below `folder`."""
    config = make_configuration(folder, **application)
    return [sys.executable, "-c", ENTRY, word, "--config", str(config), "--json", "--quiet"]


def make_configuration(folder: Path, **application: Any) -> Path:
    """The configuration of such a server."""
    config = folder / "config.json"
    server = {
        "schema": "diskominfo.backup/config/1",
        "server": "web",
        "applications": [{"name": "app", **application}],
        "store": {"type": "directory", "path": str(folder / "store")},
        "state": str(folder / "state"),
    }
    config.write_text(json.dumps(server))
    return config
