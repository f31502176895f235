"""One pass over the trades of all traders: counts, sums and how long positions were held."""

from __future__ import annotations

import math
from typing import Final

from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.kernels.jit import CodeArray, PlaceArray, kernel

OPEN: Final = 0
ADD: Final = 1
REDUCE: Final = 2
CLOSE: Final = 3

(
    COUNT,
    CLOSINGS,
    WINS,
    GAINED,
    LOST,
    RETURN_MEAN,
    RETURN_SQUARES,
    HELD_HOURS,
    HELD_RECORDS,
) = range(9)
SUMS: Final = 9

FIRST_KNOWN: Final = 0
FIRST: Final = 1
LAST: Final = 2

GOOD: Final = 0
OUT_OF_ORDER: Final = 1
TOO_LATE: Final = 2
BAD_SIZE: Final = 3
BAD_VALUE: Final = 4
BAD_PNL: Final = 5

NOTHING: Final = -1
NEVER: Final = -(2**63)
HOUR_NS: Final = 3_600 * 10**9
DUST: Final = 1e-9
"""What is left of a lot after closing, in shares of the lot, that is rounding of sizes and no position."""
CONSTANTS: Final = "943981fc"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def fault_nb(
    time: int,
    last: int,
    as_of: int,
    size: float,
    value: float,
    pnl: float,
    closes: bool,  # noqa: FBT001 - kernels take no names
) -> int:
    """What is wrong with a record, if anything."""
    if time > as_of:
        return TOO_LATE
    if time < last:
        return OUT_OF_ORDER
    if not (size > 0 and size < math.inf):
        return BAD_SIZE
    if not (value > 0 and value < math.inf):
        return BAD_VALUE
    return BAD_PNL if closes and not math.isfinite(pnl) else GOOD


@kernel
def take_nb(
    row: int,
    queue: int,
    times: IntArray,
    size: FloatArray,
    first: PlaceArray,
    after: PlaceArray,
    left: FloatArray,
) -> float:
    """Close the size of a record out of the oldest lots of a position; give the mean hours held, NaN without a lot."""
    taken = held = 0.0
    rest = size[row]
    while rest > DUST * size[row] and first[queue] != NOTHING:
        lot = first[queue]
        part = min(rest, left[lot])
        taken += part
        held += part * ((times[row] - times[lot]) / HOUR_NS)
        rest -= part
        left[lot] -= part
        if left[lot] <= DUST * size[lot]:
            first[queue] = after[lot]
    return held / taken if taken > 0 else math.nan


@kernel
def count_nb(sums: FloatArray, value: float, pnl: float) -> None:
    """Add a closing record to the sums of its trader."""
    sums[CLOSINGS] += 1
    if pnl > 0:
        sums[WINS] += 1
        sums[GAINED] += pnl
    else:
        sums[LOST] -= pnl
    off = pnl / value - sums[RETURN_MEAN]
    sums[RETURN_MEAN] += off / sums[CLOSINGS]
    sums[RETURN_SQUARES] += off * (pnl / value - sums[RETURN_MEAN])


@kernel
def records_nb(
    trader: PlaceArray,
    queue: PlaceArray,
    times: IntArray,
    action: CodeArray,
    size: FloatArray,
    value: FloatArray,
    pnl: FloatArray,
    bounds: IntArray,
    first: PlaceArray,
    last: PlaceArray,
    after: PlaceArray,
    left: FloatArray,
    sums: FloatArray,
    moments: IntArray,
) -> tuple[int, int]:
    """Go through all records once; give the row and the kind of the first fault, or (-1, 0).

    `queue` numbers the positions (trader, token and side); `bounds` are the window's begin, `as_of`, and whether later
    records are passed over. Lots of a position wait in a list: `first` and `last` by queue, `after` and `left` by row.
    """
    begin, as_of, pass_over = bounds
    for row in range(trader.size):
        who, time = trader[row], times[row]
        if pass_over and time > as_of:
            continue
        closes = action[row] >= REDUCE
        seen = moments[who]
        fault = fault_nb(time, seen[LAST], as_of, size[row], value[row], pnl[row], closes)
        if fault != GOOD:
            return row, fault
        if seen[FIRST_KNOWN] == NEVER:
            seen[FIRST_KNOWN] = time
        seen[LAST] = time
        if time <= begin:
            continue
        mine = sums[who]
        if mine[COUNT] == 0:
            seen[FIRST] = time
        mine[COUNT] += 1
        place = queue[row]
        if closes:
            count_nb(mine, value[row], pnl[row])
            held = take_nb(row, place, times, size, first, after, left)
            if held >= 0:
                mine[HELD_HOURS] += held
                mine[HELD_RECORDS] += 1
            if action[row] == CLOSE:
                first[place] = NOTHING
        else:
            left[row], after[row] = size[row], NOTHING
            if first[place] == NOTHING:
                first[place] = row
            else:
                after[last[place]] = row
            last[place] = row
    return NOTHING, GOOD
