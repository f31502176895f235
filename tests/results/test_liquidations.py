"""A liquidation never takes more from an isolated account than the margin that was set aside for the position."""

from random import Random
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.codes import FlowKind, OrderFlag, Reason
from triplebar.contracts.result import RunResult

SEEDS = range(120)
LIQUIDATIONS_AT_LEAST = 100


def wild_run(seed: int, engine: str) -> RunResult:
    """Positions of all sizes, added to and reduced, in markets that jump."""
    draw = Random(seed)
    leverage = draw.choice(["2", "3.3", "5"])
    steps: list[Any] = []
    for tick in range(0, 118, 2):
        symbol, size = draw.choice("AB"), draw.randint(1, 400)
        steps.append((tick, draw.choice(["buy", "sell"]), {"symbol": symbol, "quantity": size}))
        if draw.random() < 0.2:
            steps.append((tick + 1, "close", {"symbol": symbol}))
    market = tb.Market.synthetic(symbols=("A", "B"), bars=120, volatility=0.03, gap_chance=0.1, gap_size=0.2, seed=seed)
    config = tb.BacktestConfig(
        initial_cash=100_000,
        account="isolated",
        leverage=leverage,
        maintenance_margin=draw.choice(["0", "0.01", "0.05"]),
        commission_bps=draw.choice([0, 5]),
    )
    return tb.run(tb.Script(steps, tolerant=True), market, config, engine=engine)


def rows_of(result: RunResult, name: str) -> list[dict[str, Any]]:
    return list(result.canonical(name).to_pylist())


def liquidation_losses(result: RunResult, *, insured: bool = True) -> list[tuple[int, int]]:
    """What each liquidated position cost its owner, and the margin set aside for it: fills replayed one by one.

    Not `insured`: as if the venue had paid nothing.
    """
    settings = result.settings
    orders = {each["order"]: each for each in rows_of(result, "orders")}
    paid_in = {
        (each["clock"], each["instrument"]): each["amount"]
        for each in rows_of(result, "flows")
        if insured and each["kind"] == FlowKind.INSURANCE
    }
    held, cost, margin = ([0] * len(settings.instruments) for _ in range(3))
    found = []
    for fill in rows_of(result, "fills"):
        number, side, quantity = fill["instrument"], fill["side"], fill["quantity"]
        notional = fill["price"] * settings.instruments[number].unit
        closed = min(quantity, abs(held[number])) if held[number] * side < 0 else 0
        released = freed = 0
        if closed:
            sign = 1 if cost[number] > 0 else -1
            whole = closed == abs(held[number])
            released = cost[number] if whole else sign * (abs(cost[number]) * closed // abs(held[number]))
            freed = margin[number] if whole else margin[number] * closed // abs(held[number])
        order = orders[fill["order"]]
        if order["flags"] & OrderFlag.VENUE and order["reason"] == Reason.LIQUIDATION:
            proceeds = -side * closed * notional
            insurance = paid_in.get((fill["clock"], number), 0)
            found.append((released - proceeds + fill["fee"] - insurance, margin[number]))
        opened = quantity - closed
        held[number] += side * quantity
        cost[number] += side * opened * notional - released
        margin[number] += -(-opened * notional * 1000 // settings.account.leverage_milli) - freed
    return found


@pytest.mark.feature("F-055")
@pytest.mark.rule("S-63")
def test_no_liquidation_costs_more_than_its_margin() -> None:
    found = [each for seed in SEEDS for each in liquidation_losses(wild_run(seed, "custom"))]
    assert len(found) >= LIQUIDATIONS_AT_LEAST
    assert [each for each in found if each[0] > each[1]] == []
    losses, margins = np.array([each[0] for each in found]), np.array([each[1] for each in found])
    assert np.count_nonzero(losses == margins) > 0, "no gap was so large that the venue had to pay"
    assert np.count_nonzero(losses < margins) > 0, "no position was closed before its margin was gone"


@pytest.mark.feature("F-055")
@pytest.mark.parametrize("seed", [0, 5, 6])
def test_both_engines_liquidate_alike(seed: int) -> None:
    one, two = (wild_run(seed, engine) for engine in ("custom", "reference"))
    assert one.result_hash == two.result_hash
    assert liquidation_losses(one) == liquidation_losses(two) != []


@pytest.mark.feature("F-055")
def test_losses_that_are_left_to_the_account_would_be_noticed() -> None:
    found = [each for seed in SEEDS for each in liquidation_losses(wild_run(seed, "custom"), insured=False)]
    assert any(loss > margin for loss, margin in found)
