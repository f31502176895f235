"""Compute all metrics of one run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from triplebar.metrics import (
    activity,
    distribution,
    drawdown,
    excursion,
    flows,
    holding,
    relative,
    returns,
    trades,
)
from triplebar.metrics.definitions import REGISTRY, Metric, MetricValue, Undefined
from triplebar.metrics.inputs import MetricInput

FAMILIES = (returns, distribution, drawdown, flows, trades, holding, activity, excursion, relative)
"""The modules that fill the registry, in the order of reports."""


@dataclass(frozen=True, slots=True)
class MetricReport:
    """Values by name, and for each that is None the reason."""

    values: Mapping[str, MetricValue]
    reasons: Mapping[str, str] = field(default_factory=dict)


def measure(data: MetricInput) -> MetricReport:
    """Compute every metric of the registry; what is not defined is None, with a reason.

    Metrics of a benchmark and of excursions are left out if these are not given.

    >>> from triplebar.metrics.inputs import Activity, ClosedTrades, Curve
    >>> curve = Curve(0, 100.0, np.array([10]), np.array([110.0]), np.array([110.0]))
    >>> report = measure(MetricInput(curve, ClosedTrades.none(), Activity(), 365.0))
    >>> round(report.values["total_return"], 9), report.values["sharpe"], report.reasons["sharpe"]
    (0.1, None, 'fewer than two daily returns')
    """
    return evaluate(data, [each.name for each in ordered() if data.has(each.inputs)])


def evaluate(data: MetricInput, names: Iterable[str]) -> MetricReport:
    """Compute some metrics by name.

    >>> from triplebar.metrics.inputs import Activity, ClosedTrades, Curve
    >>> curve = Curve(0, 100.0, np.array([10]), np.array([125.0]), np.array([125.0]))
    >>> evaluate(MetricInput(curve, ClosedTrades.none(), Activity(), 365.0), ["total_return"]).values
    {'total_return': 0.25}
    """
    values: dict[str, MetricValue] = {}
    reasons: dict[str, str] = {}
    with np.errstate(all="ignore"):
        for name in names:
            values[name], reason = _value(REGISTRY[name], data)
            if reason:
                reasons[name] = reason
    return MetricReport(values, reasons)


def ordered() -> list[Metric]:
    """All metrics, in the order of reports.

    >>> ordered()[0].name
    'starting_value'
    """
    return list(REGISTRY.values())


def _sort() -> None:
    """Put the registry into the order of reports, whatever the order of the imports."""
    modules = [family.__name__ for family in FAMILIES]
    entries = sorted(REGISTRY.entries.values(), key=lambda each: modules.index(each.compute.__module__))
    REGISTRY.entries = {each.name: each for each in entries}


def _value(each: Metric, data: MetricInput) -> tuple[MetricValue, str]:
    try:
        value = each.compute(data)
    except Undefined as why:
        return None, str(why)
    if isinstance(value, float) and not math.isfinite(value):
        return None, "not a finite number"
    return value, ""


_sort()
