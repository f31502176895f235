"""The parts of the profit add up to the total, exactly; rejected orders are counted with their commonest reason."""

from collections import Counter

import pytest

import triplebar as tb
from tests.results.runs import quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.report.profit import REST, profit_parts, rejected_orders
from triplebar.report.text import markdown_report, text_report

SEEDS = range(60)


def minor(result: RunResult, amount: float) -> int:
    return round(amount * 10.0**result.settings.cash_precision)


@pytest.mark.feature("F-052", "F-096")
def test_the_parts_add_up_to_the_last_minor_unit() -> None:
    several, exact = 0, 0
    for seed in SEEDS:
        result = random_run(seed)
        *parts, (name, total) = profit_parts(result)
        assert name == "total profit"
        assert sum(minor(result, amount) for _, amount in parts) == minor(result, total)
        assert total == pytest.approx(result.metrics["total_profit"], abs=1e-6)
        assert dict(parts)["unrealised"] == pytest.approx(result.metrics["unrealised_profit"], abs=1e-6)
        if len(result.settings.currencies) > 1:
            several += 1
        else:
            exact += 1
            assert REST not in dict(parts), "with one currency there is nothing left over"
    assert several > 5
    assert exact > 20


@pytest.mark.feature("F-052")
def test_each_part_is_what_it_says() -> None:
    parts, costs = dict(profit_parts(rich_run())), rich_run().cost_summary
    assert list(parts) == ["realised before fees", "unrealised", "commission", "funding", "borrow", "total profit"]
    assert parts["commission"] == -costs.commission
    assert (parts["funding"], parts["borrow"]) == (-costs.funding, -costs.borrow)
    assert dict(profit_parts(quiet_run())) == {
        "realised before fees": 0, "unrealised": 0, "commission": 0, "total profit": 0,
    }  # fmt: skip


def test_money_paid_in_is_no_profit() -> None:
    script = tb.Script([(1, "deposit", {"amount": 500}), (2, "withdraw", {"amount": 200})])
    result = tb.run(script, tb.Market.synthetic(bars=9, seed=1))
    assert dict(profit_parts(result))["total profit"] == 0


@pytest.mark.feature("F-096")
def test_the_reports_show_the_parts() -> None:
    for text in (text_report(rich_run()), markdown_report(rich_run())):
        for name, amount in profit_parts(rich_run()):
            assert any(name in line and f"{amount:,.2f}" in line for line in text.splitlines())


def test_rejected_orders_are_counted_with_the_commonest_reason() -> None:
    seen = 0
    for seed in SEEDS:
        orders = random_run(seed).orders.to_pylist()
        reasons = Counter(each["reason"] for each in orders if each["status"] == "rejected")
        number, reason, most = rejected_orders(random_run(seed))
        assert number == reasons.total()
        assert most == (max(reasons.values()) if reasons else 0)
        assert not reason or reasons[reason] == most
        seen += number
    assert seen > 50
    assert rejected_orders(quiet_run()) == (0, "", 0)
