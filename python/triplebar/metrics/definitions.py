"""The one list of all metrics: name, unit, definition, formula, what it needs and the function that computes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow
from triplebar.metrics.inputs import MetricInput
from triplebar.metrics.kernels import slots

MetricValue: TypeAlias = float | int | str | None
Measurement: TypeAlias = Callable[[MetricInput], float | int | str]


class Undefined(Exception):  # noqa: N818 - it is an answer, not a mistake
    """A metric has no value for this input; the text says why.

    >>> str(Undefined("no trades"))
    'no trades'
    """


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of the registry."""

    name: str
    unit: str
    definition: str
    formula: str
    inputs: str
    """What it is computed from: curve, returns, trades, activity, flows, benchmark or excursions."""
    compute: Measurement
    """The definition in NumPy, for one run; the kernels are tested against it."""

    @property
    def kernel(self) -> str | None:
        """The Numba kernel that computes it over many curves at once, if there is one."""
        return slots.kernel_of(self.name)


class Registry(Mapping[str, Metric]):
    """All metrics by name, in the order in which reports show them.

    >>> import triplebar as tb
    >>> tb.metrics.registry["win_rate"].unit
    'fraction'
    >>> tb.metrics.registry.table().column_names
    ['name', 'unit', 'definition', 'formula', 'inputs', 'kernel']
    """

    def __init__(self) -> None:
        self.entries: dict[str, Metric] = {}

    def __getitem__(self, name: str) -> Metric:
        return self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        lines = (f"{each.name:<28}{each.unit:<20}{each.definition}" for each in self.values())
        return "\n".join(lines)

    def table(self) -> pa.Table:
        """Give all definitions as an Arrow table of texts."""
        names = ("name", "unit", "definition", "formula", "inputs", "kernel")
        return pa.table({name: texts_to_arrow([getattr(each, name) for each in self.values()]) for name in names})


REGISTRY: Final = Registry()


def metric(name: str, unit: str, definition: str, formula: str, inputs: str) -> Callable[[Measurement], Measurement]:
    """Enter the decorated function into the registry.

    >>> REGISTRY["win_rate"].unit if REGISTRY else "fraction"
    'fraction'
    """

    def enter(compute: Measurement) -> Measurement:
        if name in REGISTRY and REGISTRY[name].definition != definition:
            raise ValueError(f"metric {name!r} is defined twice")
        REGISTRY.entries[name] = Metric(name, unit, definition, formula, inputs, compute)
        return compute

    return enter
