"""What the core calls: one function a handler, which hands over what happened.

Those of `on_bar` and `on_slice` go on to the next tick by themselves as long as the core lets them and the handler asks
for nothing that the core must answer with a tick of its own.
"""

from __future__ import annotations

from typing import Any

from triplebar.strategy.compile.machine.types import AboutType
from triplebar.strategy.compile.machine.words import (
    about_reader,
    bar_of,
    place_at,
    put_word,
    whole_at,
    words_at,
)
from triplebar.strategy.compile.views import HANDLER_VIEWS, places

FIRST_AT, LAST_AT, BAR_ROW_AT = (places("BarsView")[name][0] for name in ("first", "last", "row"))
SLICE_ROW_AT = places("SliceView")["row"][0]
INDEX_AT, SOURCES_AT, END_AT, PLACE_AT = (places("DeskView")[name][0] for name in ("index", "sources", "end", "place"))


def entry_of(name: str, handler: Any) -> tuple[AboutType, Any]:
    """The type of what happened, and the function that the core calls with it."""
    about, read = about_reader(HANDLER_VIEWS[name])

    def entry(state: Any, ctx: Any, address: Any) -> None:
        handler(state, ctx, read(address, 0))

    def bar_by_bar(state: Any, ctx: Any, bars: Any) -> None:
        row = whole_at(bars, BAR_ROW_AT)
        first, last = place_at(bars, FIRST_AT), whole_at(bars, LAST_AT)
        put_word(ctx, PLACE_AT, first)
        while last - first == 1:  # most strategies have one instrument, and nothing to count
            handler(state, ctx, bar_of(words_at(ctx, SOURCES_AT), first, row))
            row += 1
            if row >= whole_at(ctx, END_AT):
                return
            put_word(ctx, INDEX_AT, row)
        while True:
            for place in range(first, last):
                put_word(ctx, PLACE_AT, place)
                handler(state, ctx, bar_of(words_at(ctx, SOURCES_AT), place, row))
            row += 1
            if row >= whole_at(ctx, END_AT):
                break
            put_word(ctx, INDEX_AT, row)

    def slice_by_slice(state: Any, ctx: Any, bars: Any) -> None:
        while True:
            handler(state, ctx, bars)
            row = whole_at(bars, SLICE_ROW_AT) + 1
            if row >= whole_at(ctx, END_AT):
                break
            put_word(bars, SLICE_ROW_AT, row)
            put_word(ctx, INDEX_AT, row)

    return about, {"on_bar": bar_by_bar, "on_slice": slice_by_slice}.get(name, entry)
