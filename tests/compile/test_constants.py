"""What a strategy takes from outside is part of its name in the cache; what has no name of its own is refused."""

import enum
import types
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

import triplebar as tb
from triplebar.strategy.compile import CompileError
from triplebar.strategy.compile.fingerprint import fingerprint
from triplebar.strategy.compile.slots import Thing

MARKET = tb.Market.synthetic(bars=30, seed=4)

settings: Any = types.ModuleType("settings")
settings.inner = types.ModuleType("settings.inner")
WEIGHTS = np.array([1.0, 2.0, 3.0])
SCALAR = np.float64(1.0)
NESTED = (1, ("a", None))
factor = 1.0


@numba.njit
def helper(x: Any) -> Any:
    return x * factor


class Frozen(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, settings.inner.QTY)
            ctx.buy(bar.symbol, WEIGHTS[2])
            ctx.buy(bar.symbol, SCALAR)
            ctx.buy(bar.symbol, helper(5.0))


def test_constants_that_change_are_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLEBAR_CACHE", str(tmp_path))
    settings.inner.QTY = 1
    assert quantities() == [1.0, 3.0, 1.0, 5.0]
    settings.inner.QTY = 2
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([1.0, 2.0, 4.0]))
    monkeypatch.setitem(globals(), "SCALAR", np.float64(7.0))
    monkeypatch.setitem(globals(), "factor", 2.0)
    helper.recompile()  # Numba's own memory of it
    assert quantities() == [2.0, 4.0, 7.0, 10.0]


def quantities() -> list[float]:
    """What is sent, which is the same in both modes."""
    sent: list[list[float]] = [
        tb.run(Frozen(), MARKET, mode=mode).orders["quantity"].to_pylist() for mode in ("interpreted", "compiled")
    ]
    assert sent[0] == sent[1]
    return sent[1]


class Side(enum.IntEnum):
    BUY = 1


def one() -> int:
    return 1


def two() -> int:
    return 2


PAIR: Any = namedtuple("PAIR", "a b")  # noqa: PYI024 - fields without kinds are what is meant
RIAP: Any = namedtuple("RIAP", "b a")  # noqa: PYI024
VALUES: list[tuple[object, object]] = [
    (1, 2),
    (1, 1.0),
    (0.0, -0.0),
    ("a", "b"),
    ((1, (2, 3)), (1, (2, 4))),
    (PAIR(1, 2), RIAP(1, 2)),
    (np.int64(1), np.int32(1)),
    (np.bool_(True), np.bool_(False)),
    (np.zeros(3), np.zeros((3, 1))),
    (np.zeros((2, 2)), np.zeros((2, 2), order="F")),
    (np.array([1.0]), np.array([2.0])),
    (np.dtype("int64"), np.dtype("int32")),
    (Side.BUY, 1),
    (Side, enum.IntEnum("Side", {"BUY": 2}, module=__name__)),
    (numba.int64, numba.int32),
    (one, two),
    (numba.njit(one), numba.njit(two)),
    (numba.njit(one), numba.njit(fastmath=True)(one)),
    (abs, len),
    (np.sin, np.cos),
    (np.sum, np.prod),
    (np, numba),
    ([], None),
]


def named(value: object) -> str:
    """The fingerprint of a strategy that uses a value, by way of its closure, a module and an argument."""
    module: Any = types.ModuleType("module")
    module.value = value

    class Uses(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            self.helped(value)

        def helped(self, given: Any = value) -> Any:
            return given + module.value

    return fingerprint(Uses, Thing("Uses", ()), ("on_bar",))


@pytest.mark.parametrize(("first", "second"), VALUES, ids=lambda value: type(value).__name__)
def test_values_that_differ_have_names_that_differ(first: object, second: object) -> None:
    assert named(first) == named(first)
    assert named(first) != named(second)


class Starts(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.count = len(TABLE)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.count += 1


TABLE = {"a": 1.0}


def test_what_only_on_start_uses_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(Starts, Thing("Starts", ()), ("on_bar",))
    monkeypatch.setitem(globals(), "TABLE", None)
    assert fingerprint(Starts, Thing("Starts", ()), ("on_bar",)) == before


class Config:
    qty = 1.0


CONFIG = Config()
OBJECTS = np.array([None])


@numba.njit
def uses_objects() -> Any:
    return OBJECTS[0]


class UsesTable(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, TABLE["a"])


class UsesObject(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, CONFIG.qty)


class UsesHelper(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, uses_objects())


@pytest.mark.parametrize(
    ("strategy", "what", "place"),
    [
        (UsesTable, "TABLE is a dict", lambda: UsesTable.on_bar),
        (UsesObject, "CONFIG is a Config", lambda: UsesObject.on_bar),
        (UsesHelper, "OBJECTS is a ndarray", lambda: uses_objects.py_func),
    ],
)
def test_what_has_no_value_to_tell_it_by_is_refused(
    strategy: type[tb.Strategy], what: str, place: Callable[[], Any]
) -> None:
    with pytest.raises(CompileError, match=what) as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    code = place().__code__
    first = code.co_firstlineno + (2 if code.co_name == "uses_objects" else 1)
    assert f"test_constants.py, line {first}, {code.co_name}" in str(caught.value)
    assert "keep it on self" in str(caught.value)


# ------------------------------------------------------------------------------------------ constants that change

PRICES = np.zeros(3)
STEPS = (1, PRICES)


class Sets(tb.Strategy):
    """Changes what its module knows from set to set."""

    size: int = 1

    def on_start(self, ctx: Any) -> None:
        settings.inner.QTY = self.size
        PRICES[0] = self.size * 0.01

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, settings.inner.QTY)
        if bar.index == 5:
            ctx.sell(bar.symbol, 1, limit=PRICES[0])
            ctx.sell(bar.symbol, 1, limit=STEPS[1][0])


def test_a_set_that_changes_constants_has_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.inner, "QTY", 1, raising=False)
    tables = [tb.sweep(Sets, MARKET, {"size": [1, 2, 3]}, mode=mode).table for mode in ("interpreted", "compiled")]
    assert tables[0].equals(tables[1])
    assert len(set(tables[1]["final_equity"].to_pylist())) == 3


class Alias(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.prices = PRICES[1:]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.prices[0] += 1
        ctx.buy(bar.symbol, 1, limit=PRICES[1])


class Copies(Alias):
    def on_start(self, ctx: Any) -> None:
        self.prices = PRICES.copy()


def test_an_array_that_the_code_and_the_strategy_have_is_refused() -> None:
    with pytest.raises(CompileError, match=r"PRICES is the memory of self\.prices, which may change") as caught:
        tb.run(Alias(), MARKET, mode="compiled")
    line = Alias.on_bar.__code__.co_firstlineno + 2
    assert f"test_constants.py, line {line}, on_bar" in str(caught.value)
    assert tb.run(Copies(), MARKET, mode="compiled").metadata.mode == "compiled"
