"""Metrics of how far prices went against and for trades; computed only when bars are given."""

from __future__ import annotations

import numpy as np

from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import FloatArray, MetricInput
from triplebar.metrics.trades import profits


def excursions(data: MetricInput, name: str) -> FloatArray:
    """The adverse or the favourable ones, of which there must be one."""
    profits(data)
    if data.excursions is None:
        raise Undefined("no bars were given")
    return np.asarray(getattr(data.excursions, name))


@metric(
    "average_adverse_excursion",
    "fraction",
    "Mean over closed trades of the farthest that the price went against the trade, over its entry price.",
    "mean(max(side · (entry - price), 0) / entry)",
    "excursions",
)
def average_adverse_excursion(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(excursions(data, "adverse")))


@metric(
    "worst_adverse_excursion",
    "fraction",
    "The farthest that the price went against any closed trade, over its entry price.",
    "max(side · (entry - price) / entry)",
    "excursions",
)
def worst_adverse_excursion(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(excursions(data, "adverse")))


@metric(
    "average_favourable_excursion",
    "fraction",
    "Mean over closed trades of the farthest that the price went for the trade, over its entry price.",
    "mean(max(side · (price - entry), 0) / entry)",
    "excursions",
)
def average_favourable_excursion(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(excursions(data, "favourable")))
