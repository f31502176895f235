"""Cost grows with the work and no faster. Processor time is compared with processor time, never with a clock."""

import time
from collections.abc import Callable

import pytest

from benches.contestants import market, triplebar_run
from benches.markets import random_walk

TIMES_MAX = 12.0
ROUNDS = 7


def processor_seconds(run: Callable[[], object]) -> float:
    """Take the least of some rounds: what disturbs a run only ever adds to it."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        run()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def cost(workload: str, bars: int, width: int = 1) -> float:
    return processor_seconds(triplebar_run(workload, market(random_walk(bars, width))))


@pytest.mark.feature("F-078")
@pytest.mark.parametrize("workload", ["W1", "W2", "W3"])
def test_ten_times_the_bars_take_at_most_twelve_times_the_work(workload: str) -> None:
    assert cost(workload, 25_200) <= TIMES_MAX * cost(workload, 2_520)


@pytest.mark.feature("F-078")
def test_ten_times_the_instruments_take_at_most_twelve_times_the_work() -> None:
    assert cost("W4", 400, width=100) <= TIMES_MAX * cost("W4", 400, width=10)


def test_quadratic_work_would_be_noticed() -> None:
    def quadratic(size: int) -> float:
        return processor_seconds(lambda: sum(number * other for number in range(size) for other in range(size)))

    assert quadratic(1_000) > TIMES_MAX * quadratic(100)


@pytest.mark.feature("F-079")
def test_a_hundred_thousand_bars_take_less_than_a_second_of_processor_time() -> None:
    assert cost("W1", 100_000) < 1.0


@pytest.mark.feature("F-079")
def test_a_year_of_daily_bars_takes_less_than_a_second_of_processor_time() -> None:
    assert cost("W1", 252) < 1.0
