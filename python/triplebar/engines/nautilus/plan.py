"""What NautilusTrader does with every setting (F-128)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from triplebar.contracts.settings import InstrumentSettings, Settings
from triplebar.engines.guests.strict_plan import FLOOR_PLAN
from triplebar.engines.guests.treatment import Plan, Treatment, Way

DECIMALS_MOST: Final = 16
"""As many as its wheels for Linux and macOS hold; how many a smaller build holds is asked when it is loaded."""
MONEY_MOST: Final = 17_014_118_346_046
"""The largest amount of money that NautilusTrader can hold: one unit more ends the process."""


def _decimals(value: Any, settings: Settings) -> str | None:  # noqa: ANN401, ARG001 - the value of a setting
    return None if value <= DECIMALS_MOST else f"NautilusTrader holds {DECIMALS_MOST} decimals, not {value}"


def _holdable(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    most = MONEY_MOST * 10**settings.cash_precision
    return None if max(value) <= most else f"NautilusTrader holds no more than {MONEY_MOST:,} of money"


STRICT: Plan = {
    **FLOOR_PLAN,
    "Settings.cash": Treatment(Way.GUEST, "starting balances of the venue's account", _holdable),
    "Settings.currencies": Treatment(Way.GUEST, "one balance each, in a currency of as many decimals as the account"),
    "InstrumentSettings.price_precision": Treatment(Way.GUEST, "the decimals of prices", _decimals),
    "InstrumentSettings.size_precision": Treatment(Way.GUEST, "the decimals of sizes", _decimals),
    "InstrumentSettings.unit": Treatment(Way.GUEST, "the multiplier of the instrument"),
    "InstrumentSettings.currency": Treatment(Way.GUEST, "the quote and settlement currency"),
}
"""The treatments of a strict run."""


# ------------------------------------------------------------------------------------------------------------- native


def _neutral(neutral: Any, what: str) -> Callable[[Any, Settings], str | None]:  # noqa: ANN401 - a value of a setting
    """Refuse everything but the value that turns the setting off."""
    return lambda value, _settings: None if value == neutral else f"NautilusTrader has no {what}"


def _off(what: str, *names: str, neutral: Any = 0) -> Plan:  # noqa: ANN401 - a value of a setting
    return {name: Treatment(Way.REFUSED, f"it has no {what}", _neutral(neutral, what)) for name in names}


def _path(value: Any, settings: Settings) -> str | None:  # noqa: ANN401, ARG001 - the value of a setting
    known = ("open_high_low_close", "adaptive")
    return None if value in known else f"NautilusTrader walks a bar as one of {', '.join(known)}, not as {value}"


def _account(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    if value == "isolated":
        return "NautilusTrader has no isolated margin"
    odd = [each.symbol for each in settings.instruments if not is_share(each, settings.cash_precision)]
    if value == "cash" and odd:
        return f"its cash account books shares only, and {odd[0]} has fractions or a multiplier"
    return None


def _one_step(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    same = len({each.slippage_ticks // each.price_step for each in settings.instruments}) == 1
    steps = {0, *(each.price_step for each in settings.instruments)}
    if same and value in steps:
        return None
    return "its fill model slips by one price step or not at all, the same for all instruments"


def _whole_cents(value: Any, settings: Settings) -> str | None:  # noqa: ANN401 - the value of a setting
    cent = 10 ** max(0, settings.cash_precision - LEAST_DECIMALS)
    return "its currencies have two decimals" if any(each % cent for each in value) else _holdable(value, settings)


def is_share(instrument: InstrumentSettings, cash_precision: int) -> bool:
    """Whether an instrument can be a share: whole sizes, no multiplier."""
    return instrument.size_precision == 0 and multiplier(instrument, cash_precision) == 1


def multiplier(instrument: InstrumentSettings, cash_precision: int) -> Decimal:
    """What one unit of size is worth at a price of one: `unit` without the scales of ticks, lots and minor units."""
    scale = instrument.price_precision + instrument.size_precision - cash_precision
    return (Decimal(instrument.unit) * Decimal(10) ** scale).normalize()


LEAST_DECIMALS: Final = 2
"""What its currencies of countries have; others have more."""
OWN_FILL: Final = "the close at which an order is sent is its own; for next_open the open is fed as a trade, 1 ns away"

NATIVE: Plan = {
    **STRICT,
    "Settings.seed": Treatment(Way.NO_MATTER, "nothing is drawn"),
    "Settings.fill": Treatment(Way.GUEST, OWN_FILL),
    "Settings.path": Treatment(Way.GUEST, "bar_adaptive_high_low_ordering", _path),
    "Settings.cash": Treatment(Way.GUEST, "starting balances, in its own currencies", _whole_cents),
    "Settings.cash_precision": Treatment(Way.NO_MATTER, "it rounds to the decimals of its own currencies"),
    "AccountSettings.kind": Treatment(Way.GUEST, "its own account; a margin account refuses nothing", _account),
    "AccountSettings.leverage_milli": Treatment(Way.GUEST, "default_leverage, which refuses nothing"),
    "InstrumentSettings.slippage_ticks": Treatment(Way.GUEST, "prob_slippage of its fill model", _one_step),
    **_off("such draws", "Settings.miss_ppb", "Settings.partial_ppb"),
    **_off("latency over a range", "Settings.latency_min_ns", "Settings.latency_max_ns"),
    **_off("close at the end of data", "Settings.close_at_end", neutral=False),
    **_off("maintenance margin", "AccountSettings.maintenance_ppb"),
    **_off("switch of that kind before the run", "RiskSettings.trading_enabled", neutral=True),
    **_off("such limit of risk", "RiskSettings.gross_ppb", "RiskSettings.net_ppb",
           "RiskSettings.drawdown_total_ppb", "RiskSettings.drawdown_daily_ppb", "RiskSettings.position_ppb",
           "RiskSettings.long_ppb", "RiskSettings.short_ppb", "RiskSettings.positions",
           "InstrumentSettings.position_limit_lots", "InstrumentSettings.position_limit_minor", neutral=None),
    **_off("such share of the volume", "InstrumentSettings.participation_ppb", neutral=None),
    **_off("spread around a bar", "InstrumentSettings.half_spread_ticks", "InstrumentSettings.half_spread_ppb"),
    **_off("such slippage", "InstrumentSettings.slippage_ppb", "InstrumentSettings.impact_ppb",
           "InstrumentSettings.root_coefficient"),
    **_off("funding of bars", "InstrumentSettings.funding", neutral=()),
    **_off("borrow fee", "InstrumentSettings.borrow_ppb"),
    "InstrumentSettings.root_free": Treatment(Way.NO_MATTER, "it only matters with slippage.root"),
    "Settings.partial_low_ppb": Treatment(Way.NO_MATTER, "there are no partial draws"),
    "Settings.partial_high_ppb": Treatment(Way.NO_MATTER, "there are no partial draws"),
}  # fmt: skip
"""The treatments of a native run."""
