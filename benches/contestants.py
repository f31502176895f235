"""Who runs a workload: the two limits, and triplebar with the strategy in Python."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import triplebar as tb
from benches import limits, strategies
from benches.limits import CASH, Answer, callback_loop, native_loop, recording_loop
from benches.markets import Ticks, symbols, table
from benches.workloads import CALLBACK, LOOP, PYTHON, RECORD, SAME
from triplebar.contracts.codes import OrderStatus

STRATEGIES = {
    "W1": strategies.Cross,
    "W2": strategies.Flip,
    "W3": strategies.Quotes,
    "W4": strategies.Rebalance,
    "crowd": strategies.Crowd,
    "idle": strategies.Idle,
}


@dataclass(frozen=True)
class Contestant:
    """Somebody who does a workload: `run` is timed, `answer` reads what came out."""

    name: str
    run: Callable[[], Any]
    answer: Callable[[Any], Answer]


def contestants(workload: str, ticks: Ticks) -> list[Contestant]:
    """Prepare everybody for a workload."""
    everybody = [Contestant(LOOP, native_loop(workload, ticks), lambda answer: answer)]
    if workload in limits.RECORDED:
        everybody.append(Contestant(RECORD, recording_loop(workload, ticks), lambda answer: answer))
    if workload in limits.STRATEGIES:  # in W4 little happens per bar, so a callback is no limit of interest
        everybody.append(Contestant(CALLBACK, callback_loop(workload, ticks), lambda answer: answer))
    if workload in limits.SAME_STRATEGIES:
        everybody.append(Contestant(SAME, callback_loop(workload, ticks, same=True), lambda answer: answer))
    everybody.append(Contestant(PYTHON, triplebar_run(workload, market(ticks)), answer_of))
    return everybody


def market(ticks: Ticks) -> tb.Market:
    """Give triplebar the bars as the table that a user would have."""
    instruments = [tb.Instrument(symbol, price_precision=2, size_precision=0) for symbol in symbols(ticks.width)]
    return tb.Market.from_table(table(ticks), instruments=instruments)


def triplebar_run(workload: str, bars: tb.Market) -> Callable[[], tb.RunResult]:
    """Prepare a run of triplebar; calling it runs it."""
    leverage = 2.0 if workload == "W4" else 1.0  # buys of a rebalance may come before the sells that pay for them
    config = tb.BacktestConfig(initial_cash=CASH.get(workload, 1_000_000), commission_bps=1.0, leverage=leverage)
    return lambda: tb.run(STRATEGIES[workload](), bars, config)


def answer_of(result: tb.RunResult) -> Answer:
    """Read from a result what the limits count, too."""
    equity = result.canonical("equity")["equity"].to_numpy()
    orders = result.canonical("orders")["status"].to_numpy()
    rows = len(orders), result.canonical("events").num_rows
    canceled = int(np.count_nonzero(orders == OrderStatus.CANCELED))
    return Answer(result.canonical("fills").num_rows, equity, canceled, rows)


def digest(answer: Answer) -> str:
    """Shorten an answer to a few characters that differ when it does."""
    return hashlib.sha256(np.ascontiguousarray(answer.equity).tobytes()).hexdigest()[:12]


class DisagreementError(AssertionError):
    """Two contestants came to different answers, so neither is timed."""


def check(workload: str, answers: dict[str, Answer]) -> None:
    """Refuse to time contestants that do not agree on every fill and on the equity of every bar."""
    first_name, first = next(iter(answers.items()))
    if len({answer.rows for answer in answers.values() if answer.rows is not None}) > 1:
        told = ", ".join(f"{name} {answer.rows}" for name, answer in answers.items() if answer.rows is not None)
        raise DisagreementError(f"{workload}: orders and events differ: {told}")
    for name, answer in answers.items():
        same = np.array_equal(answer.equity, first.equity) and answer.fills == first.fills
        if workload == "W3" and answer.cancels != first.cancels:
            same = False
        if not same:
            where = _first_difference(answer, first)
            message = (
                f"{workload}: {first_name} has {first.fills} fills and {first.cancels} cancels, {name} has "
                f"{answer.fills} and {answer.cancels}; {where}"
            )
            raise DisagreementError(message)


def _first_difference(one: Answer, other: Answer) -> str:
    if len(one.equity) != len(other.equity):
        return f"{len(one.equity)} rows of equity against {len(other.equity)}"
    apart = np.flatnonzero(one.equity != other.equity)
    return f"equity differs first at bar {apart[0]}" if len(apart) else "equity is the same"
