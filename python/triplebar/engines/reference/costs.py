"""What trading costs: half spread, slippage, fill price, commission (S-50 to S-53)."""

from __future__ import annotations

from math import ceil, sqrt

from triplebar.contracts.codes import Role
from triplebar.contracts.settings import CommissionSettings, InstrumentSettings
from triplebar.engines.reference.units import PPB, checked, ratio_up, scale


def half_spread(instrument: InstrumentSettings, open_price: int) -> int:
    """S-51: fixed at O for the whole bar."""
    return instrument.half_spread_ticks + ratio_up(open_price * instrument.half_spread_ppb, PPB)


def slippage(instrument: InstrumentSettings, x: int, quantity: int, volume: int) -> int:
    """S-52: what a taker of `quantity` lots pays beyond the spread, in ticks."""
    bar_volume = max(1, volume)
    slip = instrument.slippage_ticks + ratio_up(x * instrument.slippage_ppb, PPB)
    slip += ratio_up(x * quantity * instrument.impact_ppb, bar_volume * PPB)
    part = float(quantity) / float(bar_volume)
    if part > instrument.root_free:
        slip += ceil(float(x) * instrument.root_coefficient * sqrt(part))
    return slip


def fill_price(sign: int, x: int, half: int, slip: int, limit: int) -> int:
    """S-50: never beyond the limit (0 = none), never under one tick.

    >>> fill_price(+1, 100, 2, 5, limit=104), fill_price(-1, 3, 2, 5, limit=0)
    (104, 1)
    """
    price = x + sign * (half + slip)
    if limit and sign * price > sign * limit:
        price = limit
    return max(1, price)


def commission(
    instrument: InstrumentSettings, role: Role, quantity: int, notional: int, *, first: bool, traded: int
) -> int:
    """S-53: the fee of one fill; `first` for an order's first fill, `traded` is the notional traded before."""
    schedule = instrument.commission
    lots_per_unit = 10**instrument.size_precision
    fee = schedule.fixed if first else 0
    fee += scale(notional, rate(schedule, role, traded))
    fee += (2 * quantity * schedule.per_unit_minor + lots_per_unit) // (2 * lots_per_unit)
    fee = max(fee, schedule.minimum)
    if schedule.maximum_ppb is not None:
        fee = min(fee, scale(notional, schedule.maximum_ppb))
    return checked(fee, f"commission of {instrument.symbol}")


def rate(schedule: CommissionSettings, role: Role, traded: int) -> int:
    """S-53: the rate of the last tier whose threshold is not above what was traded."""
    maker_ppb, taker_ppb = schedule.maker_ppb, schedule.taker_ppb
    for threshold, tier_maker_ppb, tier_taker_ppb in schedule.tiers:
        if threshold <= traded:
            maker_ppb, taker_ppb = tier_maker_ppb, tier_taker_ppb
    return maker_ppb if role is Role.MAKER else taker_ppb
