from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record import level

words = st.sampled_from([*level.LADDER, level.DAMAGED])


def test_each_rung_is_at_least_every_rung_below_it() -> None:
    for position, word in enumerate(level.LADDER):
        assert [other for other in level.LADDER if level.is_at_least(word, other)] == [*level.LADDER[: position + 1]]
        assert not level.is_at_least(level.DAMAGED, word)


@given(st.lists(words))
def test_the_whole_is_as_good_as_its_weakest_part(levels: list[str]) -> None:
    lowest = level.find_lowest(levels)
    if level.DAMAGED in levels:
        assert lowest == level.DAMAGED
    else:
        assert lowest == (level.NONE if not levels else min(levels, key=level.LADDER.index))
