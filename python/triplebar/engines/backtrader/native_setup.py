"""The broker of a native run, set up with the settings that Backtrader has itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import backtrader as bt

if TYPE_CHECKING:
    from triplebar.contracts.settings import InstrumentSettings, Settings


def native_broker(settings: Settings) -> Any:  # noqa: ANN401 - Backtrader ships no types
    """A `BackBroker` with the cash, commission, leverage and slippage of the settings."""
    broker = bt.brokers.BackBroker()
    broker.set_cash(settings.cash[0] / 10.0**settings.cash_precision)
    broker.set_coc(settings.fill == "same_close")
    for instrument in settings.instruments:
        set_commission(broker, instrument, settings)
    first = settings.instruments[0]
    if first.slippage_ppb:
        broker.set_slippage_perc(first.slippage_ppb / 1e9)
    elif first.slippage_ticks:
        broker.set_slippage_fixed(tick_of(first) * first.slippage_ticks)
    if first.participation_ppb is not None:
        broker.set_filler(bt.broker.fillers.FixedBarPerc(perc=first.participation_ppb / 1e7))
    return broker


def set_commission(broker: Any, instrument: InstrumentSettings, settings: Settings) -> None:  # noqa: ANN401
    """A share of the notional, or an amount a unit."""
    schedule = instrument.commission
    is_share = not schedule.per_unit_minor
    amount = schedule.taker_ppb / 1e9 if is_share else schedule.per_unit_minor / 10.0**settings.cash_precision
    broker.setcommission(
        commission=amount,
        commtype=bt.CommInfoBase.COMM_PERC if is_share else bt.CommInfoBase.COMM_FIXED,
        percabs=True,
        stocklike=True,
        leverage=settings.account.leverage_milli / 1000,
        name=instrument.symbol,
    )


def tick_of(instrument: InstrumentSettings) -> float:
    """The worth of a tick in prices."""
    return 1 / 10.0**instrument.price_precision
