"""Time- and money-weighted returns of many curves; the definitions stand in the registry."""

from __future__ import annotations

import math
from typing import Final

from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.flows import BISECTIONS, GRID_POINTS, GROWTH_EXPONENT_MAX
from triplebar.metrics.inputs import DAY_NS, FloatArray, IntArray
from triplebar.metrics.kernels import slots
from triplebar.metrics.kernels.jit import CodeArray, kernel
from triplebar.metrics.returns import DAYS_MIN_FOR_GROWTH

TIME_WEIGHTED, MONEY_WEIGHTED = range(len(slots.FLOW_SLOTS))

RUINED: Final = slots.RUINED
SHORT: Final = slots.SHORT
NO_RATE: Final = slots.NO_RATE
SEVERAL_RATES: Final = slots.SEVERAL_RATES
NOT_FINITE: Final = slots.NOT_FINITE
CONSTANTS: Final = "9884d4d6"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def time_weighted_1d_nb(values: FloatArray, paid: FloatArray, out: FloatArray, why: CodeArray) -> None:
    """The growth of one unit that was there all the time."""
    product = 1.0
    for at in range(1, values.size):
        if values[at - 1] <= 0:
            why[TIME_WEIGHTED] = RUINED
            return
        product *= (values[at] - paid[at]) / values[at - 1]
    out[TIME_WEIGHTED] = product - 1.0


@kernel
def surplus_nb(exponent: float, paid: FloatArray, left: FloatArray, count: int, ending: float) -> float:
    """What the payments grow to, above the ending value, with the growth of the whole time as an exponent."""
    total = 0.0
    for at in range(count):
        total += paid[at] * math.exp(exponent * left[at])
    return total - ending


@kernel
def money_weighted_1d_nb(
    values: FloatArray, times: IntArray, paid: FloatArray, scratch: FloatArray, out: FloatArray, why: CodeArray
) -> None:
    """The yearly rate at which all payments come to the ending value, if just one does."""
    elapsed = times[-1] - times[0]
    if elapsed / DAY_NS < DAYS_MIN_FOR_GROWTH:
        why[MONEY_WEIGHTED] = SHORT
        return
    amounts, left = scratch[: values.size], scratch[values.size : 2 * values.size]
    count = 0
    for at in range(values.size):
        amount = paid[at] + (values[0] if at == 0 else 0.0)
        amounts[count], left[count] = amount, (times[-1] - times[at]) / elapsed
        count += amount != 0
    step = 2.0 * GROWTH_EXPONENT_MAX / (GRID_POINTS - 1)
    before = surplus_nb(-GROWTH_EXPONENT_MAX, amounts, left, count, values[-1])
    found, low, rising = 0, 0.0, False
    for point in range(1, GRID_POINTS):
        after = surplus_nb(-GROWTH_EXPONENT_MAX + point * step, amounts, left, count, values[-1])
        if before == 0 or (before < 0 < after) or (after < 0 < before):
            found, low, rising = found + 1, -GROWTH_EXPONENT_MAX + (point - 1) * step, after > 0
        before = after
    if found != 1:
        why[MONEY_WEIGHTED] = SEVERAL_RATES if found else NO_RATE
        return
    high = low + step
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if (surplus_nb(middle, amounts, left, count, values[-1]) < 0) == rising:
            low = middle
        else:
            high = middle
    out[MONEY_WEIGHTED] = math.expm1((low + high) / 2 / (elapsed / DAY_NS / DAYS_PER_YEAR))


@kernel
def flows_nb(
    values: FloatArray,
    spans: IntArray,
    times: IntArray,
    paid: FloatArray,
    scratch: FloatArray,
    out: FloatArray,
    why: CodeArray,
) -> None:
    """Measure many curves with what was paid in at each of their points; see `curve_nb.curves_nb`."""
    for row in range(spans.shape[0]):
        begin, end, clock = spans[row]
        curve, money = values[begin:end], paid[begin:end]
        time_weighted_1d_nb(curve, money, out[row], why[row])
        money_weighted_1d_nb(curve, times[clock : clock + end - begin], money, scratch, out[row], why[row])
        for slot in range(out.shape[1]):
            if why[row, slot] == 0 and not math.isfinite(out[row, slot]):
                why[row, slot] = NOT_FINITE
