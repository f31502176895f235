"""From a configuration in the user's units to the whole numbers an engine reads.

Nothing is rounded on the way, but for rates of exchange and of funding, which come from data and are taken to
the nearest part per billion. What does not fit, or is missing, is a `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from triplebar.contracts import units
from triplebar.contracts.config import RULES_VERSION, BacktestConfig
from triplebar.contracts.costs import Commission, Funding, Latency, Misses, SymbolCosts
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import decimals, exact
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.risk import RiskLimits
from triplebar.contracts.settings import (
    BEGINNING_NS,
    AccountSettings,
    CommissionSettings,
    InstrumentSettings,
    RiskSettings,
    Settings,
)
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_ns

CASH_PRECISION_LEAST: Final = 8
CASH_PRECISION_MOST: Final = 12
CURRENCIES_MAX: Final = 255
FUNDING_TIMES_MAX: Final = 1_000_000
HOUR_NS: Final = 3_600 * 10**9

Rates = tuple[tuple[int, int], ...]


class MarketSeries(Protocol):
    """What is read of one instrument's series."""

    @property
    def interval_ns(self) -> int:
        """The smallest step between two bars."""


class SettingsMarket(Protocol):
    """What is read of a market."""

    @property
    def instruments(self) -> Sequence[Instrument]:
        """The instruments, by symbol."""

    @property
    def clock(self) -> Any:  # noqa: ANN401 - an array of nanoseconds
        """The times of the clock."""

    def series(self, key: Any, /) -> MarketSeries:  # noqa: ANN401 - a symbol or a place
        """The series of one instrument."""


def resolve(config: BacktestConfig, market: SettingsMarket) -> Settings:
    """Turn a configuration into settings for one market; `ConfigError` for what does not fit it.

    >>> from types import SimpleNamespace
    >>> market = SimpleNamespace(
    ...     instruments=(Instrument("X"),), clock=[0, 60], series=lambda key: SimpleNamespace(interval_ns=60)
    ... )
    >>> resolve(BacktestConfig(commission_bps=1), market).instruments[0].commission.taker_ppb
    100000
    """
    return _Resolver(config, market).settings()


class _Resolver:
    """One configuration meets one market."""

    def __init__(self, config: BacktestConfig, market: SettingsMarket) -> None:
        self.config = config
        self.market = market
        self.instruments = tuple(market.instruments)
        self.symbols = [each.symbol for each in self.instruments]
        self._check_market()
        self.money = units.MoneyUnits(self._cash_precision())
        self.currencies = self._currencies()

    def settings(self) -> Settings:
        config = self.config
        misses = config.misses or Misses(limit_missed=0, partial=0)
        latency = config.latency or Latency.INSTANT
        return Settings(
            rules_version=RULES_VERSION,
            seed=config.seed,
            fill=config.fill,
            path=config.path,
            off_grid=config.off_grid,
            start_ns=None if config.start is None else to_ns(config.start),
            warmup_bars=config.warmup_bars,
            close_at_end=config.close_at_end,
            cash_precision=self.money.precision,
            currencies=tuple(self.currencies),
            cash=self._cash(),
            rates=self._rates(),
            account=self._account(),
            latency_min_ns=units.seconds_ns("latency.min_seconds", latency.min_seconds),
            latency_max_ns=units.seconds_ns("latency.max_seconds", latency.max_seconds),
            miss_ppb=units.share_ppb("misses.limit_missed", misses.limit_missed),
            partial_ppb=units.share_ppb("misses.partial", misses.partial),
            partial_low_ppb=units.share_ppb("misses.partial_low", misses.partial_low),
            partial_high_ppb=units.share_ppb("misses.partial_high", misses.partial_high),
            risk=_risk(config.risk or RiskLimits()),
            instruments=tuple(self._instrument(place, each) for place, each in enumerate(self.instruments)),
        )

    def _check_market(self) -> None:
        """What a configuration says about single symbols, and demands of instruments, fits the market."""
        risk = self.config.risk or RiskLimits()
        for name, value in (
            ("per_symbol", self.config.per_symbol),
            ("funding", self.config.funding),
            ("borrow_rate", self.config.borrow_rate),
            ("risk.position_quantity", risk.position_quantity),
            ("risk.position_value", risk.position_value),
        ):
            for symbol in value if isinstance(value, Mapping) else ():
                if symbol not in self.symbols:
                    fix = hint(symbol, self.symbols)
                    raise ConfigError.of(f"{name}[{symbol!r}]", symbol, "the market has no such symbol", fix=fix)
        for instrument in self.instruments:
            _check_margin(self.config, instrument)
        self._check_calendar()

    def _check_calendar(self) -> None:
        wanted, found = self.config.calendar, getattr(self.market, "calendar", None)
        name = getattr(found, "name", found)
        if wanted != "24/7" and isinstance(name, str) and name != wanted:
            fix = f"load the market with calendar={wanted!r}"
            raise ConfigError.of("calendar", wanted, f"the market was loaded with {name!r}", fix=fix)

    def _cash_precision(self) -> int:
        if self.config.cash_precision is not None:
            return self.config.cash_precision
        needs = [
            each.price_precision + each.size_precision + decimals(exact(each.multiplier)) for each in self.instruments
        ]
        precision = max([CASH_PRECISION_LEAST, *needs])
        if precision > CASH_PRECISION_MOST:
            symbol = self.symbols[needs.index(precision)]
            raise ConfigError.of(
                "cash_precision",
                None,
                f"{symbol} needs {precision} decimals of cash, at most {CASH_PRECISION_MOST} are possible",
                fix="lower its price_precision or size_precision",
            )
        return precision

    def _currencies(self) -> list[str]:
        config = self.config
        rates: Mapping[str, object] = config.rates or {}
        own = set(config.initial_cash) if isinstance(config.initial_cash, Mapping) else set()
        others = {each.currency for each in self.instruments} | own | set(rates)
        for code in sorted(others - {config.currency} - set(rates)):
            users = [each.symbol for each in self.instruments if each.currency == code]
            fix = f"add rates={{{code!r}: <{config.currency} per {code}>}}"
            raise ConfigError.of(
                "rates", code, f"{', '.join(users[:3])} is traded in {code}, which has no rate", fix=fix
            )
        found = [config.currency, *sorted(others - {config.currency})]
        if len(found) > CURRENCIES_MAX:
            raise ConfigError.of("rates", len(found), "too many currencies", fix=f"keep at most {CURRENCIES_MAX}")
        return found

    def _cash(self) -> tuple[int, ...]:
        given = self.config.initial_cash
        amounts = given if isinstance(given, Mapping) else {self.config.currency: given}
        return tuple(self.money.exactly("initial_cash", amounts.get(code, 0)) for code in self.currencies)

    def _rates(self) -> tuple[Rates, ...]:
        rates: Mapping[str, Any] = self.config.rates or {}
        always: Rates = ((BEGINNING_NS, units.PPB),)
        return (always, *(self._rate(code, rates[code]) for code in self.currencies[1:]))

    def _rate(self, code: str, value: Decimal | Sequence[tuple[Any, Decimal]]) -> Rates:
        name = f"rates[{code!r}]"
        if isinstance(value, Decimal):
            rows: Rates = ((BEGINNING_NS, units.nearest_ppb(name, value)),)
        else:
            rows = tuple((to_ns(moment), units.nearest_ppb(name, rate)) for moment, rate in value)
        if any(ppb <= 0 for _, ppb in rows):
            raise ConfigError.of(name, value, "is less than one part per billion", fix="check the unit of the rate")
        if len(self.market.clock) and rows[0][0] > int(self.market.clock[0]):
            raise ConfigError.of(name, value, "starts after the market's first bar", fix="add an earlier row")
        return rows

    def _account(self) -> AccountSettings:
        leverage = units.integer("leverage", exact(self.config.leverage), 3, fix="give at most 3 decimals")
        maintenance = units.share_ppb("maintenance_margin", self.config.maintenance_margin)
        return AccountSettings(kind=self.config.account, leverage_milli=leverage, maintenance_ppb=maintenance)

    def _instrument(self, place: int, instrument: Instrument) -> InstrumentSettings:
        costs = self.config.costs_of(instrument.symbol)
        slippage, spread = costs.slippage, costs.spread
        assert slippage is not None  # noqa: S101 - costs_of fills everything in
        assert spread is not None  # noqa: S101
        return InstrumentSettings(
            symbol=instrument.symbol,
            price_precision=instrument.price_precision,
            size_precision=instrument.size_precision,
            price_step=instrument.price_step_ticks,
            size_step=instrument.size_step_lots,
            unit=instrument.unit(self.money.precision),
            currency=self.currencies.index(instrument.currency),
            quantity_min=instrument.quantity_min_lots,
            quantity_max=instrument.quantity_max_lots,
            notional_min=self.money.up(instrument.notional_min or 0),
            participation_ppb=units.optional_share_ppb("participation", costs.participation),
            half_spread_ticks=spread.half_ticks,
            half_spread_ppb=units.bps_ppb("spread.half_bps", spread.half_bps),
            slippage_ticks=slippage.ticks,
            slippage_ppb=units.bps_ppb("slippage.bps", slippage.bps),
            impact_ppb=units.share_ppb("slippage.impact", slippage.impact),
            root_coefficient=float(exact(slippage.root)),
            root_free=float(exact(slippage.root_free)),
            commission=self._commission(costs),
            funding=self._funding(instrument.symbol),
            borrow_ppb=units.share_ppb("borrow_rate", _of_symbol(self.config.borrow_rate, instrument.symbol) or 0),
            position_limit_lots=self._position_lots(instrument),
            position_limit_minor=self._position_minor(instrument.symbol),
            interval_ns=max(1, int(self.market.series(place).interval_ns or 0)),
        )

    def _commission(self, costs: SymbolCosts) -> CommissionSettings:
        own = costs.commission or Commission()
        maximum = own.maximum_percent
        return CommissionSettings(
            fixed=self.money.exactly("commission.fixed", own.fixed),
            maker_ppb=units.bps_ppb("commission.maker_bps", own.bps if own.maker_bps is None else own.maker_bps),
            taker_ppb=units.bps_ppb("commission.taker_bps", own.bps if own.taker_bps is None else own.taker_bps),
            per_unit_minor=self.money.exactly("commission.per_unit", own.per_unit),
            minimum=self.money.exactly("commission.minimum", own.minimum),
            maximum_ppb=None if maximum is None else units.percent_ppb("commission.maximum_percent", maximum),
            tiers=tuple(
                (
                    self.money.exactly("commission.tiers", threshold),
                    units.bps_ppb("commission.tiers", maker),
                    units.bps_ppb("commission.tiers", taker),
                )
                for threshold, maker, taker in own.tiers
            ),
        )

    def _funding(self, symbol: str) -> Rates:
        own = (self.config.funding or {}).get(symbol)
        if own is None:
            return ()
        name = f"funding[{symbol!r}]"
        if own.rate is None:
            return tuple((to_ns(moment), units.nearest_ppb(name, exact(rate))) for moment, rate in own.schedule)
        return self._constant_funding(name, own, exact(own.rate))

    def _constant_funding(self, name: str, own: Funding, rate: Decimal) -> Rates:
        every_ns = units.integer(
            f"{name}.every_hours", exact(own.every_hours) * HOUR_NS, 0, fix="give whole nanoseconds"
        )
        if not len(self.market.clock):
            return ()
        first, last = int(self.market.clock[0]), int(self.market.clock[-1])
        begin = -(-first // every_ns)
        if last // every_ns - begin >= FUNDING_TIMES_MAX:
            fix = f"keep it under {FUNDING_TIMES_MAX:,} payments in a run"
            raise ConfigError.of(f"{name}.every_hours", own.every_hours, "is too short", fix=fix)
        ppb = units.nearest_ppb(name, rate)
        return tuple((count * every_ns, ppb) for count in range(begin, last // every_ns + 1))

    def _position_lots(self, instrument: Instrument) -> int | None:
        limit = _of_symbol((self.config.risk or RiskLimits()).position_quantity, instrument.symbol)
        if limit is None:
            return None
        return units.floor(limit, instrument.size_precision)

    def _position_minor(self, symbol: str) -> int | None:
        limit = _of_symbol((self.config.risk or RiskLimits()).position_value, symbol)
        return None if limit is None else self.money.down(limit)


def _of_symbol(value: Any, symbol: str) -> Any:  # noqa: ANN401 - a number, numbers by symbol, or None
    return value.get(symbol) if isinstance(value, Mapping) else value


def _risk(limits: RiskLimits) -> RiskSettings:
    return RiskSettings(
        trading_enabled=limits.trading_enabled,
        gross_ppb=units.optional_share_ppb("risk.gross_exposure", limits.gross_exposure),
        net_ppb=units.optional_share_ppb("risk.net_exposure", limits.net_exposure),
        drawdown_total_ppb=units.optional_share_ppb("risk.drawdown_total", limits.drawdown_total),
        drawdown_daily_ppb=units.optional_share_ppb("risk.drawdown_daily", limits.drawdown_daily),
        position_ppb=units.optional_share_ppb("risk.position_share", limits.position_share),
        long_ppb=units.optional_share_ppb("risk.long_exposure", limits.long_exposure),
        short_ppb=units.optional_share_ppb("risk.short_exposure", limits.short_exposure),
        positions=limits.positions,
    )


def _check_margin(config: BacktestConfig, instrument: Instrument) -> None:
    """What the venue demands of an instrument holds (its highest leverage, its least maintenance margin)."""
    most, least = instrument.leverage_max, instrument.maintenance_margin_min
    if most is not None and exact(config.leverage) > exact(most):
        fix = f"give at most {most}"
        raise ConfigError.of("leverage", config.leverage, f"{instrument.symbol} allows {most}", fix=fix)
    if least is not None and config.account != "cash" and exact(config.maintenance_margin) < exact(least):
        fix = f"give at least {least}"
        raise ConfigError.of(
            "maintenance_margin", config.maintenance_margin, f"{instrument.symbol} demands {least}", fix=fix
        )
