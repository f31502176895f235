"""What Backtrader does with every setting (F-128)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triplebar.contracts.settings import Settings
from triplebar.engines.backtrader.broker import WHOLE_MAX
from triplebar.engines.guests.strict_plan import FLOOR_PLAN
from triplebar.engines.guests.treatment import Plan, Treatment, Way


def _one_currency(value: Any, settings: Settings) -> str | None:  # noqa: ANN401, ARG001 - the value of a setting
    return None if len(value) == 1 else f"Backtrader keeps one cash, and there are {len(value)} currencies"


def _countable(value: Any, settings: Settings) -> str | None:  # noqa: ANN401, ARG001 - the value of a setting
    return None if max(value) < WHOLE_MAX // 4 else "the cash is more minor units than doubles can count"


STRICT: Plan = {
    **FLOOR_PLAN,
    "Settings.cash": Treatment(Way.GUEST, "the broker's cash, in minor units", _countable),
    "Settings.currencies": Treatment(Way.REFUSED, "one cash", _one_currency),
    "Settings.rates": Treatment(Way.NO_MATTER, "there is one currency, and its rate is 1"),
    "InstrumentSettings.currency": Treatment(Way.NO_MATTER, "there is one currency"),
    "InstrumentSettings.unit": Treatment(Way.GUEST, "`mult` of the CommInfo"),
}
"""The treatments of a strict run."""


def _only(neutral: Any, problem: str) -> Callable[[Any, Settings], str | None]:  # noqa: ANN401 - the value of a setting
    """Refuse everything but one value."""

    def look(value: Any, settings: Settings) -> str | None:  # noqa: ANN401, ARG001
        return None if value == neutral else problem

    return look


def _same(field: str, what: str) -> Callable[[Any, Settings], str | None]:
    """Refuse what differs between instruments."""

    def look(value: Any, settings: Settings) -> str | None:  # noqa: ANN401
        same = all(getattr(each, field) == value for each in settings.instruments)
        return None if same else f"Backtrader's broker has one {what} for all instruments"

    return look


def _slippage_ticks(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    if value and any(each.slippage_ppb for each in settings.instruments):
        return "Backtrader slips by a share or by an amount, not by both"
    if value and len({each.price_precision for each in settings.instruments}) > 1:
        return "Backtrader's broker has one slippage for all instruments, and their ticks differ"
    return _same("slippage_ticks", "slippage")(value, settings)


def _unit(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    plain = {
        10 ** (settings.cash_precision - each.price_precision - each.size_precision) for each in settings.instruments
    }
    return None if value in plain else "stocks of Backtrader have no multiplier"


def _maker(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    same = all(each.commission.maker_ppb == each.commission.taker_ppb for each in settings.instruments)
    return None if same else f"Backtrader does not tell makers ({value} ppb) from takers"


def _per_unit(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    both = value and any(each.commission.taker_ppb for each in settings.instruments)
    return "Backtrader takes a share or an amount a unit, not both" if both else None


_NONE_THERE = "Backtrader has none"

NATIVE: Plan = {
    **FLOOR_PLAN,
    **{
        f"{name}": Treatment(Way.REFUSED, "Backtrader has its own rule, or none", _only(neutral, problem))
        for name, neutral, problem in (
            ("Settings.path", "open_high_low_close", "Backtrader has no path within a bar"),
            ("Settings.close_at_end", False, "Backtrader leaves positions open"),
            ("Settings.latency_min_ns", 0, "Backtrader has no latency"),
            ("Settings.latency_max_ns", 0, "Backtrader has no latency"),
            ("Settings.miss_ppb", 0, "Backtrader misses no fills"),
            ("Settings.partial_ppb", 0, "Backtrader draws no partial fills"),
            ("AccountSettings.kind", "margin", "Backtrader has one kind of account, which may be short"),
            ("AccountSettings.maintenance_ppb", 0, "Backtrader does not liquidate"),
            ("RiskSettings.trading_enabled", True, _NONE_THERE),
            ("RiskSettings.gross_ppb", None, _NONE_THERE),
            ("RiskSettings.net_ppb", None, _NONE_THERE),
            ("RiskSettings.drawdown_total_ppb", None, _NONE_THERE),
            ("RiskSettings.drawdown_daily_ppb", None, _NONE_THERE),
            ("RiskSettings.position_ppb", None, _NONE_THERE),
            ("RiskSettings.long_ppb", None, _NONE_THERE),
            ("RiskSettings.short_ppb", None, _NONE_THERE),
            ("RiskSettings.positions", None, _NONE_THERE),
            ("InstrumentSettings.position_limit_lots", None, _NONE_THERE),
            ("InstrumentSettings.position_limit_minor", None, _NONE_THERE),
            ("InstrumentSettings.half_spread_ticks", 0, "Backtrader has no spread"),
            ("InstrumentSettings.half_spread_ppb", 0, "Backtrader has no spread"),
            ("InstrumentSettings.impact_ppb", 0, "Backtrader's slippage does not look at volume"),
            ("InstrumentSettings.root_coefficient", 0, "Backtrader's slippage does not look at volume"),
            ("InstrumentSettings.funding", (), "Backtrader has no funding"),
            ("InstrumentSettings.borrow_ppb", 0, "Backtrader's interest is not a flow of cash that it tells"),
            ("CommissionSettings.fixed", 0, _NONE_THERE),
            ("CommissionSettings.minimum", 0, _NONE_THERE),
            ("CommissionSettings.maximum_ppb", None, _NONE_THERE),
            ("CommissionSettings.tiers", (), _NONE_THERE),
        )
    },
    "Settings.seed": Treatment(Way.NO_MATTER, "nothing is drawn"),
    "Settings.partial_low_ppb": Treatment(Way.NO_MATTER, "no fill is partial by draw"),
    "Settings.partial_high_ppb": Treatment(Way.NO_MATTER, "no fill is partial by draw"),
    "Settings.fill": Treatment(Way.GUEST, "same_close is `set_coc(True)`; Backtrader books such a fill a bar later"),
    "Settings.cash": Treatment(Way.GUEST, "the broker's cash"),
    "Settings.currencies": Treatment(Way.REFUSED, "one cash", _one_currency),
    "Settings.rates": Treatment(Way.NO_MATTER, "there is one currency, and its rate is 1"),
    "InstrumentSettings.currency": Treatment(Way.NO_MATTER, "there is one currency"),
    "InstrumentSettings.unit": Treatment(Way.REFUSED, "only a multiplier of 1", _unit),
    "InstrumentSettings.interval_ns": Treatment(Way.NO_MATTER, "nothing arrives within a bar"),
    "InstrumentSettings.participation_ppb": Treatment(
        Way.GUEST, "the filler `FixedBarPerc`", _same("participation_ppb", "filler")
    ),
    "InstrumentSettings.slippage_ppb": Treatment(Way.GUEST, "`set_slippage_perc`", _same("slippage_ppb", "slippage")),
    "InstrumentSettings.slippage_ticks": Treatment(Way.GUEST, "`set_slippage_fixed`", _slippage_ticks),
    "InstrumentSettings.root_free": Treatment(Way.NO_MATTER, "without a coefficient it is not looked at"),
    "AccountSettings.leverage_milli": Treatment(Way.GUEST, "`leverage` of the CommInfo"),
    "CommissionSettings.maker_ppb": Treatment(Way.REFUSED, "one rate for all", _maker),
    "CommissionSettings.taker_ppb": Treatment(Way.GUEST, "`commission`, as a share"),
    "CommissionSettings.per_unit_minor": Treatment(Way.GUEST, "`commission`, as an amount a unit", _per_unit),
}
"""The treatments of a native run."""
