"""What each guest does with every kind of order and time in force, found out by running it beside the Rust core."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.engines.campaign import Tally, difference
from tests.generators import BEGIN, HOUR, Case
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.random import RandomStream
from triplebar.data.market import Market
from triplebar.research.factory import create_engine
from triplebar.strategy.script import Step

BARS = 60
AT_ONCE = frozenset({(OrderKind.MARKET, tif) for tif in (TimeInForce.IOC, TimeInForce.FOK)}) | frozenset(
    {(OrderKind.LIMIT, tif) for tif in (TimeInForce.IOC, TimeInForce.FOK)}
)
RESTING = frozenset((kind, TimeInForce.GTC) for kind in OrderKind)
OWN = {
    "backtrader": RESTING - {(OrderKind.MARKET_IF_TOUCHED, TimeInForce.GTC)},
    "nautilus": RESTING | AT_ONCE,
}
"""What guests have themselves; their matching decides when and at what price these fill."""


@dataclass(frozen=True)
class Cell:
    """One kind of order with one time in force, on one guest."""

    kind: OrderKind
    tif: TimeInForce
    orders: int
    difference: str | None
    own: bool

    @property
    def text(self) -> str:
        """What stands in the table."""
        if self.difference is not None:
            return "differs"
        return f"{'exact' if self.own else 'adapter'} ({self.orders})"


@cache
def cells(engine: str) -> dict[tuple[OrderKind, TimeInForce], Cell]:
    """Every combination that the guest takes, tried out."""
    guest = create_engine(engine)
    found = {}
    for kind, tif in sorted(guest.capabilities().table):
        tally = Tally()
        problem = difference(guest, cell_case(kind, tif), tally)
        found[kind, tif] = Cell(kind, tif, tally.kinds[kind.text], problem, (kind, tif) in OWN[engine])
    return found


def cell_case(kind: OrderKind, tif: TimeInForce) -> Case:
    """Two instruments, an order of this kind at every bar, both sides, now and then one that is canceled."""
    market = Market.synthetic(symbols=("A", "B"), bars=BARS, seed=int(kind) * 10 + int(tif), interval="6h")
    dice = RandomStream(int(kind) * 10 + int(tif), "support")
    steps: list[Step] = []
    for tick in range(BARS - 1):
        for symbol in ("A", "B"):
            close = float(market.series(symbol).close[tick])
            steps.append((tick, dice.choice(("buy", "sell")), order(kind, tif, symbol, close, dice, tick)))
            if dice.chance(0.2) and tick:
                steps.append((tick, "cancel", {"order": f"{symbol}{tick - 1}"}))
    config = BacktestConfig(commission_bps=2, initial_cash=1_000_000, fill=dice.choice(("next_open", "same_close")))
    return Case(0, market, config, tuple(steps))


def order(
    kind: OrderKind, tif: TimeInForce, symbol: str, close: float, dice: RandomStream, tick: int
) -> dict[str, Any]:
    """The keywords of one order, its prices within a few tenths of a percent of the close."""
    near = round(close * (1 + dice.integer(-40, 41) / 10_000), 2)
    far = round(near * (1 + dice.integer(-20, 21) / 10_000), 2)
    prices: dict[OrderKind, dict[str, float]] = {
        OrderKind.MARKET: {},
        OrderKind.LIMIT: {"limit": near},
        OrderKind.STOP: {"stop": near},
        OrderKind.STOP_LIMIT: {"stop": near, "limit": far},
        OrderKind.TRAILING_STOP: {"trail": round(close * dice.integer(5, 60) / 10_000, 2)},
        OrderKind.MARKET_IF_TOUCHED: {"touch": near},
    }
    found: dict[str, Any] = {
        "symbol": symbol,
        "quantity": dice.integer(1, 5),
        "tif": tif.text,
        "label": f"{symbol}{tick}",
    }
    if tif is TimeInForce.GTD:
        found["expire"] = BEGIN + (tick + dice.integer(1, 6)) * 6 * HOUR
    return found | prices[kind]
