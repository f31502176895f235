"""Parameter spaces: sets that are addressed by number and never written out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, ParameterError
from triplebar.contracts.random import GOLDEN, stream_key
from triplebar.contracts.sets import Numbers, Sets, Values
from triplebar.contracts.suggest import hint
from triplebar.research.source import function_digest
from triplebar.research.sweeping.conditions import Flags, Given, Text, condition_of, holds
from triplebar.research.sweeping.ranges import Bits, Range, range_of
from triplebar.store.trial_keys import value_text

NUMBER_MAX: Final = 2**63 - 1
"""Numbers of sets are 64-bit."""
ATTEMPTS_MAX: Final = 1_000
"""A random set that meets its condition is looked for so many times."""


class Space(ABC):
    """Parameter sets by number, from 0 to `len(space) - 1`.

    A space with a condition has gaps: a number whose set does not meet it stands for nothing, and is passed over.
    (A random space draws again instead, so it has none.)
    """

    names: tuple[str, ...]
    where: Given | None = None

    @abstractmethod
    def __len__(self) -> int:
        """How many numbers there are."""

    @abstractmethod
    def _at(self, numbers: Numbers) -> Sets:
        """The sets of some numbers, gaps included."""

    @abstractmethod
    def definition(self) -> dict[str, Any]:
        """What the space is, in plain values: equal definitions give equal sets."""

    def sets(self, numbers: range | Numbers) -> Sets:
        """The sets of some numbers."""
        return self._at(_array(numbers))

    def block(self, start: int, stop: int) -> Sets:
        """The sets of the numbers from `start` up to `stop` that stand for something."""
        found = self.sets(range(start, min(stop, len(self))))
        return found if self.where is None else found.part(self._meeting(found))

    def __getitem__(self, number: int) -> dict[str, Any]:
        """The parameters of a set."""
        place = checks.integer("set", number, high=len(self) - 1)
        found = self.block(place, place + 1)
        if not len(found):
            fix = "study.table has the numbers of the sets that do"
            raise ConfigError.of("set", number, "does not meet the condition", fix=fix)
        return found[0]

    def check_names(self, known: Iterable[str] | None) -> None:
        """Refuse parameters that are not known; None knows all."""
        names = None if known is None else list(known)
        for name in self.names:
            if names is not None and name not in names:
                raise ParameterError(f"no parameter {name!r}", where="sweep", fix=hint(name, names))

    def _meeting(self, found: Sets) -> Flags:
        return np.ones(len(found), dtype=np.bool_) if self.where is None else holds(self.where, found)

    def _condition(self) -> str | None:
        if self.where is None:
            return None
        return self.where.text if isinstance(self.where, Text) else function_digest(self.where)


class Grid(Space):
    """Every combination of the values of some parameters; the last one changes fastest.

    >>> space = grid({"fast": range(2, 4), "slow": [10, 20, 30]})
    >>> len(space), space[4]
    (6, {'fast': 3, 'slow': 20})
    """

    def __init__(self, axes: Mapping[str, Sequence[Any]], where: Given | None = None) -> None:
        """Use `grid`, which checks."""
        self.axes = dict(axes)
        self.names = tuple(self.axes)
        self.where = where
        self.shape = tuple(len(values) for values in self.axes.values())
        self.size = prod(self.shape)

    def __len__(self) -> int:
        return self.size

    def _at(self, numbers: Numbers) -> Sets:
        places = np.unravel_index(numbers, self.shape)
        columns = zip(self.axes.items(), places, strict=True)
        return Sets(numbers, {name: Values(values, codes) for (name, values), codes in columns})

    def definition(self) -> dict[str, Any]:
        """What the space is."""
        axes = {name: _shown(values) for name, values in self.axes.items()}
        return {"kind": "grid", "axes": axes, "where": self._condition()}


class RandomSpace(Space):
    """Sets drawn at random: set `n` follows from the seed and `n` alone, whoever asks, in any order.

    >>> from triplebar.research.sweeping.ranges import integers, uniform
    >>> space = random({"length": integers(5, 45), "width": uniform(1, 3)}, count=1_000_000, seed=1)
    >>> space[999_999] == random({"length": integers(5, 45), "width": uniform(1, 3)}, count=10**9, seed=1)[999_999]
    True
    """

    def __init__(self, ranges: Mapping[str, Range], size: int, seed: int, where: Given | None = None) -> None:
        """Use `random`, which checks."""
        self.ranges, self.size, self.seed, self.where = dict(ranges), size, seed, where
        self.names = tuple(self.ranges)

    def __len__(self) -> int:
        return self.size

    def _at(self, numbers: Numbers) -> Sets:
        found = self._drawn(numbers, 0)
        if self.where is None:
            return found
        missing = np.flatnonzero(~holds(self.where, found))
        for attempt in range(1, ATTEMPTS_MAX):
            if not missing.size:
                return found
            again = self._drawn(numbers[missing], attempt)
            for name, values in again.columns.items():
                _put(found.columns[name], missing, values)
            missing = missing[~holds(self.where, again)]
        problem = f"no set that meets the condition was drawn in {ATTEMPTS_MAX:,} attempts"
        raise ConfigError(problem, where=f"set {int(numbers[missing[0]])}", fix="widen the ranges or the condition")

    def _drawn(self, numbers: Numbers, attempt: int) -> Sets:
        columns = {}
        for name, each in self.ranges.items():
            stream = f"space/{name}" if attempt == 0 else f"space/{name}/{attempt}"
            columns[name] = each.of_bits(_bits(stream_key(self.seed, stream), numbers))
        return Sets(numbers, columns)

    def _meeting(self, found: Sets) -> Flags:
        return np.ones(len(found), dtype=np.bool_)  # they were drawn until they did

    def definition(self) -> dict[str, Any]:
        """What the space is."""
        ranges = {name: each.definition() for name, each in self.ranges.items()}
        return {"kind": "random", "size": self.size, "seed": self.seed, "ranges": ranges, "where": self._condition()}


class Indexed(Space):
    """Sets that a function makes of their numbers.

    >>> indexed(lambda number: {"fast": 2 + number % 5, "slow": 10 + number}, count=100)[7]
    {'fast': 4, 'slow': 17}
    """

    def __init__(self, function: Callable[[int], Mapping[str, Any]], size: int, where: Given | None = None) -> None:
        """Use `indexed`, which checks."""
        self.function, self.size, self.where = function, size, where
        self.names = tuple(self._made(0))

    def __len__(self) -> int:
        return self.size

    def _made(self, number: int) -> Mapping[str, Any]:
        found: Any
        try:
            found = self.function(number)
        except Exception as problem:
            told = f"the function raised {type(problem).__name__}: {problem}"
            raise ParameterError(told, where=f"set {number}") from problem
        names = getattr(self, "names", None)
        if not isinstance(found, Mapping) or not found or set(found) != set(names or found):
            wanted = "a mapping with at least one parameter" if names is None else f"values for {', '.join(names)}"
            raise ParameterError(f"the function gave {found!r}", where=f"set {number}", fix=f"return {wanted}")
        return found

    def _at(self, numbers: Numbers) -> Sets:
        made = [self._made(number) for number in numbers.tolist()]
        codes = np.arange(len(made), dtype=np.int64)
        return Sets(numbers, {name: Values([each[name] for each in made], codes) for name in self.names})

    def definition(self) -> dict[str, Any]:
        """What the space is."""
        made_by = function_digest(self.function)
        return {"kind": "indexed", "size": self.size, "function": made_by, "where": self._condition()}


def grid(parameters: object, *, where: Given | str | None = None) -> Grid:
    """Every combination of the values of some parameters, the last one changing fastest, where a condition holds.

    >>> space = grid({"fast": range(2, 5), "slow": [2, 3, 4]}, where="fast < slow")
    >>> len(space), space.block(0, len(space)).numbers.tolist()
    (9, [1, 2, 5])
    """
    if not isinstance(parameters, Mapping) or not parameters:
        fix = "give e.g. {'fast': range(5, 45), 'slow': [50, 100]}"
        raise ConfigError.of("parameters", parameters, "is no grid", fix=fix)
    axes = {str(name): _axis(str(name), values) for name, values in parameters.items()}
    count = prod(len(values) for values in axes.values())
    if count > NUMBER_MAX:
        raise ConfigError(f"the grid has {count:,} sets", where="sweep", fix="take wider steps")
    return Grid(axes, condition_of(where, list(axes)))


def random(ranges: object, *, count: int, seed: int = 0, where: Given | str | None = None) -> RandomSpace:
    """So many sets, drawn at random; a list of values is a choice. Where a condition fails, a set is drawn again.

    >>> random({"kind": ["SMA", "EMA"]}, count=3, seed=2)[0] in ({"kind": "SMA"}, {"kind": "EMA"})
    True
    """
    if not isinstance(ranges, Mapping) or not ranges:
        fix = "give e.g. {'fast': tb.spaces.integers(5, 45)}"
        raise ConfigError.of("ranges", ranges, "is no space", fix=fix)
    found = {str(name): range_of(str(name), each) for name, each in ranges.items()}
    size = checks.integer("count", count, low=1)
    return RandomSpace(found, size, checks.integer("seed", seed, high=2**64 - 1), condition_of(where, list(found)))


def indexed(function: object, *, count: int, where: Given | str | None = None) -> Indexed:
    """Sets that a function makes of their numbers: the same set for the same number, always."""
    if not callable(function):
        raise ConfigError.of("function", function, "is no function", fix="give e.g. lambda number: {'fast': number}")
    space = Indexed(function, checks.integer("count", count, low=1))
    space.where = condition_of(where, list(space.names))
    return space


def space_of(given: object) -> Space:
    """Take a space as it is, and a mapping as a grid."""
    return given if isinstance(given, Space) else grid(given)


def _array(numbers: range | Numbers) -> Numbers:
    if isinstance(numbers, range):
        return np.arange(numbers.start, numbers.stop, numbers.step, dtype=np.int64)
    return np.asarray(numbers, dtype=np.int64)


def _axis(name: str, values: object) -> Sequence[Any]:
    if isinstance(values, (set, frozenset)):
        fix = f"write {{{name!r}: sorted(...)}}"
        raise ConfigError.of(name, values, "has no order, so that numbers of sets would mean nothing", fix=fix)
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__") or not hasattr(values, "__iter__"):
        raise ConfigError.of(name, values, "is no list of values", fix=f"give e.g. {{{name!r}: [5, 10]}}")
    if len(values) == 0:
        raise ConfigError(f"{name} has no values, so there is nothing to run", where="sweep", fix="give at least one")
    if isinstance(values, range):
        return values
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _shown(values: Sequence[Any]) -> Any:  # noqa: ANN401 - plain values
    if isinstance(values, range):
        return {"range": [values.start, values.stop, values.step]}
    return [value_text(value) for value in values]


def _put(into: Values, places: Numbers, values: Values) -> None:
    """Replace some of the values that were drawn; those of a list by their codes, numbers themselves."""
    if isinstance(into.values, np.ndarray):
        into.values[places] = values.values
    else:
        into.codes[places] = values.codes


def _bits(key: int, numbers: Numbers) -> Bits:
    """The draws of `contracts.random`, for many numbers at once."""
    return _splitmix(np.uint64(key) ^ _splitmix(numbers.astype(np.uint64)))


def _splitmix(values: Bits) -> Bits:
    z = values + np.uint64(GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))
