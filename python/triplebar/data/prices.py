"""Which prices a backtest sees: as traded, adjusted for splits, or for splits and dividends (total return).

Adjusted prices are on the scale of the last bar. A split by ratio `r` divides the prices before it by `r` and
multiplies the volumes. A dividend `d` multiplies the prices before it by `1 - d / close`, where `close` is the last one
before it: the same as buying more of the share for the dividend, at that close less the dividend.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import FloatArray, IntArray
from triplebar.data.bars import Bars, read_bars
from triplebar.data.columns import PRICES
from triplebar.data.times import Instant, instant_ns, to_text

PRICE_POLICIES: Final = ("raw", "split", "total_return")
ACTIONS: Final = ("split", "dividend")


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """A split (`value` new shares for an old one) or a dividend (`value` of money a share).

    `time` is the instant from which the share trades without it: bars that close at or before it are adjusted.

    >>> CorporateAction("AAPL", "2020-08-31T04:00:00Z", "split", 4.0).time_ns
    1598846400000000000
    """

    symbol: str
    time: Instant
    kind: str
    value: float

    def __post_init__(self) -> None:
        """Refuse what cannot be applied."""
        if self.kind not in ACTIONS:
            raise ConfigError.of("kind", self.kind, "is not a corporate action", fix=hint(self.kind, ACTIONS))
        if not 0 < self.value < float("inf"):
            raise ConfigError.of(f"{self.symbol} {self.kind}", self.value, "must be above 0", fix="mend the value")
        instant_ns(self.time, f"{self.symbol} {self.kind}")

    @property
    def time_ns(self) -> int:
        """The instant in nanoseconds since 1970."""
        return instant_ns(self.time)


def adjust_prices(source: object, actions: Iterable[CorporateAction], policy: str = "raw") -> pa.Table:
    """Return the table with prices by policy: raw, split or total_return.

    >>> table = {"time": [1, 2], "symbol": ["X", "X"], "open": [10.0, 5.0], "high": [10.0, 5.0], "low": [10.0, 5.0],
    ...          "close": [10.0, 5.0], "volume": [100.0, 200.0]}
    >>> adjusted = adjust_prices(table, [CorporateAction("X", 1, "split", 2.0)], "split")
    >>> adjusted["close"].to_pylist(), adjusted["volume"].to_pylist()
    ([5.0, 5.0], [200.0, 200.0])
    """
    if policy not in PRICE_POLICIES:
        raise ConfigError.of("price_policy", policy, "is not a price policy", fix=hint(policy, PRICE_POLICIES))
    bars = read_bars(source).in_order()
    if policy == "raw":
        return bars.table()
    used = [action for action in actions if policy == "total_return" or action.kind == "split"]
    scale, shares = np.ones(len(bars.time)), np.ones(len(bars.time))
    for symbol, mine in groupby(sorted(used, key=lambda action: action.symbol), key=lambda action: action.symbol):
        if symbol in bars.symbols:
            rows = np.flatnonzero(bars.codes == bars.symbols.index(symbol))
            scale[rows], shares[rows] = _factors(bars, rows, _in_order(mine))
    numbers = {name: bars.numbers[name] * scale for name in PRICES}
    return Bars(bars.time, bars.symbols, bars.codes, {**numbers, "volume": bars.numbers["volume"] * shares}).table()


def _in_order(actions: Iterable[CorporateAction]) -> list[CorporateAction]:
    """By time; at one instant a dividend is paid on the shares after the split."""
    return sorted(actions, key=lambda action: (action.time_ns, ACTIONS.index(action.kind)))


def _factors(bars: Bars, rows: IntArray, actions: Sequence[CorporateAction]) -> tuple[FloatArray, FloatArray]:
    """What the prices and the volumes of these bars are multiplied by."""
    time, close = bars.time[rows], bars.numbers["close"][rows]
    scale, shares = np.ones(len(rows)), np.ones(len(rows))
    splits_now: dict[int, float] = {}
    for action in actions:
        before = int(np.searchsorted(time, action.time_ns, side="right"))
        if before == 0:
            continue
        if action.kind == "split":
            splits_now[action.time_ns] = splits_now.get(action.time_ns, 1.0) * action.value
            scale[:before] /= action.value
            shares[:before] *= action.value
        else:
            last = float(close[before - 1]) / splits_now.get(action.time_ns, 1.0)
            scale[:before] *= 1.0 - _share_paid(action, last)
    return scale, shares


def _share_paid(action: CorporateAction, close: float) -> float:
    if not action.value < close:
        where = f"{action.symbol} dividend at {to_text(action.time_ns)}"
        problem = f"{action.value} is not below the close {close} before it"
        raise DataQualityError(problem, where=where, fix="give the dividend for one share, in the price's currency")
    return action.value / close
