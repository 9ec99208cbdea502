"""One report that says everything a report can say, and one in which every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Difference
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.find import Find
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.people import read_people
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, make_city

PEOPLE = {
    "operator": {"name": "Pengelola Contoh", "rank": "Pengatur (II/c)", "nip": "19900101 201501 1 001"},
    "analyst": {"name": "Analis Contoh", "rank": "Penata Muda (III/a)", "nip": "19850101 201001 2 002"},
    "head": {"name": "Kepala Bidang Contoh", "rank": "Pembina (IV/a)", "nip": "19750101 200001 1 003"},
}
"""Plainly fictive; nobody is named as the verifier."""

PAYLOADS: tuple[str, ...] = (
    "{{ lookup('pipe', 'id') }}",
    "<script>alert(1)</script>",
    "=cmd()|' /C calc'!A0",
    "\x1b[31mred\x1b]0;title\x07\x9b2J",
    '#eval("1+1") #read("/etc/passwd") $ x $ *bold* _it_ `raw` <label> @ref //comment /*open',
    "]]></testcase><!-- & \" ' --> %s {0} {__class__}",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) www.evil.example",
    "line one\nline two\r\n| cell | cell |\u202egnp.exe\ufffe\uffff\ud800",
    'evil"} 1\n# EOF\nother_metric 1\\',
)
"""What servers might send: templates, scripts, formulas, escapes, Typst, XML, Markdown, lines, metrics."""


def make_city_report() -> Report:
    """Every status, with steps that kept and broke their norm."""
    report = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP, people=read_people(PEOPLE))
    steps = tuple(replace(step, actual_minutes=45.0) if step.row == 5 else step for step in report.steps)
    return replace(report, steps=steps, id="20261122T130100Z-8f3c2a10")


def make_hostile_report(payload: str) -> Report:
    """The same, but that every text that comes from a server or from people is the payload."""
    city = make_city_report()
    failure = Failure("odd", payload, payload)
    finding = Finding("odd", "red", payload, payload, payload)
    rows = tuple(
        replace(
            row,
            application=f"{payload}{number}",
            title=payload,
            owner=payload,
            server=payload,
            category=payload,
            reason=failure if row.reason else None,
            warnings=(payload,),
            findings=(finding,),
            parts=tuple(
                replace(part, name=payload, path=payload, engine=payload, counted={payload: 1}, notes=(payload,))
                for part in row.parts
            ),
        )
        for number, row in enumerate(city.rows)
    )
    checks = tuple(
        replace(
            check,
            application=payload,
            server=payload,
            run_id=payload,
            failure=failure,
            expected={payload: 1},
            differences=(Difference(payload, payload, payload),),
            difference_count=1,
        )
        for check in city.checks
    )
    repairs = tuple(replace(repair, application=payload, server=payload, cause=failure) for repair in city.repairs)
    wild: dict[str, Any] = {
        **dict.fromkeys(("application", "server", "run_id", "trigger", "target", "safety_id"), payload),
        "parts": (payload,),
        "failure": failure,
    }
    restores = tuple(replace(restore, **wild) for restore in city.restores)
    texts: dict[str, Any] = {
        "name": payload,
        "position": payload,
        "server": payload,
        "application": payload,
        "text": payload,
    }
    notes = tuple(replace(note, **texts) for note in city.notes)
    people = tuple(replace(each, name=payload, position=payload, rank=payload) for each in city.people)
    return replace(
        city,
        office=dict.fromkeys(city.office, payload),
        sop=payload,
        rows=rows,
        checks=checks,
        repairs=repairs,
        restores=restores,
        unclaimed=(Find(payload, payload, payload, "unknown", payload, payload, payload),),
        findings=(finding,),
        notes=notes,
        people=people,
    )
