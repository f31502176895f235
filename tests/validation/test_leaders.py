"""The grid of variants: every one leaves somebody, and copies them in every size (F-266)."""

from typing import Any

import pyarrow as pa
import pytest

import triplebar as tb
from tests.metrics.scoring_inputs import AS_OF, board, round_trips, trades
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.scoring.rules import ScoringRules
from triplebar.research.validation.leaders import RATIOS, leader_variants

NAMES = [f"0x{number:02}" for number in range(30)]
ROWS = sorted(
    (row for number, name in enumerate(NAMES) for row in round_trips(30, trader=name, wins=0.4 + number % 10 / 20)),
    key=lambda row: row["time"],
)
BOARD = board(
    **{
        name: {"account_value": 2e5, **{f"roi_{days}d_percent": 0.1 * number + 0.1 for days in (7, 30, 90)}}
        for number, name in enumerate(NAMES)
    }
)
HELD = pa.Table.from_pylist(
    [
        {"trader": name, "token": "XY"[number % 2], "side": "long", "leverage": 2.0, "position_usd": 1e4 * (1 + number)}
        for number, name in enumerate(NAMES)
    ]
)


def grid(**options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = leader_variants(trades(ROWS), HELD, BOARD, as_of=AS_OF, **options).to_pylist()
    return rows


@pytest.mark.feature("F-266")
def test_every_cell_of_the_grid_has_somebody() -> None:
    rows = grid()
    assert [(row["variant"], row["ratio"]) for row in rows] == [
        (f"V{one}", each) for one in range(1, 6) for each in RATIOS
    ]
    assert all(0 < row["eligible"] < 30 for row in rows)
    assert all(0 < row["selected"] <= row["eligible"] for row in rows)
    counts = [row["eligible"] for row in rows[:: len(RATIOS)]]
    assert counts == sorted(counts, reverse=True)
    for row in rows:
        assert row["symbols"] in {1, 2}
        assert row["exposure"] == row["target_usd"] / 10_000 > 0


@pytest.mark.feature("F-266")
def test_sizes_grow_with_ratio_and_account() -> None:
    quarter, half, whole = grid(variants=["V3"])
    assert half["target_usd"] == pytest.approx(2 * quarter["target_usd"], rel=1e-4)
    assert whole["target_usd"] == pytest.approx(4 * quarter["target_usd"], rel=1e-4)
    double = grid(variants=["V3"], ratios=[0.25], account_value=20_000.0)[0]
    assert double["target_usd"] == pytest.approx(half["target_usd"], rel=1e-4)


@pytest.mark.feature("F-266")
def test_the_portfolio_is_that_of_copying_by_hand() -> None:
    rules = ScoringRules.variant("V4", keep=2)
    row = grid(variants={"mine": rules}, ratios=[1])[0]
    scored = tb.metrics.score_traders(trades(ROWS), HELD, BOARD, as_of=AS_OF, rules=rules).to_pylist()
    best = [each for each in scored if each["selected"]]
    held = {each["trader"]: each for each in HELD.to_pylist()}
    copies = [(each["score"], 10_000 * held[each["trader"]]["position_usd"] / 2e5) for each in best]
    assert row["selected"] == len(best) == 2
    assert row["mean_score"] == pytest.approx(sum(score for score, _ in copies) / 2)
    wanted = sum(score * size for score, size in copies) / sum(score for score, _ in copies)
    assert row["target_usd"] == pytest.approx(wanted, abs=0.02)


@pytest.mark.feature("F-266")
def test_rules_that_leave_nobody_copy_nothing() -> None:
    row = grid(variants={"fixed": ScoringRules()}, ratios=[1])[0]
    assert (row["eligible"], row["selected"], row["mean_score"], row["target_usd"]) == (0, 0, None, 0.0)


def test_bad_input() -> None:
    with pytest.raises(ConfigError, match="leader_variants: the grid is empty"):
        grid(variants=[])
    with pytest.raises(ConfigError, match="variant = 'V9'"):
        grid(variants=["V9"])
    with pytest.raises(DataError, match="positions: column 'position_usd' is missing"):
        leader_variants(trades(ROWS), HELD.drop(["position_usd"]), BOARD, as_of=AS_OF)
