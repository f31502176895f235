"""Metrics equal an independent second implementation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.metrics.inputs import curve_of, input_of, metric_inputs, plain
from tests.metrics.oracle import oracle
from triplebar.metrics.inputs import MetricInput
from triplebar.metrics.measure import measure, ordered

SMALL = replace(input_of(curve_of(100.0, [110.0, 99.0]), [5.0]), benchmark=np.array([1.0, 1.1, 1.2]))

NOT_IN_THE_ORACLE = {
    "max_drawdown_peak",
    "max_drawdown_trough",
    "max_drawdown_recovery",
    "periods_per_year",
    "unrealised_profit",
    "time_in_market",
    "orders",
    "fills",
    "rejected_orders",
    "average_adverse_excursion",
    "worst_adverse_excursion",
    "average_favourable_excursion",
}


@pytest.mark.feature("F-093")
@settings(max_examples=300)
@given(metric_inputs())
def test_metrics_equal_the_oracle(data: MetricInput) -> None:
    found, expected = measure(data).values, oracle(plain(data))
    for name, exact in expected.items():
        value = None if isinstance(exact, float) and not math.isfinite(exact) else exact  # no metric is infinite
        if value is None or found[name] is None:
            assert found[name] is None
            assert value is None
        else:
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_the_oracle_knows_all_metrics_but_a_few() -> None:
    assert set(oracle(plain(SMALL))) | NOT_IN_THE_ORACLE == {each.name for each in ordered()}


def test_a_wrong_metric_would_be_noticed() -> None:
    wrong = oracle(plain(SMALL)) | {"total_return": 1e9}
    assert measure(SMALL).values["total_return"] != pytest.approx(wrong["total_return"], rel=1e-9)
