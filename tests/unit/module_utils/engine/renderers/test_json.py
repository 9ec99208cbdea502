from __future__ import annotations

import json

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.renderers.json import render_json
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, KeptEvidence, make_city

CITY = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)


def test_the_json_is_the_data_of_the_report() -> None:
    assert json.loads(render_json(CITY)) == json.loads(json.dumps(CITY.to_data()))


def test_every_application_has_a_line_of_its_own() -> None:
    lines = render_json(CITY).decode("ascii").splitlines()
    rows = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"application": ')]
    assert [row["application"] for row in rows] == [row.application for row in CITY.rows]


def test_the_words_of_json_are_the_same_in_every_language() -> None:
    assert render_json(CITY, "id") == render_json(CITY, "en")


def test_a_report_without_applications_is_json_too() -> None:
    empty = make_report(KeptEvidence(), make_recent_period(NOW, 24), NOW, {}, "")
    data = json.loads(render_json(empty))
    assert (data["applications"], data["unclaimed"], data["summary"]["unclaimed"]) == ([], None, None)
