"""Variants of following traders: which rules leave whom, and what their positions come to in one's own size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number
from triplebar.metrics.scoring.inputs import SIDES, arrow_table
from triplebar.metrics.scoring.rules import VARIANTS, ScoringRules
from triplebar.metrics.scoring.score import score_traders
from triplebar.risk.copying import copy_size, weigh_targets

RATIOS: Final = (0.25, 0.5, 1.0)
"""Shares of the leaders' sizes, relative to the accounts."""


def leader_variants(
    trades: Any,  # noqa: ANN401 - as for `score_traders`
    positions: Any,  # noqa: ANN401 - same
    leaderboard: Any,  # noqa: ANN401 - same
    *,
    as_of: Any,  # noqa: ANN401 - same
    variants: Sequence[str] | Mapping[str, ScoringRules] = tuple(VARIANTS),
    ratios: Sequence[Number] = RATIOS,
    account_value: float = 10_000.0,
) -> pa.Table:
    """Score the same traders by every variant of the rules, and copy those it selects in every size.

    Tables are those of `score_traders`; `positions` has a column `position_usd` beside. One row per variant and ratio:
    how many traders are eligible and selected, the mean score of the selected, and of the portfolio that copies them,
    weighed by score, how many `symbols` it holds and its `target_usd`, also as `exposure` of the account.

    `variants` are names (V1 to V5, from the 30 % to the 70 % quantile) or rules of one's own by name.
    """
    if not variants or not ratios:
        raise ConfigError("the grid is empty", where="leader_variants", fix="give at least one variant and one ratio")
    chosen = variants if isinstance(variants, Mapping) else {name: ScoringRules.variant(name) for name in variants}
    held = arrow_table(positions, "positions", ("trader", "token", "side", "position_usd"))
    board = arrow_table(leaderboard, "leaderboard", ("trader", "account_value"))
    rows: list[dict[str, Any]] = []
    for name, rules in chosen.items():
        scored = score_traders(trades, positions, leaderboard, as_of=as_of, rules=rules)
        selected = scored.filter(scored["selected"])
        counts = {
            "variant": name,
            "eligible": pc.sum(scored["eligible"]).as_py() or 0,
            "selected": selected.num_rows,
            "mean_score": pc.mean(selected["score"]).as_py(),
        }
        rows += [
            {**counts, "ratio": float(each), **_copied(held, board, selected, each, account_value)} for each in ratios
        ]
    names = ("variant", "ratio", "eligible", "selected", "mean_score", "symbols", "target_usd", "exposure")
    return pa.Table.from_pylist(rows).select(names)


def _copied(held: pa.Table, board: pa.Table, selected: pa.Table, ratio: Number, account_value: float) -> dict[str, Any]:
    """The portfolio that copies the selected traders."""
    scores = dict(zip(selected["trader"].to_pylist(), selected["score"].to_pylist(), strict=True))
    accounts = dict(zip(board["trader"].to_pylist(), board["account_value"].to_pylist(), strict=True))
    followed = [row for row in held.to_pylist() if row["trader"] in scores]
    if not followed:
        return {"symbols": 0, "target_usd": 0.0, "exposure": 0.0}
    sizes = copy_size(
        np.full(len(followed), account_value),
        np.array([float(accounts[row["trader"]]) for row in followed]),
        np.array([float(row["position_usd"]) for row in followed]),
        ratio=ratio,
    )
    copies = {
        "trader": [row["trader"] for row in followed],
        "score": [scores[row["trader"]] for row in followed],
        "symbol": [row["token"] for row in followed],
        "side": [2 * SIDES[str(row["side"]).lower()] - 1 for row in followed],
        "copy_usd": sizes.to_pylist() if isinstance(sizes, pa.Array) else [sizes],
    }
    targets = weigh_targets(copies)
    whole = float(pc.sum(targets["target_usd"]).as_py() or 0.0)
    symbols = len(set(targets["symbol"].to_pylist()))
    return {"symbols": symbols, "target_usd": whole, "exposure": whole / account_value}
