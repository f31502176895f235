"""What the trades of each trader come to: counts, gains, time held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import DataError, LookAheadError
from triplebar.contracts.time import DAY_NS, to_text
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.returns import DEVIATION_MIN
from triplebar.metrics.scoring import records_nb as nb
from triplebar.metrics.scoring.inputs import Leaderboard, TradeRecords
from triplebar.metrics.scoring.rules import ScoringRules

FAULTS: Final = {
    nb.OUT_OF_ORDER: ("time", "is before the record above it of the same trader", "sort the trades by time"),
    nb.BAD_SIZE: ("size", "is not a number above 0", "repair it or leave the row out"),
    nb.BAD_VALUE: ("value_usd", "is not a number above 0", "repair it or leave the row out"),
    nb.BAD_PNL: ("closed_pnl", "is no number, but the record closes", "fill it in, or leave the row out"),
}


@dataclass(frozen=True)
class TraderFigures:
    """One entry per trader; NaN where there is nothing to say."""

    count: IntArray
    closings: IntArray
    win_rate: FloatArray
    profit_factor: FloatArray
    """NaN without a closing record; infinite with gains and no loss."""
    pseudo_sharpe: FloatArray
    hold_hours: FloatArray
    trades_per_day: FloatArray
    days_since: FloatArray
    first_known_ns: IntArray


def figures_of(
    records: TradeRecords, leaderboard: Leaderboard, as_of_ns: int, rules: ScoringRules, *, pass_over: bool
) -> TraderFigures:
    """Go through the records and work out the figures of every trader."""
    traders = len(leaderboard.traders)
    begin = as_of_ns - rules.window_days * DAY_NS
    sums = np.zeros((traders, nb.SUMS))
    moments = np.full((traders, 3), nb.NEVER, dtype=np.int64)
    rows = records.trader.size
    row, fault = nb.records_nb(
        records.trader,
        records.position,
        records.time_ns,
        records.action,
        records.size,
        records.value,
        records.pnl,
        np.array([begin, as_of_ns, int(pass_over)], dtype=np.int64),
        np.full(records.positions, nb.NOTHING, dtype=np.int32),
        np.zeros(records.positions, dtype=np.int32),
        np.zeros(rows, dtype=np.int32),
        np.zeros(rows),
        sums,
        moments,
    )
    if fault != nb.GOOD:
        _refuse(row, fault, records, leaderboard, as_of_ns)
    return _figures(sums, moments, as_of_ns, rules)


def _refuse(row: int, fault: int, records: TradeRecords, leaderboard: Leaderboard, as_of_ns: int) -> None:
    trader = leaderboard.traders[records.trader[row]]
    if fault == nb.TOO_LATE:
        late = to_text(int(records.time_ns[row]))
        fix = "cut the trades there, or pass over later ones: later='ignore'"
        problem = f"{late} of {trader} is after as_of = {to_text(as_of_ns)}"
        raise LookAheadError(problem, where=f"trades, row {row}, column 'time'", fix=fix)
    column, problem, fix = FAULTS[fault]
    value: Any = {
        "time": to_text(int(records.time_ns[row])),
        "size": records.size[row],
        "value_usd": records.value[row],
        "closed_pnl": records.pnl[row],
    }[column]
    raise DataError(f"{value} of {trader} {problem}", where=f"trades, row {row}, column {column!r}", fix=fix)


def _figures(sums: FloatArray, moments: IntArray, as_of_ns: int, rules: ScoringRules) -> TraderFigures:
    count, closings = sums[:, nb.COUNT], sums[:, nb.CLOSINGS]
    traded, closed = count > 0, closings > 0
    gained, lost = sums[:, nb.GAINED], sums[:, nb.LOST]
    with np.errstate(all="ignore"):
        deviation = np.sqrt(sums[:, nb.RETURN_SQUARES] / closings)
        sharpe = np.where((closings >= 2) & (deviation > DEVIATION_MIN), sums[:, nb.RETURN_MEAN] / deviation, 0.0)
        held = sums[:, nb.HELD_HOURS] / sums[:, nb.HELD_RECORDS]
        factor = np.where((lost == 0) & (gained == 0), 0.0, gained / lost)
        first, last = (np.where(traded, moments[:, place], as_of_ns) for place in (nb.FIRST, nb.LAST))
        days = _observed_days(first, last, as_of_ns, rules)
        return TraderFigures(
            count.astype(np.int64),
            closings.astype(np.int64),
            np.where(closed, sums[:, nb.WINS] / closings, np.nan),
            np.where(closed, factor, np.nan),
            np.where(closed, sharpe, np.nan),
            held,
            np.where(traded, count / days, 0.0),
            np.where(traded, (as_of_ns - last) // DAY_NS, np.nan),
            moments[:, nb.FIRST_KNOWN],
        )


def _observed_days(first: IntArray, last: IntArray, as_of_ns: int, rules: ScoringRules) -> FloatArray:
    """The days over which trades are counted, at least one."""
    if rules.rate_basis == "window":
        return np.full(first.size, float(rules.window_days))
    end = last if rules.rate_basis == "span" else np.full(first.size, as_of_ns)
    return np.asarray(np.clip((end - first) / DAY_NS, 1.0, float(rules.window_days)))
