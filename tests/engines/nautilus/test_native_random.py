"""Whatever is thrown at a native run, its tables hold together (F-131)."""

from collections import Counter
from collections.abc import Mapping

import pytest

import triplebar as tb
from tests.generators import Case, random_case
from triplebar.contracts.codes import OrderStatus
from triplebar.engines.base import Facts
from triplebar.engines.nautilus import NautilusEngine
from triplebar.engines.settings import resolve

CASES = 40


def run(case: Case) -> Facts:
    """The case without what a native run refuses."""
    given = case.config
    cash = dict.fromkeys(given.initial_cash, 1_000_000) if isinstance(given.initial_cash, Mapping) else 1_000_000
    config = tb.BacktestConfig(
        initial_cash=cash, rates=given.rates, fill=given.fill, commission=given.commission, off_grid=given.off_grid
    )
    return NautilusEngine(fidelity="native").run(case.script(), case.market, resolve(config, case.market))


@pytest.mark.feature("F-131")
def test_tables_hold_together() -> None:
    ends: Counter[OrderStatus] = Counter()
    fills = 0
    for seed in range(CASES):
        case = random_case(seed)
        facts = run(case)
        filled: Counter[int] = Counter()
        for row in facts.table("fills").to_pylist():
            filled[row["order"]] += row["quantity"]
        for row in facts.table("orders").to_pylist():
            status = OrderStatus(row["status"])
            ends[status] += 1
            assert row["filled"] == filled[row["order"]], (seed, row)
            assert status is not OrderStatus.FILLED or row["filled"] == row["quantity"] > 0, (seed, row)
            assert row["filled"] <= row["quantity"], (seed, row)
            assert status.terminal, (seed, row)
        assert facts.table("equity").num_rows == len(case.market)
        fills += sum(filled.values())
    assert fills > 1_000
    assert all(ends[status] > 20 for status in OrderStatus if status.terminal)
