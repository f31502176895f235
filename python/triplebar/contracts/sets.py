"""Parameter sets by the thousand: for each parameter its values, each once, and which of them each set has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
        return self.at(self.codes[row])

    def at(self, code: np.integer[Any] | int) -> Any:  # noqa: ANN401 - a value of any kind
        """The value of a code."""
        value = self.values[int(code)]
        return value.item() if isinstance(value, np.generic) else value

    def part(self, rows: slice | Plain) -> Values:
        """Some of the sets."""
        return Values(self.values, self.codes[rows])

    def plain(self) -> Plain:
        """The values of all sets; as objects unless they are numbers of one kind, or texts."""
        if isinstance(self.values, range) and _fits(self.values):
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
        if isinstance(self.values, range) and _fits(self.values):
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


class Looked:
    """Something that follows from the values of some parameters, found once for each combination of them.

    Spaces give the same values block by block, in the same object; others are looked up anew.

    >>> looked = Looked(np.int64)
    >>> found, different = looked.up([Values(range(10, 20), np.array([3, 3, 0]))], lambda value: value**2)
    >>> found.tolist(), different.tolist()
    ([169, 169, 100], [100, 169])
    """

    def __init__(self, kind: type[np.generic], ahead: int = 0) -> None:
        """Nothing is known yet; `kind` is that of what is found.

        Of so few combinations as `ahead`, all are looked up, and given as different ones, as soon as one is wanted.
        """
        self.kind, self.ahead = kind, ahead
        self._values: list[object] = []
        self._sizes: list[int] = []
        self._found: Plain = np.zeros(0, dtype=kind)
        self._known: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)

    def up(self, columns: Sequence[Values], find: Callable[..., Any]) -> tuple[Plain, Plain]:
        """What follows for each set, and for each different combination of values; `find` is asked with values."""
        sizes = [len(each.values) for each in columns]
        codes, size = columns[0].codes, sizes[0]
        for each, own in zip(columns[1:], sizes[1:], strict=True):
            codes, size = codes * own + each.codes, size * own
        if size > TABLE_MAX:
            _, first, places = np.unique(codes, return_index=True, return_inverse=True)
            found = [find(*(each[row] for each in columns)) for row in first.tolist()]
            return np.array(found, dtype=self.kind)[places], np.array(found, dtype=self.kind)
        if sizes != self._sizes or any(a is not b.values for a, b in zip(self._values, columns, strict=True)):
            self._values, self._sizes = [each.values for each in columns], sizes
            self._found, self._known = np.zeros(size, dtype=self.kind), np.zeros(size, dtype=np.bool_)
        there = np.full(size, size <= self.ahead, dtype=np.bool_)
        there[codes] = True
        used = np.flatnonzero(there)
        new = used[~self._known[used]]
        if new.size:
            each_code = np.unravel_index(new, tuple(sizes))
            values = [map(one.at, own.tolist()) for one, own in zip(columns, each_code, strict=True)]
            self._found[new] = list(map(find, *values))
            self._known[new] = True
        return self._found[codes], self._found[used]


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


def _fits(values: range) -> bool:
    """Whether 64 bits hold all of it."""
    return not values or -(2**63) <= min(values[0], values[-1]) <= max(values[0], values[-1]) < 2**63


def _arrow(values: Sequence[Any] | Plain) -> pa.Array:
    if isinstance(values, np.ndarray):
        return to_arrow(values)
    try:
        return pa.array(list(values))
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([repr(value) for value in values])
