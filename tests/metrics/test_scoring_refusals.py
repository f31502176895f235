"""What cannot be scored is refused, with table, row, column and fix."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import triplebar as tb
from tests.metrics.scoring_inputs import AS_OF, board, positions, record, trades
from tests.metrics.scoring_oracle import DAY, Row
from triplebar.contracts.errors import ConfigError, DataError, LookAheadError
from triplebar.metrics.scoring import inputs
from triplebar.metrics.scoring.rules import ScoreFormulas, ScoringRules, StyleRules

GOOD = [record(AS_OF - DAY, "open"), record(AS_OF, "close")]
POSITION: Row = {"trader": "a", "token": "X", "side": "long", "leverage": 3.0}


def score(rows: Any = GOOD, held: Any = None, leaders: Any = None, **options: Any) -> pa.Table:
    return tb.metrics.score_traders(
        trades(rows) if isinstance(rows, list) else rows,
        positions([POSITION]) if held is None else held,
        board(a={}) if leaders is None else leaders,
        **{"as_of": AS_OF, **options},
    )


def changed(**values: Any) -> list[Row]:
    return [GOOD[0], {**GOOD[1], **values}]


def without(table: pa.Table, column: str) -> pa.Table:
    return table.drop([column])


TRADES: dict[str, tuple[Any, type[Exception], str]] = {
    "out of order": ([GOOD[1], GOOD[0]], DataError, "trades, row 1, column 'time': .* is before the record above it"),
    "after as_of": (changed(time=AS_OF + 1), LookAheadError, r"row 1, column 'time': .* is after as_of = 1970-07-20"),
    "unknown side": (changed(side="up"), DataError, "row 1, column 'side': 'up' is unknown"),
    "unknown action": (changed(action="flip"), DataError, "row 1, column 'action': 'flip' is unknown"),
    "size of nan": (changed(size=math.nan), DataError, "row 1, column 'size': nan is not a number"),
    "size of zero": (changed(size=0.0), DataError, "row 1, column 'size': 0.0 of a is not a number above 0"),
    "negative size": (changed(size=-1.0), DataError, "row 1, column 'size': -1.0 of a is not a number above 0"),
    "infinite size": (changed(size=math.inf), DataError, "column 'size': inf of a is not a number above 0"),
    "no size": (changed(size=None), DataError, "row 1, column 'size': is null"),
    "no value": (changed(value_usd=0.0), DataError, "row 1, column 'value_usd': 0.0 of a is not"),
    "value of nan": (changed(value_usd=math.nan), DataError, "row 1, column 'value_usd': nan"),
    "no gain of a close": (changed(closed_pnl=None), DataError, "row 1, column 'closed_pnl': nan of a is no number"),
    "gain of nan": (changed(closed_pnl=math.nan), DataError, "row 1, column 'closed_pnl': nan is not a number"),
    "no time": (changed(time=None), DataError, "row 1, column 'time': is null"),
    "no trader": (changed(trader=None), DataError, "row 1, column 'trader': is null"),
    "unknown trader": (changed(trader="b"), DataError, "row 1, column 'trader': 'b' is not on the leaderboard"),
    "no table": ("trades.csv", DataError, "trades: str is not an Arrow table"),
    "no column": (without(trades(GOOD), "closed_pnl"), DataError, "trades: column 'closed_pnl' is missing"),
    "naive times": (
        trades(GOOD).set_column(1, "time", pa.array([0, 1], pa.timestamp("ns"))),
        DataError,
        "column 'time': the times have no zone",
    ),
    "times as texts": (
        trades(GOOD).set_column(1, "time", pa.array(["x", "y"])),
        DataError,
        "column 'time': string is not a time",
    ),
    "sizes as texts": (
        trades(GOOD).set_column(5, "size", pa.array(["1", "2"])),
        DataError,
        "column 'size': string is not a number",
    ),
    "an id twice": (
        trades(GOOD).append_column("id", pa.array([7, 7])),
        DataError,
        "trades, row 1: id 7 is there twice; keep one of the rows",
    ),
}

OTHERS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a trader twice": (
        {"leaders": pa.concat_tables([board(a={}), board(a={})])},
        DataError,
        "leaderboard, row 1: trader a is there twice",
    ),
    "a figure of nan": (
        {"leaders": board(a={"roi_7d_percent": math.nan})},
        DataError,
        "leaderboard, row 0, column 'roi_7d_percent': nan is not a number",
    ),
    "no figures": ({"leaders": without(board(a={}), "pnl_7d")}, DataError, "leaderboard: column 'pnl_7d' is missing"),
    "a late leaderboard": (
        {"leaders": board(a={}).append_column("time", pa.array([AS_OF + 1]))},
        LookAheadError,
        "leaderboard, row 0: was taken after as_of",
    ),
    "a position twice": (
        {"held": positions([POSITION] * 2)},
        DataError,
        "positions, row 1: the position of a, X is th",
    ),
    "no leverage": ({"held": positions([{**POSITION, "leverage": 0.0}])}, DataError, "'leverage': 0.0 is not above 0"),
    "leverage of nan": ({"held": positions([{**POSITION, "leverage": math.nan}])}, DataError, "'leverage': nan"),
    "late positions": (
        {"held": positions([POSITION]).append_column("time", pa.array([AS_OF + 1]))},
        LookAheadError,
        "positions, row 0: was taken after as_of",
    ),
    "no moment": ({"as_of": "yesterday"}, ConfigError, "as_of = 'yesterday'"),
    "a naive moment": ({"as_of": "2024-01-01"}, ConfigError, "has no time zone"),
    "no rules": ({"rules": {"keep": 3}}, ConfigError, "rules = "),
    "no such way": ({"later": "drop"}, ConfigError, "later = 'drop'"),
}

RULES: dict[str, tuple[dict[str, Any], str]] = {
    "weights that do not sum": ({"weights": {**ScoringRules().weights, "roi": 0.3}}, "the weights sum to 1.05"),
    "a weight is missing": ({"weights": {"roi": 1}}, "sharpe is missing"),
    "an unknown weight": ({"weights": {**ScoringRules().weights, "luck": 0}}, "unknown field 'luck'"),
    "a negative weight": ({"weights": {**ScoringRules().weights, "roi": -1}}, r"weights\['roi'\] = -1"),
    "an unknown threshold": ({"thresholds": {"quality_win_rate": 1}}, "unknown field 'quality_win_rate'"),
    "bounds that exclude all": ({"thresholds": {"quality_win_rate_least": 0.9}}, "no win rate is from 0.9 to 0.85"),
    "a percentile above 1": ({"percentiles": {"gate_roi_7d_percent": 50}}, "must be from 0 to 1"),
    "no window": ({"window_days": 0}, "window_days = 0"),
    "no decay": ({"decay_days": 0}, "must be above 0"),
    "an unknown decay": ({"decay": "linear"}, "decay = 'linear'"),
    "an unknown basis": ({"rate_basis": "year"}, "rate_basis = 'year'"),
    "an unknown rule": ({"windows": 3}, "did you mean 'window_days'"),
    "rules of no style": ({"styles": {}}, "must be a StyleRules"),
}


@pytest.mark.feature("F-208")
@pytest.mark.parametrize("name", TRADES)
def test_bad_trades_are_refused(name: str) -> None:
    rows, error, message = TRADES[name]
    with pytest.raises(error, match=message):
        score(rows)


@pytest.mark.feature("F-213")
@pytest.mark.parametrize("name", OTHERS)
def test_other_bad_input_is_refused(name: str) -> None:
    options, error, message = OTHERS[name]
    with pytest.raises(error, match=message):
        score(**options)


@pytest.mark.feature("F-212")
@pytest.mark.parametrize("name", RULES)
def test_rules_that_contradict_themselves_are_refused(name: str) -> None:
    options, message = RULES[name]
    with pytest.raises(ConfigError, match=message):
        ScoringRules(**options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ScoreFormulas(consistency_all=0.9), "above 1"),
        (lambda: ScoreFormulas(labels=[["Fund"]]), "must be a pair"),
        (lambda: ScoreFormulas(labels=[["Fund", 2]]), "must be from 0 to 1"),
        (lambda: ScoreFormulas(leverage_steps=[[5, 1], [3, 0.5]]), "must rise"),
        (lambda: ScoreFormulas(roi_full_percent=0), "must be above 0"),
        (lambda: StyleRules(swing_multiplier=2), "must be from 0 to 1"),
        (lambda: ScoringRules.variant("V6"), "variant = 'V6'"),
    ],
)
def test_formulas_and_styles_are_checked(make: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_rules_survive_as_plain_values() -> None:
    rules = ScoringRules(keep=3, formulas=ScoreFormulas(labels=[["Fund", 0.9]]), thresholds={"gate_pnl_7d": 1})
    again = ScoringRules.from_mapping(rules.to_mapping())
    assert again == rules
    assert again.thresholds["gate_pnl_7d"] == 1
    assert again.thresholds["gate_pnl_30d"] == 10_000


def test_forms_of_tables_change_nothing() -> None:
    plain = score()
    table = trades(GOOD)
    coded = table
    for place, name in enumerate(table.column_names):
        if name in ("trader", "token", "side", "action"):
            coded = coded.set_column(place, name, table.column(name).dictionary_encode())
    assert score(coded).equals(plain)
    assert score(pa.concat_tables([table.slice(0, 1), table.slice(1, 1)])).equals(plain)
    assert score(pa.concat_tables([coded.slice(0, 1), coded.slice(1, 1)])).equals(plain)
    signs = table.set_column(3, "side", pa.array(np.array([1, 1], dtype=np.int8)))
    assert score(signs).equals(plain)
    nanoseconds = table.set_column(1, "time", table.column("time").cast(pa.int64()))
    assert score(nanoseconds).equals(plain)
    import pandas as pd
    import polars as pl

    assert score(pl.from_arrow(table), leaders=pl.from_arrow(board(a={}))).equals(plain)
    assert score(table.to_pandas(), leaders=board(a={}).to_pandas()).equals(plain)
    assert isinstance(table.to_pandas(), pd.DataFrame)
    named = table.append_column("id", pa.array(["x", "y"]))
    assert score(named).equals(plain)


def test_traders_may_be_numbers() -> None:
    numbered = [
        table.set_column(table.column_names.index("trader"), "trader", pa.array([7] * len(table)))
        for table in (trades(GOOD), positions([POSITION]), board(a={}))
    ]
    assert score(*numbered).drop(["trader"]).equals(score().drop(["trader"]))


def test_no_trader_and_no_trades() -> None:
    empty = score([], positions(), board())
    assert empty.num_rows == 0
    nobody = score([], positions(), board(a={})).to_pylist()[0]
    assert (nobody["score"], nobody["eligible"], nobody["trade_count"]) == (0.0, False, 0)
    no_90 = board(a={}).set_column(5, "roi_90d_percent", pa.nulls(1))
    assert score(leaders=no_90).to_pylist()[0]["passes_gate_90d"] is True  # a new trader


def test_many_tokens_are_numbered_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = score()
    monkeypatch.setattr(inputs, "DENSE_POSITIONS_MAX", 0)
    assert score().equals(plain)
