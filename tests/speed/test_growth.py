"""Cost grows with the work and no faster. Processor time is compared with processor time, never with a clock."""

import time
from collections.abc import Callable

import pytest

from benches.contestants import market, triplebar_run
from benches.markets import random_walk

TIMES_MAX = 12.0
ROUNDS = 7
ROUNDS_MAX = 100

Run = Callable[[], object]


def processor_seconds(run: Run) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def growth(small: Run, large: Run) -> float:
    """How many times the work of the one the other does: the least of each over rounds that take turns.

    What else the machine does only ever adds to a round, so more rounds bring both nearer to the truth: they go on
    while the answer is too large, and no number of rounds makes work that grows faster look as if it did not.
    """
    least_small = least_large = float("inf")
    for number in range(ROUNDS_MAX):
        least_small = min(least_small, processor_seconds(small))
        least_large = min(least_large, processor_seconds(large))
        if number >= ROUNDS and least_large <= TIMES_MAX * least_small:
            break
    return least_large / least_small


def run(workload: str, bars: int, width: int = 1) -> Run:
    return triplebar_run(workload, market(random_walk(bars, width)))


@pytest.mark.feature("F-078")
@pytest.mark.parametrize("workload", ["W1", "W2", "W3"])
def test_ten_times_the_bars_take_at_most_twelve_times_the_work(workload: str) -> None:
    assert growth(run(workload, 2_520), run(workload, 25_200)) <= TIMES_MAX


@pytest.mark.feature("F-078")
def test_ten_times_the_instruments_take_at_most_twelve_times_the_work() -> None:
    assert growth(run("W4", 400, width=10), run("W4", 400, width=100)) <= TIMES_MAX


@pytest.mark.feature("F-078")
def test_the_book_takes_a_hundred_thousand_live_orders_as_it_takes_a_thousand() -> None:
    assert growth(run("crowd", 1_000), run("crowd", 10_000)) <= TIMES_MAX
    assert growth(run("crowd", 10_000), run("crowd", 100_000)) <= TIMES_MAX


def test_quadratic_work_would_be_noticed() -> None:
    def quadratic(size: int) -> Run:
        return lambda: sum(number * other for number in range(size) for other in range(size))

    assert growth(quadratic(60), quadratic(600)) > TIMES_MAX


@pytest.mark.feature("F-079")
def test_a_hundred_thousand_bars_take_less_than_a_second_of_processor_time() -> None:
    assert min(processor_seconds(run("W1", 100_000)) for _ in range(3)) < 1.0


@pytest.mark.feature("F-079")
def test_a_year_of_daily_bars_takes_less_than_a_second_of_processor_time() -> None:
    assert min(processor_seconds(run("W1", 252)) for _ in range(3)) < 1.0
