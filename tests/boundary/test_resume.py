"""A run that is put aside at any bar and taken up again is the same run, whatever was going on (F-083)."""

from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.generators import random_case

CASES = settings(max_examples=60)
RESULTS = ("equity", "orders", "fills", "events", "flows", "trades", "positions", "postings")


class Everything(tb.Strategy):
    """Indicators of two kinds, timers, draws, open brackets, groups, children, notes and memory."""

    period: int = 4
    busy: float = 0.5

    def on_start(self, ctx: Any) -> None:
        self.means = {symbol: tb.indicators.EMA(self.period) for symbol in ctx.symbols}
        self.ranges = {symbol: tb.indicators.ATR(self.period) for symbol in ctx.symbols}
        self.filled: list[int] = []
        self.events = 0
        ctx.timer("tidy", every=50_000)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        mean = self.means[bar.symbol].update(bar.close)
        reach = self.ranges[bar.symbol].update(bar.high, bar.low, bar.close)
        if not self.ranges[bar.symbol].ready or not ctx.random.chance(self.busy):
            return
        size = ctx.random.integer(1, 6)
        if bar.close > mean:
            parent = ctx.buy(
                bar.symbol,
                size,
                limit=bar.close,
                take_profit=bar.close + reach,
                stop_loss=max(bar.close / 2, bar.close - reach),
            )
            ctx.sell(bar.symbol, size, trail=max(1.0, reach), parent=parent, oco=f"bracket-{parent}", tag="trail")
        else:
            ctx.sell(bar.symbol, size, stop=bar.low, tif="day", tag=f"draw {size}")
        if ctx.random.chance(0.2):
            ctx.timer(f"later {bar.symbol}", after=ctx.random.integer(1, 200_000))

    def on_timer(self, ctx: Any, timer: Any) -> None:
        ctx.log(timer.name, orders=len(ctx.open_orders()))
        for order in ctx.open_orders()[:2]:
            view = ctx.order(order)
            if view.kind == "limit" and view.limit:
                with suppress(tb.OrderError):  # more than the instrument allows, or off its grid
                    ctx.modify(order, quantity=view.quantity + 1)
            else:
                ctx.cancel(order)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        self.filled.append(fill.order)
        if len(self.filled) % 7 == 0:
            ctx.close(fill.symbol, tag="seventh")

    def on_order(self, ctx: Any, event: Any) -> None:
        self.events += 1
        if event.kind == "rejected" and self.events % 5 == 0:
            ctx.kill_switch(event.order % 2 == 0)


def same(left: tb.RunResult, right: tb.RunResult) -> None:
    assert left.result_hash == right.result_hash
    for name in RESULTS:
        assert left.canonical(name).equals(right.canonical(name)), name
    assert [dict(line) for line in left.logs] == [dict(line) for line in right.logs]


@CASES
@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
@pytest.mark.feature("F-083")
def test_resuming_at_any_bar_gives_the_same_run(seed: int, share: float) -> None:
    case = random_case(seed)
    strategy = Everything(busy=0.8)
    whole = tb.run(strategy, case.market, case.config)
    first = tb.run(strategy, case.market, case.config, until=int(share * (len(case.market) - 1)))
    assert first.checkpoint is not None
    same(tb.resume(first.checkpoint, case.market, Everything), whole)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
@pytest.mark.feature("F-083")
def test_stopping_at_every_third_bar_gives_the_same_run(seed: int) -> None:
    case = random_case(seed)
    whole = tb.run(case.script(), case.market, case.config)
    part = tb.run(case.script(), case.market, case.config, until=0)
    for until in range(3, len(case.market) - 1, 3):
        assert part.checkpoint is not None
        part = tb.resume(part.checkpoint, case.market, until=until)
        assert part.equity.num_rows <= until + 1
    assert part.checkpoint is not None
    same(tb.resume(part.checkpoint, case.market), whole)


@pytest.mark.feature("F-083")
def test_the_cases_hold_what_has_to_be_kept() -> None:
    """Brackets and timers are open at the place of the cut, and draws lie on both sides of it, in most cases."""
    kept = [0, 0, 0]
    for seed in range(40):
        case = random_case(seed)
        until = Random(seed).randrange(len(case.market) // 2, len(case.market) - 1)
        part = tb.run(Everything(busy=0.8), case.market, case.config, until=until)
        orders = part.canonical("orders")
        live = [status in {0, 1, 2, 3} for status in orders["status"].to_pylist()]
        kept[0] += any(alive and parent for alive, parent in zip(live, orders["parent"].to_pylist(), strict=True))
        kept[1] += bool(part.logs)
        kept[2] += len(part.canonical("fills")) > 0
    assert min(kept) >= 10, kept
