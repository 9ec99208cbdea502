"""Looks whether a backup would begin well: the store, and every source of every application. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .drivers.registry import DRIVERS
from .errors import BackupError, ToolMissing
from .flow.process import Shell
from .record.application import Application
from .record.finding import RED, Finding
from .station import Station


def probe_server(station: Station, applications: Sequence[Application]) -> list[Finding]:
    """Every finding, the store's first; `subject` names the application, or the store."""
    findings: list[Finding] = []
    try:
        station.store.probe()
    except BackupError as error:
        findings.append(Finding(error.slug, RED, "store", error.message, error.hint))
    for application in applications:
        findings += probe_application(station, application)
    return findings


def probe_application(station: Station, application: Application) -> list[Finding]:
    """The findings of one application's sources and hooks."""
    findings: list[Finding] = []
    with station.supervisor.open_shell(application.time_limit_s) as shell:
        for source in application.everything:
            found = DRIVERS[source.engine].probe(source, shell)
            findings += [replace(finding, subject=f"{application.name}: {source.label}") for finding in found]
        findings += _probe_hooks(application, shell)
    return findings


def _probe_hooks(application: Application, shell: Shell) -> Iterator[Finding]:
    for name, hook in application.hooks.wanted.items():
        try:
            shell.find(hook.argv[0])
        except ToolMissing as error:
            subject = f"{application.name}: {name}"
            yield Finding(error.slug, RED, subject, f"hook {name}: {error.message}", "correct its path, or install it")
