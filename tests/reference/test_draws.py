"""The random draws of orders (S-54, S-56, S-57), against a second writing of the generator."""

from typing import Any

import pytest

from tests.reference.markets import market_of, rows, run
from triplebar.contracts.costs import Latency, Misses
from triplebar.strategy.base import Strategy

MASK = 2**64 - 1


def mix(z: int) -> int:
    """splitmix64, written down a second time."""
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def drawn(seed: int, stream: str, order: int) -> int:
    """The draw of an order."""
    name = 0xCBF29CE484222325
    for byte in stream.encode():
        name = ((name ^ byte) * 0x100000001B3) & MASK
    return mix(mix(mix(seed) ^ name) ^ mix(order))


class ManyLimits(Strategy):
    """Sends limit orders that O satisfies."""

    count: int = 300
    size: int = 10

    def on_start(self, ctx: Any) -> None:
        for _ in range(self.count):
            ctx.buy("X", self.size, limit=100)


@pytest.mark.rule("S-54", "S-56")
@pytest.mark.feature("F-050")
def test_exactly_the_orders_that_draw_low_are_missed() -> None:
    misses = Misses(limit_missed="0.2", partial=0)
    facts = run(ManyLimits(), market_of([100]), misses=misses, seed=5, initial_cash=10**7)
    missed = {each["order"] for each in rows(facts, "orders") if each["reason"] == 23}
    assert missed == {order for order in range(1, 301) if drawn(5, "misses", order) % 10**9 < 2 * 10**8}
    assert 30 < len(missed) < 90


@pytest.mark.rule("S-54", "S-56")
@pytest.mark.feature("F-050")
def test_parts_are_drawn_from_streams_of_their_own() -> None:
    misses = Misses(limit_missed=0, partial="0.4", partial_low="0.3", partial_high="0.7")
    facts = run(ManyLimits(size=1_000), market_of([100]), misses=misses, seed=6, initial_cash=10**9)
    found = {each["order"]: each["quantity"] for each in rows(facts, "fills")}

    def expected(order: int) -> int:
        if drawn(6, "partials", order) % 10**9 >= 4 * 10**8:
            return 1_000
        return 1_000 * (3 * 10**8 + drawn(6, "fractions", order) % 10**9 % (4 * 10**8 + 1)) // 10**9

    assert found == {order: expected(order) for order in range(1, 301)}


@pytest.mark.rule("S-57")
@pytest.mark.feature("F-049")
def test_latency_is_drawn_between_its_bounds() -> None:
    class Sending(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if ctx.index == 0:
                for _ in range(40):
                    ctx.buy("X", 1)

    rising = market_of([(1_000, 1_000, 1_000, 1_000), (1_000, 22_600, 1_000, 22_600)])
    facts = run(
        Sending(),
        rising,
        latency=Latency(0, 21_599),
        path="open_low_high_close",
        seed=7,
        initial_cash=10**7,
        account="margin",
    )
    interval, span = 21_600 * 10**9, 21_599 * 10**9
    expected = {order: 1_000 + 21_600 * (drawn(7, "latency", order) % (span + 1)) // interval for order in range(1, 41)}
    found = {each["order"]: each["price"] for each in rows(facts, "fills")}
    assert found == expected
    assert sorted(found.values()) == [each["price"] for each in rows(facts, "fills")]
