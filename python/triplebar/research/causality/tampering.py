"""Other numbers in later rows of what a strategy can reach: put there for a run, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.data.market import Market
from triplebar.data.series import Series
from triplebar.research.causality.futures import mirrored
from triplebar.research.causality.reachable import Place

Rows = Callable[[int], int | None]
"""How many of so many rows are known: None if they are no rows of the market."""


def known_rows(market: Market, last: int) -> Rows:
    """Rows up to a tick, for anything that has as many rows as an instrument has bars, or as the clock has ticks."""
    by_length = {len(market.clock): last + 1}
    for symbol in market.symbols:
        series = market.series(symbol)
        by_length[len(series)] = int(np.searchsorted(series.clock_index, last, side="right"))
    return by_length.get


@contextmanager
def tampered(found: Sequence[Place], market: Market, last: int) -> Iterator[list[str]]:
    """Put other numbers into all rows after a tick; gives the names of the places where that was possible."""
    rows = known_rows(market, last)
    changed: list[tuple[Place, Any]] = []
    for place in found:
        other = altered(place.value, rows, market, last)
        if other is not None:
            changed.append((place, other))
    try:
        for place, other in changed:
            place.put(other)
        yield [place.name for place, _ in changed]
    finally:
        for place, _ in changed:
            place.put(place.value)


def altered(value: Any, rows: Rows, market: Market, last: int) -> Any:  # noqa: ANN401 - any kind of data
    """The same kind of data with other later rows; None if there are none."""
    if isinstance(value, Market):
        if not len(value.clock) or value.clock[-1] <= market.clock[last]:
            return None
        return mirrored(value, int(np.searchsorted(value.clock, market.clock[last], side="right")) - 1)
    if isinstance(value, Series):
        if len(value) == 0 or value.time[-1] <= market.clock[last]:
            return None
        own = Market([value], market.calendar)
        return mirrored(own, int(np.searchsorted(own.clock, market.clock[last], side="right")) - 1).series(0)
    known = rows(len(value))
    if known is None or known >= len(value):
        return None
    return _altered_rows(value, known)


def _altered_rows(value: Any, known: int) -> Any:  # noqa: ANN401 - any kind of data
    if isinstance(value, (list, tuple)):
        return type(value)(_reflected(np.asarray(value), known).tolist())
    if isinstance(value, np.ndarray):
        return _reflected(value, known)
    if isinstance(value, (pa.Array, pa.ChunkedArray)):
        return _altered_column(value, known)
    if isinstance(value, pa.Table):
        return pa.table({name: _altered_column(value.column(name), known) for name in value.column_names})
    return _altered_frame(value, known)


def _altered_column(column: Any, known: int) -> Any:  # noqa: ANN401 - an Arrow column
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return column
    made = _reflected(np.asarray(column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else
                                 column.to_numpy()), known)  # fmt: skip
    return pa.array(made, from_pandas=False).cast(kind, safe=False)


def _altered_frame(value: Any, known: int) -> Any:  # noqa: ANN401 - of pandas or polars
    """Pandas and polars objects: every column of numbers."""
    import copy

    other = copy.deepcopy(value)
    if hasattr(other, "iloc"):
        if getattr(other, "ndim", 1) == 1:
            other.iloc[:] = _reflected(np.asarray(value), known)
            return other
        for name in other.columns:
            if np.asarray(value[name]).dtype.kind in "fiub":
                other[name] = _reflected(np.asarray(value[name]), known)
        return other
    if hasattr(other, "with_columns"):
        for name in other.columns:
            if other[name].to_numpy().dtype.kind in "fiub":
                other = other.with_columns(type(other[name])(name, _reflected(value[name].to_numpy(), known)))
        return other
    return type(value)(value.name, _reflected(value.to_numpy(), known)) if hasattr(value, "to_numpy") else None


def _reflected(values: npt.NDArray[Any], known: int) -> npt.NDArray[Any]:
    """Turn later rows upside down, about the last known row."""
    other = np.array(values)
    later = other[known:]
    if other.dtype.kind == "b":
        other[known:] = ~later
    elif other.dtype.kind in "fiu":
        whole = other.astype(np.float64)
        base = whole[known - 1] if known else whole[0]
        made = 2 * base - whole[known:] if np.ndim(base) or not _positive(whole) else base * base / whole[known:]
        made = np.where(made == whole[known:], made + 1, made)
        other[known:] = np.clip(np.rint(made), 0, 2**31) if other.dtype.kind == "u" else (
            np.rint(made) if other.dtype.kind == "i" else made
        )  # fmt: skip
    return other


def _positive(values: npt.NDArray[np.float64]) -> bool:
    return bool(np.all(values[~np.isnan(values)] > 0)) and not bool(np.isnan(values).any())
