"""What trading costs: each model is exactly neutral when left at its defaults (S-50 to S-57)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number
from triplebar.contracts.model import Model, strict
from triplebar.contracts.time import utc


@strict
@dataclass(frozen=True)
class Commission(Model):
    """The commission of a fill (S-53): fixed per order, a share of the notional, an amount per unit, bounds.

    `bps` counts for makers and takers unless `maker_bps` or `taker_bps` says otherwise. `minimum` is an amount
    per fill, `maximum_percent` a share of the notional. `tiers` are (threshold, maker_bps, taker_bps): the rate
    is that of the last tier whose threshold is not above what was traded in the instrument before.

    >>> Commission(bps=1, minimum=1).minimum
    Decimal('1')
    >>> Commission.per_share("0.005", minimum=1, maximum_percent=1).per_unit
    Decimal('0.005')
    """

    bps: Number = 0
    maker_bps: Number | None = None
    taker_bps: Number | None = None
    per_unit: Number = 0
    fixed: Number = 0
    minimum: Number = 0
    maximum_percent: Number | None = None
    tiers: Sequence[tuple[Number, Number, Number]] = ()

    def __post_init__(self) -> None:
        """Check: nothing negative, tiers rising from zero."""
        for name in ("bps", "per_unit", "fixed", "minimum"):
            self._number(name)
        for name in ("maker_bps", "taker_bps", "maximum_percent"):
            self._optional_number(name)
        self._set("tiers", self._checked_tiers())

    def _checked_tiers(self) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
        name = self._named("tiers")
        rows = tuple(_row(name, each) for each in checks.sequence(name, self.tiers))
        thresholds = [threshold for threshold, _, _ in rows]
        if thresholds and (thresholds[0] != 0 or thresholds != sorted(set(thresholds))):
            raise ConfigError.of(name, self.tiers, "thresholds must rise from 0", fix="start with (0, maker, taker)")
        if rows and (self.bps or self.maker_bps is not None or self.taker_bps is not None):
            raise ConfigError.of(name, self.tiers, "tiers replace bps", fix="give either tiers or bps")
        return rows

    @classmethod
    def per_share(cls, amount: Number, *, minimum: Number = 0, maximum_percent: Number | None = None) -> Commission:
        """Charge an amount per unit traded."""
        return cls(per_unit=amount, minimum=minimum, maximum_percent=maximum_percent)

    @classmethod
    def percent(cls, share: Number, *, minimum: Number = 0, maximum_percent: Number | None = None) -> Commission:
        """Charge a percentage of the notional.

        >>> Commission.percent("0.1").bps
        Decimal('10')
        """
        bps = checks.number("Commission.percent", share, low=0) * 100
        return cls(bps=bps, minimum=minimum, maximum_percent=maximum_percent)

    @classmethod
    def per_order(cls, amount: Number) -> Commission:
        """Charge a fixed amount once per order, with its first fill.

        >>> Commission.per_order(5).fixed
        Decimal('5')
        """
        return cls(fixed=amount)

    @classmethod
    def tiered(cls, *tiers: tuple[Number, Number, Number]) -> Commission:
        """Charge by what was traded before: (threshold, maker_bps, taker_bps) each.

        >>> len(Commission.tiered((0, 2, 5), (1_000_000, 1, 4)).tiers)
        2
        """
        return cls(tiers=tiers)


def _row(name: str, row: object) -> tuple[Decimal, Decimal, Decimal]:
    values = checks.sequence(name, row)
    if len(values) != 3:
        raise ConfigError.of(name, row, "must be (threshold, maker_bps, taker_bps)", fix="write e.g. (0, 2, 5)")
    threshold, maker, taker = (checks.number(name, each, low=0) for each in values)
    return threshold, maker, taker


@strict
@dataclass(frozen=True)
class Slippage(Model):
    """How much worse than the market a taker fills (S-52); all parts add up.

    `impact` is the share of the price that a fill as large as the bar's volume would move it, in proportion.
    `root` is the coefficient of the square-root law, which starts above `root_free` of the bar's volume.

    >>> Slippage.fixed_bps(5).bps
    Decimal('5')
    """

    bps: Number = 0
    ticks: int = 0
    impact: Number = 0
    root: Number = 0
    root_free: Number = Decimal("0.01")

    def __post_init__(self) -> None:
        """Check: nothing negative."""
        for name in ("bps", "impact", "root", "root_free"):
            self._number(name)
        self._set("ticks", checks.integer(self._named("ticks"), self.ticks, high=2**31 - 1))

    @classmethod
    def fixed_bps(cls, bps: Number) -> Slippage:
        """Slip by a share of the price."""
        return cls(bps=bps)

    @classmethod
    def fixed_ticks(cls, ticks: int) -> Slippage:
        """Slip by a number of ticks.

        >>> Slippage.fixed_ticks(2).ticks
        2
        """
        return cls(ticks=ticks)

    @classmethod
    def volume(cls, impact: Number) -> Slippage:
        """Slip in proportion to the share of the bar's volume.

        >>> Slippage.volume(0.1).impact
        Decimal('0.1')
        """
        return cls(impact=impact)

    @classmethod
    def square_root(cls, coefficient: Number = Decimal("0.1"), *, free: Number = Decimal("0.01")) -> Slippage:
        """Slip with the square root of the share of the bar's volume, nothing up to the share `free`.

        >>> Slippage.square_root().root
        Decimal('0.1')
        """
        return cls(root=coefficient, root_free=free)


@strict
@dataclass(frozen=True)
class Spread(Model):
    """Half of the distance between bid and ask (S-51): ticks and basis points of the open add up.

    >>> Spread(half_ticks=1).half_ticks
    1
    """

    half_bps: Number = 0
    half_ticks: int = 0

    def __post_init__(self) -> None:
        """Check: nothing negative."""
        self._number("half_bps")
        self._set("half_ticks", checks.integer(self._named("half_ticks"), self.half_ticks, high=2**31 - 1))


@strict
@dataclass(frozen=True)
class Misses(Model):
    """How often a limit order is missed and how often a first fill is only a part (S-54).

    >>> Misses().limit_missed, Misses().partial
    (Decimal('0.05'), Decimal('0.1'))
    """

    limit_missed: Number = Decimal("0.05")
    partial: Number = Decimal("0.1")
    partial_low: Number = Decimal("0.5")
    partial_high: Number = Decimal("0.9")

    def __post_init__(self) -> None:
        """Check: all are shares, the bounds in order."""
        for name in ("limit_missed", "partial", "partial_low", "partial_high"):
            self._number(name)
            checks.share(self._named(name), getattr(self, name))
        low, high = checks.number("low", self.partial_low), checks.number("high", self.partial_high)
        if high < low:
            raise ConfigError.of(
                self._named("partial_high"), high, f"is below partial_low = {low}", fix="give the larger share last"
            )


@strict
@dataclass(frozen=True)
class Latency(Model):
    """The time from a decision to its arrival, drawn between two bounds (S-57).

    >>> Latency.NORMAL
    Latency(min_seconds=Decimal('0.15'), max_seconds=Decimal('0.25'))
    >>> Latency.preset("fast") == Latency.FAST
    True
    """

    INSTANT: ClassVar[Latency]
    FAST: ClassVar[Latency]
    NORMAL: ClassVar[Latency]
    SLOW: ClassVar[Latency]

    min_seconds: Number = 0
    max_seconds: Number = 0

    def __post_init__(self) -> None:
        """Check: not negative, in order, at most a year."""
        self._number("min_seconds")
        self._number("max_seconds", below=365 * 86_400)
        low, high = checks.number("min", self.min_seconds), checks.number("max", self.max_seconds)
        if high < low:
            raise ConfigError.of(
                self._named("max_seconds"), high, f"is below min_seconds = {low}", fix="give the longer time last"
            )

    @classmethod
    def preset(cls, name: str) -> Latency:
        """One of `instant`, `fast`, `normal`, `slow`."""
        presets = {"instant": cls.INSTANT, "fast": cls.FAST, "normal": cls.NORMAL, "slow": cls.SLOW}
        return presets[checks.choice("latency", name, presets)]


# submission and the way back of the fill, added up, in seconds
Latency.INSTANT = Latency()
Latency.FAST = Latency("0.06", "0.11")
Latency.NORMAL = Latency("0.15", "0.25")
Latency.SLOW = Latency("0.6", "1.1")


@strict
@dataclass(frozen=True)
class Funding(Model):
    """Payments between holders of a perpetual (S-72): a constant `rate` every so many hours, or a `schedule`.

    Times of a constant rate are whole multiples of `every_hours` since midnight UTC of 1 January 1970. A
    positive rate is paid by longs. Rates are rounded to parts per billion.

    >>> Funding(rate="0.0001").every_hours
    Decimal('8')
    """

    rate: Number | None = None
    every_hours: Number = 8
    schedule: Sequence[tuple[datetime | str, Number]] = ()

    def __post_init__(self) -> None:
        """Check: a rate or a schedule, not both; times rising."""
        self._optional_number("rate", low=None)
        self._number("every_hours", above=0)
        self._set("schedule", timed_numbers(self._named("schedule"), self.schedule))
        if (self.rate is None) == (not self.schedule):
            raise ConfigError.of(
                self._named("rate"), self.rate, "a rate or a schedule is needed, not both", fix="write rate=0.0001"
            )


def timed_numbers(name: str, rows: object, *, above: int | None = None) -> tuple[tuple[datetime, Decimal], ...]:
    """Check rows of (time, number) with rising times.

    >>> timed_numbers("rates", [("2024-01-01T00:00:00Z", 1.1)])[0][1]
    Decimal('1.1')
    """
    found = tuple(_timed_number(name, each, above) for each in checks.sequence(name, rows))
    for (before, _), (after, _) in pairwise(found):
        if after <= before:
            raise ConfigError.of(name, after.isoformat(), "times must rise", fix="sort the rows and drop doubles")
    return found


def _timed_number(name: str, row: object, above: int | None) -> tuple[datetime, Decimal]:
    values: Any = checks.sequence(name, row)
    if len(values) != 2:
        raise ConfigError.of(name, row, "must be (time, number)", fix="write e.g. ('2024-01-01T00:00:00Z', 1.1)")
    try:
        moment = utc(values[0])
    except ValueError as problem:
        raise ConfigError.of(name, values[0], str(problem), fix="give an aware time") from None
    return moment, checks.number(name, values[1], low=None, above=above)


@strict
@dataclass(frozen=True)
class SymbolCosts(Model):
    """What one instrument costs where it differs from the rest; None means as in the configuration.

    >>> SymbolCosts(participation=0.1).participation
    Decimal('0.1')
    """

    nested: ClassVar[dict[str, type[Model]]] = {"commission": Commission, "slippage": Slippage, "spread": Spread}

    commission: Commission | None = None
    slippage: Slippage | None = None
    spread: Spread | None = None
    participation: Number | None = None

    def __post_init__(self) -> None:
        """Check the types."""
        for name, model in self.nested.items():
            checks.instance(self._named(name), getattr(self, name), model)
        if self.participation is not None:
            self._number("participation", above=0)
            checks.share(self._named("participation"), self.participation)
