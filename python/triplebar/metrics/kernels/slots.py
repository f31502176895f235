"""Which metric stands at which place of a kernel's output row, and what the codes of undefined places mean."""

from __future__ import annotations

from typing import Final

CURVE_SLOTS: Final = (
    "starting_value",
    "ending_value",
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "best_day",
    "worst_day",
    "positive_days",
    "omega",
    "skew",
    "kurtosis",
    "tail_ratio",
    "value_at_risk_95",
    "expected_shortfall_95",
    "max_drawdown",
    "max_drawdown_peak",
    "max_drawdown_trough",
    "max_drawdown_recovery",
    "max_drawdown_days",
    "recovery_days",
    "longest_drawdown_days",
    "ulcer_index",
    "calmar",
    "recovery_factor",
)
"""What `curve_nb.curves_nb` writes; times of drawdowns are points of the curve."""

RELATIVE_SLOTS: Final = (
    "benchmark_return",
    "alpha",
    "beta",
    "correlation",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
)
"""What `relative_nb.relative_nb` writes."""

TRADE_SLOTS: Final = (
    "trades",
    "winning_trades",
    "losing_trades",
    "win_rate",
    "profit_factor",
    "average_trade",
    "average_win",
    "average_loss",
    "payoff_ratio",
    "expectancy",
    "largest_win",
    "largest_loss",
    "average_trade_return",
    "realised_profit",
    "average_holding_days",
    "longest_holding_days",
    "longest_winning_streak",
    "longest_losing_streak",
)
"""What `trades_nb.trades_nb` writes."""

FLOW_SLOTS: Final = ("time_weighted_return", "money_weighted_return")
"""What `flows_nb.flows_nb` writes."""

KERNELS: Final = {
    "curve_nb": CURVE_SLOTS,
    "relative_nb": RELATIVE_SLOTS,
    "flows_nb": FLOW_SLOTS,
    "trades_nb": TRADE_SLOTS,
}

REASONS: Final = (
    "",
    "the initial capital is not positive",
    "no day has a value",
    "equity reached zero or below, so returns are not defined",
    "fewer than two daily returns",
    "zero variance of returns",
    "no return below the risk-free rate",
    "the 5 % quantile of returns is zero",
    "shorter than one week",
    "the account ended below zero",
    "too large to write down",
    "the account never fell below a peak",
    "not recovered by the end",
    "no drawdown",
    "not a finite number",
    "the benchmark does not vary",
    "the curve does not differ from the benchmark",
    "the benchmark has no day of that kind",
    "the benchmark reached zero or below",
    "no trades",
    "no winning trades",
    "no_losses",
    "a trade had no cost",
    "no rate fits",
    "several rates fit",
)
"""Why a place is undefined; a kernel writes the place of the text in this list."""

(
    DEFINED,
    NO_CAPITAL,
    NO_DAY,
    RUINED,
    FEW_RETURNS,
    NO_VARIANCE,
    NO_DOWNSIDE,
    NO_TAIL,
    SHORT,
    BELOW_ZERO,
    TOO_LARGE,
    NEVER_FELL,
    NOT_RECOVERED,
    NO_DRAWDOWN,
    NOT_FINITE,
    BENCHMARK_FLAT,
    NO_DIFFERENCE,
    NO_SUCH_DAY,
    BENCHMARK_RUINED,
    NO_TRADES,
    NO_WINNERS,
    NO_LOSSES,
    NO_COST,
    NO_RATE,
    SEVERAL_RATES,
) = range(len(REASONS))


def kernel_of(name: str) -> str | None:
    """The kernel that computes a metric, if there is one.

    >>> kernel_of("sharpe"), kernel_of("orders")
    ('curve_nb', None)
    """
    return next((kernel for kernel, names in KERNELS.items() if name in names), None)
