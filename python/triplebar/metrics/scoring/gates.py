"""Who may be ranked at all: filters, gates over three windows, bounds of quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.time import DAY_NS
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.scoring.inputs import Leaderboard
from triplebar.metrics.scoring.records import TraderFigures
from triplebar.metrics.scoring.rules import THRESHOLDS, ScoringRules

Flags = npt.NDArray[np.bool_]

WINDOWS: Final = (7, 30, 90)
REFUSALS: Final = ("filter", "gate_7d", "gate_30d", "gate_90d", "quality", "style", "score")
"""What a trader may fail, in the order in which it is said."""


@dataclass(frozen=True)
class Gates:
    """What each trader passes."""

    filter: Flags
    windows: Mapping[int, Flags]
    """A new trader passes the window of 90 days without figures."""
    provisional: Flags
    trend_exception: Flags
    quality: Flags
    thresholds: Mapping[str, float]
    """The numbers that were asked for, percentiles worked out."""


def gates_of(leaderboard: Leaderboard, figures: TraderFigures, as_of_ns: int, rules: ScoringRules) -> Gates:
    """Look at every trader."""
    asked = thresholds_of(leaderboard, figures, rules)
    passes = {days: _window(leaderboard, days, asked) for days in WINDOWS}
    missing = np.isnan(leaderboard.figures["roi_90d_percent"]) | np.isnan(leaderboard.figures["pnl_90d"])
    provisional = missing & is_new(leaderboard, figures.first_known_ns, as_of_ns, rules)
    passes[90] = passes[90] | provisional
    account, roi = leaderboard.account_value, leaderboard.figures["roi_30d_percent"]
    wide = (account >= asked["filter_account_value"]) & (roi >= asked["filter_roi_30d_percent"])
    trend = trend_of(figures, asked) if rules.trend_exception else np.zeros(account.size, dtype=bool)
    return Gates(wide, passes, provisional, trend, _quality(figures, asked, trend), asked)


def is_new(leaderboard: Leaderboard, first_known_ns: IntArray, as_of_ns: int, rules: ScoringRules) -> Flags:
    """Whether a trader began to trade inside the window: by the leaderboard, else by the first trade known.

    A first trade within the first days of the window is no sign of that: there may have been others before.
    """
    begin = as_of_ns - rules.window_days * DAY_NS
    told = leaderboard.first_trade_ns < np.iinfo(np.int64).max
    traded = first_known_ns > np.iinfo(np.int64).min
    by_trades = traded & (first_known_ns >= begin + rules.new_trader_days * DAY_NS)
    return np.where(told, leaderboard.first_trade_ns > begin, by_trades) & ~(traded & (first_known_ns <= begin))


def _window(leaderboard: Leaderboard, days: int, asked: Mapping[str, float]) -> Flags:
    """Gain and return of a window must exceed their bounds; a missing one does not."""
    gain, roi = leaderboard.figures[f"pnl_{days}d"], leaderboard.figures[f"roi_{days}d_percent"]
    return np.asarray((gain > asked[f"gate_pnl_{days}d"]) & (roi > asked[f"gate_roi_{days}d_percent"]))


def trend_of(figures: TraderFigures, asked: Mapping[str, float]) -> Flags:
    """Few winners that win much: a low win rate with a high profit factor."""
    low = (figures.win_rate >= asked["trend_win_rate"]) & (figures.win_rate < asked["quality_win_rate_least"])
    return np.asarray(low & (figures.profit_factor >= asked["trend_profit_factor"]))


def _quality(figures: TraderFigures, asked: Mapping[str, float], trend: Flags) -> Flags:
    rate = (figures.win_rate >= asked["quality_win_rate_least"]) & (figures.win_rate <= asked["quality_win_rate_most"])
    factor = figures.profit_factor >= asked["quality_profit_factor"]
    return np.asarray((figures.count >= asked["quality_trade_count"]) & (rate | trend) & factor)


def thresholds_of(leaderboard: Leaderboard, figures: TraderFigures, rules: ScoringRules) -> dict[str, float]:
    """The bounds as numbers; a percentile is the value that so large a share of the traders does not exceed.

    Traders without a value do not count; if none has one, the bound stays the absolute one.
    """
    values: dict[str, FloatArray] = {
        "filter_account_value": leaderboard.account_value,
        "filter_roi_30d_percent": leaderboard.figures["roi_30d_percent"],
        "quality_trade_count": figures.count.astype(np.float64),
        **dict.fromkeys(("quality_win_rate_least", "quality_win_rate_most", "trend_win_rate"), figures.win_rate),
        **dict.fromkeys(("quality_profit_factor", "trend_profit_factor"), figures.profit_factor),
    }
    for days in WINDOWS:
        values[f"gate_pnl_{days}d"] = leaderboard.figures[f"pnl_{days}d"]
        values[f"gate_roi_{days}d_percent"] = leaderboard.figures[f"roi_{days}d_percent"]
    found = {name: float(rules.thresholds[name]) for name in THRESHOLDS}
    for name, share in rules.percentiles.items():
        known = values[name][~np.isnan(values[name])]
        if known.size:
            found[name] = float(np.quantile(known, float(share), method="lower"))
    return found
