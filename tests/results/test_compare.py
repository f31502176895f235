"""Comparison finds the first difference, and knows how far results may be apart."""

from typing import Any

import pyarrow as pa
import pytest

import triplebar as tb
from tests.results.plain_facts import TABLES, result_of, table
from tests.results.runs import rich_run, run_with
from triplebar.contracts.result import RunResult
from triplebar.research.compare import compare, first_difference
from triplebar.research.tolerances import RUNGS


def planted(name: str, row: int, *cells: Any) -> RunResult:
    """The result made by hand, with one row of one table changed."""
    old = TABLES[name]
    return result_of({name: pa.concat_tables([old.slice(0, row), table(name, cells), old.slice(row + 1)])})


@pytest.mark.feature("F-110")
def test_equal_results_are_identical() -> None:
    found = compare(rich_run(), tb.RunResult.from_json(rich_run().to_json()))
    assert found.identical
    assert found.equal
    assert bool(found)
    assert found.first is None
    assert str(found).startswith("identical: ")


FILL = (2, 2, 2, 1, 2, 0, -1, 1100, 10, 0, 0, 0)
RICHER = (2, 180 * 10**9, 1010 * 10**8, 1010 * 10**8, False)
ORDER = (3, 0, 1, 4, 0, 8, 5, 0, 0, 0, 10**7, 0, 0, 0, 0, 0, -1, -1, 2)
HIDDEN = (1, 0, 1, 0, 0, 0, 10, 10, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 4, 0)

# table, row, the cells put there; then the column that differs, both values, bar, symbol, order
PLANTED: dict[str, tuple[str, int, tuple[Any, ...], tuple[Any, ...]]] = {
    "price of a fill": ("fills", 1, (*FILL[:7], 1101, *FILL[8:]), ("price", 11.0, 11.01, 2, "X", 2)),
    "size of a fill": ("fills", 1, (*FILL[:8], 9, *FILL[9:]), ("quantity", 10.0, 9.0, 2, "X", 2)),
    "an event": ("events", 1, (1, 1, 0, 2, 0, 999), ("price", 10.0, 9.99, 1, "X", 2)),
    "cash": ("equity", 2, (*RICHER[:3], 9 * 10**8, True), ("cash", 1010.0, 9.0, 2, None, None)),
    "stale": ("equity", 2, RICHER, ("stale", True, False, 2, None, None)),
    "a flow": ("flows", 0, (2, 0, 65535, 0, 6 * 10**8), ("amount", 5.0, 6.0, 2, None, None)),
    "an order": ("orders", 2, (*ORDER, 5, 1), ("status", "expired", "canceled", None, "X", 3)),
    "a hidden column": ("orders", 0, HIDDEN, ("trail", None, 0.01, 0, "X", 1)),
}


@pytest.mark.feature("F-110")
@pytest.mark.parametrize(("name", "row", "cells", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_difference_is_found_and_located(
    name: str, row: int, cells: tuple[Any, ...], expected: tuple[Any, ...]
) -> None:
    found = compare(result_of(), planted(name, row, *cells))
    assert not found.equal
    assert found.first is not None
    first = found.first
    assert (first.table, first.row) == (name, row)
    assert (first.column, first.left, first.right, first.bar, first.symbol, first.order) == expected
    assert f"{name}, row {row}, {first.column}" in str(found)
    assert first.time == (None if first.bar is None else f"1970-01-01T00:0{first.bar + 1}:00Z")


@pytest.mark.feature("F-110")
def test_a_missing_fill_is_found() -> None:
    first = first_difference(result_of(), result_of({"fills": TABLES["fills"].slice(0, 1)}))
    assert first is not None
    assert (first.table, first.row, first.column, first.right, first.order) == ("fills", 1, "(row)", "missing", 2)
    assert first.left["price"] == 11.0
    assert "missing" in str(first)


@pytest.mark.feature("F-110")
def test_causes_come_before_effects() -> None:
    """A changed fill changes equity at the same bar, too: the fill is named."""
    later = planted("fills", 1, 2, 2, 2, 1, 2, 0, -1, 1101, 10, 0, 0, 0)
    both = result_of({"fills": later.canonical("fills"), "equity": planted(
        "equity", 2, 2, 180 * 10**9, 1011 * 10**8, 1011 * 10**8, True).canonical("equity")})  # fmt: skip
    first = first_difference(result_of(), both)
    assert first is not None
    assert first.table == "fills"


@pytest.mark.feature("F-110")
def test_labels_differ() -> None:
    first = first_difference(result_of(), result_of(labels=("in", "yours")))
    assert first is not None
    assert (first.table, first.row, first.left, first.right) == ("labels", 1, "mine", "yours")
    assert first_difference(result_of(), result_of()) is None


@pytest.mark.feature("F-110")
def test_a_real_difference_is_located() -> None:
    found = compare(rich_run(), run_with(commission_bps=3))
    assert found.first is not None
    assert (found.first.table, found.first.column, found.first.order) == ("fills", "fee", 1)
    assert compare(rich_run(), run_with(seed=12)).identical  # no draw is made in this run


@pytest.mark.feature("F-110")
def test_the_inputs_that_differ_are_listed() -> None:
    found = compare(rich_run(), run_with(commission_bps=3, risk=tb.RiskLimits(drawdown_total="0.5")))
    assert [each.name for each in found.inputs] == [
        "config.commission_bps", "config.risk.trading_enabled", "config.risk.drawdown_total",
    ]  # fmt: skip
    assert "  input config.commission_bps: " in str(found)
    assert compare(rich_run(), rich_run()).inputs == ()


@pytest.mark.feature("F-110")
def test_inputs_may_differ_although_the_results_are_identical() -> None:
    found = compare(rich_run(), run_with(seed=12))
    assert found.identical
    assert [str(each) for each in found.inputs] == ["config.seed: 11 and 12"]
    assert str(found).splitlines()[1] == "  input config.seed: 11 and 12"


@pytest.mark.feature("F-110")
def test_engine_strategy_parameters_and_data_are_inputs() -> None:
    market = tb.Market.synthetic(bars=40, seed=1)
    one = tb.run(tb.samples.MovingAverageCross(fast=2, slow=5), market, engine="reference")
    two = tb.run(tb.samples.MovingAverageCross(fast=3, slow=5), tb.Market.synthetic(bars=40, seed=2))
    assert [each.name for each in compare(one, two).inputs] == ["engine", "data", "parameters.fast"]
    three = tb.run(tb.samples.BuyAndHold(), market)
    names = [each.name for each in compare(one, three).inputs]
    assert names[:3] == ["engine", "strategy", "code of the strategy"]
    assert next(each for each in compare(one, three).inputs if each.name == "parameters.slow").right == "(not there)"


UNITS = {
    "price of a fill": "USD", "size of a fill": "of X", "an event": "USD", "cash": "USD", "stale": None,
    "a flow": "USD", "an order": None, "a hidden column": "USD",
}  # fmt: skip


@pytest.mark.feature("F-110")
@pytest.mark.parametrize("case", PLANTED)
def test_both_values_have_their_unit(case: str) -> None:
    name, row, cells, (_, left, right, *_) = PLANTED[case]
    found = compare(result_of(), planted(name, row, *cells)).first
    assert found is not None
    assert found.unit == UNITS[case]
    assert f": {left} and {right}{' ' + found.unit if found.unit else ''}" in str(found)


@pytest.mark.feature("F-110")
def test_checks_are_written_in_their_units() -> None:
    written = {check.name: str(check) for check in compare(rich_run(), run_with(commission_bps=60), rung=1).checks}
    assert "%" in written["final value"]
    assert "(at most 0.01 %)" in written["profit"]
    assert "%" not in written["trades"] + written["sharpe"] + written["fills at other ticks"]


@pytest.mark.feature("F-110")
def test_rungs() -> None:
    near, far = run_with(commission_bps="2.01"), run_with(commission_bps=60)
    assert not compare(rich_run(), near, rung=0).equal
    assert compare(rich_run(), near, rung=1).equal
    assert not compare(rich_run(), far, rung=1).equal
    assert next(check.name for check in compare(rich_run(), far, rung=1).checks if not check.passed) == "profit"
    assert compare(rich_run(), near, rung=2).equal
    assert compare(rich_run(), near, rung=3).equal
    assert compare(rich_run(), rich_run(), rung=0).checks == ()


@pytest.mark.feature("F-110")
def test_moved_fills_break_rung_1_but_not_rung_3() -> None:
    moved = planted("fills", 1, 2, 1, 2, 1, 2, 0, -1, 1100, 10, 0, 0, 0)
    assert not compare(result_of(), moved, rung=1).equal
    assert compare(result_of(), moved, rung=3).equal


@pytest.mark.feature("F-110")
def test_curves_of_other_times_cannot_be_compared() -> None:
    short = result_of({"equity": TABLES["equity"].slice(0, 2)})
    checks = {check.name: check for check in compare(result_of(), short, rung=1).checks}
    assert checks["curve"].found is None
    assert not checks["curve"].passed
    assert "not comparable" in str(checks["curve"])


@pytest.mark.feature("F-110")
def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(tb.ConfigError, match="price_policy is 'raw' in one and 'split' in the other"):
        compare(rich_run(), run_with(price_policy="split"))
    with pytest.raises(tb.ConfigError, match="rung = 4: is not on the ladder; give 0, 1, 2 or 3"):
        compare(rich_run(), rich_run(), rung=4)


@pytest.mark.feature("F-110")
def test_the_ladder_is_as_agreed() -> None:
    assert RUNGS[1].profit == RUNGS[1].final == RUNGS[1].curve == RUNGS[1].drawdown == 1e-4
    assert (RUNGS[1].trades, RUNGS[1].sharpe, RUNGS[1].times) == (0, 1e-3, True)
    assert (RUNGS[2].final, RUNGS[2].curve, RUNGS[2].curve_share, RUNGS[2].curve_worst) == (1e-3, 2.5e-3, 0.99, 1e-2)
    assert (RUNGS[2].trades, RUNGS[2].sharpe, RUNGS[2].drawdown) == (1, 0.05, 2e-3)
    assert (RUNGS[3].final, RUNGS[3].trades, RUNGS[3].sharpe, RUNGS[3].drawdown) == (5e-3, 1, 0.05, 1e-2)


@pytest.mark.feature("F-110")
def test_a_comparison_is_plain_values_for_machines() -> None:
    import json

    values = compare(rich_run(), run_with(commission_bps=3)).to_mapping()
    assert json.loads(json.dumps(values))["first"]["table"] == "fills"
