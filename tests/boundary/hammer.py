"""Random calls of the native module, to be run in a process of its own: `python -m tests.boundary.hammer desk`.

Whatever is called with whatever, an exception of Python may come back and nothing else: no crash, no hang, no panic.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.boundary.values import POOL, anything, numbers
from tests.generators import random_case
from triplebar import _native
from triplebar.contracts.errors import InternalError
from triplebar.engines.custom.context import NativeContext
from triplebar.engines.settings import resolve

MARKET = tb.Market.synthetic(symbols=("AA", "BB"), bars=30, interval="1h", seed=1)
CONFIG = tb.BacktestConfig(initial_cash=10_000, leverage=2)
WORDS = tuple(name for name in dir(NativeContext) if not name.startswith("__"))
SENDING = ("buy", "sell", "target")
SENSIBLE: dict[str, tuple[Any, ...]] = {
    "limit": (99.0, 100.0, 101.5),
    "stop": (99.0, 101.0),
    "trail": (0.01, 1.0),
    "trail_percent": (0.5, 5),
    "touch": (99.5, 100.5),
    "tif": ("gtc", "day", "ioc", "fok", "at_open", "at_close", "gtd"),
    "expire": (int(MARKET.clock[9]), 0, -1),
    "post_only": (True, False),
    "reduce_only": (True, False),
    "tag": ("a", "b"),
    "id": ("a", "b", "c"),
    "oco": ("a", "b"),
    "parent": tuple(range(8)),
    "take_profit": (100.0, 101.0),
    "stop_loss": (99.0, 100.0),
    "quantity": (1, 2, 10, 1e6),
    "order": tuple(range(20)),
    "symbol": ("AA", "BB"),
    "amount": (1, 1_000.5),
    "currency": ("USD", None),
    "n": (0, 1, 5),
    "name": ("a", "b"),
    "due_ns": (int(MARKET.clock[20]), 2**62),
    "every_ns": (0, 1, 10**13),
}
NEEDED = {
    "buy": ("symbol", "quantity"), "sell": ("symbol", "quantity"), "target": ("symbol", "quantity"),
    "close": ("symbol",), "position": ("symbol",), "average_price": ("symbol",), "bar": ("symbol",),
    "bars": ("symbol", "n"), "cancel": ("order",), "modify": ("order",), "order": ("order",),
    "deposit": ("amount",), "withdraw": ("amount",),
    "set_timer": ("name", "due_ns", "every_ns"), "cancel_timer": ("name",), "open_orders": (), "cancel_all": (),
}  # fmt: skip
OPTIONAL = {
    **dict.fromkeys(SENDING, tuple(SENSIBLE)[:15]),
    "modify": ("quantity", "limit", "stop", "trail", "trail_percent", "touch"),
    "close": ("tag",), "deposit": ("currency",), "withdraw": ("currency",), "open_orders": ("symbol",),
    "cancel_all": ("symbol",),
}  # fmt: skip
many = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
Call = tuple[str, list[Any], dict[str, Any]]


@contextlib.contextmanager
def only_exceptions() -> Iterator[None]:
    """Let every exception pass but the one that a panic becomes."""
    try:
        yield
    except InternalError:
        raise
    except Exception:  # noqa: BLE001, S110 - whatever it says, it is an exception
        pass


# ------------------------------------------------------------------------------------------------------------- desk


answered: set[str] = set()
"""The words that have answered something else than an error at least once."""


def value(dice: random.Random, name: str) -> Any:
    """What makes sense nine times of ten, else anything."""
    return dice.choice(SENSIBLE[name] if dice.random() < 0.9 else POOL)


def call(dice: random.Random) -> Call:
    """A word with arguments that mostly fit, or with none that do."""
    if dice.random() < 0.2:
        extra = {dice.choice(tuple(SENSIBLE)): dice.choice(POOL) for _ in range(dice.randrange(3))}
        return dice.choice(WORDS), [dice.choice(POOL) for _ in range(dice.randrange(4))], extra
    word = dice.choice((*SENDING, *NEEDED))
    optional = [name for name in OPTIONAL.get(word, ()) if dice.random() < 0.15]
    return word, [value(dice, name) for name in NEEDED[word]], {name: value(dice, name) for name in optional}


calls = st.builds(random.Random, st.integers(0, 2**32)).map(lambda dice: [call(dice) for _ in range(80)])


class Fuzz(tb.Strategy):
    """Makes a few of the calls whenever it is asked anything."""

    calls: Any = ()

    def act(self, ctx: Any, *_: Any) -> None:
        left: list[Call] = vars(self).setdefault("left", list(self.calls))
        for name, arguments, given_keywords in [left.pop() for _ in range(min(2, len(left)))]:
            with only_exceptions():
                found = getattr(ctx, name)
                repr(found(*arguments, **given_keywords) if callable(found) else found)
                answered.add(name)


for handler in ("on_start", "on_bar", "on_slice", "on_fill", "on_order", "on_timer", "on_stop"):
    setattr(Fuzz, handler, Fuzz.act)


@given(calls, st.sampled_from(["cash", "margin", "isolated"]), st.sampled_from(["next_open", "same_close"]))
def desk(made: list[Call], account: str, fill: str) -> None:
    """Every word of `ctx`, inside handlers."""
    config = CONFIG.replace(account=account, fill=fill, leverage=1 if account == "cash" else 2)
    with only_exceptions():
        result = tb.run(Fuzz(calls=made), MARKET, config)
        repr((result.result_hash, result.trades, result.postings))


@given(calls)
def after(made: list[Call]) -> None:
    """Every word of `ctx`, before the run and after it."""
    context = NativeContext(MARKET, resolve(CONFIG, MARKET))
    strategy = Fuzz(calls=made)
    handlers = {name: getattr(strategy, name) for name in ("on_bar", "on_stop")}
    for step in (lambda: context.run(handlers), context.facts, lambda: context.run(handlers), context.facts):
        strategy.act(context)
        with only_exceptions():
            step()
    for _ in range(30):
        strategy.act(context)


# ----------------------------------------------------------------------------------------------------------- market


def column(dice: random.Random, rows: int) -> Any:
    """A column of any type, now and then with nulls, sliced, or of another length."""
    rows = max(0, rows + dice.choice((0, 0, 0, 0, 0, -1, 1, 7)))
    kind = dice.choice(("i8", "i8", "f8", "f8", "i4", "i4", "u8", "f4", "U", "b"))
    if kind == "U":
        return pa.array([str(row) for row in range(rows)])
    values = [dice.choice((0, 1, 5, 100, row, -1, 2**31 - 1)) for row in range(rows)]
    made = np.array(values).astype(kind)
    if kind.startswith("f") and rows and dice.random() < 0.2:
        made[dice.randrange(rows)] = dice.choice((float("nan"), float("inf"), -1e300))
    if kind == "i8" and rows and dice.random() < 0.2:
        made[dice.randrange(rows)] = dice.choice((2**63 - 1, -(2**63), 0))
    array = pa.array(made, mask=np.arange(rows) == 1) if dice.random() < 0.1 else pa.array(made)
    if dice.random() < 0.2:
        return array.slice(dice.randrange(rows + 1))
    return (
        dice.choice((made, array, array, pa.chunked_array([array]), None, made[::2])) if dice.random() < 0.3 else array
    )


@cache
def good_columns() -> tuple[Any, Any, Any, Any]:
    """What the market above hands over."""
    from triplebar.data.arrow import arrow_array
    from triplebar.data.market import _native_columns

    series = [_native_columns(each) for each in map(MARKET.series, MARKET.symbols)]
    return list(MARKET.symbols), arrow_array(MARKET.clock), arrow_array(MARKET.sessions), series


def changed_market(dice: random.Random) -> Any:
    """The native market with one thing, or everything, replaced."""
    symbols, clock, sessions, given = good_columns()
    series: Any = [list(each) for each in given]
    for _ in range(dice.choice((1, 1, 2, 30))):
        place = dice.randrange(-3, 12)
        if place >= 0:
            dice.choice(series)[place % len(series[0])] = column(dice, 30)
        elif place == -1:
            clock = column(dice, 30)
        elif place == -2:
            sessions = column(dice, 30)
        else:
            symbols = dice.choice((["AA"], ["AA", "AA"], [], ["AA", "BB", "CC"], ["AA", 5], "AB", None))
    if dice.random() < 0.1:
        series = dice.choice(([], series[:1], [each[:5] for each in series], [None, None]))
    return _native.Market(
        symbols, clock, sessions, [tuple(each) if isinstance(each, list) else each for each in series]
    )


@given(st.integers(0, 2**32))
def market(seed: int) -> None:
    """The constructor of the market, and a run on what it lets through."""
    dice = random.Random(seed)
    with only_exceptions():
        native = changed_market(dice)
        for name in ("open", "volume", "x"):
            native.address(dice.choice((0, 1, 2, 2**40)), name)
        run_natively(native, settings_text(), dice)


def run_natively(native: Any, text: str, dice: random.Random, checkpoint: bytes | None = None) -> None:
    """A run on the bare desk, and all its tables."""
    found = _native.Desk(native, text, checkpoint)

    def on_bar(ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1 + dice.randrange(3), limit=bar.close, take_profit=bar.close + 1, stop_loss=bar.close - 1)
        ctx.sell(bar.symbol, 2)

    found.run({"on_bar": on_bar})
    facts = found.facts()
    for name in ("equity", "orders", "fills", "events", "flows", "positions", "trades", "postings"):
        with only_exceptions():
            pa.RecordBatchReader.from_stream(facts.table(name)).read_all().validate(full=True)


# ------------------------------------------------------------------------------------------- settings and checkpoint


@cache
def settings_text(seed: int | None = None) -> str:
    """Settings as the core takes them: of the market above, or of a random case."""
    from triplebar.engines.settings import resolve

    return resolve(CONFIG, MARKET).to_json() if seed is None else random_case(seed).settings.to_json()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The document with one value replaced."""
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(copied[path[0]], path[1:], new)
    return copied


plain = st.one_of(
    st.none(), st.booleans(), numbers, st.text(max_size=4), st.lists(st.integers(), max_size=3), st.just({})
)


@given(st.data(), st.integers(0, 40))
def configuration(data: st.DataObject, seed: int) -> None:
    """Settings in which any value is another one, or that are no document at all."""
    case = random_case(seed)
    document = json.loads(settings_text(seed))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(document))))
        document = replaced(document, path, data.draw(plain))
        if not isinstance(document, dict):
            break
    text = data.draw(st.one_of(st.just(json.dumps(document)), st.just(json.dumps(document)), st.text()))
    with only_exceptions():
        run_natively(case.market.native(), text, random.Random(seed))


@cache
def stopped(seed: int) -> bytes:
    """The core's part of a checkpoint in the middle of a random case."""
    from triplebar.strategy.handlers import HANDLERS

    case = random_case(seed)
    context = NativeContext(case.market, case.settings)
    script = case.script()
    handlers = {name: getattr(script, name) for name in HANDLERS if name in script.handlers()}
    context.run(handlers, len(case.market) // 2)
    return context.checkpoint()


@given(st.integers(0, 30), st.integers(0, 2**32), st.booleans())
def checkpoint(seed: int, place: int, whole: bool) -> None:
    """A checkpoint with flipped bytes, cut short, lengthened, or of another market."""
    dice = random.Random(place)
    content = bytearray(stopped(seed))
    for _ in range(dice.choice((0, 1, 1, 1, 4))):
        content[dice.randrange(8 if whole else 0, len(content))] ^= 1 << dice.randrange(8)
    if dice.random() < 0.2:
        del content[dice.randrange(len(content)) :]
    if dice.random() < 0.1:
        content += bytes(dice.randrange(9))
    case = random_case(seed if dice.random() < 0.9 else seed + 1)
    with only_exceptions():
        run_natively(case.market.native(), case.settings.to_json(), dice, bytes(content))


# -------------------------------------------------------------------------------------------------------- functions


@given(
    st.lists(anything, max_size=4),
    st.sampled_from(["canonical_bytes", "draw", "codes", "Market", "Desk", "Bar", "Facts"]),
)
def functions(arguments: list[Any], name: str) -> None:
    """Every function and class of the module, with anything."""
    with only_exceptions():
        getattr(_native, name)(*arguments)


@given(anything)
def encoding(value: Any) -> None:
    """The canonical bytes of anything: refused, or equal to those that Python makes."""
    from triplebar.contracts.canonical import encode

    def outcome(encoder: Callable[[Any], bytes]) -> bytes | None:
        try:
            return encoder(value)
        except InternalError:
            raise
        except Exception:  # noqa: BLE001 - refused is refused
            return None

    native, plain = outcome(_native.canonical_bytes), outcome(encode)
    assert native in {None, plain} or plain is None, repr(value)


INDICATORS = tuple(name for name in _native.__all__ if hasattr(getattr(_native, name), "column"))


@given(st.data(), st.sampled_from(INDICATORS))
def indicators(data: st.DataObject, name: str) -> None:
    """Constructors, updates, whole columns and stored states of indicators."""
    kind = getattr(_native, name)
    periods = st.one_of(st.integers(-2, 12), anything)
    arrays = st.one_of(st.lists(st.floats(), max_size=6).map(np.array), anything)
    with only_exceptions():
        kind.column(*data.draw(st.lists(arrays, max_size=4)), data.draw(periods))
    with only_exceptions():
        made = kind(*data.draw(st.lists(periods, max_size=3)))
        for _ in range(6):
            with only_exceptions():
                made.update(*data.draw(st.lists(numbers, min_size=1, max_size=3)))
        repr(made)
        state = bytearray(made.__reduce__()[2])
        if state:
            state[data.draw(st.integers(0, len(state) - 1))] ^= data.draw(st.integers(0, 255))
        with only_exceptions():
            made.__setstate__(data.draw(st.one_of(st.just(bytes(state)), anything)))
        for _ in range(3):
            with only_exceptions():
                made.update(*data.draw(st.lists(numbers, min_size=1, max_size=3)))
        repr((made, made.value, made.ready))
        made.reset()


HAMMERS: dict[str, tuple[Callable[[], None], int]] = {
    "desk": (desk, 1_500),
    "after": (after, 300),
    "market": (market, 400),
    "configuration": (configuration, 300),
    "checkpoint": (checkpoint, 400),
    "functions": (functions, 300),
    "encoding": (encoding, 300),
    "indicators": (indicators, 300),
}
"""What there is to hammer at, and how often."""


def main(name: str, times: int | None = None) -> None:
    """Hammer, and say so when it is done."""
    faulthandler.enable()
    hammer, usual = HAMMERS[name]
    settings(many, max_examples=times or usual)(hammer)()
    if name == "desk":
        silent = set(NEEDED) - answered
        assert not silent, f"only errors came from {silent}"
    print("survived")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)
