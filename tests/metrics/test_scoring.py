"""Scores of traders: golden vectors, figures by hand, the oracle at random, and nothing from after the moment."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.metrics import scoring_oracle as oracle
from tests.metrics.scoring_inputs import (
    AS_OF,
    board,
    positions,
    random_traders,
    record,
    round_trips,
    trades,
)
from tests.metrics.scoring_oracle import DAY, HOUR, Row
from triplebar.metrics.scoring import components as parts
from triplebar.metrics.scoring.rules import COMPONENTS, ScoringRules, StyleRules
from triplebar.metrics.scoring.score import ranking

RULES = ScoringRules()


def score(rows: list[Row], traders: pa.Table | None = None, **options: Any) -> list[Row]:
    leaderboard = board(a={}) if traders is None else traders
    held = options.pop("positions", positions())
    options = {"as_of": AS_OF, **options}
    found: list[Row] = tb.metrics.score_traders(trades(rows), held, leaderboard, **options).to_pylist()
    return found


def one(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


# ------------------------------------------------------------------------------------------------ golden vectors


@pytest.mark.feature("F-212")
@pytest.mark.parametrize(
    ("returns", "expected"),
    [((5, 20, 60), 1.0), ((20, 40, 60), 0.7), ((10, 20, math.nan), 0.5), ((10, -1, -1), 0.2), ((-1, -1, -1), 0.2)],
)
def test_golden_consistency(returns: tuple[float, float, float], expected: float) -> None:
    found = parts.consistency_score(*(one(each) for each in returns))
    assert found[0] == pytest.approx(expected, abs=1e-12)


def test_golden_variance() -> None:
    assert np.var([20.0, 40 / 4, 60 / 12]) == pytest.approx(38.89, abs=0.005)


def composite(style: str, days: float) -> float:
    """Return of 30 days 50, pseudo-Sharpe 1.5, win rate 0.6, consistency 1, a smart label, leverage 4."""
    scores = {
        "roi": parts.roi_score(one(50.0)),
        "sharpe": parts.sharpe_score(one(1.5)),
        "win_rate": parts.win_rate_score(one(0.6)),
        "consistency": parts.consistency_score(one(5.0), one(20.0), one(60.0)),
        "smart_money": parts.smart_money_score(pa.array(["Smart HL Perps Trader"])),
        "risk_management": parts.risk_management_score(one(4.0)),
    }
    multiplier = {"swing": 1.0, "position": 0.8, "high_frequency": 0.0}[style]
    return float((parts.weighted_sum(scores, RULES) * multiplier * parts.recency_decay(one(days), RULES))[0])


@pytest.mark.feature("F-212")
@pytest.mark.parametrize(
    ("style", "days", "expected"),
    [
        ("swing", 0.0, 0.66),
        ("swing", 10.0, 0.66 * math.exp(-1 / 3)),
        ("position", 0.0, 0.528),
        ("high_frequency", 0.0, 0.0),
    ],
)
def test_golden_composite(style: str, days: float, expected: float) -> None:
    assert composite(style, days) == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx({10.0: 0.4729}.get(days, expected), abs=5e-5)


@pytest.mark.feature("F-212")
def test_golden_half_life() -> None:
    assert 30 * math.log(2) == pytest.approx(20.79, abs=0.005)
    assert parts.recency_decay(one(30 * math.log(2)), RULES)[0] == pytest.approx(0.5)
    assert parts.recency_decay(one(30.0), RULES.replace(decay="half_life"))[0] == pytest.approx(0.5)


@pytest.mark.feature("F-212")
@settings(max_examples=300)
@given(st.lists(st.one_of(st.floats(-1e300, 1e300), st.just(math.nan)), min_size=6, max_size=6), st.text(max_size=12))
def test_components_and_score_are_shares(numbers: list[float], label: str) -> None:
    a, b, c, d, e, f = (one(each) for each in numbers)
    scores = {
        "roi": parts.roi_score(a),
        "sharpe": parts.sharpe_score(b),
        "win_rate": parts.win_rate_score(c),
        "consistency": parts.consistency_score(a, d, e),
        "smart_money": parts.smart_money_score(pa.array([label])),
        "risk_management": parts.risk_management_score(np.abs(f)),
    }
    assert list(scores) == list(COMPONENTS)
    assert all(0.0 <= each[0] <= 1.0 for each in scores.values())
    assert 0.0 <= parts.weighted_sum(scores, RULES)[0] <= 1.0


@pytest.mark.feature("F-212")
def test_a_word_of_a_label_counts_only_as_a_whole() -> None:
    labels = ["Fund", "a fund.", "Funding", "Smart-Fund", "smart", "Smartest", "token whale", "", "  "]
    expected = [1.0, 1.0, 0.5, 1.0, 0.8, 0.5, 0.5, 0.0, 0.0]
    assert parts.smart_money_score(pa.array(labels)).tolist() == expected


@pytest.mark.feature("F-212")
def test_leverage_bounds_belong_to_the_better_score() -> None:
    found = parts.risk_management_score(one(1, 3, 3.01, 5, 5.01, 10, 20, 20.01, math.nan))
    assert found.tolist() == [1.0, 1.0, 0.8, 0.8, 0.5, 0.5, 0.3, 0.1, 0.5]


# ----------------------------------------------------------------------------------------------- figures of trades


@pytest.mark.feature("F-208")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], {"trade_count": 0, "win_rate": None, "trades_per_day": 0.0, "days_since_last_trade": None}),
        ([record(AS_OF, "open")], {"trade_count": 1, "closing_count": 0, "win_rate": None, "profit_factor": None}),
        (
            [record(AS_OF - DAY, "open"), record(AS_OF, "close", closed_pnl=2.0)],
            {
                "average_hold_hours": 24.0,
                "win_rate": 1.0,
                "no_losses": True,
                "profit_factor": None,
                "pseudo_sharpe": 0.0,
            },
        ),
        (
            [record(AS_OF - DAY, "close", closed_pnl=2.0), record(AS_OF, "close", closed_pnl=2.0)],
            {"average_hold_hours": None, "pseudo_sharpe": 0.0, "trades_per_day": 2.0},
        ),
        (
            [record(AS_OF, "close", closed_pnl=3.0), record(AS_OF, "reduce", closed_pnl=-1.0)],
            {"win_rate": 0.5, "profit_factor": 3.0, "pseudo_sharpe": 0.5, "trade_count": 2},
        ),
        ([record(AS_OF, "close", closed_pnl=0.0)], {"win_rate": 0.0, "profit_factor": 0.0, "no_losses": False}),
        ([record(AS_OF - 3 * DAY - 1, "open")], {"days_since_last_trade": 3.0, "trades_per_day": 1 / 3}),
    ],
)
def test_figures_by_hand(rows: list[Row], expected: Row) -> None:
    found = score(rows)[0]
    assert {name: found[name] for name in expected} == pytest.approx(expected)


HOLDS = {
    "one pair": ([(0, "open", 1), (24, "close", 1)], 24.0),
    "two lots, the older first": ([(0, "open", 1), (10, "add", 1), (20, "reduce", 1), (30, "close", 1)], 20.0),
    "a part of a lot": ([(0, "open", 4), (10, "reduce", 1), (20, "close", 3)], 15.0),
    "across lots": ([(0, "open", 1), (12, "add", 3), (24, "close", 4)], 15.0),
    "more than there was": ([(0, "open", 1), (10, "close", 5)], 10.0),
    "a close ends it": ([(0, "open", 5), (10, "close", 1), (12, "open", 1), (14, "close", 1)], 6.0),
    "nothing to pair": ([(10, "close", 1)], None),
}


@pytest.mark.feature("F-209")
@pytest.mark.parametrize("name", HOLDS)
@pytest.mark.parametrize("side", ["long", "short"])
def test_time_held_by_hand(name: str, side: str) -> None:
    plan, expected = HOLDS[name]
    start = AS_OF - 5 * DAY
    rows = [record(start + hours * HOUR, action, size=float(size), side=side) for hours, action, size in plan]
    assert score(rows)[0]["average_hold_hours"] == (None if expected is None else pytest.approx(expected))


@pytest.mark.feature("F-209")
def test_sides_and_tokens_are_positions_of_their_own() -> None:
    start = AS_OF - 5 * DAY
    plan = [(0, "open", "long", "X"), (1, "open", "short", "X"), (2, "open", "long", "Y")]
    plan += [(10, "close", "short", "X"), (20, "close", "long", "X"), (32, "close", "long", "Y")]
    rows = [record(start + at * HOUR, what, side=side, token=token) for at, what, side, token in plan]
    assert score(rows)[0]["average_hold_hours"] == pytest.approx((9 + 20 + 30) / 3)


@pytest.mark.feature("F-209")
def test_rounding_of_sizes_leaves_no_lot_behind() -> None:
    """0.1 three times is not 0.3: what is left of a lot by rounding must not be held for a year."""
    start = AS_OF - 80 * DAY
    rows = [record(start, "open", size=0.3)]
    rows += [record(start + hour * HOUR, "reduce", size=0.1) for hour in (1, 2, 3)]
    rows += [record(AS_OF - HOUR, "add", size=0.5), record(AS_OF, "reduce", size=0.5)]
    assert score(rows)[0]["average_hold_hours"] == pytest.approx((1 + 2 + 3 + 1) / 4)


@pytest.mark.feature("F-208", "F-209", "F-210", "F-211", "F-212")
@pytest.mark.parametrize("seed", range(25))
def test_random_traders_equal_the_oracle(seed: int) -> None:
    rows, held, leaders = random_traders(seed)
    table = tb.metrics.score_traders(
        trades(rows), positions(held), pa.Table.from_pylist(leaders, schema=board(a={}).schema), as_of=AS_OF
    )
    assert table.num_rows == len(leaders)
    for found in table.to_pylist():
        name = found["trader"]
        leader = next(row for row in leaders if row["trader"] == name)
        own = [row for row in rows if row["trader"] == name]
        leverages = [row["leverage"] for row in held if row["trader"] == name]
        for column, expected in oracle.score(leader, own, leverages, AS_OF).items():
            if isinstance(expected, float):
                assert found[column] == pytest.approx(expected, rel=1e-9, abs=1e-12), (name, column)
            else:
                assert found[column] == expected, (name, column)


def test_the_random_traders_meet_every_answer() -> None:
    refused, styles = set(), set()
    for seed in range(25):
        rows, held, leaders = random_traders(seed)
        schema = board(a={}).schema
        table = tb.metrics.score_traders(
            trades(rows), positions(held), pa.Table.from_pylist(leaders, schema=schema), as_of=AS_OF
        )
        refused |= set(table["refused_by"].to_pylist())
        styles |= set(table["style"].to_pylist())
    assert refused >= {None, "filter", "gate_7d", "gate_30d", "gate_90d", "quality"}
    assert styles == {"high_frequency", "swing", "position"}


# -------------------------------------------------------------------------------------------- filters and gates


@pytest.mark.feature("F-210")
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, None),
        ({"account_value": 50_000.0}, None),
        ({"account_value": 49_999.99}, "filter"),
        ({"account_value": None}, "filter"),
        ({"roi_30d_percent": 15.0}, "gate_30d"),  # the filter takes 15, the gate wants more
        ({"roi_30d_percent": 15.01}, None),
        ({"roi_30d_percent": 14.99}, "filter"),
        ({"roi_30d_percent": None}, "filter"),
        ({"roi_7d_percent": 5.0}, "gate_7d"),
        ({"pnl_7d": 0.0}, "gate_7d"),
        ({"pnl_30d": 10_000.0}, "gate_30d"),
        ({"pnl_90d": 50_000.0}, "gate_90d"),
        ({"roi_90d_percent": 30.0}, "gate_90d"),
    ],
)
def test_bounds_of_filter_and_gates(changes: Row, refused: str | None) -> None:
    assert score(round_trips(40), board(a=changes))[0]["refused_by"] == refused


@pytest.mark.feature("F-210")
@pytest.mark.parametrize(
    ("count", "wins", "refused"),
    [(25, 0.6, None), (24, 0.6, "quality"), (40, 0.35, "quality"), (40, 0.85, None), (40, 0.9, "quality")],
)
def test_bounds_of_quality(count: int, wins: float, refused: str | None) -> None:
    """At 35 % winners of 2 the profit factor is 1.08; at 85 % it is 11."""
    assert score(round_trips(count, wins=wins))[0]["refused_by"] == refused


@pytest.mark.feature("F-210")
def test_the_exception_for_trend_followers_is_off_unless_asked_for() -> None:
    rows = round_trips(40, wins=0.25)
    for row in rows:
        row["closed_pnl"] = 9.0 if row["closed_pnl"] == 2.0 else row["closed_pnl"]
    assert score(rows)[0]["refused_by"] == "quality"
    found = score(rows, rules=RULES.replace(trend_exception=True))[0]
    assert (found["refused_by"], found["trend_exception"]) == (None, True)
    assert found["win_rate"] == pytest.approx(0.25)


@pytest.mark.feature("F-210")
def test_a_new_trader_is_provisional_and_one_who_lost_for_90_days_is_not_new() -> None:
    missing = {"pnl_90d": None, "roi_90d_percent": None}
    young = round_trips(40)
    old = [record(AS_OF - 120 * DAY, "open"), *young]
    found = score(young, board(a=missing))[0]
    whole = score(young)[0]
    assert (found["provisional"], found["refused_by"]) == (True, None)
    assert found["provisional_multiplier"] == 0.7
    assert found["consistency_score"] == 0.5
    assert whole["provisional_multiplier"] == 1.0
    assert score(old, board(a=missing))[0]["refused_by"] == "gate_90d"
    busy = [record(AS_OF - 88 * DAY, "open"), *young]  # traded from the first days of the window on: who knows
    assert score(busy, board(a=missing))[0]["refused_by"] == "gate_90d"
    told = board(a=missing).append_column("first_trade", pa.array([AS_OF - 89 * DAY], pa.timestamp("ns", "UTC")))
    assert score(young, told)[0]["provisional"]
    long_ago = board(a=missing).append_column("first_trade", pa.array([AS_OF - 91 * DAY]))
    assert score(young, long_ago)[0]["refused_by"] == "gate_90d"
    unknown = board(a=missing).append_column("first_trade", pa.array([None], pa.int64()))
    assert score(young, unknown)[0]["provisional"]


@pytest.mark.feature("F-211")
@pytest.mark.parametrize(
    ("per_day", "hours", "style"),
    [
        (5.01, 3.99, "high_frequency"),
        (5.0, 3.99, "swing"),
        (5.01, 4.0, "swing"),
        (0.3, 335.9, "swing"),
        (0.3, 336.0, "position"),
        (0.29, 1.0, "position"),
        (6.0, 400.0, "position"),
        (6.0, math.nan, "high_frequency"),
        (1.0, math.nan, "swing"),
    ],
)
def test_bounds_of_styles(per_day: float, hours: float, style: str) -> None:
    code = parts.style_codes(one(per_day), one(hours), StyleRules())[0]
    assert ("high_frequency", "swing", "position")[code] == style


@pytest.mark.feature("F-211", "F-212")
def test_traders_of_high_frequency_and_stale_ones_come_to_nothing() -> None:
    quick = score(round_trips(400, every=HOUR))[0]
    assert (quick["style"], quick["score"], quick["refused_by"]) == ("high_frequency", 0.0, "style")
    stale = score(round_trips(40, last=AS_OF - 91 * DAY))[0]
    assert (stale["trade_count"], stale["score"], stale["refused_by"]) == (0, 0.0, "quality")


@pytest.mark.feature("F-211")
@pytest.mark.parametrize(("basis", "expected"), [("observed", 2 / 10), ("span", 2 / 4), ("window", 2 / 90)])
def test_trades_per_day_by_the_time_chosen(basis: str, expected: float) -> None:
    rows = [record(AS_OF - 10 * DAY, "open"), record(AS_OF - 6 * DAY, "close")]
    assert score(rows, rules=RULES.replace(rate_basis=basis))[0]["trades_per_day"] == pytest.approx(expected)


# ------------------------------------------------------------------------------------------------ rank and moment


@pytest.mark.feature("F-212")
def test_rank_by_score_and_equal_scores_by_name() -> None:
    names = ["0xb", "0xa", "0xc", "0xd"]
    rows = [row for name in names for row in round_trips(40, trader=name)]
    rows.sort(key=lambda row: row["time"])
    changes: dict[str, Row] = {"0xb": {}, "0xa": {}, "0xc": {"label": "Fund"}, "0xd": {"account_value": 1.0}}
    found = score(rows, board(**changes), rules=RULES.replace(keep=2))
    assert [(row["trader"], row["rank"], row["selected"]) for row in found] == [
        ("0xc", 1, True),
        ("0xa", 2, True),
        ("0xb", 3, False),
        ("0xd", None, False),
    ]


@pytest.mark.feature("F-212")
@given(
    st.lists(st.tuples(st.text(max_size=3), st.sampled_from((0.0, 0.5, 0.7)), st.booleans()), unique_by=lambda t: t[0])
)
def test_ranking_is_a_sort(rows: list[tuple[str, float, bool]]) -> None:
    order, rank = ranking(
        [row[0] for row in rows], one(*(row[1] for row in rows)), np.array([row[2] for row in rows], bool)
    )
    expected = sorted(range(len(rows)), key=lambda at: (not rows[at][2], -rows[at][1], rows[at][0]))
    assert order.tolist() == expected
    assert [int(rank[at]) for at in expected] == list(range(1, len(rows) + 1))


@pytest.mark.feature("F-213")
@pytest.mark.parametrize("seed", range(8))
def test_nothing_after_the_moment_and_before_the_window_has_an_effect(seed: int) -> None:
    rows, held, leaders = random_traders(seed)
    schema = board(a={}).schema
    random = np.random.default_rng(seed)
    early = AS_OF - 12 * DAY
    known = [row for row in rows if row["time"] <= early]
    later = [{**row, "closed_pnl": float(random.normal()), "size": 1e9} for row in rows if row["time"] > early]

    def table(given: list[Row], **options: Any) -> pa.Table:
        traders = pa.Table.from_pylist(leaders, schema=schema)
        return tb.metrics.score_traders(trades(given), positions(held), traders, as_of=early, **options)

    plain = table(known)
    assert len(later) > 5
    assert table(known + later, later="ignore").equals(plain)
    assert table(known, later="ignore").equals(plain)
    mixed = sorted(known, key=lambda row: (row["trader"], row["time"]))  # grouped by trader, or by time: no matter
    assert table(mixed).equals(plain)
    young = [row for row in known if row["time"] > early - 90 * DAY]
    figures = ["trade_count", "win_rate", "average_hold_hours", "pseudo_sharpe", "trades_per_day", "base_score"]
    assert table(young).sort_by("trader").select(figures).equals(plain.sort_by("trader").select(figures))


@pytest.mark.feature("F-213")
def test_the_same_records_a_day_later_differ_only_by_the_day() -> None:
    rows = round_trips(40, last=AS_OF - DAY)
    today, tomorrow = score(rows)[0], score(rows, as_of=AS_OF + DAY)[0]
    assert today["base_score"] == tomorrow["base_score"]
    assert tomorrow["score"] / today["score"] == pytest.approx(math.exp(-1 / 30))
    assert score(rows, as_of="1970-07-20T00:00:00Z")[0] == today


@pytest.mark.feature("F-266")
@pytest.mark.parametrize("variant", ["V1", "V2", "V3", "V4", "V5"])
def test_every_variant_leaves_somebody(variant: str) -> None:
    """A market in which nobody reaches the fixed bounds of return."""
    names = [f"0x{number:02}" for number in range(30)]
    rows = [
        row for number, name in enumerate(names) for row in round_trips(30, trader=name, wins=0.4 + number % 10 / 20)
    ]
    rows.sort(key=lambda row: row["time"])
    leaders = {
        name: {"account_value": 2e5, **{f"roi_{days}d_percent": 0.1 * number + 0.1 for days in (7, 30, 90)}}
        for number, name in enumerate(names)
    }
    fixed = score(rows, board(**leaders))
    found = score(rows, board(**leaders), rules=ScoringRules.variant(variant))
    assert not any(row["eligible"] for row in fixed)
    eligible = sum(row["eligible"] for row in found)
    assert 0 < eligible < 30
    assert ScoringRules.from_mapping(ScoringRules.variant(variant).to_mapping()) == ScoringRules.variant(variant)
    stricter = ScoringRules.variant(variant, keep=1)
    assert sum(row["selected"] for row in score(rows, board(**leaders), rules=stricter)) == 1


@pytest.mark.feature("F-266")
def test_a_percentile_of_nothing_leaves_the_bound_as_it_is() -> None:
    rules = RULES.replace(percentiles={"quality_win_rate_least": 0.5})
    assert score([record(AS_OF, "open")], rules=rules)[0]["refused_by"] == "quality"


@pytest.mark.feature("F-212", "F-209")
@settings(max_examples=40)
@given(st.integers(0, 100_000))
def test_mirror_scale_and_order_of_traders_change_nothing(seed: int) -> None:
    rows, held, leaders = random_traders(seed, count=6)
    schema = board(a={}).schema

    def table(records: list[Row], traders: list[Row]) -> pa.Table:
        whole = pa.Table.from_pylist(traders, schema=schema)
        return tb.metrics.score_traders(trades(records), positions(held), whole, as_of=AS_OF)

    plain = table(rows, leaders)
    assert table(rows, leaders[::-1]).equals(plain)
    mirrored = [{**row, "side": "short" if row["side"] == "long" else "long"} for row in rows]
    assert table(mirrored, leaders).equals(plain)
    scaled = [{**row, "size": row["size"] * 4.0} for row in rows]  # a power of two, so that nothing is rounded
    assert table(scaled, leaders).equals(plain)
    richer = [
        {**row, "value_usd": row["value_usd"] * 2, "closed_pnl": row["closed_pnl"] and row["closed_pnl"] * 2}
        for row in rows
    ]
    assert table(richer, leaders).equals(plain)
    for row in plain.to_pylist():
        shares = [value for name, value in row.items() if name.endswith(("score", "multiplier", "decay"))]
        assert len(shares) == 11
        assert all(0.0 <= share <= 1.0 for share in shares)
        assert row["score"] <= row["base_score"]
