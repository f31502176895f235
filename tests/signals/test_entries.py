"""Entries and exits, in the form that users of array engines know, and how they get in each other's way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb

Flags = list[bool]


def by_hand(enter: Flags, leave: Flags, enter_short: Flags, leave_short: Flags) -> list[float]:
    """The rules as they are written down, one bar after the other."""
    side, sides = 0, []
    for long, out, short, cover in zip(enter, leave, enter_short, leave_short, strict=True):
        if long and out:
            long = out = False  # noqa: PLW2901 - they cancel each other out
        if short and cover:
            short = cover = False  # noqa: PLW2901 - they cancel each other out
        if long and short:
            long = short = False  # noqa: PLW2901 - they cancel each other out
        if long:
            side = 1
        elif short:
            side = -1
        elif (out and side == 1) or (cover and side == -1):
            side = 0
        sides.append(float(side))
    return sides


@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=1, max_size=60))
def test_positions_follow_the_rules(rows: list[tuple[bool, bool, bool, bool]]) -> None:
    columns = [list(each) for each in zip(*rows, strict=True)]
    signals = tb.Signals.from_entries(
        columns[0], columns[1], short_entries=columns[2], short_exits=columns[3], size=2.5
    )
    assert signals.column().tolist() == [2.5 * side for side in by_hand(*columns)]


def test_several_instruments() -> None:
    entries = {"A": [True, False], "B": np.array([0, 1])}
    exits = {"A": [False, True], "B": [0.0, 0.0]}
    signals = tb.Signals.from_entries(entries, exits)
    assert [signals.column(symbol).tolist() for symbol in "AB"] == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"entries": [True], "exits": [True, False]}, r"exits, row 1: 2 values for 1 entries"),
        ({"entries": [0.5], "exits": [True]}, r"entries, row 0: 0.5 is neither true nor false"),
        ({"entries": [True], "exits": [True], "size": 0}, r"size = 0 is no size"),
        ({"entries": {"A": [True]}, "exits": {"B": [True]}}, r"exits: symbols differ: A, B"),
    ],
)
def test_what_cannot_be_is_named(keywords: dict[str, object], message: str) -> None:
    with pytest.raises(tb.TradingError, match=message):
        tb.Signals.from_entries(**keywords)  # type: ignore[arg-type]
