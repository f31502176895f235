"""Instruments and currencies as NautilusTrader's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from nautilus_trader.model.enums import CurrencyType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual, Equity
from nautilus_trader.model.objects import Currency, Quantity

from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.engines.nautilus.plan import multiplier
from triplebar.engines.nautilus.translator import FINE_ENOUGH, Grid

if TYPE_CHECKING:
    from triplebar.contracts.settings import InstrumentSettings, Settings

VENUE: Final = Venue("TRIPLEBAR")


def instrument_id(place: int) -> InstrumentId:
    """Instruments are known by their place: a symbol of ours may hold what NautilusTrader's may not."""
    return InstrumentId(Symbol(f"I{place:05d}"), VENUE)


def grids(settings: Settings) -> list[Grid]:
    """The grid of every instrument."""
    return [grid_of(each) for each in settings.instruments]


def grid_of(instrument: InstrumentSettings) -> Grid:
    """The grid of an instrument; `UnsupportedSettingError` if NautilusTrader cannot hold its decimals."""
    for name in ("price_precision", "size_precision"):
        check_decimals(f"{instrument.symbol}.{name}", getattr(instrument, name))
    return Grid(instrument.symbol, instrument.price_precision, instrument.size_precision)


def check_decimals(name: str, decimals: int) -> None:
    """`UnsupportedSettingError` for more decimals than this build of NautilusTrader holds.

    >>> check_decimals("X.price_precision", 2)
    """
    if decimals > FINE_ENOUGH:
        raise UnsupportedSettingError(
            f"this build of NautilusTrader holds {FINE_ENOUGH} decimals, not {decimals}",
            where=name,
            fix="lower it, or use engine='custom'",
        )


def fine_currencies(settings: Settings) -> list[Currency]:
    """The currencies of a strict run, base first."""
    check_decimals("cash_precision", settings.cash_precision)
    return [fine_currency(code, settings.cash_precision) for code in settings.currencies]


def fine_currency(code: str, precision: int) -> Currency:
    """A currency with as many decimals as the account: NautilusTrader rounds money to them at every fill.

    It has a code of its own, since `USD` keeps two decimals for the whole process.

    >>> fine_currency("USD", 8).code
    'USD.8'
    """
    found = Currency(f"{code}.{precision}", precision, 0, f"{code} with {precision} decimals", CurrencyType.FIAT)
    Currency.register(found, overwrite=True)
    return found


def own_currencies(settings: Settings) -> list[Currency]:
    """The currencies of a native run, base first: NautilusTrader's own where it knows the code."""
    check_decimals("cash_precision", settings.cash_precision)
    return [own_currency(code, settings.cash_precision) for code in settings.currencies]


def own_currency(code: str, precision: int) -> Currency:
    """What NautilusTrader knows by this code; else one that is as fine as the account.

    >>> own_currency("USD", 8).precision
    2
    """
    found = Currency.from_internal_map(code)
    return fine_currency(code, precision) if found is None else found


def contract(
    place: int, settings: Settings, grid: Grid, known: list[Currency], margin: Decimal = Decimal(0)
) -> CryptoPerpetual:
    """A linear contract: the kind of instrument that takes any decimals, any multiplier, and short positions."""
    own = settings.instruments[place]
    quote = known[own.currency]
    return CryptoPerpetual(
        instrument_id=instrument_id(place),
        raw_symbol=instrument_id(place).symbol,
        base_currency=quote,
        quote_currency=quote,
        settlement_currency=quote,
        is_inverse=False,
        price_precision=grid.price_precision,
        size_precision=grid.size_precision,
        price_increment=grid.price(own.price_step),
        size_increment=grid.size(own.size_step),
        multiplier=Quantity.from_str(f"{multiplier(own, settings.cash_precision):f}"),
        margin_init=margin,
        margin_maint=Decimal(0),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


def share(place: int, settings: Settings, grid: Grid, known: list[Currency]) -> Equity:
    """A share: whole sizes, no multiplier."""
    own = settings.instruments[place]
    return Equity(
        instrument_id=instrument_id(place),
        raw_symbol=instrument_id(place).symbol,
        currency=known[own.currency],
        price_precision=grid.price_precision,
        price_increment=grid.price(own.price_step),
        lot_size=Quantity.from_int(1),
        ts_event=0,
        ts_init=0,
    )
