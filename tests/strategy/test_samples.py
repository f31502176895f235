"""The sample strategies run, do what they say, and buy-and-hold earns what the formula says."""

import math
from typing import Any

import numpy as np
import pytest

from tests.strategy.scenes import market, markets, orders_of, play
from triplebar.contracts.errors import ParameterError
from triplebar.data.market import Market
from triplebar.strategy import samples
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.failures import HandlerError

TWO = Market.synthetic(symbols=("A", "B"), bars=400, seed=3, volatility=0.005)
QUICK: dict[str, dict[str, Any]] = {
    "DualMomentum": {"lookback": 30, "interval": 10},
    "RiskParity": {"window": 20, "interval": 10},
    "MovingAverageCross": {"fast": 5, "slow": 20},
}


@pytest.mark.feature("F-084")
@pytest.mark.parametrize("name", samples.ALL)
def test_every_sample_trades_and_is_the_same_on_every_engine(name: str) -> None:
    strategy = samples.ALL[name](**QUICK.get(name, {}))
    results = {engine: play(strategy, TWO, engine, commission_bps=1.0) for engine in ("reference", "custom")}
    assert results["reference"].result_hash == results["custom"].result_hash
    assert results["custom"].fills.num_rows > 0
    assert set(results["custom"].orders["status"].to_pylist()) <= {"filled", "expired"}
    assert all(math.isfinite(value) for value in results["custom"].equity["equity"].to_pylist())


@pytest.mark.feature("F-084")
def test_all_samples_are_listed() -> None:
    classes = {getattr(samples, name) for name in samples.__all__ if name != "ALL"}
    assert set(samples.ALL.values()) == classes
    assert len(classes) >= 10
    assert all(issubclass(each, Strategy) and each.__doc__ for each in classes)


@pytest.mark.feature("F-085")
@pytest.mark.parametrize("quantity", [1, 37, 900])
@pytest.mark.parametrize(("commission_bps", "slippage_bps"), [(0.0, 0.0), (10.0, 0.0), (2.5, 7.5)])
def test_buy_and_hold_is_the_closed_formula(
    engine: str, quantity: int, commission_bps: float, slippage_bps: float
) -> None:
    closes = [100.0, 101.5, 99.25, 103.0, 108.75]
    costs = {"commission_bps": commission_bps, "slippage_bps": slippage_bps}
    result = play(samples.BuyAndHold(quantity=quantity), market(*closes), engine, initial_cash=100_000, **costs)
    paid = closes[0] * (1 + slippage_bps / 1e4)  # bought at the second open, which is the first close
    expected = 100_000 + quantity * (closes[-1] - paid) - quantity * paid * commission_bps / 1e4
    final = result.equity["equity"].to_pylist()[-1]
    assert final == pytest.approx(expected, rel=1e-4)
    profit = final - 100_000
    if not slippage_bps:  # slippage is whole ticks: a tick of 100.00 is a basis point
        assert profit == pytest.approx(expected - 100_000, rel=1e-9)


@pytest.mark.feature("F-085")
def test_buy_and_hold_of_a_share_of_the_equity(engine: str) -> None:
    result = play(samples.BuyAndHold(share=0.9), markets(A=[10.0] * 3, B=[20.0] * 3), engine, initial_cash=10_000)
    assert dict(zip(*(result.fills[name].to_pylist() for name in ("symbol", "quantity")), strict=True)) == {
        "A": 450.0,
        "B": 225.0,
    }


@pytest.mark.feature("F-084")
def test_buy_and_hold_tries_again_after_a_refusal(engine: str) -> None:
    gap = market(100.0, 100.0, 100.0, 100.0, opens=[100.0, 120.0, 100.0, 100.0])
    result = play(samples.BuyAndHold(share=1.0), gap, engine, initial_cash=10_000)
    assert [row[-1] for row in orders_of(result)] == [14, 0]  # insufficient funds after the gap, then filled
    assert result.fills["quantity"].to_pylist() == [100.0]


@pytest.mark.feature("F-084")
def test_the_cross_is_long_while_the_quick_mean_is_above(engine: str) -> None:
    path = [10.0, 10.0, 10.0, 12.0, 13.0, 9.0, 7.0, 7.0]
    result = play(samples.MovingAverageCross(fast=2, slow=3, quantity=4), market(*path), engine)
    assert [row[:4] for row in orders_of(result)] == [(3, 0, 1, 4), (5, 0, -1, 4)]


@pytest.mark.feature("F-084")
def test_mean_reversion_buys_low_and_sells_at_the_mean(engine: str) -> None:
    path = [10.0, 10.1, 9.9, 10.0, 8.0, 9.0, 10.5, 10.0]
    result = play(samples.MeanReversion(period=5, entry=1.5), market(*path), engine)
    assert [row[:3] for row in orders_of(result)] == [(4, 0, 1), (6, 0, -1)]


@pytest.mark.feature("F-084")
def test_momentum_follows_the_change(engine: str) -> None:
    path = [10.0, 10.0, 11.0, 12.0, 10.0, 9.0]
    result = play(samples.Momentum(lookback=2, threshold=5.0), market(*path), engine)
    assert [row[:3] for row in orders_of(result)] == [(2, 0, 1), (4, 0, -1)]


@pytest.mark.feature("F-084")
def test_relative_strength_buys_weakness(engine: str) -> None:
    path = [10.0, 9.0, 8.0, 7.0, 9.0, 11.0, 13.0]
    result = play(samples.RelativeStrength(period=3), market(*path), engine)
    assert [row[:3] for row in orders_of(result)] == [(3, 0, 1), (5, 0, -1)]


def worth(result: Any, closes: dict[str, list[float]], tick: int) -> dict[str, float]:
    """The share of the equity in each instrument at the close of a tick."""
    held = dict.fromkeys(closes, 0.0)
    table = result.canonical("positions")
    for clock, symbol, position in zip(
        table["clock"].to_pylist(), result.positions["symbol"].to_pylist(), table["position"].to_pylist(), strict=True
    ):
        if clock <= tick:
            held[symbol] = position
    equity = result.equity["equity"].to_pylist()[tick]
    return {symbol: held[symbol] * closes[symbol][tick] / equity for symbol in closes}


MOVING = {"A": [10.0, 10.0, 12.0, 14.0, 14.0, 14.0], "B": [20.0, 20.0, 18.0, 16.0, 16.0, 16.0]}


@pytest.mark.feature("F-084")
def test_equal_weight_brings_worth_back_to_equal(engine: str) -> None:
    result = play(
        samples.EqualWeight(interval=3, reserve=0.0),
        markets(A=MOVING["A"], B=MOVING["B"]),
        engine,
        initial_cash=100_000,
    )
    assert worth(result, MOVING, 1) == pytest.approx({"A": 0.5, "B": 0.5}, abs=1e-3)
    assert worth(result, MOVING, 3)["A"] == pytest.approx(0.636, abs=1e-3)
    assert worth(result, MOVING, 4) == pytest.approx({"A": 0.5, "B": 0.5}, abs=1e-3)
    sides = result.canonical("orders")["side"].to_pylist()
    assert sides == [1, 1, -1, 1]  # the sale goes before the purchase


@pytest.mark.feature("F-084")
def test_rebalance_keeps_its_proportions_and_no_rebalance_lets_them_drift(engine: str) -> None:
    scene = markets(A=MOVING["A"], B=MOVING["B"])
    kept = play(samples.Rebalance(proportions=[0.6, 0.4], interval=1, reserve=0.0), scene, engine)
    assert worth(kept, MOVING, 5) == pytest.approx({"A": 0.6, "B": 0.4}, abs=1e-3)
    drifted = play(samples.NoRebalance(proportions=[0.6, 0.4], reserve=0.0), scene, engine)
    assert drifted.fills.num_rows == 2
    assert worth(drifted, MOVING, 5)["A"] == pytest.approx(0.6 * 1.4 / (0.6 * 1.4 + 0.4 * 0.8), abs=1e-3)


@pytest.mark.feature("F-084")
def test_no_rebalance_of_one_instrument_does_enter(engine: str) -> None:
    result = play(samples.NoRebalance(proportions=[1.0]), market(10.0, 10.1, 10.2), engine, initial_cash=1_000)
    assert result.fills["quantity"].to_pylist() == [98.0]


@pytest.mark.feature("F-084")
def test_dual_momentum_holds_the_strongest_or_nothing(engine: str) -> None:
    paths = {"A": [10.0, 11.0, 12.0, 11.0, 10.0, 9.0, 8.0], "B": [10.0, 10.0, 10.5, 12.0, 12.5, 12.0, 10.0]}
    result = play(
        samples.DualMomentum(lookback=2, interval=1, reserve=0.05), markets(A=paths["A"], B=paths["B"]), engine
    )
    shares = [
        {symbol: round(share) for symbol, share in worth(result, paths, tick).items()} for tick in (2, 3, 4, 5, 6)
    ]
    assert shares == [
        {"A": 0, "B": 0},
        {"A": 1, "B": 0},
        {"A": 0, "B": 1},
        {"A": 0, "B": 1},
        {"A": 0, "B": 0},  # at tick 5 neither has risen over two bars
    ]


@pytest.mark.feature("F-084")
def test_risk_parity_gives_the_calm_one_more(engine: str) -> None:
    steps = np.where(np.arange(30) % 2, 1.01, 1 / 1.01)
    calm = np.round(1_000 * np.cumprod(steps), 2).tolist()
    wild = np.round(1_000 * np.cumprod(steps**3), 2).tolist()
    result = play(samples.RiskParity(window=10, interval=100), markets(A=calm, B=wild), engine, initial_cash=10_000_000)
    shares = worth(result, {"A": calm, "B": wild}, 11)
    assert shares["A"] / shares["B"] == pytest.approx(3.0, rel=0.05)
    assert sum(shares.values()) == pytest.approx(0.98, abs=0.03)


# ------------------------------------------------------------------------------------------------------------ warm-up


class Eager(Strategy):
    """Buys at every bar."""

    warmup = 0

    def on_bar(self, ctx: Context, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, tag="warming" if ctx.warming else "trading")


class Warmed(Eager):
    """Wants three bars first."""

    warmup = 3


@pytest.mark.feature("F-086")
@pytest.mark.rule("S-32")
def test_orders_of_the_warm_up_are_rejected(engine: str) -> None:
    prices = market(*(10.0 + step for step in range(6)))
    for strategy, config in ((Warmed(), {}), (Eager(), {"warmup_bars": 3}), (Warmed(), {"warmup_bars": 2})):
        result = play(strategy, prices, engine, **config)
        assert result.orders["reason"].to_pylist() == ["warm_up"] * 3 + ["none"] * 2 + ["end_of_data"]
        assert result.orders["tag"].to_pylist() == ["warming"] * 3 + ["trading"] * 3


@pytest.mark.feature("F-086")
@pytest.mark.rule("S-32")
def test_the_trading_window_begins_at_start(engine: str) -> None:
    prices = market(*(10.0 + step for step in range(6)))
    from triplebar.contracts.time import from_ns

    result = play(Eager(), prices, engine, start=from_ns(int(prices.clock[2])))
    assert result.orders["reason"].to_pylist() == ["warm_up"] * 2 + ["none"] * 3 + ["end_of_data"]
    assert len(result.equity) == 4


@pytest.mark.feature("F-086")
@pytest.mark.parametrize(
    ("name", "parameters", "needed"),
    [
        ("MovingAverageCross", {"fast": 2, "slow": 5}, 5),
        ("MeanReversion", {"period": 5, "entry": 0.1}, 5),
        ("Momentum", {"lookback": 5}, 6),
        ("RelativeStrength", {"period": 5, "low": 49.0, "high": 51.0}, 6),
        ("DualMomentum", {"lookback": 5, "interval": 1}, 6),
        ("RiskParity", {"window": 5, "interval": 1}, 6),
    ],
)
def test_no_signal_before_there_are_enough_bars(
    engine: str, name: str, parameters: dict[str, Any], needed: int
) -> None:
    result = play(samples.ALL[name](**parameters), TWO, engine)
    first = result.canonical("orders")["sent"].to_pylist()[0]
    assert first >= needed - 1
    if name in ("DualMomentum", "RiskParity"):
        assert first <= needed


# ---------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.feature("F-084")
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("BuyAndHold", {"share": 0.0}),
        ("BuyAndHold", {"quantity": -1}),
        ("MovingAverageCross", {"fast": 50, "slow": 10}),
        ("MovingAverageCross", {"fast": 0}),
        ("MeanReversion", {"period": 1}),
        ("MeanReversion", {"entry": 0.5, "exit": 1.0}),
        ("RelativeStrength", {"low": 80.0}),
        ("EqualWeight", {"interval": 0}),
        ("Rebalance", {"reserve": 1.0}),
        ("Rebalance", {"proportions": [0.9, 0.2]}),
        ("NoRebalance", {"proportions": [-0.1, 0.2]}),
        ("NoRebalance", {"reserve": -0.1}),
        ("DualMomentum", {"lookback": 0}),
        ("RiskParity", {"window": 1}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=name):
        samples.ALL[name](**parameters)


@pytest.mark.feature("F-084")
@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("DualMomentum", {}, "give a market with at least two"),
        ("RiskParity", {}, "give a market with at least two"),
        ("Rebalance", {"proportions": [0.5, 0.5]}, "2 proportions for 1 instruments: give one each"),
        ("NoRebalance", {"proportions": [0.5, 0.5]}, "2 proportions for 1 instruments: give one each"),
    ],
)
def test_a_market_that_does_not_fit_is_refused(engine: str, name: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(HandlerError, match=words):
        play(samples.ALL[name](**parameters), market(10.0, 11.0), engine)
