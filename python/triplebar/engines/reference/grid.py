"""What a strategy writes, put on the grid of ticks and lots (S-02)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite
from operator import index
from typing import Literal

from triplebar.contracts.codes import OrderKind, Reason
from triplebar.contracts.errors import OrderError
from triplebar.contracts.exact import INT64_MAX
from triplebar.contracts.settings import InstrumentSettings

NEAR = 1e-6
"""Within this of a whole number, a scaled value is that number."""
TOO_LARGE = 9e18
"""A scaled value from here on has no place on the grid: it becomes 0."""

NO_NUMBERS = ("bool", "bool_")
"""Types that could be read as numbers and are none: a truth value where a size should be is a slip."""

Direction = Literal["down", "up", "nearest"]


@dataclass(frozen=True, slots=True)
class Gridded:
    """A whole number of ticks or lots, and whether it had to be moved there."""

    units: int = 0
    moved: bool = False


def number(value: object, name: str) -> float:
    """A finite number, or an `OrderError` that names it.

    >>> number(5, "quantity")
    5.0
    """
    if type(value).__name__ in NO_NUMBERS or isinstance(value, (str, bytes, bytearray)):
        raise no_number(value, name)
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise no_number(value, name) from None
    if not isfinite(found):
        raise OrderError(f"{value!r} is not a finite number", where=name, fix="check what it was computed from")
    return found


def whole(value: object, name: str) -> int:
    """A whole number, or an `OrderError` that names it.

    >>> whole(7, "order")
    7
    """
    try:
        if type(value).__name__ not in NO_NUMBERS:
            return index(value)  # type: ignore[arg-type]
    except TypeError:
        pass
    raise OrderError(f"{value!r} is not a whole number", where=name, fix="give an int")


def no_number(value: object, name: str) -> OrderError:
    """The error of what is no number."""
    return OrderError(f"{value!r} is not a number", where=name, fix="give a plain number such as 1.5")


def positive(value: object, name: str) -> float:
    """A finite number that is not negative."""
    found = number(value, name)
    if found < 0:
        raise OrderError(f"{value!r} is negative", where=name, fix="give a number above 0; sell() is the other side")
    return found


def snap(value: float, precision: int, step: int, direction: Direction) -> Gridded:
    """S-02: `value × 10^precision`, snapped within 10⁻⁶, else rounded; then moved to a multiple of `step`.

    >>> snap(1.009, 2, 1, "down"), snap(0.29, 2, 1, "down")
    (Gridded(units=100, moved=True), Gridded(units=29, moved=False))
    """
    scaled = value * 10.0**precision
    if abs(scaled) >= TOO_LARGE:
        return Gridded(0, moved=True)
    near = round(scaled)
    exact = abs(scaled - near) <= NEAR
    units = near if exact or direction == "nearest" else floor(scaled) if direction == "down" else ceil(scaled)
    stepped = to_step(units, step, direction)
    return Gridded(stepped, moved=not exact or stepped != units)


def to_step(units: int, step: int, direction: Direction) -> int:
    """A multiple of `step`, in the same direction; half way is nearest to the lower one.

    >>> to_step(7, 5, "down"), to_step(7, 5, "up"), to_step(7, 5, "nearest")
    (5, 10, 5)
    """
    rest = units % step
    goes_up = 2 * rest > step if direction == "nearest" else direction == "up" and rest > 0
    return units - rest + (step if goes_up else 0)


def limit_ticks(value: object, side: int, instrument: InstrumentSettings) -> Gridded:
    """A limit goes to the passive side: a buy down, a sell up."""
    direction: Direction = "down" if side > 0 else "up"
    return snap(positive(value, "limit"), instrument.price_precision, instrument.price_step, direction)


def trigger_ticks(value: object, side: int, instrument: InstrumentSettings) -> Gridded:
    """A trigger goes to the farther side: a buy up, a sell down."""
    direction: Direction = "up" if side > 0 else "down"
    return snap(positive(value, "trigger"), instrument.price_precision, instrument.price_step, direction)


def trail_ticks(value: object, instrument: InstrumentSettings) -> Gridded:
    """A trailing amount goes to the nearest."""
    return snap(positive(value, "trail"), instrument.price_precision, instrument.price_step, "nearest")


def trail_ppb(value: object) -> Gridded:
    """A trailing percentage, in parts per billion."""
    percent = number(value, "trail_percent")
    if not 0 < percent < 100:
        raise OrderError(f"{value!r} is not between 0 and 100", where="trail_percent", fix="give e.g. 2.5")
    return Gridded(max(1, round(percent * 1e7)))


def size_lots(value: object, instrument: InstrumentSettings) -> Gridded:
    """A size goes down."""
    return snap(positive(value, "quantity"), instrument.size_precision, instrument.size_step, "down")


@dataclass(frozen=True, slots=True)
class Prices:
    """The sizes and prices of an order on the grid; None is not given."""

    quantity: Gridded
    limit: Gridded | None = None
    trigger: Gridded | None = None
    trail: Gridded | None = None
    trail_is_ppb: bool = False


def fault(prices: Prices, instrument: InstrumentSettings, off_grid: str, *, reduce_only: bool) -> Reason:
    """S-02: what is wrong with these, in the order off-grid, size, price, notional; or `Reason.NONE`."""
    given = [each for each in (prices.limit, prices.trigger, prices.trail) if each is not None]
    if off_grid == "reject" and any(each.moved for each in [prices.quantity, *given]):
        return Reason.OFF_GRID
    lots = prices.quantity.units
    too_large = instrument.quantity_max is not None and lots > instrument.quantity_max
    if lots <= 0 or lots < instrument.quantity_min or too_large:
        return Reason.INVALID_QUANTITY
    if any(each.units <= 0 for each in given):
        return Reason.INVALID_PRICE
    known = prices.limit or prices.trigger
    if known and not reduce_only:
        return notional_fault(lots * known.units * instrument.unit, instrument)
    return Reason.NONE


def notional_fault(notional: int, instrument: InstrumentSettings) -> Reason:
    """S-02: whether the worth of an order is within bounds."""
    if notional > INT64_MAX:
        return Reason.NOTIONAL_ABOVE_MAXIMUM
    return Reason.NOTIONAL_BELOW_MINIMUM if notional < instrument.notional_min else Reason.NONE


def kind_of(*, limit: object, stop: object, trail: object, trail_percent: object, touch: object) -> OrderKind:
    """The kind of order that the keywords ask for; `OrderError` for a mix that is none."""
    given = {
        name
        for name, value in {
            "limit": limit, "stop": stop, "trail": trail, "trail_percent": trail_percent, "touch": touch,
        }.items()
        if value is not None
    }  # fmt: skip
    for names, kind in KINDS:
        if given == names:
            return kind
    raise OrderError(
        f"no order has {', '.join(sorted(given))} together",
        where="order",
        fix="give limit, stop, stop and limit, trail, trail_percent or touch",
    )


KINDS: tuple[tuple[set[str], OrderKind], ...] = (
    (set(), OrderKind.MARKET),
    ({"limit"}, OrderKind.LIMIT),
    ({"stop"}, OrderKind.STOP),
    ({"stop", "limit"}, OrderKind.STOP_LIMIT),
    ({"trail"}, OrderKind.TRAILING_STOP),
    ({"trail_percent"}, OrderKind.TRAILING_STOP),
    ({"touch"}, OrderKind.MARKET_IF_TOUCHED),
)
