"""Random streams in compiled code: the same draws as `triplebar.contracts.random`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.extending import register_jitable

from triplebar.strategy.compile.machine.answers import must_be_whole
from triplebar.strategy.compile.machine.define import method
from triplebar.strategy.compile.machine.saying import fail
from triplebar.strategy.compile.machine.types import DiceType
from triplebar.strategy.compile.machine.words import put_word, whole_at, word_address
from triplebar.strategy.compile.saying import Joined, Recipe, Value

GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
FIRST = np.uint64(0xBF58_476D_1CE4_E5B9)
SECOND = np.uint64(0x94D0_49BB_1331_11EB)
THIRTY, TWENTY_SEVEN, THIRTY_ONE, ELEVEN = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
ONE = np.uint64(1)
NO_RANGE: Final = Recipe(
    ValueError,
    (Joined(("integer(low=", Value(0, "low"), ", high=", Value(1, "high"), "): high is below low")),),
    (),
    2,
)


@register_jitable
def _mixed(value: Any) -> Any:
    z = value + GOLDEN
    z = (z ^ (z >> THIRTY)) * FIRST
    z = (z ^ (z >> TWENTY_SEVEN)) * SECOND
    return z ^ (z >> THIRTY_ONE)


@register_jitable
def _bits(stream: Any) -> Any:
    words = word_address(stream, 0)
    number = np.uint64(whole_at(words, 1))
    put_word(words, 1, np.int64(number + ONE))
    return _mixed(np.uint64(whole_at(words, 0)) ^ _mixed(number))


@method(DiceType, "uniform")
def _uniform(stream: object, low: object = 0.0, high: object = 1.0) -> Any:
    def draw(stream: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
        fraction = np.float64(_bits(stream) >> ELEVEN) * 2.0**-53
        return low + (high - low) * fraction

    return draw


@method(DiceType, "integer")
def _integer(stream: object, low: object, high: object) -> Any:
    must_be_whole("low", low)
    must_be_whole("high", high)

    def draw(stream: Any, low: Any, high: Any) -> Any:
        if high < low:
            fail(NO_RANGE, (low, high))
            raise ValueError
        return low + np.int64(_bits(stream) % np.uint64(high - low + 1))

    return draw


@method(DiceType, "chance")
def _chance(stream: object, probability: object) -> Any:
    return lambda stream, probability: stream.uniform() < probability
