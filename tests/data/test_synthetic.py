"""Made-up markets."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.tables import DAY
from triplebar.contracts.errors import ConfigError
from triplebar.data.arrays import FloatArray
from triplebar.data.market import Market
from triplebar.data.synthetic import CALM, FALLING, RISING, WILD, Regime, SyntheticKeywords, synthetic_table
from triplebar.data.validate import check_table

WILDEST: SyntheticKeywords = {
    "symbols": ("A", "B", "C"),
    "bars": 3_000,
    "seed": 7,
    "correlation": 0.6,
    "regimes": (CALM, RISING, FALLING, WILD),
    "regime_bars": 200,
    "jump_chance": 0.01,
    "gap_chance": 0.02,
    "missing_chance": 0.05,
    "quiet_chance": 0.02,
    "size_precision": 1,
}


def with_options(**options: Any) -> SyntheticKeywords:
    return {**WILDEST, **options}  # type: ignore[typeddict-item]


def returns(table: pa.Table, symbol: str) -> FloatArray:
    mine = np.array([each == symbol for each in table["symbol"].to_pylist()])
    close: FloatArray = table["close"].to_numpy()[mine]
    changes: FloatArray = np.diff(close) / close[:-1]
    return changes


def fingerprint(table: pa.Table) -> str:
    sha = hashlib.sha256()
    for name in ("time", "open", "high", "low", "close", "volume"):
        sha.update(table[name].to_numpy().tobytes())
    return sha.hexdigest()


def test_equal_seeds_make_equal_markets_and_other_seeds_others() -> None:
    assert synthetic_table(**WILDEST).equals(synthetic_table(**WILDEST))
    assert not synthetic_table(**WILDEST).equals(synthetic_table(**with_options(seed=8)))


def test_the_bytes_of_a_seed_never_change() -> None:
    """Results that others have stored depend on them."""
    found = fingerprint(synthetic_table(**WILDEST))
    assert found == "2bb8dfa539d72cf72f5ec4b2d455136d0407684adc7f78152c5a9a301309ab70"


@settings(max_examples=30)
@given(
    st.integers(0, 2**64),
    st.integers(1, 200),
    st.floats(0.0, 0.2),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(0, 5),
)
def test_every_made_up_market_keeps_the_rules(
    seed: int, bars: int, volatility: float, chance: float, precision: int
) -> None:
    table = synthetic_table(
        symbols=("A", "B"),
        bars=bars,
        seed=seed,
        volatility=volatility,
        jump_chance=chance,
        gap_chance=chance,
        missing_chance=chance / 2,
        price_precision=precision,
        regimes=(CALM, Regime(0.01, 5.0)),
        regime_bars=20,
    )
    assert check_table(table).ok


def test_prices_are_on_the_grid_and_shared() -> None:
    market = Market.synthetic(**WILDEST)
    assert not market.report
    assert {(each.price_precision, each.size_precision) for each in market.instruments} == {(2, 1)}
    assert market.symbols == ("A", "B", "C")


def test_bars_are_missing_as_often_as_asked() -> None:
    whole = synthetic_table(**with_options(missing_chance=0.0))
    holed = synthetic_table(**WILDEST)
    assert whole.num_rows == 9_000
    assert 0.03 < 1 - holed.num_rows / 9_000 < 0.07
    assert synthetic_table(bars=50, missing_chance=1.0).num_rows == 1


def test_correlation_is_what_was_asked() -> None:
    for wanted in (0.0, 0.6, 1.0):
        table = synthetic_table(symbols=("A", "B"), bars=20_000, seed=5, correlation=wanted, price_precision=6)
        assert np.corrcoef(returns(table, "A"), returns(table, "B"))[0, 1] == pytest.approx(wanted, abs=0.03)


def test_volatility_and_drift_are_what_was_asked() -> None:
    table = synthetic_table(bars=20_000, seed=5, volatility=0.002, drift=0.0003, price=1.0, price_precision=6)
    assert returns(table, "X").std() == pytest.approx(0.002, rel=0.02)
    assert returns(table, "X").mean() == pytest.approx(0.0003, abs=5e-5)


def test_jumps_are_larger_than_anything_without() -> None:
    calm = np.abs(returns(synthetic_table(bars=5_000, seed=5), "X")).max()
    wild = np.abs(returns(synthetic_table(bars=5_000, seed=5, jump_chance=0.01, jump_size=0.2), "X"))
    assert 20 < np.count_nonzero(wild > 2 * calm) < 80


def test_gaps_lie_between_close_and_open() -> None:
    plain = synthetic_table(bars=2_000, seed=5)
    assert plain["open"].to_pylist()[1:] == plain["close"].to_pylist()[:-1]
    gapped = synthetic_table(bars=2_000, seed=5, gap_chance=0.05, gap_size=0.1)
    apart = np.array(gapped["open"])[1:] / np.array(gapped["close"])[:-1] - 1
    assert 50 < np.count_nonzero(np.abs(apart) > 0.001) < 150
    assert np.abs(apart).max() < 0.1


def test_regimes_change_the_volatility() -> None:
    table = synthetic_table(bars=20_000, seed=5, regimes=(CALM, WILD), regime_bars=1_000, price_precision=6)
    deviations = np.abs(returns(table, "X")[:19_900]).reshape(-1, 100).mean(axis=1)
    assert np.quantile(deviations, 0.9) > 2.5 * np.quantile(deviations, 0.1)


def test_one_more_symbol_or_event_leaves_the_other_draws_alone() -> None:
    alone = synthetic_table(symbols=("A",), bars=200, seed=5)
    both = synthetic_table(symbols=("A", "B"), bars=200, seed=5)
    mine = both.filter(pa.array([each == "A" for each in both["symbol"].to_pylist()]))
    assert mine["close"].to_pylist() == alone["close"].to_pylist()
    quiet = synthetic_table(symbols=("A",), bars=200, seed=5, quiet_chance=0.5)
    assert quiet["close"].to_pylist() == alone["close"].to_pylist()
    assert 50 < quiet["volume"].to_pylist().count(0.0) < 150


def test_exchange_hours() -> None:
    market = Market.synthetic(bars=1_000, interval="30m", calendar="XNYS", seed=5)
    inside = market.clock % DAY // (30 * 60 * 10**9)
    assert set(inside.tolist()) <= set(range(28, 43))
    assert market.calendar.name == "XNYS"
    assert check_table(market.table(), calendar="XNYS").gaps == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bar": 5}, "bar: .*did you mean 'bars'"),
        ({"bars": 0}, "bars = 0: must be a whole number of at least 1"),
        ({"bars": 1.5}, "bars = 1.5"),
        ({"seed": -1}, "seed = -1"),
        ({"symbols": "AB"}, "symbols = 'AB': must be different names"),
        ({"symbols": ()}, "symbols"),
        ({"symbols": ("A", "A")}, "symbols"),
        ({"correlation": 1.5}, "correlation = 1.5: must lie between 0 and 1"),
        ({"price": 0.0}, "price = 0.0: must be above 0"),
        ({"regimes": ()}, "regimes"),
        ({"interval": "soon"}, "interval = 'soon': is not an interval"),
        ({"interval": 0}, "interval = 0: must be longer than nothing"),
        ({"interval": 1.5}, "interval = 1.5: is not an interval"),
        ({"bars": 10**15}, "is more than two centuries have"),
        ({"price": 1e15}, "leaves the range of exact prices"),
        ({"bars": 10**9, "calendar": "XNYS", "interval": "1d"}, "is more than two centuries have"),
    ],
)
def test_wishes_that_make_no_market_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Market.synthetic(**options)
