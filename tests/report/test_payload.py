"""The page carries the numbers of the result: bars, curve, trades, fills, levels."""

import numpy as np
import pytest

import triplebar as tb
from tests.report.unpacking import Carried
from tests.results.runs import MARKET, quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.report import candles, marks
from triplebar.report.candles import left_out, shown_instruments
from triplebar.report.curves import Curves


def stored() -> RunResult:
    """A result without its market."""
    return RunResult.from_json(rich_run().to_json())


@pytest.mark.feature("F-264")
def test_bars_are_those_of_the_market() -> None:
    page = Carried(rich_run())
    assert [each["symbol"] for each in page.facts["instruments"]] == ["AA", "BB"]
    for each in page.facts["instruments"]:
        series, name = MARKET.series(each["symbol"]), each["name"]
        parts = {part: page.array(f"{name}.{part}") / each["scale"] for part in ("open", "close", "high", "low")}
        close = np.cumsum(parts["open"] + parts["close"])
        opened = close - parts["close"]
        assert close == pytest.approx(np.asarray(series.close), abs=1e-6)
        assert opened == pytest.approx(np.asarray(series.open), abs=1e-6)
        assert np.maximum(opened, close) + parts["high"] == pytest.approx(np.asarray(series.high), abs=1e-6)
        assert np.minimum(opened, close) - parts["low"] == pytest.approx(np.asarray(series.low), abs=1e-6)
        assert np.array_equal(page.times_ns(f"{name}.time", each["time"]), series.time)


@pytest.mark.feature("F-264")
@pytest.mark.parametrize("seed", range(12))
def test_the_curve_is_that_of_the_result(seed: int) -> None:
    result = random_run(seed)
    page, equity = Carried(result), result.equity["equity"].to_numpy()
    values = np.concatenate([[result.starting_value], equity])
    assert page.facts["curve"]["points"] == values.size
    for name in ("first", "low", "high", "last"):
        assert page.array(f"equity.{name}") == pytest.approx(values, abs=0.006)
    peaks = np.maximum.accumulate(values)
    expected = np.where(peaks > 0, values / np.where(peaks > 0, peaks, 1) - 1, 0)
    assert page.array("drawdown") == pytest.approx(expected, abs=1e-6)
    loss = result.metrics["max_drawdown"]
    assert loss is None or -page.array("drawdown").min() == pytest.approx(loss, abs=1e-6)


@pytest.mark.feature("F-264")
def test_stretches_of_a_long_curve_keep_the_extremes() -> None:
    result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=70_001, seed=2, volatility=0.01))
    curves, page = Curves(result), Carried(result)
    values = curves.curve.values
    assert page.array("equity.low").size == 20_000
    assert page.array("equity.low").min() == pytest.approx(values.min(), abs=0.006)
    assert page.array("equity.high").max() == pytest.approx(values.max(), abs=0.006)
    assert page.array("equity.last")[-1] == pytest.approx(values[-1], abs=0.006)
    assert page.array("drawdown").min() == pytest.approx(curves.drawdown.min(), abs=1e-6)


@pytest.mark.feature("F-264")
@pytest.mark.parametrize("result", [rich_run(), *(random_run(seed) for seed in range(10))], ids=repr)
def test_trades_and_fills_are_those_of_the_result(result: RunResult) -> None:
    page, trades = Carried(result), result.trades
    assert page.facts["trades"]["count"] == trades.num_rows
    for name in ("quantity", "entry_price", "exit_price"):
        assert page.array(f"trades.{name}") == pytest.approx(trades[name].to_numpy(), rel=1e-5, abs=1e-6)
    assert page.array("trades.order").tolist() == trades["order"].to_pylist()
    assert page.array("trades.profit").sum() == pytest.approx(result.metrics["realised_profit"], abs=1e-3)
    fills = columns(result.canonical("fills"))
    shown = page.facts["instruments"]
    assert sum(page.array(f"{each['name']}.fill").size for each in shown) == fills["order"].size
    for each in shown:
        rows = np.flatnonzero(fills["instrument"] == each["number"])
        assert page.array(f"{each['name']}.fill_side").tolist() == fills["side"][rows].tolist()
        assert page.array(f"{each['name']}.fill_order").tolist() == fills["order"][rows].tolist()
        series = result.market.series(each["symbol"])
        at = page.array(f"{each['name']}.fill").astype(int)
        assert np.asarray(series.clock_index)[at].tolist() == fills["clock"][rows].tolist()


@pytest.mark.feature("F-264")
def test_levels_are_the_prices_at_which_orders_rested() -> None:
    page = Carried(rich_run())
    found = [
        (each["symbol"], price, bool(stop), int(order))
        for each in page.facts["instruments"]
        for price, stop, order in zip(
            *(page.array(f"{each['name']}.level_{part}") for part in ("price", "stop", "order")), strict=True
        )
    ]
    orders = {row["order"]: row for row in rich_run().orders.to_pylist()}
    assert len(found) >= 3
    for symbol, price, stop, number in found:
        order = orders[number]
        assert symbol == order["symbol"]
        expected = order["limit"] if order["stop"] is None else order["stop"]
        assert price == pytest.approx(expected)
        assert stop == (order["kind"] != "limit")


def test_a_result_without_its_market_has_no_candles() -> None:
    page = Carried(stored())
    assert page.facts["instruments"] == []
    assert not page.facts["curve"]["exposure"]
    assert page.facts["trades"]["count"] == rich_run().trades.num_rows


def test_too_many_bars_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candles, "INSTRUMENTS_MAX", 1)
    shown = shown_instruments(rich_run(), 150)
    assert [(each.symbol, each.step) for each in shown] == [("AA", 3)]
    assert left_out(rich_run(), shown) == ["BB"]
    assert shown_instruments(quiet_run())[0].step == 1


def test_the_last_trades_are_listed_if_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "TRADES_MAX", 2)
    page, count = Carried(rich_run()), rich_run().trades.num_rows
    assert page.facts["trades"]["count"] == count > 2
    assert page.facts["trades"]["left_out"] == count - 2
    assert page.array("trades.order").tolist() == rich_run().trades["order"].to_pylist()[-2:]
    rows = np.concatenate([page.array(f"{each['name']}.trade") for each in page.facts["instruments"]])
    assert sorted(rows.tolist()) == [0, 1]
