"""Settings as NautilusTrader's own configuration: engine, venue, currencies and instruments of a strict run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from nautilus_trader.backtest.engine import BacktestEngineConfig
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.data import BarSpecification, BarType
from nautilus_trader.model.enums import (
    AccountType,
    AggregationSource,
    BarAggregation,
    BookType,
    CurrencyType,
    OmsType,
    PriceType,
)
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Currency
from nautilus_trader.risk.config import RiskEngineConfig

from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.engines.nautilus.translator import FINE_ENOUGH, Grid, money

if TYPE_CHECKING:
    from triplebar.contracts.settings import InstrumentSettings, Settings

VENUE: Final = Venue("TRIPLEBAR")
LEAST_TIME_NS: Final = 0
"""NautilusTrader's clock cannot stand before 1970."""


def engine_configuration() -> BacktestEngineConfig:
    """Silent, without analysis, and with the checks of risk left to the gate (S-60)."""
    return BacktestEngineConfig(
        trader_id=TraderId("TRIPLEBAR-001"),
        logging=LoggingConfig(bypass_logging=True),
        risk_engine=RiskEngineConfig(bypass=True),
        run_analysis=False,
    )


def currency(code: str, precision: int) -> Currency:
    """A currency with as many decimals as the account: NautilusTrader rounds money to them at every fill.

    It has a code of its own, since `USD` keeps two decimals for the whole process.
    """
    found = Currency(f"{code}.{precision}", precision, 0, f"{code} with {precision} decimals", CurrencyType.FIAT)
    Currency.register(found, overwrite=True)
    return found


def currencies(settings: Settings) -> list[Currency]:
    """The currencies of a run, base first."""
    if settings.cash_precision > FINE_ENOUGH:
        raise UnsupportedSettingError(
            f"this build of NautilusTrader holds {FINE_ENOUGH} decimals, not {settings.cash_precision}",
            where="cash_precision",
            fix=f"set cash_precision={FINE_ENOUGH}, or use engine='custom'",
        )
    return [currency(code, settings.cash_precision) for code in settings.currencies]


def venue_keywords(settings: Settings, known: list[Currency]) -> dict[str, Any]:
    """A venue that decides nothing by itself but matches: one that can be told the price at any moment.

    A margin account without margin: what an account may do is asked at the gate, in the same words for all engines.
    The book has more than one level, since a book of one level fills what is left of an order one tick worse.
    """
    balances = [money(minor, settings.cash_precision, each) for minor, each in zip(settings.cash, known, strict=True)]
    return {
        "venue": VENUE,
        "oms_type": OmsType.NETTING,
        "account_type": AccountType.MARGIN,
        "base_currency": None,
        "starting_balances": balances,
        "default_leverage": Decimal(1),
        "book_type": BookType.L2_MBP,
        "bar_execution": False,
        "trade_execution": False,
        "reject_stop_orders": False,
        "support_gtd_orders": False,
        "support_contingent_orders": False,
        "use_reduce_only": False,
        "use_message_queue": False,
        "use_random_ids": False,
        "liquidity_consumption": False,
        "queue_position": False,
    }


def grid_of(instrument: InstrumentSettings) -> Grid:
    """The grid of an instrument; `UnsupportedSettingError` if NautilusTrader cannot hold its decimals."""
    for name in ("price_precision", "size_precision"):
        decimals = getattr(instrument, name)
        if decimals > FINE_ENOUGH:
            raise UnsupportedSettingError(
                f"this build of NautilusTrader holds {FINE_ENOUGH} decimals, not {decimals}",
                where=f"{instrument.symbol}.{name}",
                fix="lower it, or use engine='custom'",
            )
    return Grid(instrument.symbol, instrument.price_precision, instrument.size_precision)


def multiplier(instrument: InstrumentSettings, cash_precision: int) -> Decimal:
    """What one unit of size is worth at a price of one: `unit` without the scales of ticks, lots and minor units."""
    scale = instrument.price_precision + instrument.size_precision - cash_precision
    return (Decimal(instrument.unit) * Decimal(10) ** scale).normalize()


def instrument_id(place: int) -> InstrumentId:
    """Instruments are known by their place: a symbol of ours may hold what NautilusTrader's may not."""
    return InstrumentId(Symbol(f"I{place:05d}"), VENUE)


def strict_instrument(place: int, settings: Settings, grid: Grid, known: list[Currency]) -> CryptoPerpetual:
    """A linear contract: the kind of instrument that takes any decimals, any multiplier, and short positions."""
    from nautilus_trader.model.objects import Quantity

    own = settings.instruments[place]
    quote = known[own.currency]
    return CryptoPerpetual(
        instrument_id=instrument_id(place),
        raw_symbol=Symbol(f"I{place:05d}"),
        base_currency=quote,
        quote_currency=quote,
        settlement_currency=quote,
        is_inverse=False,
        price_precision=grid.price_precision,
        size_precision=grid.size_precision,
        price_increment=grid.price(1),
        size_increment=grid.size(1),
        multiplier=Quantity.from_str(f"{multiplier(own, settings.cash_precision):f}"),
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


def bar_type(place: int, interval_ns: int) -> BarType:
    """Bars of the instrument, made outside; the step is named as NautilusTrader can, which changes nothing."""
    step, aggregation = bar_step(interval_ns)
    spec = BarSpecification(step, aggregation, PriceType.LAST)
    return BarType(instrument_id(place), spec, AggregationSource.EXTERNAL)


STEPS: Final = (
    (86_400 * 10**9, BarAggregation.DAY, 1),
    (3_600 * 10**9, BarAggregation.HOUR, 24),
    (60 * 10**9, BarAggregation.MINUTE, 60),
    (10**9, BarAggregation.SECOND, 60),
    (10**6, BarAggregation.MILLISECOND, 1000),
)


def bar_step(interval_ns: int) -> tuple[int, BarAggregation]:
    """The name of an interval; `1-DAY` for what has none.

    >>> bar_step(900 * 10**9)[0]
    15
    """
    for unit_ns, aggregation, most in STEPS:
        step, rest = divmod(interval_ns, unit_ns)
        if not rest and 0 < step < most and most % step == 0:
            return step, aggregation
    return 1, BarAggregation.DAY
