"""From a scenario to what an engine makes of it, in the user's units."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.scenario import Scenario
from triplebar.contracts.codes import Cause, EventKind, FlowKind, Ledger, Moment, OrderStatus, Reason, Role
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import NO_INSTRUMENT
from triplebar.data.market import Market
from triplebar.engines.base import Engine, Facts
from triplebar.engines.settings import resolve
from triplebar.strategy.script import Script

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(hours=6)
VENUE_FLAG = 4


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario, with the means to read it."""

    facts: Facts
    script: Script
    settings: Settings
    market: Market

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A canonical table as rows."""
        rows: list[dict[str, Any]] = self.facts.table(name).to_pylist()
        return rows

    def label(self, order: int) -> str:
        """What a table calls an order: its label, that of the order it was sent with, or `venue`."""
        if self.rows("orders")[order - 1]["flags"] & VENUE_FLAG:
            return "venue"
        known = {number: label for label, number in self.script.sent.items()}
        earlier = max((number for number in known if number <= order), default=None)
        if earlier is None:
            return f"order {order}"
        return known[earlier] if earlier == order else f"{known[earlier]}.{order - earlier}"

    def symbol(self, instrument: int) -> str:
        """The symbol, `-` for none."""
        return "-" if instrument == NO_INSTRUMENT else self.settings.instruments[instrument].symbol

    def price(self, instrument: int, ticks: int) -> float:
        """Ticks as a price."""
        return ticks / 10.0 ** self.settings.instruments[instrument].price_precision

    def size(self, instrument: int, lots: int) -> float:
        """Lots as a size."""
        return lots / 10.0 ** self.settings.instruments[instrument].size_precision

    def money(self, minor: int) -> float:
        """Minor units as money."""
        return minor / 10.0**self.settings.cash_precision

    # ------------------------------------------------------------------------------------- tables as scenarios write

    def fills(self) -> list[dict[str, Any]]:
        """All fills."""
        return [
            {
                "order": self.label(each["order"]),
                "tick": each["clock"],
                "moment": Moment(each["moment"]).text,
                "price": self.price(each["instrument"], each["price"]),
                "size": self.size(each["instrument"], each["quantity"]),
                "role": Role(each["role"]).text,
                "fee": self.money(each["fee"]),
                "half": each["half_spread"],
                "slip": each["slippage"],
                "cause": Cause(each["cause"]).text,
            }
            for each in self.rows("fills")
        ]

    def ends(self) -> dict[str, dict[str, Any]]:
        """How every order stands in the end, by label."""
        return {
            self.label(each["order"]): {
                "status": OrderStatus(each["status"]).text,
                "reason": Reason(each["reason"]).text,
                "tick": each["ended"],
            }
            for each in self.rows("orders")
        }

    def events(self) -> list[dict[str, Any]]:
        """All events."""
        return [
            {
                "tick": each["clock"],
                "moment": Moment(each["moment"]).text,
                "kind": EventKind(each["kind"]).text,
                "order": self.label(each["order"]),
                "reason": Reason(each["reason"]).text,
                "value": each["value"],
            }
            for each in self.rows("events")
        ]

    def equity(self) -> dict[int, dict[str, Any]]:
        """Equity, cash and staleness by tick."""
        return {
            each["clock"]: {
                "equity": self.money(each["equity"]),
                "cash": self.money(each["cash"]),
                "stale": each["stale"],
            }
            for each in self.rows("equity")
        }

    def positions(self) -> list[dict[str, Any]]:
        """The position after every fill."""
        return [
            {
                "tick": each["clock"],
                "symbol": self.symbol(each["instrument"]),
                "position": self.size(each["instrument"], each["position"]),
                "cost": self.money(each["cost"]),
                "realised": self.money(each["realised"]),
            }
            for each in self.rows("positions")
        ]

    def trades(self) -> list[dict[str, Any]]:
        """All trades."""
        return [
            {
                "symbol": self.symbol(each["instrument"]),
                "side": "long" if each["side"] > 0 else "short",
                "size": self.size(each["instrument"], each["quantity"]),
                "opened": each["opened"],
                "closed": each["closed"],
                "profit": self.money(each["profit"]),
            }
            for each in self.rows("trades")
        ]

    def flows(self) -> list[dict[str, Any]]:
        """All flows of cash."""
        return [
            {
                "tick": each["clock"],
                "kind": FlowKind(each["kind"]).text,
                "symbol": self.symbol(each["instrument"]),
                "currency": self.settings.currencies[each["currency"]],
                "amount": self.money(each["amount"]),
            }
            for each in self.rows("flows")
        ]

    def ledger(self) -> dict[tuple[str, str], float]:
        """The sums of all ledger accounts that are not zero."""
        sums: dict[tuple[str, str], int] = {}
        for each in self.rows("postings"):
            key = (Ledger(each["account"]).text, self.settings.currencies[each["currency"]])
            sums[key] = sums.get(key, 0) + each["amount"]
        return {key: self.money(amount) for key, amount in sums.items() if amount}


def play(scenario: Scenario, engine: Engine) -> Outcome:
    """Run a scenario on an engine."""
    market = market_of(scenario)
    settings = resolve(BacktestConfig.from_mapping(scenario.settings), market)
    script = Script(scenario.steps, tolerant=True)
    return Outcome(engine.run(script, market, settings), script, settings, market)


def market_of(scenario: Scenario) -> Market:
    """The market of a scenario: a bar every six hours."""
    symbols = sorted(scenario.bars)
    names = ("open", "high", "low", "close", "volume")
    table: dict[str, list[Any]] = {name: [] for name in ("time", "symbol", *names)}
    for place in range(max(len(bars) for bars in scenario.bars.values())):
        for symbol in symbols:
            bars = scenario.bars[symbol]
            found = bars[place] if place < len(bars) else None
            if found is not None:
                table["time"].append(BEGIN + (place + 1) * INTERVAL)
                table["symbol"].append(symbol)
                for name, value in zip(names, found, strict=True):
                    table[name].append(value)
    return Market.from_table(table, [instrument_of(scenario, symbol) for symbol in symbols])


def instrument_of(scenario: Scenario, symbol: str) -> Instrument:
    """Whole prices and sizes unless said otherwise."""
    fields = {"price_precision": 0, "size_precision": 0} | scenario.instruments.get(symbol, {})
    return Instrument(symbol, **fields)
