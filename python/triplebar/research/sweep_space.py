"""The sets of a sweep: a grid that is addressed by number and never written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.errors import ConfigError, ParameterError
from triplebar.contracts.suggest import hint

SETS_MAX: Final = 10_000_000
"""A grid with more sets than this has to be asked for in parts."""


@dataclass(frozen=True)
class Space:
    """Every combination of the values of some parameters; the last one changes fastest.

    >>> space = Space.of({"fast": range(2, 4), "slow": [10, 20, 30]})
    >>> len(space), space[4]
    (6, {'fast': 3, 'slow': 20})
    """

    axes: Mapping[str, Sequence[Any]]

    @classmethod
    def of(cls, parameters: object, *, known: Iterable[str] | None = None, sets_max: int = SETS_MAX) -> Space:
        """Check a grid: names that are known, values that there are, and not too many sets."""
        if not isinstance(parameters, Mapping) or not parameters:
            fix = "give e.g. {'fast': range(5, 45), 'slow': [50, 100]}"
            raise ConfigError.of("parameters", parameters, "is no grid", fix=fix)
        names = None if known is None else list(known)
        for name in parameters:
            if names is not None and name not in names:
                raise ParameterError(f"no parameter {name!r}", where="sweep", fix=hint(name, names))
        count = prod(_length(str(name), values) for name, values in parameters.items())
        if count > sets_max:
            problem = f"the grid has {count:,} sets, at most {sets_max:,} are run at once"
            raise ConfigError(problem, where="sweep", fix="sweep it in parts, or take wider steps")
        return cls({str(name): list(values) for name, values in parameters.items()})

    def __len__(self) -> int:
        return prod(len(values) for values in self.axes.values())

    def __getitem__(self, number: int) -> dict[str, Any]:
        """The parameters of a set."""
        if not 0 <= number < len(self):
            raise ConfigError.of("set", number, "does not exist", fix=f"give a number from 0 to {len(self) - 1}")
        places = self.places(range(number, number + 1))
        return {name: self.axes[name][int(place[0])] for name, place in zip(self.axes, places, strict=True)}

    def places(self, sets: range) -> tuple[npt.NDArray[np.intp], ...]:
        """The place of each set on each axis."""
        shape = tuple(len(values) for values in self.axes.values())
        return tuple(np.unravel_index(np.arange(sets.start, sets.stop), shape))

    def columns(self, sets: range) -> dict[str, pa.Array]:
        """The parameters of some sets, a column each."""
        found = {}
        for (name, values), places in zip(self.axes.items(), self.places(sets), strict=True):
            found[name] = _column(values).take(to_arrow(places))
        return found


def _length(name: str, values: object) -> int:
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__") or not hasattr(values, "__iter__"):
        raise ConfigError.of(name, values, "is no list of values", fix=f"give e.g. {{{name!r}: [5, 10]}}")
    if len(values) == 0:
        raise ConfigError(f"{name} has no values, so there is nothing to run", where="sweep", fix="give at least one")
    return len(values)


def _column(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([repr(value) for value in values])
