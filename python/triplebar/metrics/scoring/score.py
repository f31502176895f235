"""Score traders: from three Arrow tables to one, as of a moment."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow, to_arrow
from triplebar.contracts.checks import choice
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.time import to_ns
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.scoring import components as parts
from triplebar.metrics.scoring.gates import REFUSALS, Flags, Gates, gates_of
from triplebar.metrics.scoring.inputs import Leaderboard, TradeRecords, mean_leverage
from triplebar.metrics.scoring.records import TraderFigures, figures_of
from triplebar.metrics.scoring.rules import COMPONENTS, STYLES, ScoringRules

LATER: Final = ("refuse", "ignore")


def score_traders(
    trades: Any,  # noqa: ANN401 - anything Arrow
    positions: Any,  # noqa: ANN401 - anything Arrow
    leaderboard: Any,  # noqa: ANN401 - anything Arrow
    *,
    as_of: Any,  # noqa: ANN401 - an aware datetime, a text with its offset, or nanoseconds
    rules: ScoringRules | None = None,
    later: str = "refuse",
) -> pa.Table:
    """Score the traders of a leaderboard as they were known at a moment, the best first.

    - `trades`: trader, time, token, side (long, short), action (open, add, reduce, close), size, value_usd, closed_pnl;
      perhaps id, which must be unique. Each trader's in the order of time.
    - `positions`: trader, token, side, leverage.
    - `leaderboard`: trader, label, account_value, roi_7d_percent, roi_30d_percent, roi_90d_percent, pnl_7d, pnl_30d,
      pnl_90d; perhaps first_trade.
    - `later`: records after `as_of` are an error (`refuse`) or passed over (`ignore`). Snapshots that have a `time`
      after `as_of` are always an error.

    One row per trader: figures, components, multipliers, gates, `score`, `eligible`, the first thing that it fails
    (`refused_by`), `rank` among the eligible (equal scores by the trader's name) and whether it is one of the best
    `rules.keep` (`selected`). Nothing depends on the clock of the machine.

    >>> board = pa.table({"trader": ["a"], "label": ["Smart Trader"], "account_value": [1e5], "roi_7d_percent": [6.0],
    ...     "roi_30d_percent": [50.0], "roi_90d_percent": [90.0], "pnl_7d": [1e4], "pnl_30d": [5e4], "pnl_90d": [9e4]})
    >>> day = 86_400 * 10**9
    >>> trades = pa.table({"trader": ["a", "a"], "time": [1 * day, 2 * day], "token": ["X", "X"],
    ...     "side": ["long", "long"], "action": ["open", "close"], "size": [1.0, 1.0], "value_usd": [9.0, 9.0],
    ...     "closed_pnl": [None, 1.0]})
    >>> positions = pa.table({"trader": ["a"], "token": ["X"], "side": ["long"], "leverage": [4.0]})
    >>> row = score_traders(trades, positions, board, as_of=2 * day).to_pylist()[0]
    >>> row["average_hold_hours"], row["smart_money_score"], row["eligible"], row["refused_by"]
    (24.0, 0.8, False, 'quality')
    """
    used = ScoringRules() if rules is None else rules
    if not isinstance(used, ScoringRules):
        raise ConfigError.of("rules", rules, "must be ScoringRules", fix="write rules = ScoringRules(...)")
    as_of_ns = _moment(as_of)
    pass_over = choice("later", later, LATER) == "ignore"
    board = Leaderboard.of(leaderboard, as_of_ns)
    leverage = mean_leverage(positions, board, as_of_ns)
    figures = figures_of(TradeRecords.of(trades, board), board, as_of_ns, used, pass_over=pass_over)
    gates = gates_of(board, figures, as_of_ns, used)
    return _table(board, figures, leverage, gates, used)


def _moment(as_of: Any) -> int:  # noqa: ANN401 - as above
    try:
        return to_ns(as_of)
    except ValueError as problem:
        raise ConfigError.of("as_of", as_of, str(problem), fix="write as_of='2024-05-01T00:00:00Z'") from None


def component_scores(
    board: Leaderboard, figures: TraderFigures, leverage: FloatArray, rules: ScoringRules
) -> dict[str, FloatArray]:
    """The six components of every trader."""
    formulas = rules.formulas
    roi = {days: board.figures[f"roi_{days}d_percent"] for days in (7, 30, 90)}
    return {
        "roi": parts.roi_score(roi[30], formulas),
        "sharpe": parts.sharpe_score(figures.pseudo_sharpe, formulas),
        "win_rate": parts.win_rate_score(figures.win_rate, formulas),
        "consistency": parts.consistency_score(roi[7], roi[30], roi[90], formulas),
        "smart_money": parts.smart_money_score(board.labels, formulas),
        "risk_management": parts.risk_management_score(leverage, formulas),
    }


def _table(
    board: Leaderboard, figures: TraderFigures, leverage: FloatArray, gates: Gates, rules: ScoringRules
) -> pa.Table:
    scores = component_scores(board, figures, leverage, rules)
    style = parts.style_codes(figures.trades_per_day, figures.hold_hours, rules.styles, float(rules.hold_unknown_hours))
    multiplier = parts.style_multiplier(style, rules.styles)
    decay = parts.recency_decay(figures.days_since, rules)
    provisional = np.where(gates.provisional, float(rules.provisional_multiplier), 1.0)
    base = parts.weighted_sum(scores, rules)
    score = base * multiplier * decay * provisional
    failed = _failed(gates, multiplier, score)
    eligible = failed == len(REFUSALS)
    order, rank = ranking(board.traders, score, eligible)
    table = pa.table(
        {
            "trader": texts_to_arrow(board.traders),
            **_figure_columns(figures, leverage),
            "style": texts_to_arrow(STYLES).take(to_arrow(style)),
            **{f"{name}_score": to_arrow(scores[name]) for name in COMPONENTS},
            "base_score": to_arrow(base),
            "style_multiplier": to_arrow(multiplier),
            "recency_decay": to_arrow(decay),
            "provisional_multiplier": to_arrow(provisional),
            "score": to_arrow(score),
            **_gate_columns(gates),
            "eligible": to_arrow(eligible),
            "refused_by": texts_to_arrow([*REFUSALS, None]).take(to_arrow(failed)),
            "rank": to_arrow(rank, ~eligible),
            "selected": to_arrow(eligible & (rank <= rules.keep)),
        }
    )
    return table.take(to_arrow(order))


def _figure_columns(figures: TraderFigures, leverage: FloatArray) -> dict[str, pa.Array]:
    """Figures as columns; null where there is nothing to say, and for an infinite profit factor."""
    boundless = np.isinf(figures.profit_factor)
    floats = {
        "win_rate": figures.win_rate,
        "profit_factor": np.where(boundless, np.nan, figures.profit_factor),
        "pseudo_sharpe": figures.pseudo_sharpe,
        "average_hold_hours": figures.hold_hours,
        "trades_per_day": figures.trades_per_day,
        "days_since_last_trade": figures.days_since,
        "mean_leverage": leverage,
    }
    return {
        "trade_count": to_arrow(figures.count),
        "closing_count": to_arrow(figures.closings),
        **{name: to_arrow(np.nan_to_num(each), np.isnan(each)) for name, each in floats.items()},
        "no_losses": to_arrow(boundless),
    }


def _gate_columns(gates: Gates) -> dict[str, pa.Array]:
    return {
        "passes_filter": to_arrow(gates.filter),
        **{f"passes_gate_{days}d": to_arrow(flags) for days, flags in gates.windows.items()},
        "provisional": to_arrow(gates.provisional),
        "trend_exception": to_arrow(gates.trend_exception),
        "passes_quality": to_arrow(gates.quality),
    }


def _failed(gates: Gates, multiplier: FloatArray, score: FloatArray) -> IntArray:
    """The place in `REFUSALS` of the first thing that a trader fails; past the end if there is none."""
    passed: list[Flags] = [gates.filter, *gates.windows.values(), gates.quality, multiplier > 0, score > 0]
    return np.asarray(np.argmin(np.column_stack([*passed, np.zeros(score.size, dtype=bool)]), axis=1))


def ranking(traders: list[str], score: FloatArray, eligible: Flags) -> tuple[IntArray, IntArray]:
    """The order of the output, and each trader's rank: the eligible first, by score, equal scores by name.

    >>> order, rank = ranking(["b", "a", "c"], np.array([0.5, 0.5, 0.9]), np.array([True, True, False]))
    >>> order.tolist(), rank.tolist()
    ([1, 0, 2], [2, 1, 3])
    """
    by_name = sorted(range(len(traders)), key=traders.__getitem__)
    order = np.array(by_name, dtype=np.int64)
    order = order[np.argsort(-score[order], kind="stable")]
    order = order[np.argsort(~eligible[order], kind="stable")]
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(1, order.size + 1)
    return order, rank
