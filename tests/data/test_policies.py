"""Missing data."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import MINUTE, START, changed, good, minutes
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.data.faults import BadDataError
from triplebar.data.policies import POLICIES, treat_missing
from triplebar.data.validate import check_table


def bars(symbol: str, at: dict[int, float]) -> pa.Table:
    price = list(at.values())
    prices = dict.fromkeys(("open", "high", "low", "close"), price)
    time = pa.array(minutes(*at), pa.timestamp("ns", "UTC"))
    return pa.table({"time": time, "symbol": [symbol] * len(at), **prices, "volume": [5.0] * len(at)})


def holed() -> pa.Table:
    """`A` has all four minutes; `B` lacks minute 2, and minute 3 is incomplete; minute 4 is there."""
    b = bars("B", {1: 10.0, 3: 12.0, 4: 16.0})
    b = b.set_column(4, "low", pa.array([10.0, None, 16.0]))
    return pa.concat_tables([bars("A", {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}), b])


def closes(table: pa.Table, symbol: str) -> dict[int, float]:
    rows = table.to_pylist()
    return {(row["time"].value - START) // MINUTE: row["close"] for row in rows if row["symbol"] == symbol}


EXPECTED = {
    "forward_fill": {1: 10.0, 2: 10.0, 3: 10.0, 4: 16.0},
    "interpolate": {1: 10.0, 2: 12.0, 3: 14.0, 4: 16.0},
    "backfill": {1: 10.0, 2: 16.0, 3: 16.0, 4: 16.0},
    "drop": {1: 10.0, 4: 16.0},
    "skip": {1: 10.0, 4: 16.0},
}


@pytest.mark.feature("F-024")
@pytest.mark.parametrize("policy", EXPECTED)
def test_each_policy_gives_its_table(policy: str) -> None:
    treated = treat_missing(holed(), policy)
    assert closes(treated.table, "B") == EXPECTED[policy]
    assert closes(treated.table, "A") == ({1: 1.0, 4: 4.0} if policy == "drop" else {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0})
    assert check_table(treated.table).ok


@pytest.mark.feature("F-024")
def test_forward_fill_is_the_default_and_fills_flat_without_volume() -> None:
    treated = treat_missing(holed())
    row = next(row for row in treated.table.to_pylist() if row["symbol"] == "B" and row["volume"] == 0.0)
    assert {row[name] for name in ("open", "high", "low", "close")} == {10.0}
    assert (treated.filled, treated.removed, treated.uses_future) == (2, 1, False)
    assert treated.warnings == ("2 missing bars were made up by forward_fill",)


@pytest.mark.feature("F-024")
@pytest.mark.parametrize("policy", ["interpolate", "backfill"])
def test_policies_that_use_the_future_say_so(policy: str) -> None:
    treated = treat_missing(holed(), policy)
    assert treated.uses_future
    assert any(warning.startswith(f"look-ahead: {policy}") for warning in treated.warnings)
    whole = treat_missing(good(), policy)
    assert not whole.uses_future
    assert whole.warnings == ()


@pytest.mark.feature("F-024")
def test_drop_keeps_symbols_aligned() -> None:
    table = treat_missing(holed(), "drop").table
    assert closes(table, "A").keys() == closes(table, "B").keys()
    assert "2 times at which a symbol had no bar" in treat_missing(holed(), "drop").warnings[0]


@pytest.mark.feature("F-024")
def test_error_names_what_is_missing() -> None:
    with pytest.raises(
        DataQualityError, match=r"2 bars are missing:\nB has no whole bar at 2024-01-01T00:02:00Z\nB has"
    ):
        treat_missing(holed(), "error")
    assert treat_missing(good(), "error").table.num_rows == 6


def test_nothing_is_made_up_before_the_first_bar_or_after_the_last() -> None:
    table = pa.concat_tables([bars("A", {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}), bars("B", {2: 10.0, 3: 11.0})])
    forward, back, line = (treat_missing(table, policy) for policy in ("forward_fill", "backfill", "interpolate"))
    assert closes(forward.table, "B") == {2: 10.0, 3: 11.0, 4: 11.0}
    assert closes(back.table, "B") == {1: 10.0, 2: 10.0, 3: 11.0}
    assert closes(line.table, "B") == {2: 10.0, 3: 11.0}
    assert "2 bars before the first or after the last of their symbol stay missing" in line.warnings


def test_the_calendar_tells_which_bars_to_expect() -> None:
    table = bars("A", {1: 1.0, 2: 2.0, 5: 5.0})
    assert closes(treat_missing(table).table, "A") == {1: 1.0, 2: 2.0, 5: 5.0}
    filled = treat_missing(table, sessions="24/7", interval_ns=MINUTE)
    assert closes(filled.table, "A") == {1: 1.0, 2: 2.0, 3: 2.0, 4: 2.0, 5: 5.0}
    weekdays = treat_missing(table, sessions="weekdays", interval_ns=MINUTE)
    assert closes(weekdays.table, "A") == closes(filled.table, "A")


def test_a_symbol_without_any_whole_bar_disappears() -> None:
    empty = bars("B", {2: 1.0}).set_column(2, "open", pa.array([None], pa.float64()))
    table = pa.concat_tables([bars("A", {1: 1.0, 2: 2.0}), empty])
    for policy in ("forward_fill", "backfill", "interpolate", "skip"):
        assert closes(treat_missing(table, policy).table, "B") == {}
    assert treat_missing(table, "drop").table.num_rows == 0


def test_wrong_policies_and_tables_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"missing_data = 'ffill': is not a policy"):
        treat_missing(good(), "ffill")
    with pytest.raises(BadDataError, match="the table has 1 fault:\nrow 1, column time: there is no value"):
        treat_missing(changed(time={0: None}, close={3: None}))
    assert treat_missing(good().slice(0, 0)).table.num_rows == 0


@given(
    st.dictionaries(st.tuples(st.sampled_from("AB"), st.integers(1, 12)), st.integers(1, 50), min_size=1),
    st.sampled_from([policy for policy in POLICIES if policy != "error"]),
)
def test_what_is_there_stays_and_what_is_made_up_is_valid(cells: dict[tuple[str, int], int], policy: str) -> None:
    tables = [bars(symbol, {at: float(p) for (s, at), p in sorted(cells.items()) if s == symbol}) for symbol in "AB"]
    table = pa.concat_tables([each for each in tables if each.num_rows])
    treated = treat_missing(table, policy)
    found = {(symbol, at): price for symbol in "AB" for at, price in closes(treated.table, symbol).items()}
    kept = {key: price for key, price in found.items() if key in cells}
    assert kept == {key: float(cells[key]) for key in kept}
    assert policy == "drop" or kept.keys() == cells.keys()
    assert len(found) - len(kept) == treated.filled
    assert treated.table.num_rows == 0 or check_table(treated.table).ok


@given(st.lists(st.integers(1, 30), min_size=2, max_size=10, unique=True), st.integers(1, 30))
def test_forward_fill_never_uses_the_future(at: list[int], now: int) -> None:
    table = bars("A", {minute: float(minute) for minute in sorted(at)})
    past = table.slice(0, int(np.searchsorted(sorted(at), now, side="right")))
    if past.num_rows == 0:
        return
    whole = closes(treat_missing(table, sessions="24/7", interval_ns=MINUTE).table, "A")
    known = closes(treat_missing(past, sessions="24/7", interval_ns=MINUTE).table, "A")
    assert known.items() <= whole.items()
