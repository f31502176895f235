"""Both sides of the boundary see the same bytes, and state survives the way there and back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar import _native
from triplebar.contracts.random import RandomStream
from triplebar.strategy.compile import slots
from triplebar.strategy.compile.kinds import layout_of, slot_of, unified
from triplebar.strategy.compile.memory import Memory
from triplebar.strategy.compile.views import OWN, VIEWS, places, size_of

SYMBOLS = ("A", "B")
RENAMED = {"random": "random_key"}


def test_structs_lie_alike_on_both_sides() -> None:
    native = _native.compiled_layout()
    inspected = 0
    shared = {view: fields for view, fields in VIEWS.items() if view not in OWN}
    for view, fields in shared.items():
        size, offsets = native[view]
        assert size == 8 * size_of(view), view
        mine = {name: 8 * at for name, (at, _) in places(view).items()}
        theirs = {RENAMED.get(name, name): at for name, at in offsets.items()}
        assert theirs == {name: at for name, at in mine.items() if name in theirs}, view
        inspected += len(fields)
    assert inspected > 60
    assert set(native) - set(shared) == {"TextView", "RandomView"}


class Anything:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


SCALARS = st.one_of(st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.booleans(), st.text(max_size=5))
TUPLES = st.tuples(SCALARS, SCALARS)
VALUES = st.one_of(SCALARS, TUPLES, st.tuples(SCALARS, TUPLES))


@given(st.dictionaries(st.sampled_from("abcdef"), VALUES, min_size=1), st.integers(0, 2**40))
def test_state_comes_back_as_it_went(values: dict[str, Any], draws: int) -> None:
    thing = Anything(**values, table={"A": 1.5, "B": 2.5}, row=[1, 2], dice=RandomStream(1, "x", counter=draws))
    before = dict(vars(thing))
    memory = Memory(thing, layout_of(thing, SYMBOLS, {}), SYMBOLS)
    memory.thaw()
    assert vars(thing) == before
    assert all(type(vars(thing)[name]) is type(value) for name, value in before.items())


def test_objects_and_arrays_are_the_very_same() -> None:
    inner: Any = Anything(count=1, ring=np.zeros(3))
    thing: Any = Anything(inner=inner, mean=tb.indicators.SMA(3))
    ring = inner.ring
    Memory(thing, layout_of(thing, SYMBOLS, {}), SYMBOLS).thaw()
    assert thing.inner is inner
    assert inner.ring is ring


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (2**70, "int beyond 64 bits"),
        ({"A": 1}, "dict whose keys are not the symbols of the market"),
        ([], "empty list"),
        ([1, "a"], "list of int and str"),
        (np.zeros(3, dtype="float32"), "numpy.ndarray of float32 in 1 dimensions"),
        (np.zeros(9)[::2], "numpy.ndarray that is not contiguous"),
        (object(), "builtins.object"),
        ({1, 2}, "builtins.set"),
    ],
)
def test_what_cannot_be_held_is_named(value: object, kind: str) -> None:
    assert slot_of(value, SYMBOLS) == slots.Closed(kind)


KINDS = [
    slots.Whole(),
    slots.Real(),
    slots.Truth(),
    slots.Word(),
    slots.Nothing(),
    slots.Maybe(slots.Whole()),
    slots.Maybe(slots.Real()),
    slots.Pack((slots.Whole(), slots.Real())),
    slots.Pack((slots.Whole(),)),
    slots.Many(slots.Whole()),
    slots.Many(slots.Nothing()),
]


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_what_holds_two_kinds_does_not_depend_on_the_order(one: slots.Slot, two: slots.Slot, three: slots.Slot) -> None:
    assert unified(one, two) == unified(two, one)
    together = unified(one, two)
    if together is not None:
        assert unified(together, one) == together
        assert unified(together, two) == together
        later = unified(two, three)
        if later is not None and unified(together, three) is not None:
            assert unified(together, three) == unified(one, later)
