"""Recovery cards of an office, and their commands as a person would type them."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timedelta, timezone
from html import unescape
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.evidence import EvidenceFolder
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cards import publish_cards
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.station import read_configuration
from ansible_collections.diskominfo.backup.tests.office import Office


def write_cards(office: Office, language: str = "id") -> list[Path]:
    """The cards that a report on this office leaves in its evidence folder."""
    server, root = read_configuration(str(office.write_config())), office.root / "evidence"
    evidence = EvidenceFolder(root, Register((server,)))
    for path in sorted((office.state / "receipts").glob("*/2*.json")):
        evidence.add_receipt(server.name, path.parent.name, path.read_bytes())
    now = datetime.now(timezone.utc) + timedelta(seconds=1)
    report = make_report(evidence, make_recent_period(now, 24), now, {}, "")
    return publish_cards(report, evidence, root, language)


def read_text_commands(path: Path) -> list[str]:
    """Every command of a card as text: the lines that begin with four spaces."""
    return [line[4:] for line in path.read_text().splitlines() if line.startswith("    ")]


def read_page_commands(path: Path) -> list[str]:
    """Every command of a card as a page."""
    return [unescape(found) for found in re.findall(r"<code>(.*?)</code>", path.read_text(), re.DOTALL)]


def type_commands(commands: list[str]) -> str:
    """Types the commands into one shell, which ends at the first that fails; what they said."""
    script = "\n".join(["set -e", *commands])
    finished = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=120)
    if finished.returncode != 0:
        raise RuntimeError(f"{finished.stdout}\n{finished.stderr}\n{script}")
    return finished.stdout
