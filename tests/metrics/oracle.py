"""A second implementation of the metric dictionary, by the definitions and nothing else: loops over plain lists.

It shares no code with `triplebar.metrics`. `oracle(data)` gives the value of every metric that it knows; None where the
definition has none.
"""

from __future__ import annotations

import itertools
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
    costs_by_kind: dict[str, float]
    deposits: float
    periods: float
    risk_free: float
    flows: Sequence[tuple[int, float]]
    benchmark: Sequence[float]

    @property
    def paid(self) -> float:
        """All costs together."""
        return math.fsum(self.costs_by_kind.values())


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
    found = deepest(data)
    if found is None:
        return None
    times, (begin, _, end) = [data.start, *data.times], found
    return (times[-1 if end is None else end] - times[begin]) / DAY


def deepest(data: Plain) -> tuple[int, int, int | None] | None:
    """Places of peak, trough and recovery."""
    found = losses(data)
    trough = found.index(max(found))
    if found[trough] <= 0:
        return None
    values = [data.initial, *data.equity]
    peak = max(values[: trough + 1])
    end = next((place for place in range(trough, len(values)) if values[place] >= peak), None)
    return max(place for place in range(trough) if values[place] == peak), trough, end


def recovery_days(data: Plain) -> float | None:
    found = deepest(data)
    if found is None or found[2] is None:
        return None
    times = [data.start, *data.times]
    return (times[found[2]] - times[found[1]]) / DAY


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
    worst = max(losses(data))
    return {
        "starting_value": data.initial,
        "ending_value": last,
        "total_profit": last - data.initial - data.deposits,
        "total_return": ratio - 1.0,
        "cagr": cagr,
        "max_drawdown": worst,
        "max_drawdown_days": deepest_days(data),
        "longest_drawdown_days": longest_below_peak(data),
        "calmar": cagr / worst if cagr is not None and worst > 0 else None,
        "recovery_factor": (ratio - 1.0) / worst if worst > 0 else None,
        "recovery_days": recovery_days(data),
        "ulcer_index": math.sqrt(mean([loss**2 for loss in losses(data)])),
        **flow_metrics(data),
    }


def flow_metrics(data: Plain) -> dict[str, Any]:
    """Return of one unit that was there all the time, and the yearly rate of all the money."""
    times, values = [data.start, *data.times], [data.initial, *data.equity]
    product = 1.0
    for place in range(1, len(values)):
        paid = math.fsum(amount for time, amount in data.flows if times[place - 1] < time <= times[place])
        product *= (values[place] - paid) / values[place - 1]
    rate = internal_rate(data, times, values[-1]) if times[-1] - times[0] >= 7 * DAY else None
    return {"time_weighted_return": product - 1.0, "money_weighted_return": rate}


def internal_rate(data: Plain, times: Sequence[int], ending: float) -> float | None:
    """The one yearly rate at which everything paid in grows to the end; None if there is none, or are several."""
    span = times[-1] - times[0]

    def surplus(exponent: float) -> float:
        grown = [data.initial * math.exp(exponent)]
        grown += [amount * math.exp(exponent * (times[-1] - time) / span) for time, amount in data.flows]
        return math.fsum(grown) - ending

    grid = [-20.0 + 0.02 * step for step in range(2_001)]
    ends = [(low, high, surplus(low), surplus(high)) for low, high in itertools.pairwise(grid)]
    found = [(low, high) for low, high, left, right in ends if left == 0 or (left < 0 < right) or (right < 0 < left)]
    if len(found) != 1:
        return None
    low, high = found[0]
    rising = surplus(low) < surplus(high)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (surplus(middle) < 0) == rising else (low, middle)
    return math.expm1(low * YEAR_DAYS * DAY / span)


def return_metrics(data: Plain) -> dict[str, Any]:
    returns = daily_returns(data)
    found: dict[str, Any] = dict.fromkeys(
        (
            *("volatility", "sharpe", "sortino", "best_day", "worst_day", "value_at_risk_95", "positive_days"),
            *("omega", "skew", "kurtosis", "tail_ratio", "expected_shortfall_95"),
        )
    )
    if returns is None:
        return found
    positive = sum(value > 0 for value in returns) / len(returns)
    found |= {"best_day": max(returns), "worst_day": min(returns), "positive_days": positive}
    if len(returns) < 2:
        return found
    year = math.sqrt(data.periods)
    free = (1.0 + data.risk_free) ** (1.0 / data.periods) - 1.0
    above = [value - free for value in returns]
    down = math.sqrt(mean([min(value, 0.0) ** 2 for value in above]))
    found |= {"volatility": spread(returns) * year, "value_at_risk_95": -quantile(returns, 0.05)}
    found["sharpe"] = mean(above) / spread(above) * year if spread(above) > 1e-12 else None
    found["sortino"] = mean(above) / down * year if down > 1e-12 else None
    return found | shape_metrics(returns, above)


def shape_metrics(returns: Sequence[float], above: Sequence[float]) -> dict[str, Any]:
    """Tails and lopsidedness."""
    lost = math.fsum(-value for value in above if value < 0)
    low, high = quantile(returns, 0.05), quantile(returns, 0.95)
    middle, varies = mean(returns), spread(returns) > 1e-12
    moment = {power: mean([(value - middle) ** power for value in returns]) for power in (2, 3, 4)}
    return {
        "omega": math.fsum(value for value in above if value > 0) / lost if lost > 1e-12 else None,
        "skew": moment[3] / moment[2] ** 1.5 if varies else None,
        "kurtosis": moment[4] / moment[2] ** 2 - 3.0 if varies else None,
        "tail_ratio": abs(high) / abs(low) if low != 0 else None,
        "expected_shortfall_95": -mean(sorted(returns)[: math.floor(0.05 * (len(returns) - 1)) + 1]),
    }


def relative_metrics(data: Plain) -> dict[str, Any]:
    """The curve beside its benchmark."""
    returns = daily_returns(data)
    names = ("alpha", "beta", "correlation", "tracking_error", "information_ratio", "up_capture", "down_capture")
    found: dict[str, Any] = dict.fromkeys(names)
    found["benchmark_return"] = data.benchmark[-1] / data.benchmark[0] - 1.0
    if returns is None:
        return found
    other = [after / before - 1.0 for before, after in zip(data.benchmark, data.benchmark[1:], strict=False)]
    found |= {"up_capture": capture(returns, other, 1), "down_capture": capture(returns, other, -1)}
    if len(returns) < 2:
        return found
    free = (1.0 + data.risk_free) ** (1.0 / data.periods) - 1.0
    ahead = [mine - theirs for mine, theirs in zip(returns, other, strict=True)]
    year = math.sqrt(data.periods)
    found["tracking_error"] = spread(ahead) * year
    found["information_ratio"] = mean(ahead) / spread(ahead) * year if spread(ahead) > 1e-12 else None
    if spread(other) > 1e-12:
        a, b = mean(returns), mean(other)
        both = math.fsum((mine - a) * (theirs - b) for mine, theirs in zip(returns, other, strict=True))
        beta = both / math.fsum((theirs - b) ** 2 for theirs in other)
        found |= {"beta": beta, "alpha": (a - free - beta * (b - free)) * data.periods}
        found["correlation"] = beta * spread(other) / spread(returns) if spread(returns) > 1e-12 else None
    return found


def capture(own: Sequence[float], other: Sequence[float], sign: int) -> float | None:
    """Growth per day over the benchmark's, on days on which it rose or fell."""
    chosen = [(mine, theirs) for mine, theirs in zip(own, other, strict=True) if sign * theirs > 0]
    if not chosen:
        return None
    mine, theirs = (math.prod(1.0 + pair[side] for pair in chosen) ** (1.0 / len(chosen)) - 1.0 for side in (0, 1))
    return mine / theirs


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
        "median_holding_days": quantile([each / DAY for each in data.held], 0.5) if count else None,
        "longest_holding_days": max(data.held) / DAY if count else None,
        "longest_winning_streak": streak([value > 0 for value in data.profits]) if count else None,
        "longest_losing_streak": streak([value < 0 for value in data.profits]) if count else None,
        "expectancy": mean(data.profits) / mean(lost) if lost else None,
        "commission_to_gross_profit": data.costs_by_kind["commission"] / math.fsum(wins) if wins else None,
        "slippage_to_gross_profit": data.costs_by_kind["slippage"] / math.fsum(wins) if wins else None,
        "financing_to_gross_profit": data.costs_by_kind["financing"] / math.fsum(wins) if wins else None,
        "realised_profit": math.fsum(data.profits),
        "costs_to_gross_profit": data.paid / math.fsum(wins) if wins else None,
    }


def streak(flags: Sequence[bool]) -> int:
    longest = now = 0
    for flag in flags:
        now = now + 1 if flag else 0
        longest = max(longest, now)
    return longest


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
    found = growth_metrics(data) | return_metrics(data) | trade_metrics(data) | holding_metrics(data)
    return found | (relative_metrics(data) if data.benchmark else {})
