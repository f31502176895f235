"""What a run takes for granted, in words: a result is only as good as these."""

from __future__ import annotations

from typing import Any, Final

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.settings import Settings

FILLS: Final = {
    "next_open": "orders decided at a close arrive at the open of the instrument's next bar",
    "same_close": "SAME CLOSE: orders fill at the very close that they were decided on, which is optimistic",
}
PATHS: Final = {
    "open_high_low_close": "within a bar the price goes from open to high to low to close",
    "open_low_high_close": "within a bar the price goes from open to low to high to close",
    "adaptive": "within a bar the price goes to the nearer extreme first, low first on a tie",
    "pessimistic": "within a bar the price goes first to the extreme that is worse for the position",
}


def assumptions_of(config: BacktestConfig, settings: Settings) -> dict[str, Any]:
    """List what was assumed: the conventions by name, and notes in words.

    >>> from types import SimpleNamespace
    >>> settings = SimpleNamespace(latency_max_ns=0, instruments=())
    >>> assumptions_of(BacktestConfig(fill="same_close"), settings)["fill"]
    'same_close'
    """
    return {
        "fill": config.fill,
        "path": config.path,
        "off_grid": config.off_grid,
        "price_policy": config.price_policy,
        "missing_data": config.missing_data,
        "calendar": config.calendar,
        "close_at_end": config.close_at_end,
        "account": config.account,
        "leverage": float(str(config.leverage)),
        "notes": list(_notes(config, settings)),
    }


def _notes(config: BacktestConfig, settings: Settings) -> list[str]:
    notes = [FILLS[config.fill], PATHS[config.path], "a limit fills when the price touches it"]
    free = all(each.participation_ppb is None for each in settings.instruments)
    if free:
        notes.append("volume does not limit the size of fills")
    if not settings.latency_max_ns:
        notes.append("orders reach the venue without delay")
    if not config.close_at_end:
        notes.append("positions open at the end are marked at their last close, not closed")
    if all(not each.half_spread_ticks and not each.half_spread_ppb for each in settings.instruments):
        notes.append("no spread")
    if all(_no_slippage(each) for each in settings.instruments):
        notes.append("no slippage")
    return notes


def _no_slippage(instrument: Any) -> bool:  # noqa: ANN401 - settings of an instrument
    return not (
        instrument.slippage_ticks or instrument.slippage_ppb or instrument.impact_ppb or instrument.root_coefficient
    )
