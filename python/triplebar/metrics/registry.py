"""The one list of all metrics: name, unit, definition and the function that computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from triplebar.metrics.inputs import MetricInput

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
    compute: Measurement


REGISTRY: Final[dict[str, Metric]] = {}
"""All metrics by name, in the order in which reports show them."""


def metric(name: str, unit: str, definition: str) -> Callable[[Measurement], Measurement]:
    """Enter the decorated function into the registry.

    >>> REGISTRY["win_rate"].unit if REGISTRY else "fraction"
    'fraction'
    """

    def enter(compute: Measurement) -> Measurement:
        if name in REGISTRY and REGISTRY[name].definition != definition:
            raise ValueError(f"metric {name!r} is defined twice")
        REGISTRY[name] = Metric(name, unit, definition, compute)
        return compute

    return enter
