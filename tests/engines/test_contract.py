"""The contract of all engines: one strategy is called the same way, sees the same, and is told the same (F-125, F-126).

An engine joins by its line in `triplebar.engines.places`.
"""

import json
import subprocess
import sys
from datetime import UTC
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.codes import Side
from triplebar.contracts.orders import OrderRequest
from triplebar.engines.places import ENGINES, GUESTS

MARKET = tb.Market.synthetic(bars=90, seed=12, symbols=("A", "B"))
CONFIG = tb.BacktestConfig(commission_bps=3, slippage_bps=2)
PLAIN = tb.BacktestConfig(commission_bps=3)
"""What every guest has by its own rules."""


class Witness(tb.Strategy):
    """Uses every handler and writes down all it is told and all it sees."""

    warmup: int = 2

    def on_start(self, ctx: Any) -> None:
        ctx.log("start", index=ctx.index, symbols=list(ctx.symbols), cash=ctx.cash)
        ctx.timer("hourly", every=3_600)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.log("bar", symbol=bar.symbol, index=bar.index, close=bar.close, seen=len(ctx.bars(bar.symbol, 1_000)))
        if bar.index % 7 == 3:
            order = ctx.buy(bar.symbol, 4, limit=bar.close, take_profit=bar.close * 1.002, stop_loss=bar.close * 0.998)
            ctx.log("order", **self.view(ctx, order))
        if bar.index % 7 == 6:
            ctx.cancel_all(bar.symbol)
            ctx.target(bar.symbol, -2 if bar.index % 2 else 0)

    def on_slice(self, ctx: Any, bars: Any) -> None:
        ctx.log(
            "slice", symbols=sorted(bars), position=ctx.position("A"), equity=ctx.equity, price=ctx.average_price("A")
        )

    def on_fill(self, ctx: Any, fill: Any) -> None:
        ctx.log(
            "fill", order=fill.order, side=fill.side, size=fill.quantity, price=fill.price, fee=fill.fee, role=fill.role
        )

    def on_order(self, ctx: Any, event: Any) -> None:
        ctx.log("event", kind=event.kind, reason=event.reason, order=event.order, open=ctx.open_orders())

    def on_timer(self, ctx: Any, timer: Any) -> None:
        ctx.log("timer", name=timer.name, time_ns=timer.time_ns, drawn=ctx.random.integer(0, 1_000))

    def on_stop(self, ctx: Any) -> None:
        ctx.log("stop", cash=ctx.cash, open=ctx.open_orders())

    def view(self, ctx: Any, order: int) -> dict[str, Any]:
        seen = ctx.order(order)
        return {name: getattr(seen, name) for name in ("kind", "tif", "status", "quantity", "filled", "limit", "stop")}


class OnlyBars(tb.Strategy):
    """Has one handler; what it does not have is skipped."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 1:
            ctx.buy(bar.symbol, 1)


class Ported(tb.Strategy):
    """Acts and looks through the ports alone."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ports = ctx.ports
        data, execution, portfolio = ports.market_data, ports.execution, ports.portfolio
        if bar.index == 4:
            request = OrderRequest(symbol=bar.symbol, side=Side.BUY, quantity=2)
            ctx.log("sent", order=execution.submit_order(request), open=len(ctx.open_orders()))
        if bar.index == 8:
            held = portfolio.get_position(bar.symbol)
            latest = data.get_latest_bar(bar.symbol)
            ctx.log("held", size=float(held.quantity), value=portfolio.get_portfolio_value(), close=float(latest.close))


def log_of(engine: str, strategy: tb.Strategy, **options: Any) -> list[Any]:
    config = PLAIN if options.get("fidelity") == "native" else CONFIG
    return list(tb.run(strategy, MARKET, config, engine=engine, **options).logs)


@pytest.mark.feature("F-125", "F-139")
@pytest.mark.parametrize("engine", ENGINES)
def test_a_strategy_is_called_and_told_the_same(engine: str) -> None:
    expected = log_of("custom", Witness())
    kinds = {line["message"] for line in expected}
    assert kinds == {"start", "bar", "order", "slice", "fill", "event", "timer", "stop"}
    assert log_of(engine, Witness()) == expected


@pytest.mark.feature("F-125", "F-139")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("fidelity", ["strict", "native"])
def test_handlers_that_a_strategy_does_not_have_are_skipped(engine: str, fidelity: str) -> None:
    result = tb.run(OnlyBars(), MARKET, PLAIN, engine=engine, fidelity=fidelity)
    assert result.fills.num_rows == 2
    assert result.equity.num_rows == len(MARKET)


@pytest.mark.feature("F-125")
@pytest.mark.parametrize("engine", GUESTS)
def test_by_its_own_rules_a_guest_still_tells_all(engine: str) -> None:
    lines = log_of(engine, Witness(), fidelity="native")
    by_kind = {
        kind: sum(line["message"] == kind for line in lines) for kind in ("bar", "slice", "fill", "event", "timer")
    }
    assert by_kind["bar"] == 2 * by_kind["slice"] == MARKET.rows
    assert min(by_kind.values()) > 0
    assert (lines[0]["message"], lines[-1]["message"]) == ("start", "stop")


@pytest.mark.feature("F-126")
@pytest.mark.parametrize("engine", ENGINES)
def test_ports_look_and_act_the_same(engine: str) -> None:
    lines = log_of(engine, Ported())
    assert [line["message"] for line in lines] == ["sent"] * 2 + ["held"] * 2
    assert lines == log_of("custom", Ported())


class Clocked(tb.Strategy):
    """Looks at the clock at every bar."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        assert ctx.time == bar.time
        assert ctx.time.tzinfo is UTC
        ctx.log("now", ns=ctx.time_ns)


@pytest.mark.feature("F-126")
@pytest.mark.parametrize("fidelity", ["strict", "native"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_clock_is_that_of_the_market(engine: str, fidelity: str) -> None:
    times = [line["ns"] for line in log_of(engine, Clocked(), fidelity=fidelity)]
    assert times == [time for time in MARKET.clock.tolist() for _ in MARKET.symbols]


BARE = """
import importlib, json, pkgutil, sys
for package in {packages!r}:
    sys.modules[package] = None
import triplebar
failed = {{}}
names = [each.name for each in pkgutil.walk_packages(triplebar.__path__, "triplebar.", onerror=lambda name: None)]
for name in names:
    if name.endswith("__main__") or name.startswith({adapters!r}):
        continue
    try:
        importlib.import_module(name)
    except ImportError as problem:
        failed[name] = str(problem)
print(json.dumps([len(names), failed]))
"""


@pytest.mark.feature("F-122", "F-147")
def test_everything_but_the_guests_own_folders_imports_without_them() -> None:
    adapters = tuple(f"triplebar.engines.{name}" for name in GUESTS)
    code = BARE.format(packages=list(GUESTS.values()), adapters=adapters)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seen, failed = json.loads(done.stdout.splitlines()[-1])
    assert seen > 200
    assert failed == {}
