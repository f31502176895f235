"""The configuration of a run, in the user's units: checked when it is made, before any data is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from triplebar.contracts import checks
from triplebar.contracts.canonical import digest
from triplebar.contracts.codes import AccountKind, FillConvention, PathRule
from triplebar.contracts.costs import (
    Commission,
    Funding,
    Latency,
    Misses,
    Slippage,
    Spread,
    SymbolCosts,
    timed_numbers,
)
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number
from triplebar.contracts.instruments import CURRENCY
from triplebar.contracts.model import FrozenMapping, Model, number_by_name, strict
from triplebar.contracts.risk import RiskLimits
from triplebar.contracts.time import utc

RULES_VERSION: Final = 1
"""The version of the rules of simulation; a trade never changes without a new one."""

Rate = Number | Sequence[tuple[datetime | str, Number]]
"""A constant, or rows of (time, number)."""

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "account": tuple(AccountKind.texts()),
    "fill": tuple(FillConvention.texts()),
    "path": tuple(PathRule.texts()),
    "off_grid": ("round", "reject"),
    "price_policy": ("raw", "split", "total_return"),
    "missing_data": ("skip", "forward_fill", "drop", "error", "interpolate", "backfill"),
    "on_error": ("stop", "isolate"),
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
}
"""The texts that some fields may be."""

OBSERVABILITY: Final = frozenset({"log_level"})
"""Fields that cannot change a result: they are left out of the digest."""


@strict
@dataclass(frozen=True, kw_only=True)
class BacktestConfig(Model):
    """How a run is simulated; every field has a sensible default and every value is checked here.

    Numbers may be int, float, text or Decimal; a float means the decimal it prints as.

    - `initial_cash`: an amount of `currency`, or amounts by currency; `rates` say what the others are worth.
    - `account`: `cash`, `margin` or `isolated`, with `leverage` and `maintenance_margin` (a share).
    - `fill`: `next_open` or `same_close`; `path`: how a bar visits its extremes; `off_grid`: what happens to
      prices between two ticks.
    - `commission_bps`, `slippage_bps`: short for a `commission` and a `slippage` of nothing but basis points.
    - `participation`: the share of a bar's volume that fills may take; `per_symbol` overrides costs.
    - `start`, `end`: the trading window, `[start, end)`; earlier bars are shown for warm-up.

    >>> config = BacktestConfig(initial_cash=1_000_000, commission_bps=1.0)
    >>> config == BacktestConfig.from_mapping(config.to_mapping())
    True
    >>> BacktestConfig(comission_bps=1)
    Traceback (most recent call last):
    triplebar.contracts.errors.ConfigError: BacktestConfig: unknown field 'comission_bps'; did you mean ...?
    """

    nested: ClassVar[dict[str, type[Model]]] = {
        "commission": Commission,
        "slippage": Slippage,
        "spread": Spread,
        "misses": Misses,
        "latency": Latency,
        "risk": RiskLimits,
    }
    nested_values: ClassVar[dict[str, type[Model]]] = {"funding": Funding, "per_symbol": SymbolCosts}

    initial_cash: Number | Mapping[str, Number] = 100_000
    currency: str = "USD"
    account: str = "margin"
    leverage: Number = 1
    maintenance_margin: Number = 0
    fill: str = "next_open"
    path: str = "open_high_low_close"
    off_grid: str = "round"
    commission_bps: Number = 0
    commission: Commission | None = None
    slippage_bps: Number = 0
    slippage: Slippage | None = None
    spread: Spread | None = None
    participation: Number | None = None
    misses: Misses | None = None
    latency: Latency | None = None
    funding: Mapping[str, Funding] | None = None
    borrow_rate: Number | Mapping[str, Number] = 0
    rates: Mapping[str, Rate] | None = None
    risk: RiskLimits | None = None
    per_symbol: Mapping[str, SymbolCosts] | None = None
    start: datetime | None = None
    end: datetime | None = None
    warmup_bars: int = 0
    close_at_end: bool = False
    seed: int = 0
    cash_precision: int | None = None
    calendar: str = "24/7"
    price_policy: str = "raw"
    missing_data: str = "skip"
    on_error: str = "stop"
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        """Check every field; the first fault is raised, with its name, value and fix."""
        self._check_plain_fields()
        self._check_models()
        self._check_money()
        self._check_account()
        self._check_costs()
        self._check_window()

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:  # noqa: ANN401 - any field
        if name == "latency" and isinstance(value, str):
            return Latency.preset(value)
        return super()._read(name, value)

    def _named(self, name: str) -> str:
        return name

    def _check_plain_fields(self) -> None:
        for name, choices in CHOICES.items():
            checks.choice(name, getattr(self, name), choices)
        checks.text("calendar", self.calendar)
        checks.flag("close_at_end", self.close_at_end)
        self._set("warmup_bars", checks.integer("warmup_bars", self.warmup_bars, high=2**31 - 1))
        self._set("seed", checks.integer("seed", self.seed, high=2**64 - 1))
        if self.cash_precision is not None:
            self._set("cash_precision", checks.integer("cash_precision", self.cash_precision, high=12))

    def _check_models(self) -> None:
        for name, model in self.nested.items():
            checks.instance(name, getattr(self, name), model)
        for name, model in self.nested_values.items():
            self._set(name, _models_by_symbol(name, getattr(self, name), model))

    def _check_money(self) -> None:
        currency("currency", self.currency)
        if not isinstance(self.initial_cash, Mapping):
            self._number("initial_cash", above=0)
        else:
            cash = number_by_name("initial_cash", self.initial_cash)
            self._set("initial_cash", cash)
            for code in currencies("initial_cash", self.initial_cash):
                if code != self.currency and code not in (self.rates or {}):
                    raise ConfigError.of("initial_cash", code, "has no rate", fix=f"add rates={{{code!r}: ...}}")
            if isinstance(cash, FrozenMapping) and not sum(cash.values()):
                raise ConfigError.of("initial_cash", dict(cash), "is nothing", fix="give an amount above 0")
        if self.rates is not None:
            rows = checks.mapping("rates", self.rates)
            currencies("rates", rows)
            self._set("rates", FrozenMapping({code: self._rate(code, each) for code, each in rows.items()}))

    def _rate(self, code: str, value: object) -> Decimal | tuple[tuple[datetime, Decimal], ...]:
        name = f"rates[{code!r}]"
        if code == self.currency:
            raise ConfigError.of(name, value, "the base currency is always worth 1", fix="leave it out")
        if isinstance(value, (list, tuple)):
            rows = timed_numbers(name, value, above=0)
            if not rows:
                raise ConfigError.of(name, value, "has no rows", fix="give at least one (time, number)")
            return rows
        return checks.number(name, value, above=0)

    def _check_account(self) -> None:
        self._number("leverage", low=1)
        self._number("maintenance_margin", below=1)
        leverage = checks.number("leverage", self.leverage, low=1)
        maintenance = checks.number("maintenance_margin", self.maintenance_margin)
        if leverage > 1000:
            raise ConfigError.of("leverage", self.leverage, "is above 1000", fix="give at most 1000")
        if self.account == "cash" and (leverage != 1 or maintenance):
            name = "leverage" if leverage != 1 else "maintenance_margin"
            raise ConfigError.of(name, getattr(self, name), "a cash account has none", fix="use account='margin'")
        if maintenance * leverage >= 1:
            raise ConfigError.of(
                "maintenance_margin",
                maintenance,
                f"at leverage {leverage} every position would be liquidated at once",
                fix=f"keep it under 1/{leverage}",
            )

    def _check_costs(self) -> None:
        for name in ("commission", "slippage"):
            self._number(f"{name}_bps")
            if getattr(self, name) is not None and getattr(self, f"{name}_bps"):
                raise ConfigError.of(
                    f"{name}_bps", getattr(self, f"{name}_bps"), f"{name} is given, too", fix="drop one"
                )
        if self.participation is not None:
            self._number("participation", above=0)
            checks.share("participation", self.participation)
        self._set("borrow_rate", number_by_name("borrow_rate", self.borrow_rate))

    def _check_window(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if value is not None:
                self._set(name, _moment(name, value))
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ConfigError.of(
                "end", self.end.isoformat(), f"is not after start = {self.start.isoformat()}", fix="swap them"
            )

    def costs_of(self, symbol: str) -> SymbolCosts:
        """The costs that hold for one symbol, none of them None but perhaps the participation.

        >>> BacktestConfig(commission_bps=2).costs_of("X").commission.bps
        Decimal('2')
        """
        own = (self.per_symbol or {}).get(symbol, SymbolCosts())
        return SymbolCosts(
            commission=own.commission or self.commission or Commission(bps=self.commission_bps),
            slippage=own.slippage or self.slippage or Slippage(bps=self.slippage_bps),
            spread=own.spread or self.spread or Spread(),
            participation=self.participation if own.participation is None else own.participation,
        )

    def digest(self) -> str:
        """The identity of everything in here that can change a result: 64 hexadecimal digits.

        >>> BacktestConfig().digest() == BacktestConfig(log_level="ERROR").digest() != BacktestConfig(seed=1).digest()
        True
        """
        values = self.to_mapping()
        relevant = {each.name: values[each.name] for each in fields(self) if each.name not in OBSERVABILITY}
        return digest({"rules_version": RULES_VERSION, "config": relevant})


def currency(field: str, code: object) -> str:
    """Check the code of a currency.

    >>> currency("currency", "EUR")
    'EUR'
    """
    if not isinstance(code, str) or not CURRENCY.fullmatch(code):
        raise ConfigError.of(field, code, "must be a currency code in capitals", fix="write e.g. 'USD'")
    return code


def currencies(field: str, codes: Mapping[str, object]) -> list[str]:
    """Check the codes of currencies that name the items of a mapping.

    >>> currencies("rates", {"EUR": 1.1})
    ['EUR']
    """
    return [currency(field, code) for code in codes]


def _models_by_symbol(name: str, value: object, model: type[Model]) -> FrozenMapping[object] | None:
    if value is None:
        return None
    rows = checks.mapping(name, value)
    for symbol, each in rows.items():
        if each is None:
            raise ConfigError.of(f"{name}[{symbol!r}]", each, "is empty", fix="leave the symbol out")
        checks.instance(f"{name}[{symbol!r}]", each, model)
    return FrozenMapping(rows)


def _moment(name: str, value: object) -> datetime:
    try:
        return utc(value)
    except ValueError as problem:
        raise ConfigError.of(
            name, value, str(problem), fix="give a time with its zone, e.g. '2024-01-01T00:00:00Z'"
        ) from None
