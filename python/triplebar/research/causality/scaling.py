"""The same run with all prices doubled: no size and no time may change, and every amount of money is twice as much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from triplebar.contracts.codes import OrderFlag
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.contracts.settings import InstrumentSettings, Settings
from triplebar.data.market import Market
from triplebar.engines.base import Facts
from triplebar.engines.settings import resolve
from triplebar.research.causality.building import Bars, market_of
from triplebar.research.causality.futures import doubled
from triplebar.research.causality.past import Change
from triplebar.research.causality.running import Checking

NEUTRAL: Final[dict[str, Any]] = {
    "commission_bps": 0,
    "commission": None,
    "slippage_bps": 0,
    "slippage": None,
    "spread": None,
    "funding": None,
    "borrow_rate": 0,
    "per_symbol": None,
}
"""Costs are rounded, and rounding does not double: they are left out of both runs."""
SAME: Final = ("order", "instrument", "side", "kind", "tif", "quantity", "filled", "sent", "ended", "status", "reason")
PRICES: Final = ("limit", "trigger", "trail")


def unscalable(result: RunResult) -> str | None:
    """Why a run cannot be doubled exactly; None if it can."""
    if np.any(columns(result.canonical("orders"))["flags"] & OrderFlag.TRAIL_IS_PPB):
        return "trailing by a share of the price is rounded to ticks, and rounding does not double"
    if result.settings.account.kind == "isolated":
        return "isolated margins are rounded, and rounding does not double"
    return None


def first_unscaled(check: Checking) -> Change | None:
    """Run without costs, as it is and doubled; the first order, fill or row of equity that is not as it should be."""
    config = check.config.replace(**NEUTRAL)
    plain = _facts(check, check.market, resolve(config, check.market))
    market = _doubled_market(check.market)
    twice = _facts(check, market, _doubled_settings(resolve(config, market)))
    return _first(plain, twice)


def _facts(check: Checking, market: Market, settings: Settings) -> Facts:
    strategy = check.working(market)
    warmup = max(settings.warmup_bars, strategy.warmup)
    facts = check.engine.run(strategy, market, replace(settings, warmup_bars=warmup))
    if facts.interrupted:
        raise KeyboardInterrupt
    return facts


def _doubled_market(market: Market) -> Market:
    """Twice the prices on twice the steps."""
    return market_of(market, [_doubled_bars(Bars.of(market.series(symbol))) for symbol in market.symbols])


def _doubled_bars(bars: Bars) -> Bars:
    values = bars.instrument.to_mapping()
    values["price_step"] = 2 * bars.instrument.price_step_ticks / 10**bars.instrument.price_precision
    if values.get("notional_min") is not None:
        values["notional_min"] = 2 * float(values["notional_min"])
    ticks = {name: doubled(each) for name, each in bars.ticks.items()}
    return replace(bars, instrument=Instrument.from_mapping(values), ticks=ticks)


def _doubled_settings(settings: Settings) -> Settings:
    """Twice the cash; the instruments of the doubled market have their doubled steps already."""
    return replace(
        settings,
        cash=tuple(2 * each for each in settings.cash),
        instruments=tuple(_doubled_limits(each) for each in settings.instruments),
    )


def _doubled_limits(each: InstrumentSettings) -> InstrumentSettings:
    limit = each.position_limit_minor
    return each if limit is None else replace(each, position_limit_minor=2 * limit)


def _first(plain: Facts, twice: Facts) -> Change | None:
    found = [*_orders(plain, twice), *_fills(plain, twice), *_equity(plain, twice)]
    return min(found, key=lambda each: (each.clock, each.order is None, each.order or 0)) if found else None


def _orders(plain: Facts, twice: Facts) -> list[Change]:
    one, two = (columns(each.table("orders")) for each in (plain, twice))
    count = min(one["order"].size, two["order"].size)
    moved = np.zeros(count, dtype=bool)
    for name in SAME:
        moved |= one[name][:count] != two[name][:count]
    for name in PRICES:
        moved |= 2 * one[name][:count] != two[name][:count]
    found = [
        Change(max(0, int(one["sent"][row])), row + 1, int(one["instrument"][row]), f"order {row + 1} is another")
        for row in np.flatnonzero(moved)[:1].tolist()
    ]
    if one["order"].size != two["order"].size:
        longer = max(one, two, key=lambda each: each["order"].size)
        text = f"{one['order'].size} orders become {two['order'].size}"
        found.append(Change(max(0, int(longer["sent"][count])), count + 1, int(longer["instrument"][count]), text))
    return found


def _fills(plain: Facts, twice: Facts) -> list[Change]:
    one, two = (columns(each.table("fills")) for each in (plain, twice))
    count = min(one["order"].size, two["order"].size)
    moved = 2 * one["price"][:count] != two["price"][:count]
    for name in ("order", "clock", "quantity"):
        moved |= one[name][:count] != two[name][:count]
    return [
        Change(
            int(one["clock"][row]),
            int(one["order"][row]),
            int(one["instrument"][row]),
            f"a fill of order {one['order'][row]} is at {two['price'][row]} ticks instead of {2 * one['price'][row]}",
        )
        for row in np.flatnonzero(moved)[:1].tolist()
    ]


def _equity(plain: Facts, twice: Facts) -> list[Change]:
    one, two = (columns(each.table("equity")) for each in (plain, twice))
    count = min(one["clock"].size, two["clock"].size)
    moved = np.flatnonzero(2 * one["equity"][:count] != two["equity"][:count])[:1]
    return [Change(int(one["clock"][row]), None, None, "equity is not twice as much") for row in moved.tolist()]
