"""How sure the metrics of a run are: intervals from resampling its days and trades in blocks.

The stationary bootstrap of Politis and Romano (1994): blocks of random length keep what follows on what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow, to_arrow
from triplebar.contracts.checks import integer
from triplebar.contracts.errors import ConfigError, InsufficientDataError
from triplebar.contracts.random import stream_key
from triplebar.contracts.result import RunResult
from triplebar.metrics.batch import CurveBatch, batch_of
from triplebar.metrics.inputs import ClosedTrades, FloatArray, IntArray
from triplebar.metrics.kernels.slots import CURVE_SLOTS, REASONS, TRADE_SLOTS

RETURN_METRICS: Final = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "omega",
    "max_drawdown",
    "longest_drawdown_days",
    "value_at_risk_95",
    "expected_shortfall_95",
    "skew",
    "kurtosis",
    "tail_ratio",
)
TRADE_METRICS: Final = ("win_rate", "profit_factor", "expectancy", "average_trade", "payoff_ratio")
CURVES_AT_ONCE: Final = 64
DEFINED_SHARE_MIN: Final = 0.9
"""Of the resamplings so many must have a value, or there is no interval."""
OBSERVATIONS_MIN: Final = 10


@dataclass(frozen=True)
class Resampling:
    """How to resample: how often, from which seed, in blocks of which mean length."""

    level: float
    draws: int
    seed: int
    block: float | None

    def __post_init__(self) -> None:
        """Check everything."""
        if isinstance(self.level, bool) or not 0.5 <= self.level < 1.0:
            raise ConfigError.of("level", self.level, "must be from 0.5 to below 1", fix="write 0.95 for 95 %")
        integer("draws", self.draws, low=100, high=10_000_000)
        integer("seed", self.seed, high=2**64 - 1)
        if self.block is not None and not (np.isfinite(self.block) and self.block >= 1):
            raise ConfigError.of("block", self.block, "must be at least 1", fix="leave it out for the cube root")

    def block_of(self, count: int) -> float:
        """The mean length of a block: as given, else the cube root of how much there is."""
        return float(self.block) if self.block is not None else max(1.0, count ** (1.0 / 3.0))

    def key(self, stream: str) -> np.uint64:
        """The key of a named stream."""
        return np.uint64(stream_key(self.seed, stream))


def confidence(
    curve: Any,  # noqa: ANN401 - a result, or a curve as an array
    *,
    level: float = 0.95,
    draws: int = 1_000,
    seed: int = 0,
    block: float | None = None,
    times: Any = None,  # noqa: ANN401 - an array or an Arrow column
    periods_per_year: float | None = None,
    risk_free_rate: float = 0.0,
) -> pa.Table:
    """Give an interval for each headline metric of returns and of trades, by the stationary block bootstrap.

    - `curve`: a result, whose daily returns and closed trades are resampled; or values of a curve, the capital first.
    - `level`: the share of resamplings inside the interval, as much left out below as above.
    - `block`: the mean length of a block in days (or trades); by default the cube root of their number.

    One row per metric: value, low, high, per_year (whether it is annualised), `defined` (the share of resamplings with
    a value) and `reason` if there is no interval. Values are those of the daily curve. The same seed draws the same
    days, on any machine.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=250, seed=1, interval="1d"))
    >>> table = confidence(result, draws=200, seed=7)
    >>> row = {each["metric"]: each for each in table.to_pylist()}["sharpe"]
    >>> row["low"] < row["value"] < row["high"], row["per_year"]
    (True, True)
    """
    how = Resampling(level, draws, seed, block)
    given = [curve] if isinstance(curve, RunResult) else np.atleast_2d(np.asarray(curve, dtype=np.float64))
    batch = _daily(batch_of(given, times=times, periods_per_year=periods_per_year, risk_free_rate=risk_free_rate))
    rows = _of_returns(batch, how)
    if batch.trades:
        rows += _of_trades(batch.trades[0], how)
    return _table(rows)


Row = tuple[str, float | None, float | None, float | None, float, str | None]


def _daily(batch: CurveBatch) -> CurveBatch:
    """The first curve alone, at the ends of its days."""
    curve, places = batch.curve(0), np.concatenate([[0], batch.daily_places(0)])
    values = curve.values[places]
    if values.size <= OBSERVATIONS_MIN:
        raise InsufficientDataError.of("confidence", needed=OBSERVATIONS_MIN + 1, available=values.size)
    if np.any(values[:-1] <= 0):
        fix = "there is nothing to resample after a ruin"
        raise ConfigError("the curve reached zero or below", where="confidence", fix=fix)
    return _rows_of(values[None, :], curve.times[places], batch)


def _rows_of(values: FloatArray, times: IntArray, like: CurveBatch) -> CurveBatch:
    """Curves of the same days, one a row."""
    count, width = values.shape
    begins = np.arange(count, dtype=np.int64) * width
    spans = np.column_stack([begins, begins + width, np.zeros(count, dtype=np.int64)])
    end_spans = np.tile(np.array([[0, width - 1]], dtype=np.int64), (count, 1))
    rates = np.tile(like.rates[:1], (count, 1))
    ends = np.arange(1, width, dtype=np.int64)
    return CurveBatch(range(count), values.reshape(-1), spans, times, ends, end_spans, rates, like.timed, like.trades)


def _of_returns(batch: CurveBatch, how: Resampling) -> list[Row]:
    from triplebar.metrics.kernels.curve_nb import curves_nb
    from triplebar.metrics.statistics.bootstrap_nb import resample_curves_nb

    values = batch.values
    returns = values[1:] / values[:-1] - 1.0
    key, block = how.key("bootstrap days"), how.block_of(returns.size)
    found = np.full((how.draws + 1, len(CURVE_SLOTS)), np.nan)
    why = np.zeros(found.shape, dtype=np.int8)
    places, scratch = np.zeros(returns.size, dtype=np.int64), np.empty(2 * returns.size)
    for begin in range(0, how.draws + 1, CURVES_AT_ONCE):
        end = min(begin + CURVES_AT_ONCE, how.draws + 1)
        curves = np.full((end - begin, values.size), values[0])
        resample_curves_nb(returns, key, begin, block, places, curves)
        if begin == 0:
            curves[0] = values
        some = _rows_of(curves, batch.times, batch)
        curves_nb(
            some.values, some.spans, some.times, some.ends, some.end_spans, some.rates, scratch, found[begin:end],
            why[begin:end],
        )  # fmt: skip
    return [_row(name, found, why, CURVE_SLOTS.index(name), how) for name in RETURN_METRICS]


def _of_trades(trades: ClosedTrades, how: Resampling) -> list[Row]:
    from triplebar.metrics.kernels.trades_nb import trades_nb
    from triplebar.metrics.statistics.bootstrap_nb import resample_rows_nb

    count = trades.profit.size
    if count < OBSERVATIONS_MIN:
        reason = f"fewer than {OBSERVATIONS_MIN} trades"
        return [(name, None, None, None, 0.0, reason) for name in TRADE_METRICS]
    held = trades.closed_ns - trades.opened_ns
    found = np.full((how.draws + 1, len(TRADE_SLOTS)), np.nan)
    why = np.zeros(found.shape, dtype=np.int8)
    key, block = how.key("bootstrap trades"), how.block_of(count)
    for begin in range(0, how.draws + 1, CURVES_AT_ONCE):
        end = min(begin + CURVES_AT_ONCE, how.draws + 1)
        rows = np.zeros((end - begin, count), dtype=np.int64)
        resample_rows_nb(key, begin, block, rows)
        if begin == 0:
            rows[0] = np.arange(count)
        flat, stops = rows.reshape(-1), np.arange(1, end - begin + 1, dtype=np.int64) * count
        spans = np.column_stack([stops - count, stops])
        trades_nb(trades.profit[flat], trades.cost[flat], held[flat], spans, found[begin:end], why[begin:end])
    return [_row(name, found, why, TRADE_SLOTS.index(name), how) for name in TRADE_METRICS]


def _row(name: str, found: FloatArray, why: Any, slot: int, how: Resampling) -> Row:  # noqa: ANN401 - codes
    """The value, which stands first, and the interval of the resamplings after it."""
    defined = why[1:, slot] == 0
    share = float(np.mean(defined))
    if why[0, slot]:
        return name, None, None, None, share, REASONS[why[0, slot]]
    value = float(found[0, slot])
    if share < DEFINED_SHARE_MIN:
        return name, value, None, None, share, "too many resamplings have no value"
    tail = (1.0 - how.level) / 2.0
    low, high = np.quantile(found[1:, slot][defined], [tail, 1.0 - tail])
    return name, value, float(low), float(high), share, None


PER_YEAR: Final = frozenset({"cagr", "volatility", "sharpe", "sortino", "calmar"})


def _table(rows: list[Row]) -> pa.Table:
    names, values, lows, highs, shares, reasons = zip(*rows, strict=True)
    floats = {"value": values, "low": lows, "high": highs}
    return pa.table(
        {
            "metric": texts_to_arrow(names),
            **{name: pa.array(column, pa.float64()) for name, column in floats.items()},
            "per_year": to_arrow(np.array([name in PER_YEAR for name in names])),
            "defined": to_arrow(np.array(shares)),
            "reason": texts_to_arrow(reasons),
        }
    )
