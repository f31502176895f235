"""What can be traded: the identity of an instrument and the grid its prices and sizes live on."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import INT64_MAX, Number, exact, scaled, whole
from triplebar.contracts.model import Model, strict

PRECISION_MAX: Final = 12
"""Most decimals that a price or a size may have."""

PART: Final = re.compile(r"[^\s:\x00-\x1f\x7f]+")
CURRENCY: Final = re.compile(r"[A-Z][A-Z0-9]{1,15}")
DECIMAL_FIELDS: Final = (
    "price_step",
    "size_step",
    "multiplier",
    "quantity_min",
    "quantity_max",
    "notional_min",
    "leverage_max",
    "maintenance_margin_min",
)
POSITIVE: Final = frozenset({"price_step", "size_step", "multiplier", "quantity_max"})


@dataclass(frozen=True, slots=True, order=True)
class InstrumentId:
    """`VENUE:SYMBOL:SPEC`, for instance `SIM:AAPL:SPOT`.

    >>> InstrumentId.parse("SIM:AAPL:SPOT").symbol
    'AAPL'
    >>> str(InstrumentId("SIM", "BTC/USDT", "PERP"))
    'SIM:BTC/USDT:PERP'
    """

    venue: str
    symbol: str
    spec: str

    def __post_init__(self) -> None:
        """Each part is a text without blanks and colons."""
        for name in ("venue", "symbol", "spec"):
            part: object = getattr(self, name)
            if not isinstance(part, str) or not PART.fullmatch(part):
                raise ConfigError.of(name, part, "must be a text without blanks and colons", fix="write e.g. 'AAPL'")

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return f"{self.venue}:{self.symbol}:{self.spec}"

    @classmethod
    def parse(cls, text: object) -> InstrumentId:
        """Read `VENUE:SYMBOL:SPEC`; `ConfigError` (a `ValueError`) if it is something else."""
        parts = text.split(":") if isinstance(text, str) else []
        if len(parts) != 3:
            raise ConfigError.of("instrument id", text, "must be VENUE:SYMBOL:SPEC", fix="write e.g. 'SIM:AAPL:SPOT'")
        return cls(*parts)


@strict
@dataclass(frozen=True)
class Instrument(Model):
    """One instrument and its rules.

    Numbers may be given as int, float, text or Decimal; a float means the decimal it prints as. Steps
    default to one tick and one lot. `leverage_max` and `maintenance_margin_min` are what the venue demands:
    a configuration that asks for more leverage, or for less maintenance margin, is refused.

    >>> future = Instrument("ES", price_precision=2, price_step=0.25, multiplier=50)
    >>> str(future.id), future.price_step_ticks, future.size_step_lots
    ('SIM:ES:SPOT', 25, 1)
    >>> future.unit(cash_precision=8)
    50000000
    """

    symbol: str
    price_precision: int = 2
    size_precision: int = 0
    _: KW_ONLY
    venue: str = "SIM"
    spec: str = "SPOT"
    currency: str = "USD"
    price_step: Number | None = None
    size_step: Number | None = None
    multiplier: Number = 1
    quantity_min: Number | None = None
    quantity_max: Number | None = None
    notional_min: Number | None = None
    calendar: str = "24/7"
    leverage_max: Number | None = None
    maintenance_margin_min: Number | None = None

    def __post_init__(self) -> None:
        """Check everything once; what exists is valid."""
        InstrumentId(self.venue, self.symbol, self.spec)
        self._check_texts()
        self._check_precisions()
        for name in DECIMAL_FIELDS:
            self._optional_number(name, above=0 if name in POSITIVE else None)
        self._check_steps()
        self._check_sizes()
        self._check_margin()

    def _named(self, name: str) -> str:
        return f"{self.symbol}.{name}"

    def _fail(self, name: str, problem: str, fix: str) -> ConfigError:
        return ConfigError.of(self._named(name), getattr(self, name), problem, fix=fix)

    def _check_texts(self) -> None:
        if not CURRENCY.fullmatch(checks.text(self._named("currency"), self.currency)):
            raise self._fail("currency", "must be a code in capitals", "write e.g. 'USD' or 'USDT'")
        checks.text(self._named("calendar"), self.calendar)

    def _check_precisions(self) -> None:
        for name in ("price_precision", "size_precision"):
            value = checks.integer(self._named(name), getattr(self, name), high=PRECISION_MAX)
            self._set(name, value)

    def _check_steps(self) -> None:
        for name, precision in (("price_step", self.price_precision), ("size_step", self.size_precision)):
            step = getattr(self, name)
            if step is not None and not self._fits(step, precision):
                raise self._fail(name, f"is not a multiple of 10^-{precision}", "raise the precision or the step")

    def _check_sizes(self) -> None:
        for name in ("quantity_min", "quantity_max"):
            size = getattr(self, name)
            if size is not None and not self._fits(size, self.size_precision):
                raise self._fail(name, f"has more than {self.size_precision} decimals", "raise size_precision")
        low, high = self.quantity_min_lots, self.quantity_max_lots
        if high is not None and high < max(low, self.size_step_lots):
            raise self._fail("quantity_max", "leaves no size to trade", "raise it above quantity_min and size_step")

    def _check_margin(self) -> None:
        if self.leverage_max is not None:
            checks.number(self._named("leverage_max"), self.leverage_max, low=1)
        if self.maintenance_margin_min is not None:
            checks.number(self._named("maintenance_margin_min"), self.maintenance_margin_min, below=1)

    @staticmethod
    def _fits(value: Decimal, precision: int) -> bool:
        units = whole(scaled(value, precision))
        return units is not None and units <= INT64_MAX

    @property
    def id(self) -> InstrumentId:
        """The full identity."""
        return InstrumentId(self.venue, self.symbol, self.spec)

    def _units(self, value: Number | None, precision: int, default: int) -> int:
        return default if value is None else int(scaled(exact(value), precision))

    @property
    def price_step_ticks(self) -> int:
        """Prices are multiples of this many ticks."""
        return self._units(self.price_step, self.price_precision, 1)

    @property
    def size_step_lots(self) -> int:
        """Sizes are multiples of this many lots."""
        return self._units(self.size_step, self.size_precision, 1)

    @property
    def quantity_min_lots(self) -> int:
        """The smallest order, in lots."""
        return self._units(self.quantity_min, self.size_precision, 0)

    @property
    def quantity_max_lots(self) -> int | None:
        """The largest order, in lots; None if there is no limit."""
        return None if self.quantity_max is None else self._units(self.quantity_max, self.size_precision, 0)

    def unit(self, cash_precision: int) -> int:
        """The worth, in minor units of cash, of one tick on one lot; `ConfigError` if it is not a whole number.

        >>> Instrument("X", price_precision=4).unit(cash_precision=8)
        10000
        """
        power = cash_precision - self.price_precision - self.size_precision
        value = whole(scaled(exact(self.multiplier), power))
        if value is None or not 1 <= value <= INT64_MAX:
            fix = "raise cash_precision" if value is None or value < 1 else "lower cash_precision or the multiplier"
            raise ConfigError.of("cash_precision", cash_precision, f"cannot express a tick of {self.symbol}", fix=fix)
        return value
