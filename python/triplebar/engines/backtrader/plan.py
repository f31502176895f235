"""What Backtrader does with every setting (F-128)."""

from __future__ import annotations

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
