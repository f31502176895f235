"""Which orders NautilusTrader has for what can be ordered, seen by trying: the page docs/nautilus-support.md.

`python -m tests.engines.nautilus.support --update` writes the page; without it, it is only checked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import triplebar as tb
from tests.house.repository import ROOT

PAGE = ROOT / "docs" / "nautilus-support.md"
MARKET = tb.Market.synthetic(bars=60, seed=7, interval="6h")
X = MARKET.symbols[0]
PRICE = float(MARKET.series(0).close[0])

Step = tuple[int, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """Something that can be ordered."""

    what: str
    steps: tuple[Step, ...]
    config: Mapping[str, Any] = field(default_factory=dict)


def order(action: str = "buy", **keywords: Any) -> Step:
    """An order at the first bar."""
    return 0, action, {"symbol": X, "quantity": 1, **keywords}


def at(factor: float) -> float:
    """A price."""
    return round(PRICE * factor, 2)


def rows() -> Iterator[Row]:
    """Everything that the page lists."""
    day = int(MARKET.clock[0]) + int(timedelta(days=2).total_seconds()) * 10**9
    yield Row("market", (order(),))
    yield Row("limit", (order(limit=at(0.99)),))
    yield Row("stop", (order(stop=at(1.01)),))
    yield Row("stop-limit", (order(stop=at(1.01), limit=at(1.02)),))
    yield Row("market-if-touched", (order(touch=at(0.99)),))
    yield Row("trailing stop, by an amount", (order(trail=at(0.01)),))
    yield Row("trailing stop, by percent", (order(trail_percent=1),))
    yield Row("`day`", (order(limit=at(0.5), tif="day"),))
    yield Row("`gtd`", (order(limit=at(0.5), tif="gtd", expire=day),))
    yield Row("`ioc`", (order(limit=at(0.5), tif="ioc"),))
    yield Row("`fok`", (order(tif="fok"),))
    yield Row("`at_open`", (order(tif="at_open"),))
    yield Row("`at_close`", (order(tif="at_close"),))
    yield Row("`post_only`", (order(limit=at(0.99), post_only=True),))
    yield Row("`reduce_only`", (order(), order("sell", quantity=3, limit=at(1.01), reduce_only=True)))
    yield Row("one-cancels-other", (order(limit=at(0.99), oco="g"), order(stop=at(1.01), oco="g")))
    yield Row("bracket", (order(take_profit=at(1.02), stop_loss=at(0.98)),))
    yield Row("child of an order", (order(label="a"), order("sell", limit=at(1.01), parent="a")))
    change = (3, "modify", {"order": "a", "limit": at(0.99)})
    yield Row("change of a price", (order(limit=at(0.9), label="a"), change))
    smaller = (3, "modify", {"order": "a", "quantity": 2})
    yield Row("smaller size, in place", (order(quantity=5, limit=at(0.99), label="a"), smaller))
    yield Row("cancel", (order(limit=at(0.9), label="a"), (3, "cancel", {"order": "a"})))
    yield Row("fill at the same close", (order(),), {"fill": "same_close"})


class Witness(tb.Strategy):
    """Plays a script and notes which orders the guest had in the end."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        """Take the steps."""
        super().__init__()
        self.script = tb.Script(steps)
        self.seen: list[str] = []

    def clone(self, **_: Any) -> Witness:
        """The page looks at this very one."""
        return self

    def on_start(self, ctx: Any) -> None:
        """Begin."""
        self.script.on_start(ctx)

    def on_slice(self, ctx: Any, bars: dict[str, tb.Bar]) -> None:
        """Take the steps of this tick."""
        self.script.on_slice(ctx, bars)

    def on_stop(self, ctx: Any) -> None:
        """Look at the guest's own list of orders."""
        for each in ctx._simulation.guest.session.engine.cache.orders():
            name = each.type_string().lower().replace("_", " ")
            if name not in self.seen:
                self.seen.append(name)


def strict(row: Row) -> str:
    """Whether the guest gives the same as the core, and by which of its orders."""
    witness, config = Witness(row.steps), tb.BacktestConfig(**row.config)
    theirs = tb.run(witness, MARKET, config, engine="nautilus")
    ours = tb.run(tb.Script(row.steps), MARKET, config)
    verdict = "equal" if theirs.result_hash == ours.result_hash else "DIFFERS"
    return f"{verdict}: {', '.join(witness.seen) or 'never sent'}"


def native(row: Row) -> str:
    """By which of its orders, or that it is refused."""
    witness, config = Witness(row.steps), tb.BacktestConfig(**row.config)
    result = tb.run(witness, MARKET, config, engine="nautilus", fidelity="native")
    if "unsupported" in result.orders["reason"].to_pylist():
        return "refused"
    return ", ".join(witness.seen)


def page() -> str:
    """The page."""
    lines = [
        "# What can be ordered, and which orders NautilusTrader gets",
        "",
        "Made by `python -m tests.engines.nautilus.support --update`, by trying. [How to use it](how-to/nautilus.md);",
        "what becomes of each setting is on the page of [all guests](guest-support.md).",
        "",
        "*Strict*: whether all tables equal those of the core, and which orders NautilusTrader had meanwhile; where",
        "that is not an order of the same name, the desk waits, and sends this one in time. *Native*: what it gets.",
        "",
        "| | strict | native |",
        "|---|---|---|",
        *(f"| {row.what} | {strict(row)} | {native(row)} |" for row in rows()),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Write the page, or say whether it is current."""
    made = page()
    if "--update" in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    return 0 if PAGE.read_text(encoding="utf-8") == made else 1


if __name__ == "__main__":
    raise SystemExit(main())
