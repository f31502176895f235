"""What handlers are given, as flat words: the Python side of `rust/py/src/compiled/view.rs`."""

from __future__ import annotations

from typing import Final, Literal

Field = Literal["int", "float", "text", "text?", "float?", "address"]

VIEWS: Final[dict[str, tuple[tuple[str, Field], ...]]] = {
    "BarView": (
        ("symbol", "text"),
        ("index", "int"),
        ("time_ns", "int"),
        ("open", "float"),
        ("high", "float"),
        ("low", "float"),
        ("close", "float"),
        ("volume", "float"),
    ),
    "FillView": (
        ("symbol", "text"),
        ("role", "text"),
        ("moment", "text"),
        ("tag", "text?"),
        ("order", "int"),
        ("side", "int"),
        ("time_ns", "int"),
        ("quantity", "float"),
        ("price", "float"),
        ("fee", "float"),
    ),
    "EventView": (
        ("symbol", "text"),
        ("kind", "text"),
        ("reason", "text"),
        ("tag", "text?"),
        ("order", "int"),
        ("time_ns", "int"),
    ),
    "TimerView": (("name", "text"), ("time_ns", "int")),
    "OrderView": (
        ("symbol", "text"),
        ("kind", "text"),
        ("tif", "text"),
        ("status", "text"),
        ("reason", "text"),
        ("tag", "text?"),
        ("order", "int"),
        ("side", "int"),
        ("quantity", "float"),
        ("filled", "float"),
        ("limit", "float?"),
        ("stop", "float?"),
    ),
    "SourceView": (
        ("symbol", "text"),
        ("times", "address"),
        ("open", "address"),
        ("high", "address"),
        ("low", "address"),
        ("close", "address"),
        ("volume", "address"),
    ),
    "BarsView": (("first", "int"), ("last", "int"), ("row", "int")),
    "SpotView": (("source", "address"), ("row", "int")),
    "SliceView": (("count", "int"), ("row", "int"), ("sources", "address"), ("spots", "address")),
    "DeskView": (
        ("version", "int"),
        ("index", "int"),
        ("instruments", "int"),
        ("symbols", "address"),
        ("random_key", "address"),
        ("random_counter", "int"),
        ("counter", "address"),
        ("sources", "address"),
        ("positions", "address"),
        ("times", "address"),
        ("end", "int"),
        ("place", "int"),
    ),
    "WishView": (
        ("side", "int"),
        ("place", "int"),
        ("quantity", "float"),
        ("given", "int"),
        ("limit", "float"),
        ("stop", "float"),
        ("trail", "float"),
        ("trail_percent", "float"),
        ("touch", "float"),
        ("take_profit", "float"),
        ("stop_loss", "float"),
        ("expire_ns", "int"),
        ("parent", "int"),
        ("post_only", "int"),
        ("reduce_only", "int"),
        ("tif", "int"),
        ("tag", "int"),
        ("id", "int"),
        ("oco", "int"),
    ),
}
"""Each struct's fields in order; a text takes two words, everything else one."""

OWN: Final = ("BarView",)
"""What only compiled code knows: a bar as a value, read from the columns of its source."""

GIVEN: Final = ("limit", "stop", "trail", "trail_percent", "touch", "take_profit", "stop_loss", "expire", "quantity")
"""The numbers of an order that may be left out, in the order of their bits."""

HANDLER_VIEWS: Final = {
    "on_bar": "BarsView",
    "on_slice": "SliceView",
    "on_fill": "FillView",
    "on_order": "EventView",
    "on_timer": "TimerView",
}


def words_of(kind: Field) -> int:
    """How many words a field takes."""
    return 2 if kind.startswith("text") else 1


def places(view: str) -> dict[str, tuple[int, Field]]:
    """The first word of each field, and its kind.

    >>> places("TimerView")
    {'name': (0, 'text'), 'time_ns': (2, 'int')}
    """
    found: dict[str, tuple[int, Field]] = {}
    at = 0
    for name, kind in VIEWS[view]:
        found[name] = (at, kind)
        at += words_of(kind)
    return found


def size_of(view: str) -> int:
    """The words of a struct.

    >>> size_of("TimerView")
    3
    """
    return sum(words_of(kind) for _, kind in VIEWS[view])
