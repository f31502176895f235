"""Rules: how they are written, and what is refused."""

from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar import signals
from triplebar.strategy.operands import SHAPES

MARKET = tb.Market.synthetic(bars=60, seed=2)
SERIES = MARKET.series(0)


@pytest.mark.parametrize("kind", list(SHAPES), ids=[kind.__name__ for kind in SHAPES])
def test_every_indicator_can_be_compared(kind: Any) -> None:
    values: dict[str, Any] = {
        "period": 3,
        "smooth": 1,
        "signal": 2,
        "fast": 2,
        "slow": 4,
        "signal_period": 2,
        "width": 1.0,
    }
    shape = SHAPES[kind]
    given = {name: values[name] for name in shape.parameters if name in values}
    for line in shape.lines:
        column = signals.indicator(kind, line=line, **given).column(SERIES)
        assert column.shape == (60,)
        assert np.isfinite(column[-1])


def test_positions_of_a_crossover() -> None:
    rule = signals.crossover(fast="SMA", slow="SMA", position="long_short", size=2)
    fast, slow = tb.indicators.sma(SERIES.close, 2), tb.indicators.sma(SERIES.close, 5)
    expected = 2.0 * ((fast > slow).astype(float) - (fast < slow))
    assert rule.positions(SERIES, {"fast": 2, "slow": 5}).tolist() == expected.tolist()


def test_a_rule_runs_on_both_engines() -> None:
    rule = signals.reversal(period="RSI", low=40, high=60, position="long_short")
    hashes = {tb.run(rule(period=3), MARKET, engine=engine).result_hash for engine in ("custom", "reference")}
    assert len(hashes) == 1
    assert tb.run(rule(period=3), MARKET).fills.num_rows > 3


def test_other_values_are_another_run() -> None:
    rule = signals.crossover(fast="SMA", slow="SMA")
    ids = {tb.run(rule(fast=fast, slow=9), MARKET).run_id for fast in (2, 3, 3)}
    assert len(ids) == 2


BOTH: Any = "both"
UP, DOWN = signals.price() > 5, signals.price() < 5
BAD: list[tuple[Any, str]] = [
    (lambda: signals.crossover(fast="SMA"), r"1 lines given"),
    (lambda: signals.crossover(fast="SMMA", slow="SMA"), r"'SMMA' is no indicator that rules know; did you mean 'SMA'"),
    (lambda: signals.crossover(fast="MACD", slow="SMA"), r"MACD has not one period"),
    (lambda: signals.crossover(fast=int, slow="SMA"), r"is no indicator that rules know"),
    (lambda: signals.crossover(fast="SMA", slow="SMA", position=BOTH), r"position = 'both'"),
    (lambda: signals.crossover(fast="SMA", slow="SMA", size=0), r"size = 0 is no size"),
    (signals.price_above, r"0 lines given"),
    (signals.reversal, r"0 lines given"),
    (lambda: signals.indicator("SMA", 1, 2), r"SMA has 1 parameters"),
    (lambda: signals.indicator("SMA", perod=1), r"no parameter 'perod'; did you mean 'period'"),
    (lambda: signals.indicator("Bollinger", 5, line="uper"), r"no line 'uper'; did you mean 'upper'"),
    (lambda: signals.indicator("SMA", 5, of="clsoe"), r"no price 'clsoe'; did you mean 'close'"),
    (lambda: signals.price("clsoe"), r"no price 'clsoe'"),
    (lambda: signals.price() > "soon", r"'soon' cannot be compared"),
    (lambda: signals.number(float("nan")), r"nan is not a finite number"),
    (lambda: bool(signals.price() > 5), r"neither true nor false"),
    (
        lambda: signals.enter(long=signals.price() > 5, exit=signals.price() < 5, short=signals.price() < 1),
        r"belong together",
    ),
    (lambda: signals.crossover(fast="SMA", slow="SMA")(fast=2), r"slow is missing"),
    (lambda: signals.crossover(fast="SMA", slow="SMA")(fast=2, slow=3, size=4), r"no parameter 'size'"),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[message for _, message in BAD])
def test_what_makes_no_sense_is_named(make: Any, message: str) -> None:
    with pytest.raises(tb.TradingError, match=message):
        make()
