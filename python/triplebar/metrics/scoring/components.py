"""The parts of a score and what multiplies it; every function takes one number per trader and gives one per trader."""

from __future__ import annotations

import math
import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.arrow import to_numpy
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.scoring.rules import COMPONENTS, STYLES, ScoreFormulas, ScoringRules, StyleRules

DEFAULT: Final = ScoreFormulas()


def roi_score(roi_30d_percent: FloatArray, formulas: ScoreFormulas = DEFAULT) -> FloatArray:
    """The return of 30 days over the one that is enough for a full score, from 0 to 1; 0 where it is missing.

    >>> roi_score(np.array([50.0, 250.0, -10.0, np.nan])).tolist()
    [0.5, 1.0, 0.0, 0.0]
    """
    return np.clip(np.nan_to_num(roi_30d_percent) / float(formulas.roi_full_percent), 0.0, 1.0)


def sharpe_score(pseudo_sharpe: FloatArray, formulas: ScoreFormulas = DEFAULT) -> FloatArray:
    """The pseudo-Sharpe over the one that is enough for a full score, from 0 to 1.

    >>> sharpe_score(np.array([1.5, 9.0, np.nan])).tolist()
    [0.5, 1.0, 0.0]
    """
    return np.clip(np.nan_to_num(pseudo_sharpe) / float(formulas.sharpe_full), 0.0, 1.0)


def win_rate_score(win_rate: FloatArray, formulas: ScoreFormulas = DEFAULT) -> FloatArray:
    """The win rate above the floor over the span, from 0 to 1.

    >>> win_rate_score(np.array([0.6, 0.3, 1.0, np.nan])).round(9).tolist()
    [0.5, 0.0, 1.0, 0.0]
    """
    floor, span = float(formulas.win_rate_floor), float(formulas.win_rate_span)
    return np.clip((np.nan_to_num(win_rate) - floor) / span, 0.0, 1.0)


def consistency_score(
    roi_7d_percent: FloatArray,
    roi_30d_percent: FloatArray,
    roi_90d_percent: FloatArray,
    formulas: ScoreFormulas = DEFAULT,
) -> FloatArray:
    """How evenly the returns came: three positive ones score by their variance per week, two or fewer a fixed number.

    A missing return counts as not positive.

    >>> week, month = np.array([5.0, 20.0, 10.0]), np.array([20.0, 40.0, 20.0])
    >>> consistency_score(week, month, np.array([60.0, 60.0, np.nan])).tolist()
    [1.0, 0.7, 0.5]
    """
    returns = np.column_stack([roi_7d_percent, roi_30d_percent, roi_90d_percent])
    positive = np.count_nonzero(np.nan_to_num(returns) > 0, axis=1)
    weekly = np.nan_to_num(returns) / np.array([1.0, float(formulas.weeks_30d), float(formulas.weeks_90d)])
    with np.errstate(over="ignore"):
        variance = np.var(weekly, axis=1)
    bonus = np.maximum(0.0, float(formulas.consistency_bonus) - variance / float(formulas.consistency_variance_full))
    few = np.where(positive == 2, float(formulas.consistency_two), float(formulas.consistency_else))
    return np.where(positive == 3, float(formulas.consistency_all) + bonus, few)


def smart_money_score(labels: pa.Array, formulas: ScoreFormulas = DEFAULT) -> FloatArray:
    """What the label says: the first of the known words that it contains, as a whole word.

    >>> smart_money_score(pa.array(["Smart HL Fund", "Smart Trader", "Funding bot", ""])).tolist()
    [1.0, 0.8, 0.5, 0.0]
    """
    empty = np.asarray(to_numpy(pc.equal(pc.utf8_trim_whitespace(labels), "")))
    found = np.where(empty, float(formulas.label_none), float(formulas.label_other))
    for word, score in reversed(list(formulas.labels)):
        contained = pc.match_substring_regex(labels, rf"\b{re.escape(str(word))}\b", ignore_case=True)
        found = np.where(to_numpy(contained), float(score), found)
    return np.asarray(found)


def risk_management_score(mean_leverage: FloatArray, formulas: ScoreFormulas = DEFAULT) -> FloatArray:
    """The lower the mean leverage of the open positions, the better; a fixed number without positions.

    >>> risk_management_score(np.array([3.0, 4.0, 21.0, np.nan])).tolist()
    [1.0, 0.8, 0.1, 0.5]
    """
    bounds = np.array([float(bound) for bound, _ in formulas.leverage_steps])
    scores = np.array([*(float(score) for _, score in formulas.leverage_steps), float(formulas.leverage_above)])
    found = scores[np.searchsorted(bounds, np.nan_to_num(mean_leverage), side="left")]
    return np.where(np.isnan(mean_leverage), float(formulas.leverage_unknown), found)


def style_codes(
    trades_per_day: FloatArray, hold_hours: FloatArray, styles: StyleRules, hold_unknown_hours: float = 0.0
) -> npt.NDArray[np.int64]:
    """Which style, by its place in `STYLES`.

    >>> style_codes(np.array([6.0, 6.0, 0.1]), np.array([3.0, 4.0, 3.0]), StyleRules()).tolist()
    [0, 1, 2]
    """
    hold = np.where(np.isnan(hold_hours), hold_unknown_hours, hold_hours)
    quick = (trades_per_day > float(styles.high_frequency_trades_per_day)) & (
        hold < float(styles.high_frequency_hold_hours)
    )
    swing = (trades_per_day >= float(styles.swing_trades_per_day)) & (hold < float(styles.swing_hold_hours))
    return np.where(quick, 0, np.where(swing, 1, 2))


def style_multiplier(codes: npt.NDArray[np.int64], styles: StyleRules) -> FloatArray:
    """What a style multiplies the score with.

    >>> style_multiplier(np.array([0, 1, 2]), StyleRules()).tolist()
    [0.0, 1.0, 0.8]
    """
    return np.array([float(getattr(styles, f"{style}_multiplier")) for style in STYLES])[codes]


def recency_decay(days_since: FloatArray, rules: ScoringRules) -> FloatArray:
    """How much of a score is left after some days without a trade; nothing without any trade.

    >>> recency_decay(np.array([0.0, 30.0, np.nan]), ScoringRules(decay="half_life")).tolist()
    [1.0, 0.5, 0.0]
    """
    rate = math.log(2.0) if rules.decay == "half_life" else 1.0
    left = np.exp(-rate * np.nan_to_num(days_since) / float(rules.decay_days))
    return np.where(np.isnan(days_since), 0.0, left)


def weighted_sum(components: dict[str, FloatArray], rules: ScoringRules) -> FloatArray:
    """The components by their weights, added in the order of `COMPONENTS`.

    >>> one = np.array([1.0])
    >>> weighted_sum(dict.fromkeys(COMPONENTS, one), ScoringRules()).tolist()
    [1.0]
    """
    total = np.zeros_like(components[COMPONENTS[0]])
    for name in COMPONENTS:
        total = total + float(rules.weights[name]) * components[name]
    return np.minimum(total, 1.0)
