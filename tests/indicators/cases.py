"""Every indicator with a choice of parameters, and how to feed it: the tables of the indicator tests."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from triplebar.strategy import indicators

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One class of indicator, its parameters, and the columns it reads."""

    kind: Any
    parameters: tuple[Any, ...]
    columns: tuple[str, ...]
    lines: int = 1

    def __str__(self) -> str:
        return f"{self.kind.__name__}{self.parameters}"

    def make(self) -> Any:
        return self.kind(*self.parameters)

    def column(self, prices: dict[str, Floats]) -> list[Floats]:
        """Each line over whole columns."""
        found = self.kind.column(*(prices[name] for name in self.columns), *self.parameters)
        return [found] if self.lines == 1 else list(found)

    def streamed(self, prices: dict[str, Floats], between: Callable[[int, Any], Any] | None = None) -> list[Floats]:
        """Each line, update by update; `between` may put another object in the indicator's place before each."""
        indicator = self.make()
        out = np.empty((len(prices["close"]), self.lines))
        for row in range(len(out)):
            if between is not None:
                indicator = between(row, indicator)
            out[row] = indicator.update(*(float(prices[name][row]) for name in self.columns))
        return list(out.T)


BAR = ("high", "low", "close")
CASES = [
    Case(indicators.SMA, (1,), ("close",)),
    Case(indicators.SMA, (10,), ("close",)),
    Case(indicators.EMA, (10,), ("close",)),
    Case(indicators.WMA, (7,), ("close",)),
    Case(indicators.RSI, (14,), ("close",)),
    Case(indicators.ROC, (5,), ("close",)),
    Case(indicators.RollingStd, (20, False), ("close",)),
    Case(indicators.RollingStd, (6, True), ("close",)),
    Case(indicators.ZScore, (20, False), ("close",)),
    Case(indicators.MACD, (12, 26, 9), ("close",), 3),
    Case(indicators.MACD, (2, 3, 1), ("close",), 3),
    Case(indicators.Bollinger, (20, 2.0), ("close",), 3),
    Case(indicators.TrueRange, (), BAR),
    Case(indicators.ATR, (14,), BAR),
    Case(indicators.ADX, (14,), BAR, 3),
    Case(indicators.Donchian, (20,), ("high", "low"), 3),
    Case(indicators.Stochastic, (14, 3, 3), BAR, 2),
    Case(indicators.VWAP, (None,), ("close", "volume")),
    Case(indicators.VWAP, (8,), ("close", "volume")),
]


def cents(values: npt.ArrayLike) -> Floats:
    """The nearest prices on a grid of cents."""
    return np.asarray(np.rint(np.asarray(values) * 100) / 100, dtype=np.float64)


def walk(rows: int, seed: int = 0, price: float = 100.0) -> dict[str, Floats]:
    """A made-up path of prices on a grid of cents, with volumes."""
    generator = np.random.default_rng(seed)
    close = cents(price * np.exp(np.cumsum(generator.normal(0, 0.01, rows))))
    high = cents(close + generator.uniform(0, 1, rows))
    low = cents(np.maximum(0.01, close - generator.uniform(0, 1, rows)))
    return {"high": high, "low": low, "close": close, "volume": generator.integers(0, 50, rows).astype(float)}


def same(ours: Floats, theirs: Floats, *, relative: float = 1e-9, absolute: float = 0.0) -> None:
    """Both have values at the same places, and they agree."""
    assert len(ours) == len(theirs)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), (ours, theirs)
    np.testing.assert_allclose(ours, theirs, rtol=relative, atol=absolute)


def bits(values: Floats) -> bytes:
    """The doubles themselves; all NaN count as one."""
    return np.where(np.isnan(values), math.nan, values).tobytes()
