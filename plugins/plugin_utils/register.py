"""The inventory is the register: variables of hosts become configurations of servers, all problems told at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import Register, read_server

APPLICATIONS = "backup_applications"
CALENDAR = "backup_calendar"
OWN_CALENDAR = "backup_own_calendar"
"""What one server wants otherwise than the office: it goes before `backup_calendar`, word by word."""

FIELDS: Mapping[str, str] = {
    APPLICATIONS: "applications",
    CALENDAR: "calendar",
    "backup_compression": "compression",
    "backup_copies": "copies",
    "backup_ignored": "ignored",
    "backup_language": "language",
    "backup_lock_wait": "lock_wait",
    "backup_office": "office",
    "backup_slots": "slots",
    "backup_state": "state",
    "backup_store": "store",
}
"""Variable of a host -> field of config.json."""

SETTINGS: tuple[str, ...] = (
    "backup_anew",
    "backup_began",
    OWN_CALENDAR,
    "backup_category",
    "backup_check_depth",
    "backup_check_runs",
    "backup_copy_command",
    "backup_delivery",
    "backup_ended",
    "backup_evidence",
    "backup_evidence_become",
    "backup_evidence_host",
    "backup_formats",
    "backup_hours",
    "backup_languages",
    "backup_only",
    "backup_passwords",
    "backup_people",
    "backup_period",
    "backup_preparation",
    "backup_search",
)
"""Variables of the same family that playbooks read; they are no part of a server's configuration."""

SPELLING_CUTOFF = 0.86


def read_hostvars(hostvars: Mapping[str, Any], hosts: Sequence[str], may_be_empty: bool = False) -> Register:
    """The register out of the variables of `hosts`; a host without `backup_applications` is no part of it.

    With `may_be_empty` it is a server without any, and so may the whole inventory be: for a search.

    Raises one ConfigurationError with every problem of every host: what cannot be resolved, what is misspelt, what the
    register refuses. An inventory without any application is a problem too.
    """
    problems = Problems()
    servers = []
    for host in hosts:
        variables = hostvars[host]
        _find_misspelt(host, variables, problems)
        if may_be_empty or APPLICATIONS in variables:
            servers.append(read_server(_resolve_configuration(host, variables, problems), problems))
    register = Register(tuple(servers))
    if not may_be_empty and not problems.found and not register.application_count:
        problems.add("inventory", APPLICATIONS, "no host lists any application", "list them in its host_vars")
    problems.raise_if_any()
    return register


def _find_misspelt(host: str, variables: Mapping[str, Any], problems: Problems) -> None:
    """A variable that is almost one of ours would silently leave a server out, so it is refused."""
    known = [*FIELDS, *SETTINGS]
    for name in sorted(str(name) for name in variables):
        meant = difflib.get_close_matches(name, known, 1, SPELLING_CUTOFF) if name not in known else []
        if meant:
            problems.add(f"server {host}", name, "is not known", f"write {meant[0]}, or give it another name")


def _resolve_configuration(host: str, variables: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    configuration: dict[str, Any] = {"server": host, "applications": []}
    for variable, field in {**FIELDS, OWN_CALENDAR: OWN_CALENDAR}.items():
        if variable in variables:
            try:
                configuration[field] = resolve_value(variables[variable])
            except AnsibleError as error:
                reason = " ".join(str(error).split())
                problems.add(f"server {host}", variable, f"cannot be resolved: {reason}", "correct the template")
    own, office = configuration.pop(OWN_CALENDAR, None), configuration.get("calendar", {})
    if isinstance(own, dict) and isinstance(office, dict):
        configuration["calendar"] = {**office, **own}
    elif own is not None:
        problems.add(f"server {host}", OWN_CALENDAR, "must be a mapping", "write 'key: value' lines")
    return configuration


def resolve_value(value: Any) -> Any:
    """The same value in plain lists, mappings and texts: templates are resolved, markings gone, dates written out."""
    if isinstance(value, Mapping):
        return {str(key): resolve_value(item) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence):
        return [resolve_value(item) for item in value]
    return value


def tell_problem(error: ConfigurationError) -> str:
    """The problems and the remedy as one text for a person."""
    return f"{error.message}\n{error.hint}"
