"""Metrics of curves, one after the other, in one pass over memory each; the definitions stand in the registry."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.inputs import DAY_NS, FloatArray, IntArray
from triplebar.metrics.kernels import slots
from triplebar.metrics.kernels.jit import CodeArray, kernel
from triplebar.metrics.returns import DAYS_MIN_FOR_GROWTH, DEVIATION_MIN

(
    STARTING_VALUE,
    ENDING_VALUE,
    TOTAL_RETURN,
    CAGR,
    VOLATILITY,
    SHARPE,
    SORTINO,
    BEST_DAY,
    WORST_DAY,
    POSITIVE_DAYS,
    OMEGA,
    SKEW,
    KURTOSIS,
    TAIL_RATIO,
    VALUE_AT_RISK,
    EXPECTED_SHORTFALL,
    MAX_DRAWDOWN,
    PEAK,
    TROUGH,
    RECOVERY,
    DRAWDOWN_DAYS,
    RECOVERY_DAYS,
    LONGEST_DAYS,
    ULCER_INDEX,
    CALMAR,
    RECOVERY_FACTOR,
) = range(len(slots.CURVE_SLOTS))

NO_CAPITAL: Final = slots.NO_CAPITAL
NO_DAY: Final = slots.NO_DAY
RUINED: Final = slots.RUINED
FEW_RETURNS: Final = slots.FEW_RETURNS
NO_VARIANCE: Final = slots.NO_VARIANCE
NO_DOWNSIDE: Final = slots.NO_DOWNSIDE
NO_TAIL: Final = slots.NO_TAIL
SHORT: Final = slots.SHORT
BELOW_ZERO: Final = slots.BELOW_ZERO
TOO_LARGE: Final = slots.TOO_LARGE
NEVER_FELL: Final = slots.NEVER_FELL
NOT_RECOVERED: Final = slots.NOT_RECOVERED
NO_DRAWDOWN: Final = slots.NO_DRAWDOWN
NOT_FINITE: Final = slots.NOT_FINITE
ALL_SLOTS: Final = len(slots.CURVE_SLOTS)
TAIL_SHARE: Final = 0.05
TAIL_DEVIATIONS: Final = 1.25
"""So far from the mean the tail is looked for first; where it is not there, everything is looked at."""
CONSTANTS: Final = "d489f700"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def returns_1d_nb(values: FloatArray, ends: IntArray, returns: FloatArray, out: FloatArray) -> int:
    """Write the simple returns from one daily value to the next, and the extremes; give why there are none."""
    if ends.size == 0:
        return NO_DAY
    before, best, worst, positive = values[0], -math.inf, math.inf, 0
    for day in range(ends.size):
        if before <= 0:
            return RUINED
        after = values[ends[day]]
        one = after / before - 1.0
        if one > best:  # noqa: PLR1730 - Numba's max() also looks for NaN, at ten times the cost
            best = one
        if one < worst:  # noqa: PLR1730 - as above
            worst = one
        positive += one > 0
        returns[day], before = one, after
    out[BEST_DAY], out[WORST_DAY], out[POSITIVE_DAYS] = best, worst, positive / ends.size
    return 0


@kernel
def select_1d_nb(numbers: FloatArray, low: int, high: int, place: int) -> None:
    """Order `numbers[low:high + 1]` so far that the one at `place` is where sorting would put it."""
    while low < high:
        pivot = numbers[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while numbers[left] < pivot:
                left += 1
            while numbers[right] > pivot:
                right -= 1
            if left <= right:
                numbers[left], numbers[right] = numbers[right], numbers[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            return


@kernel
def neighbours_1d_nb(numbers: FloatArray, place: int) -> tuple[float, float]:
    """Give the number at `place` if they were sorted, and the one after it (itself if it is the last)."""
    select_1d_nb(numbers, 0, numbers.size - 1, place)
    found = numbers[place]
    if place + 1 == numbers.size:
        return found, found
    after = numbers[place + 1]
    for at in range(place + 2, numbers.size):
        if numbers[at] < after:  # noqa: PLR1730 - Numba's min() also looks for NaN, at ten times the cost
            after = numbers[at]
    return found, after


@kernel
def lowest_1d_nb(returns: FloatArray, sign: float, bound: float, needed: int, spare: FloatArray) -> FloatArray:
    """Collect `sign * returns` that are below a bound; all of them if these are fewer than needed.

    Most of sorting is wasted when only a tail is wanted, and a loop without branches is quick.
    """
    count = 0
    for at in range(returns.size):
        number = sign * returns[at]
        spare[count] = number
        count += number < bound
    if count >= needed:
        return spare[:count]
    for at in range(returns.size):
        spare[at] = sign * returns[at]
    return spare


@kernel
def tails_1d_nb(
    returns: FloatArray, mean: float, deviation: float, spare: FloatArray, out: FloatArray, why: CodeArray
) -> None:
    """Quantiles, between the two nearest returns, and what lies beyond them."""
    size = returns.size
    exact = TAIL_SHARE * (size - 1)
    place = int(exact)
    lowest = lowest_1d_nb(returns, 1.0, mean - TAIL_DEVIATIONS * deviation, place + 2, spare)
    found, after = neighbours_1d_nb(lowest, place)
    low = found + (after - found) * (exact - place)
    total = 0.0
    for at in range(place + 1):
        total += lowest[at]
    out[VALUE_AT_RISK] = -low
    out[EXPECTED_SHORTFALL] = -total / (place + 1)
    exact = (1.0 - TAIL_SHARE) * (size - 1)
    above = size - 2 - int(exact)  # in descending order, counted from 0
    highest = lowest_1d_nb(returns, -1.0, -mean - TAIL_DEVIATIONS * deviation, above + 2, spare)
    found, after = neighbours_1d_nb(highest, above)
    high = -after + (after - found) * (exact - int(exact))
    if low == 0:
        why[TAIL_RATIO] = NO_TAIL
    else:
        out[TAIL_RATIO] = abs(high) / abs(low)


@kernel
def mean_1d_nb(returns: FloatArray) -> float:
    """The mean, from four sums: one alone waits for itself at every step."""
    first = second = third = fourth = 0.0
    whole = returns.size - returns.size % 4
    for at in range(0, whole, 4):
        first += returns[at]
        second += returns[at + 1]
        third += returns[at + 2]
        fourth += returns[at + 3]
    for at in range(whole, returns.size):
        first += returns[at]
    return ((first + second) + (third + fourth)) / returns.size


@kernel
def moments_1d_nb(
    returns: FloatArray, periods: float, free: float, out: FloatArray, why: CodeArray
) -> tuple[float, float]:
    """What follows from sums over two returns or more; gives mean and deviation."""
    size = returns.size
    mean = mean_1d_nb(returns)
    second = third = fourth = gained = lost = down = 0.0
    for at in range(size):
        off = returns[at] - mean
        square = off * off
        second += square
        third += square * off
        fourth += square * square
        above = returns[at] - free
        if above > 0:
            gained += above
        else:
            lost -= above
            down += above * above
    deviation, downside = math.sqrt(second / (size - 1)), math.sqrt(down / size)
    year = math.sqrt(periods)
    out[VOLATILITY] = deviation * year
    if deviation <= DEVIATION_MIN:
        why[SHARPE] = why[SKEW] = why[KURTOSIS] = NO_VARIANCE
    else:
        out[SHARPE] = (mean - free) / deviation * year
        second /= size
        out[SKEW] = third / size / second**1.5
        out[KURTOSIS] = fourth / size / second**2 - 3.0
    if downside <= DEVIATION_MIN:
        why[SORTINO] = NO_DOWNSIDE
    else:
        out[SORTINO] = (mean - free) / downside * year
    if lost <= DEVIATION_MIN:
        why[OMEGA] = NO_DOWNSIDE
    else:
        out[OMEGA] = gained / lost
    return mean, deviation


@kernel
def daily_1d_nb(
    values: FloatArray,
    ends: IntArray,
    periods: float,
    risk_free_rate: float,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """All metrics of daily returns."""
    returns = scratch[: ends.size]
    reason = returns_1d_nb(values, ends, returns, out)
    if reason != 0:
        for slot in range(VOLATILITY, EXPECTED_SHORTFALL + 1):
            why[slot] = reason
        return
    if returns.size < 2:
        for slot in range(VOLATILITY, EXPECTED_SHORTFALL + 1):
            if slot not in (BEST_DAY, WORST_DAY, POSITIVE_DAYS):
                why[slot] = FEW_RETURNS
        return
    free = (1.0 + risk_free_rate) ** (1.0 / periods) - 1.0
    mean, deviation = moments_1d_nb(returns, periods, free, out, why)
    tails_1d_nb(returns, mean, deviation, scratch[returns.size : 2 * returns.size], out, why)


@kernel
def growth_1d_nb(values: FloatArray, elapsed_days: float, out: FloatArray, why: CodeArray) -> None:
    """First and last value, and the growth between them."""
    first, last = values[0], values[-1]
    out[STARTING_VALUE], out[ENDING_VALUE] = first, last
    if first <= 0:
        why[TOTAL_RETURN] = why[CAGR] = NO_CAPITAL
    else:
        out[TOTAL_RETURN] = last / first - 1.0
    if elapsed_days < DAYS_MIN_FOR_GROWTH:
        why[CAGR] = SHORT
    elif first > 0 and last / first < 0:
        why[CAGR] = BELOW_ZERO
    elif first > 0:
        ratio = last / first
        out[CAGR] = ratio ** (DAYS_PER_YEAR / elapsed_days) - 1.0
        if math.isinf(out[CAGR]) and not math.isinf(ratio):
            why[CAGR] = TOO_LARGE


@kernel
def drawdown_1d_nb(values: FloatArray, times: IntArray, out: FloatArray, why: CodeArray) -> None:
    """The deepest loss from a peak, the longest, and the mean of their squares."""
    peak, peak_at, deepest_peak, trough = values[0], 0, 0, 0
    worst = squares = 0.0
    longest = np.int64(0)
    below = False
    for at in range(values.size):
        if values[at] >= peak:
            if below:
                longest = max(longest, times[at] - times[peak_at])
            peak, peak_at, below = values[at], at, False
        else:
            below = True
            loss = 1.0 - values[at] / peak
            squares += loss * loss
            if loss > worst:
                worst, trough, deepest_peak = loss, at, peak_at
    if below:
        longest = max(longest, times[-1] - times[peak_at])
    out[MAX_DRAWDOWN], out[ULCER_INDEX] = worst, math.sqrt(squares / values.size)
    out[LONGEST_DAYS] = longest / DAY_NS
    out[PEAK], out[TROUGH] = deepest_peak, trough
    _recovery_1d_nb(values, times, deepest_peak, trough, out, why)


@kernel
def _recovery_1d_nb(
    values: FloatArray, times: IntArray, peak: int, trough: int, out: FloatArray, why: CodeArray
) -> None:
    """When and whether the deepest drawdown ended."""
    if out[MAX_DRAWDOWN] <= 0:
        why[PEAK] = why[TROUGH] = why[RECOVERY] = why[DRAWDOWN_DAYS] = why[RECOVERY_DAYS] = NEVER_FELL
        return
    end = trough
    while end < values.size and values[end] < values[peak]:
        end += 1
    if end == values.size:
        why[RECOVERY] = why[RECOVERY_DAYS] = NOT_RECOVERED
        end -= 1
    out[RECOVERY] = end
    out[DRAWDOWN_DAYS] = (times[end] - times[peak]) / DAY_NS
    out[RECOVERY_DAYS] = (times[end] - times[trough]) / DAY_NS


@kernel
def ratios_1d_nb(out: FloatArray, why: CodeArray) -> None:
    """Growth over the largest drawdown."""
    if out[STARTING_VALUE] <= 0:
        why[CALMAR] = why[RECOVERY_FACTOR] = NO_CAPITAL
    elif out[MAX_DRAWDOWN] <= 0:
        why[CALMAR] = why[RECOVERY_FACTOR] = NO_DRAWDOWN
    else:
        why[CALMAR] = why[CAGR]
        out[CALMAR] = out[CAGR] / out[MAX_DRAWDOWN]
        out[RECOVERY_FACTOR] = out[TOTAL_RETURN] / out[MAX_DRAWDOWN]


@kernel
def curve_1d_nb(
    values: FloatArray,
    times: IntArray,
    ends: IntArray,
    periods: float,
    risk_free_rate: float,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """All metrics of one curve whose first value is the initial capital."""
    growth_1d_nb(values, (times[-1] - times[0]) / DAY_NS, out, why)
    daily_1d_nb(values, ends, periods, risk_free_rate, scratch, out, why)
    if values[0] > 0:
        drawdown_1d_nb(values, times, out, why)
    else:
        for slot in range(MAX_DRAWDOWN, ULCER_INDEX + 1):
            why[slot] = NO_CAPITAL
    ratios_1d_nb(out, why)
    for slot in range(ALL_SLOTS):
        if why[slot] == 0 and not math.isfinite(out[slot]):
            why[slot] = NOT_FINITE


@kernel
def curves_nb(
    values: FloatArray,
    spans: IntArray,
    times: IntArray,
    ends: IntArray,
    end_spans: IntArray,
    rates: FloatArray,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """All metrics of many curves that lie one after the other in `values`.

    `spans` has for each curve where its values begin and end and where its times begin, `end_spans` where the places
    of its daily values begin and end in `ends`, `rates` the periods per year and the yearly risk-free rate.
    """
    for row in range(spans.shape[0]):
        begin, end, clock = spans[row]
        curve_1d_nb(
            values[begin:end],
            times[clock : clock + end - begin],
            ends[end_spans[row, 0] : end_spans[row, 1]],
            rates[row, 0],
            rates[row, 1],
            scratch,
            out[row],
            why[row],
        )
