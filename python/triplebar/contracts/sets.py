"""Parameter sets by the thousand: for each parameter its values, each once, and which of them each set has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow

Numbers = npt.NDArray[np.int64]
Plain = npt.NDArray[Any]

NUMBERS: Final = (bool, int, float, np.bool_, np.integer, np.floating)

TABLE_MAX: Final = 1 << 20
"""Codes below this are looked up in an array; larger ones are sorted."""


@dataclass(frozen=True)
class Values:
    """One parameter of many sets: set `i` has `values[codes[i]]`.

    >>> Values(("SMA", "EMA"), np.array([0, 1, 1])).arrow().to_pylist()
    ['SMA', 'EMA', 'EMA']
    """

    values: Sequence[Any] | Plain
    codes: Numbers

    def __getitem__(self, row: int) -> Any:  # noqa: ANN401 - a value of any kind
        """The value of a set, the object that was given."""
        value = self.values[int(self.codes[row])]
        return value.item() if isinstance(value, np.generic) else value

    def part(self, rows: slice | Plain) -> Values:
        """Some of the sets."""
        return Values(self.values, self.codes[rows])

    def plain(self) -> Plain:
        """The values of all sets; as objects unless they are numbers of one kind, or texts."""
        if isinstance(self.values, range):
            return self.codes * self.values.step + self.values.start
        return self._array[self.codes]

    def distinct(self) -> tuple[Numbers, Numbers, Numbers]:
        """The different codes, a set that has each, and which of them each set has.

        >>> [each.tolist() for each in Values("abc", np.array([2, 0, 2])).distinct()]
        [[0, 2], [1, 2], [1, 0, 1]]
        """
        return distinct(self.codes, len(self.values))

    def arrow(self) -> pa.Array:
        """The values of all sets as a column; the type does not depend on which sets these are."""
        if isinstance(self.values, range):
            return to_arrow(self.plain())
        return _arrow(self.values).take(to_arrow(self.codes))

    @cached_property
    def _array(self) -> Plain:
        if isinstance(self.values, np.ndarray):
            return self.values
        kinds = {type(value) for value in self.values}
        if len(kinds) == 1 and issubclass(next(iter(kinds)), (*NUMBERS, str)):
            return np.asarray(self.values)
        found = np.empty(len(self.values), dtype=object)
        found[:] = list(self.values)
        return found


@dataclass(frozen=True)
class Sets:
    """Some parameter sets, each with its number in the space that it comes from.

    >>> sets = Sets(np.array([7, 9]), {"fast": Values(range(2, 9), np.array([0, 3]))})
    >>> len(sets), sets[1]
    (2, {'fast': 5})
    """

    numbers: Numbers
    columns: Mapping[str, Values]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: int) -> dict[str, Any]:
        """The parameters of one of the sets."""
        return {name: values[row] for name, values in self.columns.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[row] for row in range(len(self)))

    def part(self, rows: slice | Plain) -> Sets:
        """Some of the sets: a slice, or an array of truth values or places."""
        return Sets(self.numbers[rows], {name: values.part(rows) for name, values in self.columns.items()})

    def arrow(self) -> dict[str, pa.Array]:
        """The parameters as columns."""
        return {name: values.arrow() for name, values in self.columns.items()}


def distinct(codes: Numbers, size: int) -> tuple[Numbers, Numbers, Numbers]:
    """The different ones of some codes below `size`, a place where each stands, and which one stands at each place."""
    if size > TABLE_MAX:
        return np.unique(codes, return_index=True, return_inverse=True)
    at = np.full(size, -1, dtype=np.int64)
    at[codes] = np.arange(codes.size)
    used = np.flatnonzero(at >= 0)
    rank = np.empty(size, dtype=np.int64)
    rank[used] = np.arange(used.size)
    return used, at[used], rank[codes]


def _arrow(values: Sequence[Any] | Plain) -> pa.Array:
    if isinstance(values, np.ndarray):
        return to_arrow(values)
    try:
        return pa.array(list(values))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([repr(value) for value in values])
