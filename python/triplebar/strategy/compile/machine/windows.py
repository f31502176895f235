"""The bars that have closed: the last one, and windows of them with their columns."""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from triplebar.contracts.errors import StrategyError
from triplebar.strategy.compile.machine.answers import must_be_whole, place_of
from triplebar.strategy.compile.machine.containers import source_of
from triplebar.strategy.compile.machine.define import attribute, method
from triplebar.strategy.compile.machine.saying import fail
from triplebar.strategy.compile.machine.types import DESK, I64, DeskType, WindowType
from triplebar.strategy.compile.machine.words import (
    COLUMNS,
    SOURCE,
    bar_from,
    function,
    pack_window,
    reals_at,
    window_desk,
    window_part,
    words_at,
)
from triplebar.strategy.compile.saying import Joined, Known, Recipe, Value

NO_COUNT: Final = Recipe(
    StrategyError,
    (Joined(("n = ", Value(0, "n"))),),
    (
        ("where", Joined(("ctx.bars(", Value(1, "symbol", "r"), ", n)"))),
        ("fix", Known("give a whole number of bars")),
    ),
    2,
)
_bars_seen = function("bars_seen", types.int64, DESK, types.int64)


@method(DeskType, "bar")
def _last_bar(desk: Any, symbol: Any) -> Any:
    def look(desk: Any, symbol: Any) -> Any:
        place = place_of(desk, symbol)
        seen: Any = _bars_seen(desk, place)
        return bar_from(source_of(desk, place), seen - 1) if seen > 0 else None

    return look


@method(DeskType, "bars")
def _last_bars(desk: Any, symbol: Any, n: Any) -> Any:
    must_be_whole("n", n)

    def look(desk: Any, symbol: Any, n: Any) -> Any:
        place = place_of(desk, symbol)
        if n < 0:
            fail(NO_COUNT, (n, symbol))
            raise StrategyError
        end = _bars_seen(desk, place)
        return pack_window(desk, place, max(0, end - n), end)

    return look


@intrinsic
def from_row(typing: Any, pointer: Any, row: Any) -> Any:
    """The address of a row of a column."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.int64), make


@intrinsic
def as_array(typing: Any, pointer: Any, length: Any) -> Any:
    """So many numbers from an address, as an array that cannot be written to."""
    kind = types.Array(pointer.dtype, 1, "C", readonly=True)

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from numba.np.arrayobj import make_array, populate_array

        array = make_array(kind)(context, builder)
        populate_array(
            array,
            data=arguments[0],
            shape=cgutils.pack_array(builder, [arguments[1]]),
            strides=cgutils.pack_array(builder, [ir.Constant(I64, 8)]),
            itemsize=ir.Constant(I64, 8),
            meminfo=None,
        )
        return array._getvalue()

    return kind(pointer, types.int64), make


def _window_column(name: str, at: int, read: Any) -> None:
    def choose(window: Any) -> Any:
        def get(window: Any) -> Any:
            column = read(source_of(window_desk(window, 0), window_part(window, 1)), at)
            return as_array(from_row(column, window_part(window, 2)), window_part(window, 3) - window_part(window, 2))

        return get

    attribute(WindowType, name)(choose)


for _name, _column in COLUMNS.items():
    _window_column(_name, SOURCE[_column][0], words_at if _name == "time_ns" else reals_at)
