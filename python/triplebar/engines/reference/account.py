"""Cash, positions and what they are worth (S-63, S-67, S-70, S-74). Nothing is cached: every total is a sum."""

from __future__ import annotations

from dataclasses import dataclass

from triplebar.contracts.codes import AccountKind
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.settings import Settings
from triplebar.engines.reference.units import PPB, checked, ratio_up, scale, share, sign_of


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of one instrument: signed lots, what they cost (negative for a short), margin set aside."""

    lots: int = 0
    cost: int = 0
    margin: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fill would do, before its fee."""

    position: Position
    cash_change: int
    realised: int


def outcome(position: Position, sign: int, quantity: int, price: int, unit: int, leverage_milli: int | None) -> Outcome:
    """S-67 and S-63: a fill closes first, then opens with what is left of it; no leverage, no margin set aside.

    >>> outcome(Position(), +1, 2, 100, unit=1, leverage_milli=1000).position
    Position(lots=2, cost=200, margin=200)
    """
    held = abs(position.lots)
    closed = min(quantity, held) if sign_of(position.lots) == -sign else 0
    opened = quantity - closed
    lots, cost, margin, realised = position.lots, position.cost, position.margin, 0
    if closed:
        released = share(cost, closed, held)
        realised = -sign * closed * price * unit - released
        cost -= released
        margin -= share(margin, closed, held)
    if opened:
        notional = opened * price * unit
        cost += sign * notional
        margin += 0 if leverage_milli is None else ratio_up(notional * 1000, leverage_milli)
    lots += sign * quantity
    for value in (lots, cost, margin, realised, quantity * price * unit):
        checked(value, "fill")
    return Outcome(Position(lots, cost, margin), -sign * quantity * price * unit, realised)


class Account:
    """Cash per currency, a position per instrument, and their worth in the base currency."""

    def __init__(self, settings: Settings) -> None:
        """Begin with the initial cash."""
        self.settings = settings
        self.kind = AccountKind.from_text(settings.account.kind)
        self.cash = list(settings.cash)
        self.positions = [Position() for _ in settings.instruments]
        self.marks = [0 for _ in settings.instruments]
        self.rates = [PPB for _ in settings.currencies]

    def set_rates(self, time_ns: int) -> None:
        """S-74: the last rate at or before `time_ns`, for each currency."""
        for currency, known in enumerate(self.settings.rates):
            past = [ppb for since_ns, ppb in known if since_ns <= time_ns]
            if not past:
                name = self.settings.currencies[currency]
                raise ConfigError.of("rates", name, f"has no rate at {time_ns}", fix="give an earlier rate")
            self.rates[currency] = past[-1]

    def in_base(self, amount: int, currency: int) -> int:
        """S-74: an amount in the base currency."""
        return checked(scale(amount, self.rates[currency]), "amount in base currency")

    def quote_in_base(self, instrument: int, amount: int) -> int:
        """An amount of an instrument's quote currency in the base currency."""
        return self.in_base(amount, self.settings.instruments[instrument].currency)

    def value(self, instrument: int) -> int:
        """S-03: position × mark × unit, in the quote currency."""
        lots, unit = self.positions[instrument].lots, self.settings.instruments[instrument].unit
        return checked(lots * self.marks[instrument] * unit, "position value")

    def values(self) -> list[int]:
        """The worth of every position at its mark, in the base currency."""
        return [self.quote_in_base(each, self.value(each)) for each in range(len(self.positions))]

    def values_with(self, instrument: int, lots: int, price: int) -> list[int]:
        """The same, if `instrument` were held with `lots` at `price`."""
        values = self.values()
        values[instrument] = self.value_at(instrument, lots, price)
        return values

    def value_at(self, instrument: int, lots: int, price: int) -> int:
        """What so many lots are worth at a price, in the base currency."""
        unit = self.settings.instruments[instrument].unit
        return self.quote_in_base(instrument, checked(lots * price * unit, "position value"))

    def cash_in_base(self) -> int:
        """All cash in the base currency, each currency converted by itself."""
        total = sum(self.in_base(amount, currency) for currency, amount in enumerate(self.cash))
        return checked(total, "cash")

    def equity(self) -> int:
        """S-70: cash and positions at marks, in the base currency."""
        return checked(self.cash_in_base() + sum(self.values()), "equity")

    def gross(self) -> int:
        """The sum of all `|value|` at marks, in the base currency."""
        return sum(abs(value) for value in self.values())

    def after_fill(self, instrument: int, sign: int, quantity: int, price: int) -> Outcome:
        """What a fill would do to the position of this instrument."""
        unit = self.settings.instruments[instrument].unit
        leverage = self.settings.account.leverage_milli if self.kind is AccountKind.ISOLATED else None
        return outcome(self.positions[instrument], sign, quantity, price, unit, leverage)

    def check_room(self, instrument: int, sign: int, quantity: int, price: int, fee: int) -> None:
        """S-60: `OutOfRangeError` if an amount that this fill brings about leaves the 64-bit range."""
        found = self.after_fill(instrument, sign, quantity, price)
        self.quote_in_base(instrument, fee)
        self.value_at(instrument, found.position.lots, price)
        cash = self.cash[self.settings.instruments[instrument].currency]
        checked(cash + found.cash_change - fee, "cash")

    def apply(self, instrument: int, found: Outcome, fee: int) -> None:
        """Book a fill and its fee."""
        self.positions[instrument] = found.position
        self.move(self.settings.instruments[instrument].currency, found.cash_change - fee)

    def move(self, currency: int, amount: int) -> None:
        """Change the cash of one currency."""
        self.cash[currency] = checked(self.cash[currency] + amount, "cash")

    def free_margin_after(self, instrument: int, found: Outcome, fee: int) -> int:
        """S-63: wallet less margins, in the base currency, as they would be after a fill."""
        currency = self.settings.instruments[instrument].currency
        cash = list(self.cash)
        cash[currency] += found.cash_change - fee
        positions = [*self.positions]
        positions[instrument] = found.position
        costs = sum(self.quote_in_base(each, position.cost) for each, position in enumerate(positions))
        margins = sum(self.quote_in_base(each, position.margin) for each, position in enumerate(positions))
        wallet = sum(self.in_base(amount, each) for each, amount in enumerate(cash))  # no amount of its own: any size
        return wallet + costs - margins

    def liquidation_price(self, instrument: int) -> int | None:
        """S-63: where an isolated position is liquidated; None if it is not, or nothing is held."""
        position, unit = self.positions[instrument], self.settings.instruments[instrument].unit
        maintenance_ppb = self.settings.account.maintenance_ppb
        if self.kind is not AccountKind.ISOLATED or position.lots == 0:
            return None
        worth = abs(position.lots) * unit
        if position.lots > 0:
            price = ((position.cost - position.margin) * PPB) // (worth * (PPB - maintenance_ppb))
        else:
            price = ratio_up((position.margin + abs(position.cost)) * PPB, worth * (PPB + maintenance_ppb))
        return price if price > 0 else None

    def is_liquidated_at(self, instrument: int, x: int) -> bool:
        """Whether the path price x has reached the liquidation price."""
        price = self.liquidation_price(instrument)
        if price is None:
            return False
        sign = sign_of(self.positions[instrument].lots)
        return sign * x <= sign * price
