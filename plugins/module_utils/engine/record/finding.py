"""What a question about a server or an application found: one sentence for people, one slug for machines."""

from __future__ import annotations

from dataclasses import dataclass

RED = "red"
YELLOW = "yellow"
SEVERITIES: tuple[str, ...] = (RED, YELLOW)


@dataclass(frozen=True)
class Finding:
    """`slug` names the question, `subject` the application or part, `hint` what to do about it."""

    slug: str
    severity: str
    subject: str
    message: str
    hint: str = ""

    def to_data(self) -> dict[str, str]:
        """As a report holds it."""
        return vars(self).copy()
