"""What one parameter may be: steps for a grid, draws for a random space."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import exact
from triplebar.contracts.sets import Values
from triplebar.store.trial_keys import value_text

Bits = npt.NDArray[np.uint64]
FRACTION: Final = 2.0**-53
STEPS_MAX: Final = 10_000_000
"""Values of one parameter that are written out at most."""


@runtime_checkable
class Range(Protocol):
    """Turns random bits into values of a parameter."""

    def of_bits(self, bits: Bits) -> Values:
        """One value for each number of 64 random bits."""
        ...

    def definition(self) -> dict[str, Any]:
        """What it is, in plain values; two ranges with equal definitions give equal values."""
        ...


@dataclass(frozen=True)
class Uniform:
    """Numbers in [low, high), all equally likely."""

    low: float
    high: float

    def of_bits(self, bits: Bits) -> Values:
        """One value for each number of 64 random bits."""
        return _distinct(self.low + (self.high - self.low) * _fractions(bits))

    def definition(self) -> dict[str, Any]:
        """What it is, in plain values."""
        return {"uniform": [self.low, self.high]}


@dataclass(frozen=True)
class LogUniform:
    """Numbers in [low, high), as likely in each decade as in every other."""

    low: float
    high: float

    def of_bits(self, bits: Bits) -> Values:
        """One value for each number of 64 random bits."""
        low, high = math.log(self.low), math.log(self.high)
        # math.exp, since what NumPy's gives depends on the instructions of the machine
        return _distinct(np.array([math.exp(each) for each in (low + (high - low) * _fractions(bits)).tolist()]))

    def definition(self) -> dict[str, Any]:
        """What it is, in plain values."""
        return {"log_uniform": [self.low, self.high]}


@dataclass(frozen=True)
class Integers:
    """Whole numbers from low to high, both possible, so far apart."""

    low: int
    high: int
    step: int = 1

    def of_bits(self, bits: Bits) -> Values:
        """One value for each number of 64 random bits."""
        values = range(self.low, self.high + 1, self.step)
        return Values(values, (bits % np.uint64(len(values))).astype(np.int64))

    def definition(self) -> dict[str, Any]:
        """What it is, in plain values."""
        return {"integers": [self.low, self.high, self.step]}


@dataclass(frozen=True)
class Choice:
    """One of a few values, all equally likely."""

    values: tuple[Any, ...]

    def of_bits(self, bits: Bits) -> Values:
        """One value for each number of 64 random bits."""
        return Values(self.values, (bits % np.uint64(len(self.values))).astype(np.int64))

    def definition(self) -> dict[str, Any]:
        """What it is, in plain values."""
        return {"choice": [value_text(value) for value in self.values]}


def uniform(low: float, high: float) -> Uniform:
    """Numbers from `low` up to `high`, all equally likely.

    >>> uniform(0.5, 2)
    Uniform(low=0.5, high=2.0)
    """
    return Uniform(*_ends("uniform", low, high))


def log_uniform(low: float, high: float) -> LogUniform:
    """Numbers from `low` up to `high`, as likely between 1 and 10 as between 10 and 100.

    >>> log_uniform(1e-4, 1e-1)
    LogUniform(low=0.0001, high=0.1)
    """
    found = _ends("log_uniform", low, high)
    if found[0] <= 0:
        raise ConfigError.of("low", low, "must be above 0 on a log scale", fix="start e.g. at 0.0001")
    return LogUniform(*found)


def integers(low: int, high: int, step: int = 1) -> Integers:
    """Whole numbers from `low` to `high`, both possible.

    >>> integers(5, 45, step=5).of_bits(np.array([0, 8], dtype=np.uint64)).plain().tolist()
    [5, 45]
    """
    for name, value in (("low", low), ("high", high), ("step", step)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise ConfigError.of(name, value, "must be a whole number", fix="write e.g. integers(5, 45)")
    if step < 1 or high < low or not -(2**63) <= low <= high < 2**63 or high - low >= 2**63:
        raise ConfigError.of("integers", (low, high, step), "holds no number", fix="write e.g. integers(5, 45, step=5)")
    return Integers(int(low), int(high), int(step))


def choice(*values: Any) -> Choice:  # noqa: ANN401 - values of any kind
    """One of the values, all equally likely.

    >>> choice("SMA", "EMA")
    Choice(values=('SMA', 'EMA'))
    """
    if not values:
        raise ConfigError("there is nothing to choose from", where="choice", fix="write e.g. choice('SMA', 'EMA')")
    return Choice(values)


def steps(low: float, high: float, step: float) -> list[float]:
    """Values from `low` to `high`, both included if the step fits; a float means what it prints as.

    >>> steps(0.1, 0.4, 0.1)
    [0.1, 0.2, 0.3, 0.4]
    """
    try:
        start, end, width = (exact(each) for each in (low, high, step))
    except (TypeError, ValueError) as problem:
        raise ConfigError.of("steps", (low, high, step), str(problem), fix="write e.g. steps(0.5, 2, 0.5)") from None
    if width <= 0 or end < start:
        raise ConfigError.of("steps", (low, high, step), "holds no value", fix="write e.g. steps(0.5, 2, 0.5)")
    if (end - start) / width >= STEPS_MAX:
        many = f"holds more than {STEPS_MAX:,} values"
        raise ConfigError.of("steps", (low, high, step), many, fix="take wider steps, or draw them with uniform")
    whole = all(isinstance(each, int) for each in (low, high, step))
    values = [start + number * width for number in range(int((end - start) / width) + 1)]
    return [int(each) if whole else float(each) for each in values]


def log_steps(low: float, high: float, count: int) -> list[float]:
    """So many values from `low` to `high`, each the same multiple of the one before, to 12 digits.

    >>> log_steps(0.001, 1, 4)
    [0.001, 0.01, 0.1, 1.0]
    """
    found = log_uniform(low, high)
    checks.integer("count", count, low=2)
    first, last = math.log(found.low), math.log(found.high)
    inner = [math.exp(first + (last - first) * number / (count - 1)) for number in range(1, count - 1)]
    return [found.low, *(float(f"{each:.12g}") for each in inner), found.high]


def range_of(name: str, given: object) -> Range:
    """Take a range as it is, and a list as a choice."""
    if isinstance(given, Range):
        return given
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)) and given:
        return Choice(tuple(given))
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.size:
        return Choice(tuple(given.tolist()))
    fix = f"give {name}=tb.spaces.integers(5, 45), uniform, log_uniform or choice"
    what = "is a mapping" if isinstance(given, Mapping) else "is no range of values"
    raise ConfigError.of(name, given, what, fix=fix)


def _ends(name: str, low: float, high: float) -> tuple[float, float]:
    try:
        found = float(low), float(high)
    except (TypeError, ValueError):
        found = (math.nan, math.nan)
    if not all(map(math.isfinite, (*found, found[1] - found[0]))) or found[0] >= found[1]:
        raise ConfigError.of(name, (low, high), "is no range of numbers", fix=f"write e.g. {name}(0.5, 2.0)")
    return found


def _fractions(bits: Bits) -> npt.NDArray[np.float64]:
    return (bits >> np.uint64(11)).astype(np.float64) * FRACTION


def _distinct(values: npt.NDArray[np.float64]) -> Values:
    return Values(values, np.arange(values.size, dtype=np.int64))
