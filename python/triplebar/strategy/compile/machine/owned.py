"""What our types are asked for in vain: by type, so that a user's own object may have a method of the same name."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from numba import types
from numba.core.errors import NumbaTypeError
from numba.extending import overload

from triplebar.strategy.compile.allowed import ARRAY_METHODS, ORDERED
from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.define import INLINE, attribute, implement
from triplebar.strategy.compile.machine.types import (
    AboutType,
    DeskType,
    DiceType,
    TableType,
    TextType,
    ViewType,
    WindowType,
)

TIME: Final = (".time (a datetime)", "use .time_ns, in nanoseconds since 1970")
LIST: Final = "keep a NumPy array and a count on self"
LOOK: Final = "every symbol has a value: write self.name[symbol]"
TEXTS: Final = "texts are compared (== and !=) and passed on, but not taken apart"
REFUSED: Final[tuple[tuple[type, str, tuple[str, str]], ...]] = (
    *((kind, "time", TIME) for kind in (ViewType, DeskType, AboutType, WindowType)),
    (DeskType, "log", (".log(...) here", 'write ctx.log("a text", name=value) as a line of its own')),
    (DeskType, "instrument", (".instrument(...)", "look instruments up in on_start and keep their numbers on self")),
    *((TableType, name, (f".{name}(...)", LIST)) for name in ("append", "extend", "insert", "pop", "remove")),
    *((TableType, name, (f".{name}(...)", LOOK)) for name in ("get", "setdefault", "update", "clear")),
    *((TextType, name, (f".{name}(...) of a text", TEXTS)) for name in dir(str) if not name.startswith("_")),
    (DiceType, "shuffle", (".shuffle(...)", "draw with ctx.random.integer")),
    (DiceType, "choice", (".choice(...)", "draw a place with ctx.random.integer and use it")),
)
ADDS: Final = "use an indicator, or add in a loop: NumPy adds in an order of its own"
LOOP: Final = "write a loop: what NumPy does and what the compiled code would do may differ"


def owned(_thing: object, _name: str) -> Any:
    """The thing itself, if it may be asked for the method."""
    raise NotImplementedError


@overload(owned, jit_options=INLINE, strict=False, prefer_literal=True)
def _owned(thing, name):
    if not isinstance(name, types.StringLiteral):
        return None
    wanted = name.literal_value
    if isinstance(thing, types.Array) and wanted not in ARRAY_METHODS:
        raise NumbaTypeError(f"{MARK}.{wanted}(...) cannot be compiled; {ADDS if wanted in ORDERED else LOOP}")
    return lambda thing, name: thing


def by_name(_thing: object) -> Any:
    """The thing itself, if it is not `ctx`, whose orders take their prices by name."""
    raise NotImplementedError


@implement(by_name)
def _by_name(thing: Any) -> Any:
    if isinstance(thing, DeskType):
        raise NumbaTypeError(f"{MARK}what follows the quantity of an order has a name: write limit=..., stop=...")
    return lambda thing: thing


def _refuse(kind: type, name: str, what: str, instead: str) -> None:
    def choose(thing: Any) -> NoReturn:
        raise NumbaTypeError(f"{MARK}{what} cannot be compiled; {instead}")

    attribute(kind, name)(choose)


for _kind, _name, _said in REFUSED:
    _refuse(_kind, _name, *_said)
