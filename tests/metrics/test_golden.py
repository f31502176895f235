"""Metrics of one small run, worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.metrics.inputs import HOUR, curve_of, input_of
from tests.metrics.oracle import DAY
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import CashFlows, Curve, Excursions, MetricInput
from triplebar.metrics.measure import measure, ordered

# 100 → 110 → 99 → 108.9 → 130.68, one day apart: returns +10 %, -10 %, +10 %, +20 %
CURVE = curve_of(100.0, [110.0, 99.0, 108.9, 130.68], cash=[55.0, 49.5, 0.0, 130.68])
DATA = input_of(
    CURVE,
    [30.0, -10.0, 0.0, 20.0],
    traded=600.0,
    commission=1.0,
    spread=2.0,
    slippage=3.0,
    market_impact=0.5,
    funding=-0.5,
    borrow=0.25,
    unrealised=4.0,
    deposits=0.68,
    orders=9,
    fills=8,
    rejected=1,
)
MEAN, SPREAD = 0.075, math.sqrt((0.025**2 + 0.175**2 + 0.025**2 + 0.125**2) / 3)

DATA = replace(
    DATA,
    # 50 → 55 → 49.5 → 49.5 → 54.45: +10 %, -10 %, 0, +10 %
    benchmark=np.array([50.0, 55.0, 49.5, 49.5, 54.45]),
    excursions=Excursions(np.array([0.0, 0.05, 0.01, 0.02]), np.array([0.3, 0.0, 0.01, 0.29])),
    flows=CashFlows(np.array([4 * DAY]), np.array([0.68])),
)

GOLDEN = {
    "starting_value": 100.0,
    "ending_value": 130.68,
    "total_profit": 30.0,
    "total_return": 0.3068,
    "cagr": None,  # four days are less than a week
    "volatility": SPREAD * math.sqrt(252),
    "sharpe": MEAN / SPREAD * math.sqrt(252),
    "sortino": MEAN / math.sqrt(0.1**2 / 4) * math.sqrt(252),
    "best_day": 0.2,
    "worst_day": -0.1,
    "value_at_risk_95": 0.07,  # 15 % of the way from -10 % to +10 %
    "periods_per_year": 252.0,
    "positive_days": 0.75,
    "omega": 4.0,
    "skew": (0.025**3 * 2 - 0.175**3 + 0.125**3) / 4 / (0.0475 / 4) ** 1.5,
    "kurtosis": (0.025**4 * 2 + 0.175**4 + 0.125**4) / 4 / (0.0475 / 4) ** 2 - 3,
    "tail_ratio": 0.185 / 0.07,
    "expected_shortfall_95": 0.1,
    "time_weighted_return": 130.0 / 100.0 - 1,
    "money_weighted_return": None,
    "recovery_days": 2.0,
    "recovery_factor": 3.068,
    "ulcer_index": math.sqrt((0.1**2 + 0.01**2) / 5),  # 99 and 108.9 are below 110
    "benchmark_return": 0.089,
    "beta": 0.0325 / 0.0275,
    "alpha": (0.075 - 0.0325 / 0.0275 * 0.025) * 252,
    "correlation": 0.0325 / math.sqrt(0.0275 * 0.0475),
    "tracking_error": math.sqrt((0.05**2 * 4) / 3) * math.sqrt(252),
    "information_ratio": 0.05 / math.sqrt((0.05**2 * 4) / 3) * math.sqrt(252),
    "up_capture": (math.sqrt(1.1 * 1.2) - 1) / 0.1,
    "down_capture": 1.0,
    "average_adverse_excursion": 0.02,
    "worst_adverse_excursion": 0.05,
    "average_favourable_excursion": 0.15,
    "expectancy": 1.0,
    "median_holding_days": 0.5,
    "longest_holding_days": 0.5,
    "longest_winning_streak": 1,
    "longest_losing_streak": 1,
    "commission_to_gross_profit": 0.02,
    "slippage_to_gross_profit": 0.11,
    "financing_to_gross_profit": -0.005,
    "max_drawdown": 0.1,
    "max_drawdown_peak": "1970-01-02T00:00:00Z",
    "max_drawdown_trough": "1970-01-03T00:00:00Z",
    "max_drawdown_recovery": "1970-01-05T00:00:00Z",
    "max_drawdown_days": 3.0,
    "longest_drawdown_days": 3.0,
    "calmar": None,
    "trades": 4,
    "winning_trades": 2,
    "losing_trades": 1,
    "win_rate": 0.5,  # the trade that broke even counts below the line
    "profit_factor": 5.0,
    "average_trade": 10.0,
    "average_win": 25.0,
    "average_loss": 10.0,
    "payoff_ratio": 2.5,
    "largest_win": 30.0,
    "largest_loss": 10.0,
    "average_trade_return": 0.1,
    "average_holding_days": 0.5,
    "realised_profit": 40.0,
    "unrealised_profit": 4.0,
    "exposure": (0.5 + 0.5 + 1.0 + 0.0) / 4,
    "mean_cash_utilization": (0.5 + 0.5 + 1.0 + 0.0) / 4,
    "time_in_market": 0.75,
    "turnover": 300.0 / ((110.0 + 99.0 + 108.9 + 130.68) / 4) / (4 / (365.25 / 12)),
    "orders": 9,
    "fills": 8,
    "rejected_orders": 1,
    "total_costs": 6.25,
    "costs_to_gross_profit": 0.125,
    "costs_to_capital": 0.0625,
}


@pytest.mark.feature("F-093", "F-267")
@pytest.mark.parametrize(("name", "value"), GOLDEN.items())
def test_golden_value(name: str, value: float | str | None) -> None:
    found = measure(DATA).values[name]
    assert found == (pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value)


@pytest.mark.feature("F-093")
def test_every_metric_has_a_golden_value_a_unit_and_a_definition() -> None:
    assert set(GOLDEN) == {each.name for each in ordered()}
    assert len(ordered()) >= 20
    assert all(each.unit and each.formula and each.definition.endswith(".") for each in ordered())


FOLLOWING = (
    "total_return", "cagr", "max_drawdown", "max_drawdown_days", "sharpe", "sortino", "win_rate",
    "average_holding_days", "turnover", "slippage_to_gross_profit", "commission_to_gross_profit",
    "costs_to_gross_profit", "total_costs",
)  # fmt: skip
"""What a backtest of following traders is reported by; exits by reason stand in the run folder's statistics."""


@pytest.mark.feature("F-240")
@pytest.mark.parametrize("name", FOLLOWING)
def test_metrics_of_following_traders_have_golden_values(name: str) -> None:
    expected = GOLDEN[name]
    if expected is None:
        assert "week" in measure(DATA).reasons[name]  # growth per year of a few days says nothing
    else:
        assert measure(DATA).values[name] == pytest.approx(expected, rel=1e-12)


@pytest.mark.feature("F-240")
def test_a_year_is_365_days_round_the_clock() -> None:
    assert periods_per_year("24/7", np.arange(500)) == 365.0


@pytest.mark.feature("F-093")
def test_growth_per_year_by_elapsed_time() -> None:
    days = 731  # two years of 365.25 days, and half a day
    data = input_of(curve_of(100.0, [100.0] * (days - 1) + [121.0]))
    assert measure(data).values["cagr"] == pytest.approx(1.21 ** (365.25 / days) - 1, rel=1e-12)


@pytest.mark.feature("F-093")
def test_a_risk_free_rate_is_taken_off_each_period() -> None:
    curve = curve_of(100.0, [101.0, 100.0, 102.0])
    rate = 1.02 ** (1 / 365) - 1
    returns = [0.01, 100 / 101 - 1, 0.02]
    middle = sum(returns) / 3
    deviation = math.sqrt(sum((each - middle) ** 2 for each in returns) / 2)
    data = MetricInput(curve, input_of(curve).trades, input_of(curve).activity, 365.0, 0.02)
    assert measure(data).values["sharpe"] == pytest.approx((middle - rate) / deviation * math.sqrt(365), rel=1e-12)


@pytest.mark.feature("F-093")
def test_bars_within_a_day_count_as_one_return_and_midnight_ends_its_day() -> None:
    times = np.array([23, 24, 25, 48]) * HOUR  # 24:00 belongs to the first day, 48:00 to the second
    equity = np.array([90.0, 110.0, 50.0, 121.0])
    values = measure(input_of(Curve(0, 100.0, times, equity, equity, np.zeros(4)))).values
    assert values["best_day"] == pytest.approx(0.1)
    assert values["worst_day"] == pytest.approx(0.1)
    assert values["max_drawdown"] == pytest.approx(60 / 110)  # but within the day the loss was real


@pytest.mark.feature("F-093")
def test_periods_per_year_come_from_the_calendar_and_from_the_data_when_these_are_sparse() -> None:
    daily = np.arange(500)
    assert periods_per_year("24/7", daily) == 365.0
    assert periods_per_year("XNYS", daily) == 252.0
    assert periods_per_year("XNYS", daily[::7]) == pytest.approx(365.25 / 7)
    assert periods_per_year("24/7", daily[::30]) == pytest.approx(365.25 / 30)
    assert periods_per_year("24/7", daily[:1]) == 365.0
