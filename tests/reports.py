"""One report that says everything a report can say, and one in which every text is hostile."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.census import Difference
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import Failure
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.report import Report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import make_recent_period, make_report
from ansible_collections.diskominfo.backup.tests.evidence import NOW, OFFICE, SOP, make_city

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
    report = make_report(make_city(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
    steps = tuple(replace(step, actual_minutes=45.0) if step.row == 5 else step for step in report.steps)
    return replace(report, steps=steps)


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
    return replace(
        city,
        office=dict.fromkeys(city.office, payload),
        sop=payload,
        rows=rows,
        checks=checks,
        repairs=repairs,
        unclaimed=(payload,),
        findings=(finding,),
    )
