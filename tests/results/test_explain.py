"""Every order can be explained: facts in order, rules that exist, and how near the price came."""

import json
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.results.runs import CONFIG, MARKET, random_run, rich_run
from triplebar.contracts.codes import OrderKind, OrderStatus, Reason
from triplebar.contracts.result import RunResult
from triplebar.contracts.rules import RULES
from triplebar.research.explain import Explanation, explain

SEEDS = range(80)


def bars_of(found: Explanation) -> list[int]:
    return [-1 if fact.bar is None else fact.bar for fact in found.facts]


def check(result: RunResult, order: int) -> Explanation:
    """What has to hold of any explanation."""
    found = explain(result, order)
    row = {name: result.canonical("orders")[name][order - 1].as_py() for name in ("status", "reason", "filled", "sent")}
    fills = sum(order == each for each in result.canonical("fills")["order"].to_pylist())
    assert found.status == OrderStatus(row["status"]).text
    assert found.reason == Reason(row["reason"]).text
    assert len(found.facts) >= 2
    assert all(rule in RULES for rule in found.rules)
    assert sum(fact.sentence.startswith("filled") for fact in found.facts) == fills
    last = found.facts[-1].sentence
    assert found.status in last or (found.status == "filled" and "filled" in last)
    assert [bar for bar in bars_of(found) if bar >= 0] == sorted(bar for bar in bars_of(found) if bar >= 0)
    assert str(found).startswith(f"Order {order}: ")
    json.dumps(found.to_mapping(), allow_nan=False)
    return found


@pytest.mark.feature("F-090")
def test_all_orders_of_random_runs_are_explained() -> None:
    explained, reasons, kinds = 0, set(), set()
    for seed in SEEDS:
        result = random_run(seed)
        kinds |= set(result.canonical("orders")["kind"].to_pylist())
        for order in range(1, result.canonical("orders").num_rows + 1):
            reasons.add(check(result, order).reason)
            explained += 1
    few = tb.Market.synthetic(bars=4, seed=1)
    huge = tb.run(tb.Script([(0, "buy", {"symbol": few.symbols[0], "quantity": 9e14})]), few)
    reasons.add(check(huge, 1).reason)
    assert explained > 5_000
    assert kinds == {int(kind) for kind in OrderKind}
    assert reasons == set(Reason.texts())


@pytest.mark.feature("F-090")
def test_both_engines_are_explained_alike() -> None:
    one, two = rich_run("custom"), rich_run("reference")
    for order in range(1, one.canonical("orders").num_rows + 1):
        assert str(explain(one, order)) == str(explain(two, order))


def sentences(*steps: Any, order: int = 1, **config: Any) -> str:
    result = tb.run(tb.Script(steps, tolerant=True), MARKET, tb.BacktestConfig(**config))
    return str(explain(result, order))


PRICE = float(MARKET.series("AA").close[0])
STEPS: dict[str, tuple[list[Any], dict[str, Any], list[str]]] = {
    "market": (
        [(0, "buy", {"symbol": "AA", "quantity": 10})],
        {"commission_bps": 1, "spread": tb.Spread(half_ticks=1), "slippage": tb.Slippage(ticks=2)},
        ["[S-30] sent at the close of bar 0", "[S-20] arrived at the open of bar 1", "on arrival, as taker",
         "half spread 0.01 (S-51), slippage 0.02 (S-52), fee", "[S-48] ended: the whole size had filled"],
    ),
    "same close": (
        [(3, "buy", {"symbol": "AA", "quantity": 10})],
        {"fill": "same_close"},
        ["[S-20] arrived at the close of bar 3"],
    ),
    "on start": (
        [(-1, "buy", {"symbol": "AA", "quantity": 10})],
        {},
        ["[S-30] sent in on_start, before the first bar"],
    ),
    "on stop": (
        [("stop", "buy", {"symbol": "AA", "quantity": 10})],
        {},
        ["[S-30] rejected at the decision after bar 399", "it was sent in on_stop, when the data had ended"],
    ),
    "latency": (
        [(0, "buy", {"symbol": "AA", "quantity": 10})],
        {"latency": tb.Latency(30, 30)},
        ["[S-57] arrived"],
    ),
    "far limit": (
        [(0, "buy", {"symbol": "AA", "quantity": 10, "limit": round(PRICE / 2, 2)})],
        {},
        ["[S-48] accepted at the open of bar 1", "[S-80] expired", "Why it did not fill: the nearest the price came"],
    ),
    "warm-up": (
        [(0, "buy", {"symbol": "AA", "quantity": 10})],
        {"warmup_bars": 5},
        ["[S-32] rejected", "orders are refused"],
    ),
    "no funds": (
        [(0, "buy", {"symbol": "AA", "quantity": 10_000_000})],
        {},
        ["[S-62] rejected at the open of bar 1", "equity after the fee, times leverage"],
    ),
    "close at end": (
        [(0, "buy", {"symbol": "AA", "quantity": 10})],
        {"close_at_end": True},
        ["by the venue", "[S-81] made by the venue in bar 399", "[S-81] filled 10"],
    ),
    "modified": (
        [(0, "buy", {"symbol": "AA", "quantity": 10, "limit": round(PRICE / 2, 2), "label": "a"}),
         (5, "modify", {"order": "a", "limit": round(PRICE / 4, 2)})],
        {},
        ["[S-46] modified by the strategy at the decision after bar 5", "[S-46] sent again at the close of bar 5",
         "[S-20] arrived at the open of bar 6"],
    ),
    "child": (
        [(0, "buy", {"symbol": "AA", "quantity": 10, "stop_loss": round(PRICE / 2, 2)})],
        {},
        ["child of order 1", "[S-28] waited for the first fill of its parent, order 1", "[S-28] arrived at the open"],
    ),
    "fill or kill": (
        [(0, "buy", {"symbol": "AA", "quantity": 10, "limit": round(PRICE / 2, 2), "tif": "fok"})],
        {},
        ["[S-20] canceled", "could not fill whole"],
    ),
}  # fmt: skip


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("name", STEPS)
def test_what_is_said(name: str) -> None:
    steps, config, expected = STEPS[name]
    order = 2 if name in {"close at end", "child"} else 1
    text = sentences(*steps, order=order, **config)
    missing = [part for part in expected if part not in text]
    assert not missing, text


def nearest_by_hand(result: RunResult, order: int, limit: float, *, buy: bool) -> tuple[float, int]:
    """The nearest price of all bars after the arrival, and the bar."""
    del order
    series = result.market.series("AA")
    prices = np.asarray(series.low if buy else series.high)
    first = 1
    gaps = prices[first:] - limit if buy else limit - prices[first:]
    best = int(np.argmin(gaps))
    return float(prices[first + best]), first + best


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("buy", [True, False])
def test_the_nearest_price_of_a_limit(buy: bool) -> None:
    limit = round(PRICE * (0.5 if buy else 2.0), 2)
    step = (0, "buy" if buy else "sell", {"symbol": "AA", "quantity": 10, "limit": limit})
    result = tb.run(tb.Script([step]), MARKET)
    near = explain(result, 1).nearest
    assert near is not None
    assert (near.price, near.bar) == nearest_by_hand(result, 1, limit, buy=buy)
    assert near.wanted == limit
    assert near.name == "limit"
    assert near.distance == pytest.approx(abs(near.price - limit))


@pytest.mark.feature("F-090")
def test_the_nearest_price_of_a_stop_counts_the_spread() -> None:
    stop = round(PRICE * 2, 2)
    config = tb.BacktestConfig(spread=tb.Spread(half_ticks=3))
    result = tb.run(tb.Script([(0, "buy", {"symbol": "AA", "quantity": 10, "stop": stop})]), MARKET, config)
    near = explain(result, 1).nearest
    assert near is not None
    highest = max(float(price) for price in MARKET.series("AA").high[1:])
    assert near.price == pytest.approx(highest + 0.03)
    assert near.name == "trigger"


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("keywords", [{"trail": 50.0}, {"trail_percent": 60.0}])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_the_nearest_price_of_a_trailing_stop(side: str, keywords: dict[str, float]) -> None:
    result = tb.run(tb.Script([(0, side, {"symbol": "AA", "quantity": 10, **keywords})]), MARKET)
    near = explain(result, 1).nearest
    series = MARKET.series("AA")
    sign = 1 if side == "buy" else -1
    best = float(series.open[1])
    gaps = []
    for bar in range(1, len(series)):
        offset = keywords.get("trail") or best * 0.6
        far = float(series.high[bar] if sign > 0 else series.low[bar])
        gaps.append((sign * (best + sign * offset - far), bar))
        best = min(best, float(series.low[bar])) if sign > 0 else max(best, float(series.high[bar]))
    assert near is not None
    assert near.distance == pytest.approx(min(gaps)[0], abs=0.02)
    assert near.bar == min(gaps)[1]


@pytest.mark.feature("F-090")
def test_orders_that_waited_for_no_price_have_no_nearest() -> None:
    result = tb.run(tb.Script([(0, "buy", {"symbol": "AA", "quantity": 10_000_000})]), MARKET)
    assert explain(result, 1).nearest is None
    assert explain(rich_run(), 1).nearest is None


@pytest.mark.feature("F-090")
def test_a_stored_result_needs_the_market_to_say_how_near_the_price_came() -> None:
    stored = RunResult.from_json(rich_run().to_json())
    far = rich_run().orders["tag"].to_pylist().index("far away") + 1
    assert explain(stored, far).nearest is None
    assert str(explain(stored, far, MARKET)) == str(explain(rich_run(), far))
    assert explain(stored, far, MARKET).nearest is not None


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("order", [0, -1, 99])
def test_an_order_that_is_not_there(order: int) -> None:
    count = rich_run().orders.num_rows
    with pytest.raises(KeyError, match=f"there is no order {order}; orders go from 1 to {count}"):
        explain(rich_run(), order)


@pytest.mark.feature("F-090")
def test_a_run_without_orders_says_so() -> None:
    with pytest.raises(KeyError, match="the run sent no orders"):
        explain(tb.run(tb.Script([]), MARKET), 1)


@pytest.mark.feature("F-090")
def test_what_hindered_an_order_although_the_price_was_there() -> None:
    config = CONFIG.replace(participation="0.0001")
    limit = round(PRICE * 1.5, 2)
    step = (0, "buy", {"symbol": "AA", "quantity": 500, "limit": limit})
    result = tb.run(tb.Script([step]), MARKET, config)
    found = explain(result, 1)
    assert found.nearest is not None
    assert found.nearest.distance <= 0
    assert "the share of the bar's volume was used up (S-55)" in str(found)


@pytest.mark.feature("F-108")
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_the_end_of_a_parent_is_told(engine: str) -> None:
    """A child that ended with its parent says how the parent ended."""

    class Parents(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy("X", 1, limit=5, take_profit=300)
            ctx.buy("X", 1, limit=5, tif="ioc", take_profit=300)
            ctx.buy("X", 100_000, take_profit=300)

        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index == 5:
                ctx.cancel(1)

    result = tb.run(Parents(), tb.Market.synthetic(bars=20, seed=1), engine=engine)
    ends = {
        2: "order 1 was canceled without any fill (the strategy canceled it, or",
        4: "order 3 was canceled without any fill (",
        6: "order 5 was rejected without any fill (",
    }
    for child, words in ends.items():
        found = tb.explain(result, child)
        assert found.reason == "parent_ended"
        assert words in str(found)
