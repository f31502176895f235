"""The rules that every row of a table of bars must keep, checked for all rows at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from triplebar.data.arrays import FloatArray, IntArray, MaskArray
from triplebar.data.columns import PRICES, Columns
from triplebar.data.faults import FaultList
from triplebar.data.times import to_text


@dataclass(frozen=True, slots=True)
class Grouping:
    """How to bring rows together by symbol: `order` (None: they already are), and where each symbol begins."""

    order: IntArray | None
    bounds: tuple[int, ...]


def group(columns: Columns, *, sort: bool = False) -> Grouping:
    """Return the stable order by symbol, and by time within it if `sort`.

    >>> codes = np.array([1, 0, 1], dtype=np.int32)
    >>> table = Columns(3, np.arange(3), ("A", "B"), codes, None, {}, {}, frozenset())
    >>> group(table)
    Grouping(order=array([1, 0, 2]), bounds=(0, 1, 3))
    """
    codes = columns.codes
    if codes is None:
        if sort and columns.time is not None and (columns.time[1:] < columns.time[:-1]).any():
            return Grouping(np.argsort(columns.time, kind="stable"), (0, columns.rows))
        return Grouping(None, (0, columns.rows))
    counts = np.bincount(codes, minlength=len(columns.symbols))
    bounds = (0, *np.cumsum(counts).tolist())
    if sort and columns.time is not None:
        return Grouping(np.lexsort((columns.time, codes)), bounds)
    if not (codes[1:] < codes[:-1]).any():
        return Grouping(None, bounds)
    return Grouping(np.argsort(codes, kind="stable"), bounds)


def check_rows(columns: Columns, grouping: Grouping, faults: FaultList) -> None:
    """Add a fault for each row that breaks a rule."""
    if columns.rows == 0:
        faults.add("empty", "there are no rows", "load a range that has bars")
        return
    check_numbers(columns.numbers, faults, columns.nulls)
    if columns.time is not None:
        _check_order(columns, columns.time, grouping, faults)


def check_numbers(
    numbers: Mapping[str, FloatArray], faults: FaultList, nulls: Mapping[str, MaskArray] | None = None
) -> None:
    """Check the number columns that are there; rows in `nulls` are known to be missing."""
    finite = {name: _finite(values, name, faults, (nulls or {}).get(name)) for name, values in numbers.items()}
    for name in PRICES:
        if name in finite:
            _check_positive(finite[name], name, faults)
    if "high" in finite and "low" in finite:
        _check_range(finite, faults)
    if "volume" in finite:
        _check_volume(finite["volume"], faults)


def _check_volume(volume: FloatArray, faults: FaultList) -> None:
    fix = "use 0 where it is not known"
    faults.add_rows(
        volume < 0, "negative_volume", lambda i: (f"{volume[i]} is negative", float(volume[i])), fix, "volume"
    )


def zero_volumes(columns: Columns) -> int:
    """Return how many bars have no volume."""
    volume = columns.numbers.get("volume")
    return 0 if volume is None else len(volume) - int(np.count_nonzero(volume))


def _finite(values: FloatArray, name: str, faults: FaultList, null: MaskArray | None) -> FloatArray:
    """The values with NaN, which no comparison finds wrong a second time, for all that are not finite."""
    finite = np.isfinite(values)
    if finite.all():
        return values
    fix = "fill it in or remove the row"
    bad = ~finite if null is None else ~finite & ~null
    faults.add_rows(bad, "not_finite", lambda i: (f"{values[i]} is not a number", float(values[i])), fix, name)
    return np.where(finite, values, np.nan)


def _check_positive(values: FloatArray, name: str, faults: FaultList) -> None:
    fix = "remove the row, or mend the price"
    faults.add_rows(values <= 0, "not_positive", lambda i: (f"{values[i]} is not above 0", float(values[i])), fix, name)


def _check_range(values: Mapping[str, FloatArray], faults: FaultList) -> None:
    high, low = values["high"], values["low"]
    crossed = high < low
    faults.add_rows(
        crossed,
        "high_below_low",
        lambda i: (f"{high[i]} is below the low {low[i]}", float(high[i])),
        "exchange the two or remove the row",
        "high",
    )
    for name in ("open", "close"):
        if name not in values:
            continue
        price = values[name]
        outside = (price > high) | (price < low)
        if outside.any():
            _outside(outside & ~crossed, name, values, faults)


def _outside(bad: MaskArray, name: str, values: Mapping[str, FloatArray], faults: FaultList) -> None:
    price, high, low = values[name], values["high"], values["low"]
    faults.add_rows(
        bad,
        f"{name}_outside",
        lambda i: (f"{price[i]} is outside low {low[i]} to high {high[i]}", float(price[i])),
        "mend the price, or widen the low and high",
        name,
    )


def _check_order(columns: Columns, time: IntArray, grouping: Grouping, faults: FaultList) -> None:
    """Within each symbol, times must rise from row to row."""
    order = grouping.order
    sorted_time = time if order is None else time[order]
    risen = sorted_time[1:] > sorted_time[:-1]
    risen[[bound - 1 for bound in grouping.bounds[1:-1] if 0 < bound < len(time)]] = True
    if risen.all():
        return
    later = np.flatnonzero(~risen) + 1
    rows = later if order is None else order[later]
    unsorted = np.zeros(columns.rows, dtype=np.bool_)
    unsorted[rows] = sorted_time[later] < sorted_time[later - 1]
    double = _doubles(columns, time)
    if columns.placed is not None:
        unsorted &= columns.placed
    faults.add_rows(
        unsorted & ~double,
        "unsorted",
        lambda i: (f"{_row_text(columns, time, i)} comes after a later bar", to_text(int(time[i]))),
        "sort by time, or pass sort=True",
        "time",
    )
    faults.add_rows(
        double,
        "duplicate",
        lambda i: (f"{_row_text(columns, time, i)} is there twice", to_text(int(time[i]))),
        "keep one of the rows",
        "time",
    )


def _doubles(columns: Columns, time: IntArray) -> MaskArray:
    """True for each row whose time and symbol an earlier row has."""
    codes = np.zeros(columns.rows, dtype=np.int16) if columns.codes is None else columns.codes
    order = np.lexsort((np.arange(columns.rows), time, codes))
    same = (time[order][1:] == time[order][:-1]) & (codes[order][1:] == codes[order][:-1])
    double = np.zeros(columns.rows, dtype=np.bool_)
    double[order[1:][same]] = True
    return double if columns.placed is None else double & columns.placed


def _row_text(columns: Columns, time: IntArray, row: int) -> str:
    symbol = columns.symbols[0 if columns.codes is None else int(columns.codes[row])]
    return f"{symbol} at {to_text(int(time[row]))}".strip()
