"""The report in the README is what the code prints for such a night, to the letter."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.text import render_text
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests import evidence

README = Path(__file__).resolve().parents[2] / "README.md"
WIDTH = 100


def render_sample() -> str:
    """One night of a small office: one source is gone, one server was silent, two backups are proved."""
    kept = evidence.KeptEvidence()
    last_night, night_before = evidence.NOW - timedelta(hours=10), evidence.NOW - timedelta(hours=34)
    for name, owner in (("perizinan", "Dinas Perizinan"), ("portal", "Bagian Umum")):
        run = evidence.make_run(last_night, name=name, size_bytes=48_200_000)
        kept.add(evidence.make_application(name, owner=owner), run, evidence.make_check(run))
    good = evidence.make_run(night_before, name="sippn")
    failed = evidence.make_failed_run(last_night, number=3)
    kept.add(evidence.make_application("sippn"), good, evidence.make_check(good), failed)
    silent = evidence.make_run(night_before, name="arsip", server="data")
    kept.add(evidence.make_application("arsip"), silent, server="data")
    kept.silences["data"] = [evidence.make_contact(evidence.NOW - timedelta(minutes=5), server="data")]
    period = make_recent_period(evidence.NOW, 24)
    report = make_report(kept, period, evidence.NOW, evidence.OFFICE, evidence.SOP)
    return render_text(report, "id", WIDTH, False)


def test_the_report_in_the_readme_is_what_the_code_prints() -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", README.read_text(), re.DOTALL)

    assert shown.strip() == render_sample().strip()
