"""A second implementation of the metric dictionary, by the definitions and nothing else: loops over plain lists.

It shares no code with `triplebar.metrics`. `oracle(data)` gives the value of every metric that it knows; None where the
definition has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DAY = 86_400 * 10**9
YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Plain:
    """The input, as lists."""

    start: int
    initial: float
    times: Sequence[int]
    equity: Sequence[float]
    cash: Sequence[float]
    gross: Sequence[float]
    profits: Sequence[float]
    costs: Sequence[float]
    held: Sequence[int]
    """How long each trade lasted, in nanoseconds."""
    traded: float
    paid: float
    """All costs together."""
    deposits: float
    periods: float
    risk_free: float


def daily_values(data: Plain) -> list[float]:
    """The initial capital, then the last value of each day."""
    last: dict[int, float] = {}
    for time, value in zip(data.times, data.equity, strict=True):
        last[(time - 1) // DAY] = value
    return [data.initial, *(last[day] for day in sorted(last))]


def daily_returns(data: Plain) -> list[float] | None:
    """Simple returns; None where a value that is divided by is not positive."""
    values = daily_values(data)
    if len(values) < 2 or any(value <= 0 for value in values[:-1]):
        return None
    return [values[place + 1] / values[place] - 1.0 for place in range(len(values) - 1)]


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def spread(values: Sequence[float]) -> float:
    """Sample standard deviation."""
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def losses(data: Plain) -> list[float]:
    found, peak = [], -math.inf
    for value in (data.initial, *data.equity):
        peak = max(peak, value)
        found.append(1.0 - value / peak)
    return found


def longest_below_peak(data: Plain) -> float:
    """Days from each peak to the next point that is as high, or to the end; the longest with a lower point between."""
    times, values = [data.start, *data.times], [data.initial, *data.equity]
    longest, peak, since, below = 0, values[0], times[0], False
    for time, value in zip(times, values, strict=True):
        if value >= peak:
            longest = max(longest, time - since) if below else longest
            peak, since, below = value, time, False
        else:
            below = True
    return (max(longest, times[-1] - since) if below else longest) / DAY


def deepest_days(data: Plain) -> float | None:
    found = losses(data)
    trough = found.index(max(found))
    if found[trough] <= 0:
        return None
    times, values = [data.start, *data.times], [data.initial, *data.equity]
    peak = max(values[: trough + 1])
    begin = values.index(peak)
    end = next((place for place in range(trough, len(values)) if values[place] >= peak), len(values) - 1)
    return (times[end] - times[begin]) / DAY


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def growth_metrics(data: Plain) -> dict[str, Any]:
    last = data.equity[-1] if data.equity else data.initial
    end = data.times[-1] if data.times else data.start
    days = (end - data.start) / DAY
    ratio = last / data.initial
    cagr = ratio ** (YEAR_DAYS / days) - 1.0 if days >= 7 and ratio >= 0 else None
    deepest = max(losses(data))
    return {
        "starting_value": data.initial,
        "ending_value": last,
        "total_profit": last - data.initial - data.deposits,
        "total_return": ratio - 1.0,
        "cagr": cagr,
        "max_drawdown": deepest,
        "max_drawdown_days": deepest_days(data),
        "longest_drawdown_days": longest_below_peak(data),
        "calmar": cagr / deepest if cagr is not None and deepest > 0 else None,
    }


def return_metrics(data: Plain) -> dict[str, Any]:
    returns = daily_returns(data)
    found: dict[str, Any] = dict.fromkeys(
        ("volatility", "sharpe", "sortino", "best_day", "worst_day", "value_at_risk_95")
    )
    if returns is None:
        return found
    found |= {"best_day": max(returns), "worst_day": min(returns)}
    if len(returns) < 2:
        return found
    year = math.sqrt(data.periods)
    free = (1.0 + data.risk_free) ** (1.0 / data.periods) - 1.0
    above = [value - free for value in returns]
    down = math.sqrt(mean([min(value, 0.0) ** 2 for value in above]))
    found |= {"volatility": spread(returns) * year, "value_at_risk_95": -quantile(returns, 0.05)}
    found["sharpe"] = mean(above) / spread(above) * year if spread(above) > 1e-12 else None
    found["sortino"] = mean(above) / down * year if down > 1e-12 else None
    return found


def trade_metrics(data: Plain) -> dict[str, Any]:
    wins = [value for value in data.profits if value > 0]
    lost = [-value for value in data.profits if value < 0]
    count = len(data.profits)
    return {
        "trades": count,
        "winning_trades": len(wins),
        "losing_trades": len(lost),
        "win_rate": len(wins) / count if count else None,
        "profit_factor": math.fsum(wins) / math.fsum(lost) if lost else None,
        "average_trade": mean(data.profits) if count else None,
        "average_win": mean(wins) if wins else None,
        "average_loss": mean(lost) if lost else None,
        "payoff_ratio": mean(wins) / mean(lost) if wins and lost else None,
        "largest_win": max(wins, default=None),
        "largest_loss": max(lost, default=None),
        "average_trade_return": (
            mean([profit / cost for profit, cost in zip(data.profits, data.costs, strict=True)]) if count else None
        ),
        "average_holding_days": mean([each / DAY for each in data.held]) if count else None,
        "realised_profit": math.fsum(data.profits),
        "costs_to_gross_profit": data.paid / math.fsum(wins) if wins else None,
    }


def holding_metrics(data: Plain) -> dict[str, Any]:
    found: dict[str, Any] = {"total_costs": data.paid, "costs_to_capital": data.paid / data.initial}
    usable = bool(data.equity) and all(value > 0 for value in data.equity)
    names = ("exposure", "mean_cash_utilization", "turnover")
    if not usable:
        return found | dict.fromkeys(names)
    rows = list(zip(data.equity, data.cash, data.gross, strict=True))
    months = (data.times[-1] - data.start) / DAY / (YEAR_DAYS / 12)
    return found | {
        "exposure": mean([gross / equity for equity, _, gross in rows]),
        "mean_cash_utilization": mean([1.0 - cash / equity for equity, cash, _ in rows]),
        "turnover": data.traded / 2.0 / mean(data.equity) / months if months > 0 else None,
    }


def oracle(data: Plain) -> dict[str, Any]:
    """Every metric that the oracle knows."""
    return growth_metrics(data) | return_metrics(data) | trade_metrics(data) | holding_metrics(data)
