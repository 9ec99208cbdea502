"""What a question about a server or an application found: one sentence for people, one slug for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RED = "red"
YELLOW = "yellow"
SEVERITIES: tuple[str, ...] = (RED, YELLOW)


@dataclass(frozen=True)
class Finding:
    """`slug` names the question, `subject` the application or part, `hint` what to do about it.

    `facts` are the numbers that the message speaks of, with their unit in the name (`free_bytes`, `age_s`), so that
    another language can say the same.
    """

    slug: str
    severity: str
    subject: str
    message: str
    hint: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """As a report holds it."""
        return {**vars(self), "facts": dict(self.facts)}
