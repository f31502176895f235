"""What the core calls: one function a handler, which hands over what happened.

Those of `on_bar` and `on_slice` go on to the next tick by themselves as long as the core lets them and the handler asks
for nothing that the core must answer with a tick of its own.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

from triplebar.strategy.compile.machine.types import AboutType
from triplebar.strategy.compile.machine.words import (
    SOURCE_WORDS,
    about_reader,
    bar_from,
    put_word,
    whole_at,
    word_address,
    words_at,
)
from triplebar.strategy.compile.views import HANDLER_VIEWS, places

BARS = {name: at for name, (at, _) in places("BarsView").items()}
SOURCES_AT, COUNT_AT, BAR_ROW_AT, BAR_END_AT, PLACE_AT = (
    BARS[name] for name in ("sources", "count", "row", "end", "place")
)
SLICE = {name: at for name, (at, _) in places("SliceView").items()}
SLICE_ROW_AT, SLICE_END_AT = SLICE["row"], SLICE["end"]
DESK = {name: at for name, (at, _) in places("DeskView").items()}
INDEX_AT, TIME_AT, TIMES_AT, ACTED_AT = (DESK[name] for name in ("index", "time_ns", "times", "acted"))


def entry_of(name: str, handler: Any) -> tuple[AboutType, Any]:
    """The type of what happened, and the function that the core calls with it."""
    about, read = about_reader(HANDLER_VIEWS[name])

    def entry(state: Any, ctx: Any, address: Any) -> None:
        handler(state, ctx, read(address, 0))

    def bar_by_bar(state: Any, ctx: Any, bars: Any) -> None:
        row, end = whole_at(bars, BAR_ROW_AT), whole_at(bars, BAR_END_AT)
        sources, count = words_at(bars, SOURCES_AT), whole_at(bars, COUNT_AT)
        while True:
            for place in range(count):
                put_word(bars, PLACE_AT, place)
                handler(state, ctx, bar_from(word_address(sources, SOURCE_WORDS * place), row))
            row += 1
            if row >= end or whole_at(ctx, ACTED_AT) != 0:
                break
            next_tick(ctx, row)

    def slice_by_slice(state: Any, ctx: Any, bars: Any) -> None:
        end = whole_at(bars, SLICE_END_AT)
        while True:
            handler(state, ctx, bars)
            row = whole_at(bars, SLICE_ROW_AT) + 1
            if row >= end or whole_at(ctx, ACTED_AT) != 0:
                break
            put_word(bars, SLICE_ROW_AT, row)
            next_tick(ctx, row)

    return about, {"on_bar": bar_by_bar, "on_slice": slice_by_slice}.get(name, entry)


@register_jitable(forceinline=True)
def next_tick(ctx: Any, tick: Any) -> None:
    """Move `ctx` to a tick."""
    put_word(ctx, INDEX_AT, tick)
    put_word(ctx, TIME_AT, whole_at(words_at(ctx, TIMES_AT), tick))
