"""The metrics that one looks at first."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.result import RunResult
from triplebar.metrics.definitions import MetricValue

HEADLINES: Final = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "omega",
    "max_drawdown",
    "longest_drawdown_days",
    "value_at_risk_95",
    "expected_shortfall_95",
    "skew",
    "kurtosis",
    "tail_ratio",
    "trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "exposure",
    "turnover",
    "total_costs",
    "costs_to_gross_profit",
)


def headline(result: RunResult) -> dict[str, MetricValue]:
    """Give the metrics of a result that one looks at first; None where one is not defined.

    `result.metrics` has all of them, `result.metric_reasons` why one is None.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
    >>> found = headline(result)
    >>> found["trades"], found["win_rate"], result.metric_reasons["win_rate"]
    (0, None, 'no trades')
    """
    return {name: result.metrics.get(name) for name in HEADLINES}
