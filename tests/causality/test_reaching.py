"""What a strategy can reach is found, changed after a bar, and put back."""

import types
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import triplebar as tb
from triplebar.research.causality.reachable import is_data, places
from triplebar.research.causality.tampering import altered, known_rows, tampered

MARKET = tb.Market.synthetic(symbols=("AA", "BB"), bars=40, seed=1)
LATER = MARKET.between(start=int(MARKET.clock[30]))
NUMBERS = np.linspace(1.0, 2.0, 40)
KINDS: dict[str, Any] = {
    "array": NUMBERS,
    "negative": NUMBERS - 1.5,
    "whole": np.arange(40),
    "unsigned": np.arange(40, dtype=np.uint8),
    "truths": np.arange(40) % 2 == 0,
    "columns": np.column_stack([NUMBERS, -NUMBERS]),
    "holes": np.where(np.arange(40) % 7 == 0, np.nan, NUMBERS),
    "list": NUMBERS.tolist(),
    "tuple": tuple(NUMBERS.tolist()),
    "arrow": pa.array(NUMBERS),
    "chunks": pa.chunked_array([NUMBERS[:15], NUMBERS[15:]]),
    "table": pa.table({"name": ["x"] * 40, "close": NUMBERS, "up": NUMBERS > 1.5}),
    "pandas": pd.DataFrame({"name": ["x"] * 40, "close": NUMBERS}),
    "pandas column": pd.Series(NUMBERS),
    "polars": pl.DataFrame({"name": ["x"] * 40, "close": NUMBERS}),
    "polars column": pl.Series("close", NUMBERS),
}


def rows_of(value: Any) -> list[Any]:
    """The rows as plain values that compare."""
    if isinstance(value, pa.Table):
        return [str(row) for row in value.to_pylist()]
    if isinstance(value, pd.DataFrame):
        return [str(row) for row in value.to_dict("records")]
    if isinstance(value, pl.DataFrame):
        return [str(row) for row in value.to_dicts()]
    return [str(each) for each in (value.to_pylist() if hasattr(value, "to_pylist") else list(value))]


@pytest.mark.parametrize("kind", KINDS)
def test_later_rows_are_changed_and_earlier_ones_are_not(kind: str) -> None:
    value = KINDS[kind]
    before = rows_of(value)
    other = altered(value, known_rows(MARKET, 24), MARKET, 24)
    assert type(other) is type(value) or isinstance(other, pa.Array)
    after = rows_of(other)
    assert after[:25] == before[:25]
    changed = [one != two for one, two in zip(after[25:], before[25:], strict=True)]
    assert sum(changed) >= len(changed) - 3  # what is not a number stays so
    assert rows_of(value) == before
    assert altered(value, known_rows(MARKET, 39), MARKET, 39) is None


def test_markets_and_series_are_changed_by_time() -> None:
    rows = known_rows(MARKET, 24)
    given: tuple[Any, ...] = (MARKET, MARKET.series("BB"), LATER)
    for value in given:
        other = altered(value, rows, MARKET, 24)
        assert other is not None
        one, two = (each if hasattr(each, "ticks") else each.series("BB") for each in (value, other))
        known = int(np.searchsorted(one.time, MARKET.clock[24], side="right"))
        assert (one.close[:known] == two.close[:known]).all()
        assert (one.close[known:] != two.close[known:]).all()
        assert altered(value, rows, MARKET, 39) is None
    assert altered(NUMBERS[:7], rows, MARKET, 24) is None  # no row for each bar
    assert altered(LATER.series("AA"), rows, MARKET, 39) is None


helpers = types.ModuleType("helpers")
helpers.TABLE = np.array(NUMBERS)  # type: ignore[attr-defined]
WITHIN = {"a": [np.array(NUMBERS), {"b": np.array(NUMBERS)}]}
SCALAR = np.array(5.0)


def helper(index: int) -> float:
    return float(helpers.TABLE[index]) + float(SCALAR)


class Reaching(tb.Strategy):
    """Holds on to data in every way there is."""

    kept = np.array(NUMBERS)

    @staticmethod
    def fixed() -> Any:
        return WITHIN["a"]

    @property
    def mine(self) -> Any:
        return KINDS["list"]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        helper(bar.index)


def test_everything_that_code_names_is_found_once() -> None:
    strategy = Reaching()
    object.__setattr__(strategy, "given", np.array(NUMBERS))
    found = {place.name: place for place in places(strategy)}
    assert {"helpers.TABLE", "WITHIN (global)['a'][0]", "WITHIN (global)['a'][1]['b']", "self.given"} <= set(found)
    assert "self.kept" in found  # a strategy has its own copy
    assert "KINDS (global)['list']" in found
    assert not any("SCALAR" in name for name in found)
    assert len({id(place.value) for place in found.values()}) == len(found)
    with tampered(list(found.values()), MARKET, 24) as names:
        assert len(names) == len(found)
        assert helpers.TABLE[39] != NUMBERS[39]
        assert WITHIN["a"][1]["b"][39] != NUMBERS[39]  # type: ignore[index]
        assert strategy.given[39] != NUMBERS[39]  # type: ignore[attr-defined]
    assert helpers.TABLE[39] == NUMBERS[39]
    assert strategy.given[39] == NUMBERS[39]  # type: ignore[attr-defined]


def test_closures_and_functions_are_looked_into() -> None:
    numbers = np.array(NUMBERS)

    def make(_market: Any) -> Any:
        return float(numbers[0])

    place = next(place for place in places(make) if place.name == "numbers (closure)")
    with tampered([place], MARKET, 24):
        assert make(None) == NUMBERS[0]
        assert place.value is not numbers or numbers[39] == NUMBERS[39]
    assert make(None) == NUMBERS[0]
    assert places(tb.samples.MovingAverageCross) == []


@pytest.mark.parametrize(
    ("value", "data"), [(SCALAR, False), (np.arange(3), True), (["a"], False), (pl.Series([1]), True)]
)
def test_what_is_data(value: Any, data: bool) -> None:
    assert is_data(value) is data
