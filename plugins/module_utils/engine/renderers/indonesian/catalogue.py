"""Everything that is said in Indonesian: one file a topic."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    card,
    failures,
    findings,
    finds,
    letter,
    measures,
    message,
    past,
    priorities,
    report,
    restores,
    schedule,
    sheets,
    standing,
)

WORDS: Mapping[str, str] = {
    **card.WORDS,
    **failures.WORDS,
    **findings.WORDS,
    **finds.WORDS,
    **letter.WORDS,
    **measures.WORDS,
    **message.WORDS,
    **past.WORDS,
    **priorities.WORDS,
    **report.WORDS,
    **restores.WORDS,
    **schedule.WORDS,
    **sheets.WORDS,
    **standing.WORDS,
}
