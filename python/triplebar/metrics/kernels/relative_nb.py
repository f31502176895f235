"""Metrics of curves beside a benchmark; the definitions stand in the registry."""

from __future__ import annotations

import math
from typing import Final

from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.kernels import slots
from triplebar.metrics.kernels.jit import CodeArray, kernel
from triplebar.metrics.returns import DEVIATION_MIN

(
    BENCHMARK_RETURN,
    ALPHA,
    BETA,
    CORRELATION,
    TRACKING_ERROR,
    INFORMATION_RATIO,
    UP_CAPTURE,
    DOWN_CAPTURE,
) = range(len(slots.RELATIVE_SLOTS))

NO_DAY: Final = slots.NO_DAY
RUINED: Final = slots.RUINED
FEW_RETURNS: Final = slots.FEW_RETURNS
NO_VARIANCE: Final = slots.NO_VARIANCE
NOT_FINITE: Final = slots.NOT_FINITE
BENCHMARK_FLAT: Final = slots.BENCHMARK_FLAT
BENCHMARK_RUINED: Final = slots.BENCHMARK_RUINED
NO_DIFFERENCE: Final = slots.NO_DIFFERENCE
NO_SUCH_DAY: Final = slots.NO_SUCH_DAY
ALL_SLOTS: Final = len(slots.RELATIVE_SLOTS)
CONSTANTS: Final = "6fa2125c"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def pair_1d_nb(values: FloatArray, benchmark: FloatArray, ends: IntArray, own: FloatArray, other: FloatArray) -> int:
    """Write the daily returns of both; give why the curve has none."""
    if ends.size == 0:
        return NO_DAY
    ruined = False
    before, base = values[0], benchmark[0]
    for day in range(ends.size):
        ruined |= before <= 0
        after, top = values[ends[day]], benchmark[ends[day]]
        own[day], other[day] = after / before - 1.0, top / base - 1.0
        before, base = after, top
    return RUINED if ruined else 0


@kernel
def benchmark_1d_nb(benchmark: FloatArray, ends: IntArray, out: FloatArray, why: CodeArray) -> None:
    """The benchmark's own return."""
    ruined = benchmark[0] <= 0
    last = benchmark[0]
    for day in range(ends.size):
        last = benchmark[ends[day]]
        ruined |= last <= 0
    if ruined:
        why[BENCHMARK_RETURN] = BENCHMARK_RUINED
    else:
        out[BENCHMARK_RETURN] = last / benchmark[0] - 1.0
        if not math.isfinite(out[BENCHMARK_RETURN]):
            why[BENCHMARK_RETURN] = NOT_FINITE


@kernel
def capture_1d_nb(own: FloatArray, other: FloatArray, sign: float, slot: int, out: FloatArray, why: CodeArray) -> None:
    """Growth per day over that of the benchmark, on days on which it rose or fell."""
    count = 0
    mine = theirs = 0.0
    lost_all = False
    for day in range(own.size):
        if sign * other[day] > 0:
            count += 1
            if own[day] > -1.0:
                mine += math.log1p(own[day])
            else:
                lost_all = True
            theirs += math.log1p(other[day])
    if count == 0:
        why[slot] = NO_SUCH_DAY
        return
    growth = -1.0 if lost_all else math.exp(mine / count) - 1.0
    out[slot] = growth / (math.exp(theirs / count) - 1.0)


@kernel
def pairs_1d_nb(
    own: FloatArray, other: FloatArray, periods: float, free: float, out: FloatArray, why: CodeArray
) -> None:
    """What follows from sums over two pairs of returns or more."""
    size = own.size
    mine = theirs = 0.0
    for day in range(size):
        mine += own[day]
        theirs += other[day]
    mine, theirs = mine / size, theirs / size
    both = squares = own_squares = ahead = 0.0
    for day in range(size):
        a, b = own[day] - mine, other[day] - theirs
        both += a * b
        squares += b * b
        own_squares += a * a
        ahead += (a - b) * (a - b)
    year = math.sqrt(periods)
    tracking = math.sqrt(ahead / (size - 1))
    deviation, own_deviation = math.sqrt(squares / (size - 1)), math.sqrt(own_squares / (size - 1))
    out[TRACKING_ERROR] = tracking * year
    if tracking <= DEVIATION_MIN:
        why[INFORMATION_RATIO] = NO_DIFFERENCE
    else:
        out[INFORMATION_RATIO] = (mine - theirs) / tracking * year
    if deviation <= DEVIATION_MIN:
        why[ALPHA] = why[BETA] = why[CORRELATION] = BENCHMARK_FLAT
        return
    beta = both / squares
    out[BETA] = beta
    out[ALPHA] = (mine - free - beta * (theirs - free)) * periods
    if own_deviation <= DEVIATION_MIN:
        why[CORRELATION] = NO_VARIANCE
    else:
        out[CORRELATION] = beta * deviation / own_deviation


@kernel
def beside_1d_nb(
    values: FloatArray,
    benchmark: FloatArray,
    ends: IntArray,
    rates: FloatArray,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """All metrics of one curve beside its benchmark."""
    own, other = scratch[: ends.size], scratch[ends.size : 2 * ends.size]
    benchmark_1d_nb(benchmark, ends, out, why)
    reason = pair_1d_nb(values, benchmark, ends, own, other)
    if reason == 0 and why[BENCHMARK_RETURN] == BENCHMARK_RUINED:
        reason = BENCHMARK_RUINED
    if reason != 0:
        for slot in range(ALPHA, ALL_SLOTS):
            why[slot] = reason
        return
    capture_1d_nb(own, other, 1.0, UP_CAPTURE, out, why)
    capture_1d_nb(own, other, -1.0, DOWN_CAPTURE, out, why)
    if ends.size < 2:
        for slot in range(ALPHA, INFORMATION_RATIO + 1):
            why[slot] = FEW_RETURNS
    else:
        free = (1.0 + rates[1]) ** (1.0 / rates[0]) - 1.0
        pairs_1d_nb(own, other, rates[0], free, out, why)
    for slot in range(ALL_SLOTS):
        if why[slot] == 0 and not math.isfinite(out[slot]):
            why[slot] = NOT_FINITE


@kernel
def relative_nb(
    values: FloatArray,
    spans: IntArray,
    benchmark: FloatArray,
    ends: IntArray,
    end_spans: IntArray,
    rates: FloatArray,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """Measure many curves beside a benchmark that has one value per time; see `curve_nb.curves_nb`."""
    for row in range(spans.shape[0]):
        begin, end, clock = spans[row]
        beside_1d_nb(
            values[begin:end],
            benchmark[clock : clock + end - begin],
            ends[end_spans[row, 0] : end_spans[row, 1]],
            rates[row],
            scratch,
            out[row],
            why[row],
        )
