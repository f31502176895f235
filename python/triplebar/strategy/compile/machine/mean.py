"""The step of a simple mean, taken in compiled code on the memory of the very object: most strategies take one a bar.

It is that of `rust/core/src/indicators/mean.rs` for a window that is full; everything else is left to the core.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, register_jitable

from triplebar._native import compiled_gauges
from triplebar.strategy.compile.machine.types import I64
from triplebar.strategy.compile.machine.words import (
    WORDS,
    lasting,
    lasting_real_at,
    put_word,
    real_at,
    whole_at,
    words_at,
)
from triplebar.strategy.compile.slots import WORD

FIELDS: Final = {name: at // WORD for name, at in compiled_gauges().get("SMA", {}).items()}
"""The word at which each field stands; empty if the core cannot say."""
CELLS, PERIOD, LEFT, HIGH, LOW, COUNT = (
    FIELDS.get(name, 0) for name in ("cells", "period", "left", "high", "low", "count")
)
INFINITE: Final = float("inf")
HALF: Final = ir.IntType(32)
STEP: Final = 2**20
"""What the upper half of a number grows by when it is doubled."""


@intrinsic
def quotient(typing: Any, one: Any, other: Any) -> Any:
    """One number by another, which is not zero: nobody asks."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fdiv(*arguments)

    return types.float64(types.float64, types.float64), make


@intrinsic
def period_of(typing: Any, gauge: Any) -> Any:
    """How many values it keeps: one at least."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.bitcast(arguments[0], I64.as_pointer())
        period = lasting(builder, builder.load(builder.gep(pointer, [ir.Constant(I64, PERIOD)])))
        period.set_metadata("range", builder.module.add_metadata([ir.Constant(I64, 1), ir.Constant(I64, 2**32)]))
        return period

    return types.int64(gauge), make


@register_jitable(forceinline=True)
def exact_sum(one: Any, other: Any) -> Any:
    """The rounded sum, and exactly what rounding lost."""
    total = one + other
    other_kept = total - one
    one_kept = total - other_kept
    return total, (one - one_kept) + (other - other_kept)


@intrinsic
def is_near(typing: Any, number: Any, cells: Any, at: Any) -> Any:
    """Whether the difference of two finite numbers, one of them in a cell, is exact: it is unless they are far apart.

    It is if they have the same sign and neither is more than twice the other (Sterbenz). Then their bits, as whole
    numbers, are not more than a step of the exponent apart, which the upper halves say.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number, cells, at = arguments
        upper = builder.trunc(builder.lshr(builder.bitcast(number, I64), ir.Constant(I64, 32)), HALF)
        halves = builder.bitcast(builder.gep(cells, [at]), HALF.as_pointer())
        other = builder.load(builder.gep(halves, [ir.Constant(I64, 1)]))
        apart = builder.add(builder.sub(upper, other), ir.Constant(HALF, STEP - 1))
        return builder.icmp_unsigned("<=", apart, ir.Constant(HALF, 2 * STEP - 2))

    return types.boolean(types.float64, WORDS, types.int64), make


@register_jitable(forceinline=True)
def lost_between(one: Any, other: Any, difference: Any) -> Any:
    """What rounding lost of a difference.

    As of the sum with the other's opposite, but that a zero may have another sign. That vanishes where it is added:
    what has gathered in the low part begins with a positive zero, and so is never a negative one.
    """
    other_kept = difference - one
    one_kept = difference - other_kept
    return (one - one_kept) - (other + other_kept)


@register_jitable(forceinline=True)
def replaced(gauge: Any, at: Any, value: Any) -> Any:
    """The sum after a value has taken the place of another, in its two parts."""
    cells = words_at(gauge, CELLS)
    near = is_near(value, cells, at)
    leaving = real_at(cells, at)
    put_word(cells, at, value)
    change = value - leaving
    high, lost = exact_sum(real_at(gauge, HIGH), change)
    low = real_at(gauge, LOW) + lost
    return high, low if near else low + lost_between(value, leaving, change)


@register_jitable(forceinline=True)
def kept(gauge: Any, left: Any, high: Any, low: Any) -> Any:
    """The mean, once all is written down."""
    put_word(gauge, LEFT, left)
    put_word(gauge, HIGH, high)
    put_word(gauge, LOW, low)
    return quotient(high + low, lasting_real_at(gauge, COUNT))


def step(core: Any) -> Any:
    """`update`, with the core's own for whatever is not usual."""

    def choose(gauge: object, value: object) -> Any:
        return lambda gauge, value: stepped(gauge, float(value))

    @register_jitable(forceinline=True)
    def stepped(gauge: Any, value: Any) -> Any:
        left = whole_at(gauge, LEFT)
        if left < 1 or not abs(value) < INFINITE:
            return core(gauge, value)
        left -= 1
        high, low = replaced(gauge, left, value)
        if left == 0:
            left = period_of(gauge)
            high, low = exact_sum(high, low)
        return kept(gauge, left, high, low)

    return choose


def ready(_gauge: object) -> Any:
    """Whether the window is full."""
    return lambda _gauge: whole_at(_gauge, LEFT) > 0
