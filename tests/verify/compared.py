"""The page that shows how the engines differ when each is left its own rules, made by running them.

`python -m tests.verify.compared --update` writes docs/how-the-engines-differ.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import triplebar as tb
from tests.verify.reference_strategies import STRATEGIES, Case
from triplebar.contracts.codes import OrderStatus
from triplebar.contracts.errors import TradingError
from triplebar.research.factory import create_engine

PAGE = Path(__file__).parents[2] / "docs" / "how-the-engines-differ.md"
ENGINES = ("custom", "backtrader", "nautilus")
MINUTE_NS = 60 * 10**9
Prices = tuple[float, float, float, float]


@dataclass(frozen=True)
class Situation:
    """One decision at the close of bar 0, which is 99 101 98 100, and the bars after it."""

    title: str
    bars: tuple[Prices, ...]
    orders: tuple[tuple[str, dict[str, Any]], ...]
    fill: str = "next_open"
    volume: float = 100_000

    def market(self) -> tb.Market:
        """The bars as a market."""
        rows = ((99, 101, 98, 100), *self.bars)
        columns = {
            name: [float(row[place]) for row in rows] for place, name in enumerate(("open", "high", "low", "close"))
        }
        times = (np.arange(len(rows)) + 1) * MINUTE_NS
        table = {"time": times, **columns, "volume": [self.volume] * len(rows)}
        return tb.Market.from_table(table, [tb.Instrument("X", price_precision=2)])

    def told(self, engine: str) -> str:
        """What an engine does, in short: `#2 1@97` is order 2 filled in bar 1 at 97."""
        script = tb.Script([(0, action, {"symbol": "X", **keywords}) for action, keywords in self.orders])
        config = tb.BacktestConfig(fill=self.fill)
        try:
            result = tb.run(script, self.market(), config, engine=engine, fidelity="native")
        except TradingError as problem:
            return f"refused: {problem.message}"
        return _fills(result) or _ends(result)


def _fills(result: tb.RunResult) -> str:
    several = result.orders.num_rows > 1
    size = {row["order"]: row["quantity"] for row in result.orders.to_pylist()}
    return ", ".join(
        (f"#{row['order']} " if several else "")
        + ("" if row["quantity"] == size[row["order"]] else f"{row['quantity']:g} ")
        + f"{row['bar']}@{row['price']:g}"
        for row in result.fills.to_pylist()
    )


def _ends(result: tb.RunResult) -> str:
    row = result.orders.to_pylist()[0]
    return "–" if row["status"] == OrderStatus.EXPIRED.text else f"{row['status']} ({row['reason']})"


def one(action: str, bars: tuple[Prices, ...], title: str, **keywords: Any) -> Situation:
    """A single order for 10 pieces."""
    fill = keywords.pop("fill", "next_open")
    volume = keywords.pop("volume", 100_000)
    return Situation(title, bars, ((action, {"quantity": 10, **keywords}),), fill, volume)


UP: Prices = (103, 105, 102, 104)
SITUATIONS = (
    one("buy", (UP, UP), "market buy; the next bar opens at 103"),
    one("buy", (UP, UP), 'market buy, `fill="same_close"`', fill="same_close"),
    one("buy", ((100, 101, 98, 99),), "buy limit 98; low touches 98", limit=98.0),
    one("buy", ((95, 99, 94, 98),), "buy limit 98; the next bar opens at 95", limit=98.0),
    one("buy", ((100, 101, 99, 100), (95, 99, 94, 98)), "buy limit 98; a later bar opens at 95", limit=98.0),
    one("buy", ((101, 105, 100, 104),), "buy stop 103; high 105", stop=103.0),
    one("buy", ((106, 107, 104, 105),), "buy stop 103; the next bar opens at 106", stop=103.0),
    one("buy", ((102, 102.5, 101, 102), (106, 107, 104, 105)), "buy stop 103; a later bar opens at 106", stop=103.0),
    one("buy", ((101, 102, 100, 101),), "buy stop 99, reached already; opens at 101", stop=99.0),
    one("buy", ((101, 106, 100, 104),), "buy stop-limit 103/104; high 106", stop=103.0, limit=104.0),
    one("sell", ((99, 100, 94, 95),), "sell stop-limit 97/96; low 94, close 95", stop=97.0, limit=96.0),
    one(
        "buy", ((101, 105, 100, 104),), "buy stop-limit 103/101; high 105, low 100, close 104", stop=103.0, limit=101.0
    ),
    one("sell", ((105, 110, 104, 106), (105, 106, 103, 104)), "sell trail 5; O 105 H 110 L 104 C 106", trail=5.0),
    one("sell", ((105, 106, 104, 105), (90, 92, 88, 91)), "sell trail 5; then a bar opens at 90", trail=5.0),
    Situation(
        "one-cancels-other: sell limit 105 and stop 95, both in the bar's range",
        ((100, 106, 94, 99), (99, 100, 98, 99)),
        (
            ("sell", {"quantity": 10, "limit": 105.0, "oco": "exit"}),
            ("sell", {"quantity": 10, "stop": 95.0, "oco": "exit"}),
        ),
    ),
    Situation(
        "bracket: market buy, stop loss 97, take profit 104; the bar of the entry reaches 104",
        ((100, 105, 99, 103), (103, 103.5, 96, 97)),
        (("buy", {"quantity": 10, "take_profit": 104.0, "stop_loss": 97.0}),),
    ),
    Situation(
        "two buy limits 98 and 97; low 95",
        ((100, 101, 95, 96), (96, 98, 95, 97)),
        (("buy", {"quantity": 10, "limit": 98.0}), ("buy", {"quantity": 10, "limit": 97.0})),
    ),
    one("buy", (UP, UP), "market buy of 900 where a bar trades 400", quantity=900, volume=400),
    one("buy", (UP, UP), "market buy of 2 000 with cash for 970 (next open 103)", quantity=2_000),
    Situation("sell short without a position", (UP, UP), (("sell", {"quantity": 10}),)),
)  # fmt: skip


def situations_table() -> list[str]:
    """Each situation on each engine."""
    rows = ["| situation | custom | Backtrader | NautilusTrader |", "|---|---|---|---|"]
    return rows + [f"| {each.title} | {' | '.join(each.told(engine) for engine in ENGINES)} |" for each in SITUATIONS]


def strategies_table(bars: int = 400) -> list[str]:
    """The reference strategies in native mode: how far apart, and why."""
    rows = [
        "| strategy | market | engine | orders equal | divergence | of capital | causes | unexplained |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for strategy in STRATEGIES:
        for market in ("gaps", "three instruments"):
            report = Case(strategy, market, "costs").verify("native", bars)
            rows += [_row(strategy, market, each) for each in report.agreements]
    return rows


def _row(strategy: str, market: str, each: Any) -> str:
    explained = each.explanation
    shares = [] if explained is None else [share for share in explained.shares if share.amount_minor]
    whole = 0 if explained is None else explained.difference_minor
    causes = ", ".join(f"{share.cause} {share.amount_minor / whole:.1%}" for share in shares) if whole else "none"
    rest = "0" if explained is None or not whole else f"{abs(explained.unexplained_minor / whole):.2%}"
    equal = f"{each.pairing.equal} of {each.pairing.paired}"
    return (
        f"| {strategy} | {market} | {each.engine} | {equal} | {each.divergence:.4%} | {each.of_capital:.4%} "
        f"| {causes} | {rest} |"
    )


def versions() -> str:
    """The engines that the page was made with."""
    found = [f"{name} {getattr(create_engine(name), 'version', '')}".strip() for name in ENGINES[1:]]
    return ", ".join(found)


BEGIN, END = "<!-- begin: {} -->", "<!-- end: {} -->"


def page(text: str) -> str:
    """The page with its tables made anew."""
    for name, lines in (
        ("versions", [versions()]),
        ("situations", situations_table()),
        ("strategies", strategies_table()),
    ):
        before, _, rest = text.partition(BEGIN.format(name) + "\n")
        _, _, after = rest.partition(END.format(name))
        text = before + BEGIN.format(name) + "\n" + "\n".join(lines) + "\n" + END.format(name) + after
    return text


if __name__ == "__main__":
    made = page(PAGE.read_text(encoding="utf-8"))
    if "--update" in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)
