"""The step of a simple mean, taken in compiled code on the memory of the very object: most strategies take one a bar.

It is that of `rust/core/src/indicators/mean.rs` for a window that is full; everything else is left to the core.
"""

from __future__ import annotations

from typing import Any, Final

from numba.extending import register_jitable

from triplebar._native import compiled_gauges
from triplebar.strategy.compile.machine.words import put_word, real_at, whole_at, words_at
from triplebar.strategy.compile.slots import WORD

FIELDS: Final = {name: at // WORD for name, at in compiled_gauges().get("SMA", {}).items()}
"""The word at which each field stands; empty if the core cannot say."""
CELLS, PERIOD, NEXT, HELD, HIGH, LOW, COUNT = (
    FIELDS.get(name, 0) for name in ("cells", "period", "next", "held", "high", "low", "count")
)
INFINITE: Final = float("inf")


@register_jitable(forceinline=True)
def exact_sum(one: Any, other: Any) -> Any:
    """The rounded sum, and exactly what rounding lost."""
    total = one + other
    other_kept = total - one
    one_kept = total - other_kept
    return total, (one - one_kept) + (other - other_kept)


def step(core: Any) -> Any:
    """`update`, with the core's own for whatever is not usual."""

    def choose(gauge: object, value: object) -> Any:
        return lambda gauge, value: stepped(gauge, float(value))

    @register_jitable(forceinline=True)
    def stepped(gauge: Any, value: Any) -> Any:
        period, at = whole_at(gauge, PERIOD), whole_at(gauge, NEXT)
        if whole_at(gauge, HELD) != period or not abs(value) < INFINITE:
            return core(gauge, value)
        cells = words_at(gauge, CELLS)
        leaving = real_at(cells, at)
        put_word(cells, at, value)
        put_word(cells, at + period, value)
        change, lost = exact_sum(value, -leaving)
        high, lost_too = exact_sum(real_at(gauge, HIGH), change)
        low = real_at(gauge, LOW) + lost_too + lost
        at += 1
        if at == period:
            at = 0
            high, low = exact_sum(high, low)
        put_word(gauge, NEXT, at)
        put_word(gauge, HIGH, high)
        put_word(gauge, LOW, low)
        return (high + low) / real_at(gauge, COUNT)

    return choose


def ready(_gauge: object) -> Any:
    """Whether the window is full."""
    return lambda _gauge: whole_at(_gauge, HELD) == whole_at(_gauge, PERIOD)
