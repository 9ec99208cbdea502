"""Who does what in the procedure, by role: the names that stand below a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .fields import Fields, Problems

OPERATOR, ANALYST, VERIFIER, HEAD = "operator", "analyst", "verifier", "head"
POSITIONS: Mapping[str, str] = {
    OPERATOR: "Pengelola Sistem dan Jaringan",
    ANALYST: "Analis Sistem Informasi dan Jaringan",
    VERIFIER: "JF Pranata Komputer Ahli Muda",
    HEAD: "Kepala Bidang Teknologi dan Informatika",
}
"""Role -> what the procedure calls it, from operator to head. Which rows each one does is an assumption: the operator
does rows 3, 4 and 6, the analyst 2 and 5, the verifier 7, the head of division 8."""


@dataclass(frozen=True)
class Person:
    """One role as an office fills it. Whatever is not given is empty, but for the `position`."""

    role: str
    position: str
    name: str = ""
    rank: str = ""
    nip: str = ""


def read_people(value: Any) -> tuple[Person, ...]:
    """All four roles in their order, named where `backup_people` names them.

    Raises one ConfigurationError with every problem; unknown roles and keys are problems.
    """
    problems = Problems()
    roles = Fields({} if value is None else value, "backup_people", problems)
    people = tuple(_read_person(role, roles.within(role)) for role in POSITIONS)
    roles.finish()
    problems.raise_if_any()
    return people


def _read_person(role: str, fields: Fields) -> Person:
    person = Person(
        role,
        position=fields.text("position", POSITIONS[role]),
        name=fields.text("name"),
        rank=fields.text("rank"),
        nip=fields.text("nip", "", "[0-9 ]{0,30}", "19800101 200501 1 001"),
    )
    fields.text("signing_key")
    fields.finish()
    return person
