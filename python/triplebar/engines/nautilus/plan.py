"""What NautilusTrader does with every setting (F-128)."""

from __future__ import annotations

from typing import Any, Final

from triplebar.contracts.settings import Settings
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
