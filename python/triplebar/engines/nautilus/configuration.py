"""Settings as NautilusTrader's own configuration of engine and venue: of a strict run, and of a native one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nautilus_trader.backtest.engine import BacktestEngineConfig
from nautilus_trader.backtest.models import FillModel, LatencyModel
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.enums import AccountType, BookType, OmsType
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.risk.config import RiskEngineConfig

from triplebar.engines.nautilus import data, instruments
from triplebar.engines.nautilus.instruments import VENUE
from triplebar.engines.nautilus.plan import is_share
from triplebar.engines.nautilus.session import Blueprint
from triplebar.engines.nautilus.translator import money
from triplebar.engines.nautilus.venue import Listener, PathFill, Schedule

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings


def engine_configuration(*, bypass_risk: bool) -> BacktestEngineConfig:
    """Silent, and without analysis."""
    return BacktestEngineConfig(
        trader_id=TraderId("TRIPLEBAR-001"),
        logging=LoggingConfig(bypass_logging=True),
        risk_engine=RiskEngineConfig(bypass=bypass_risk),
        run_analysis=False,
    )


def balances(settings: Settings, known: list[Any]) -> list[Any]:
    """The cash to begin with, in each currency."""
    return [money(minor, settings.cash_precision, each) for minor, each in zip(settings.cash, known, strict=True)]


def strict_blueprint(market: Any, settings: Settings, listener: Listener) -> Blueprint:  # noqa: ANN401 - a market
    """A venue that decides nothing by itself but matches: one that can be told the price at any moment.

    A margin account without margin: what an account may do is asked at the gate, in the same words for all engines.
    The book has more than one level, since a book of one level fills what is left of an order one tick worse.
    """
    data.check_times(market)
    known, grids = instruments.fine_currencies(settings), instruments.grids(settings)
    places = range(len(grids))
    venue = {
        "venue": VENUE,
        "oms_type": OmsType.NETTING,
        "account_type": AccountType.MARGIN,
        "base_currency": None,
        "starting_balances": balances(settings, known),
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
        "fill_model": PathFill(listener),
        "fee_model": Schedule(listener),
    }
    return Blueprint(
        engine=engine_configuration(bypass_risk=True),
        venue=venue,
        currencies=known,
        grids=grids,
        instruments=[instruments.contract(place, settings, grids[place], known) for place in places],
        data=[
            *([data.empty_book(place, int(market.clock[0]))] for place in places),
            data.all_bars(market, settings, grids),
        ],
    )


def native_blueprint(market: Any, settings: Settings, listener: Listener) -> Blueprint:  # noqa: ANN401 - a market
    """A venue as it comes: bars are matched at open, high, low and close by NautilusTrader's own rules.

    Orders are worked off at the close at which they are sent, which is how it comes; for `next_open` the open of every
    bar is fed as a trade, and orders take a nanosecond to arrive.
    """
    data.check_times(market)
    known, grids = instruments.own_currencies(settings), instruments.grids(settings)
    next_open = settings.fill == "next_open"
    slips = float(settings.instruments[0].slippage_ticks > 0)
    venue = {
        "venue": VENUE,
        "oms_type": OmsType.NETTING,
        "account_type": AccountType.CASH if settings.account.kind == "cash" else AccountType.MARGIN,
        "base_currency": None,
        "starting_balances": balances(settings, known),
        "default_leverage": Decimal(settings.account.leverage_milli) / 1000,
        "bar_adaptive_high_low_ordering": settings.path == "adaptive",
        "latency_model": LatencyModel(base_latency_nanos=1) if next_open else None,
        "fill_model": FillModel(prob_slippage=slips),
        "fee_model": Schedule(listener),
    }
    openings = data.opening_trades(market, settings, grids) if next_open else []
    everything = sorted([*openings, *data.all_bars(market, settings, grids)], key=lambda each: each.ts_init)
    kinds = [data.bar_type(place, each.interval_ns) for place, each in enumerate(settings.instruments)]
    return Blueprint(
        engine=engine_configuration(bypass_risk=False),
        venue=venue,
        currencies=known,
        grids=grids,
        instruments=[
            instruments.share(place, settings, grids[place], known)
            if is_share(each, settings.cash_precision)
            else instruments.contract(place, settings, grids[place], known, margin=Decimal(1))
            for place, each in enumerate(settings.instruments)
        ],
        data=[everything],
        bar_types=tuple(kinds),
    )
