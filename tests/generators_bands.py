"""Cases at the edges that `random_case` keeps away from: huge amounts, strategies that react, timers, runs cut short.

`banded_case(seed)` is the case of that seed with one or more of the bands on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from tests.generators import Case, random_case
from triplebar.contracts.errors import TradingError
from triplebar.contracts.time import from_ns
from triplebar.research.preparation import prepared_market
from triplebar.strategy.script import Script, Step

if TYPE_CHECKING:
    from triplebar.strategy.bar import Bar, Fill, OrderEvent, Timer
    from triplebar.strategy.context import Context

HOUR_NS = 3_600 * 10**9
REACTIONS_MAX = 40


class Reactive(Script):
    """A script that also acts on what it is told: after fills and refusals, and when a timer rings."""

    def on_start(self, ctx: "Context") -> None:
        """Set the timers, then begin as the script does."""
        self.reactions = 0
        ctx.set_timer("once", ctx.time_ns + 5 * HOUR_NS)
        ctx.set_timer("often", ctx.time_ns, 7 * HOUR_NS)
        super().on_start(ctx)

    def on_fill(self, ctx: "Context", fill: "Fill") -> None:
        """Take half of it back, protected by a stop."""
        self.react(lambda: ctx.sell(fill.symbol, fill.quantity / 2) if fill.side > 0 else ctx.buy(fill.symbol, 1))
        self.react(lambda: ctx.sell(fill.symbol, 1, stop=fill.price * 0.97, reduce_only=True))

    def on_order(self, ctx: "Context", event: "OrderEvent") -> None:
        """Change what was accepted, try again what was refused."""
        if event.kind == "accepted":
            self.react(lambda: ctx.modify(event.order, quantity=3))
        elif event.kind == "rejected":
            self.react(lambda: ctx.buy(event.symbol, 1))

    def on_timer(self, ctx: "Context", timer: "Timer") -> None:
        """Clear the desk now and then; the single timer stops the other, and starts it again later."""
        if timer.name == "often":
            self.react(lambda: ctx.close(ctx.symbols[0]))
            return
        self.react(ctx.cancel_all)
        self.react(lambda: ctx.cancel_timer("often"))
        self.react(lambda: ctx.set_timer("often", ctx.time_ns + 11 * HOUR_NS, 3 * HOUR_NS))

    def on_slice(self, ctx: "Context", bars: "dict[str, Bar]") -> None:
        """Look at equity, cash and average prices, so that a difference there changes what is ordered."""
        if ctx.index % 5 == 0:
            held = sum(1 for symbol in ctx.symbols if (ctx.average_price(symbol) or 0.0) > 1.0)
            odd = int(ctx.equity * 8 + ctx.cash * 4) % 2
            self.react(lambda: ctx.buy(ctx.symbols[0], 1 + odd + held))
        super().on_slice(ctx, bars)

    def react(self, action: Callable[[], object]) -> None:
        """Act, so many times at most; what is refused with an error is passed over."""
        if self.reactions < REACTIONS_MAX:
            self.reactions += 1
            try:
                action()
            except TradingError as problem:
                self.refused.append((-1, type(problem).__name__))


def banded_case(seed: int) -> Case:
    """The case of this seed with bands on it."""
    dice = Random(f"triplebar bands {seed}")
    case = random_case(seed)
    bands = [band for band in (reactive, large, cut, precise) if dice.random() < 0.5] or [reactive]
    for band in bands:
        case = band(case, dice)
    return case


def reactive(case: Case, dice: Random) -> Case:
    """A strategy with handlers of fills, orders and timers."""
    return replace(case, strategy=Reactive)


def large(case: Case, dice: Random) -> Case:
    """Sizes and cash so large that notionals, positions and equity come near 2^63 minor units, or pass it."""
    factor = dice.choice((1, 2, 3, 5, 8)) * 10 ** dice.choice((5, 6, 7, 8, 8, 9, 9, 10, 12, 15))
    cash = dice.choice((1, 3, 9)) * 10 ** dice.choice((5, 8, 10, 10))
    initial = {"USD": cash, "EUR": dice.choice((0, cash))} if case.config.rates else cash
    leverage = case.config.leverage if case.config.maintenance_margin or case.config.account == "cash" else 50
    config = case.config.replace(initial_cash=initial, leverage=leverage)
    return replace(case, config=config, steps=tuple(enlarged(step, factor) for step in case.steps))


def enlarged(step: Step, factor: int) -> Step:
    """A step with its size multiplied, unless it is one of the small ones."""
    place, action, keywords = step
    size = keywords.get("quantity")
    if size is None or size < 3:
        return step
    return place, action, {**keywords, "quantity": size * factor}


def cut(case: Case, dice: Random) -> Case:
    """The end comes before the data end, or missing bars are made up."""
    changes: dict[str, Any] = {}
    if dice.random() < 0.7:
        clock = case.market.clock
        changes["end"] = from_ns(int(clock[dice.randrange(len(clock) // 2, len(clock))]) + 1_000)
    if not changes or dice.random() < 0.5:
        changes["missing_data"] = dice.choice(("forward_fill", "drop"))
    config = case.config.replace(**changes)
    return replace(case, config=config, market=prepared_market(case.market, config)[0])


def precise(case: Case, dice: Random) -> Case:
    """Money with as many decimals as its amount allows."""
    cash = case.config.initial_cash
    most = max(map(float, cash.values() if isinstance(cash, Mapping) else (cash,)))
    possible = [decimals for decimals in (9, 10, 12) if most * 10.0**decimals < 9e18]
    return replace(case, config=case.config.replace(cash_precision=dice.choice(possible))) if possible else case
