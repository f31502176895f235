"""What a strategy is: whatever can change its decisions counts, what runs leave behind does not."""

import copy
import importlib.util
import itertools
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import triplebar as tb
from triplebar.research.changing import Changed, changed_by, declared
from triplebar.research.source import function_digest, strategy_digest
from triplebar.store.trials import TrialLedger

MARKET = tb.Market.synthetic(bars=120, seed=3, interval="1d")
NUMBERS = itertools.count()


def hold(sign: int, length: int) -> tb.Signals:
    return tb.Signals(target=[float(sign * (bar // length % 2)) for bar in range(len(MARKET))])


class Maker:
    """Makes signals, and counts them."""

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.made = 0

    def make(self, length: int) -> tb.Signals:
        self.made += 1
        return hold(self.sign, length)

    def __call__(self, length: int) -> tb.Signals:
        return self.make(length)


def wrapped(sign: int) -> Callable[[int], tb.Signals]:
    def inner(length: int) -> tb.Signals:
        return hold(sign, length)

    @wraps(inner)
    def outer(length: int) -> tb.Signals:
        return inner(length)

    return outer


FUNCTIONS: dict[str, Callable[[int], Any]] = {
    "partial": lambda sign: partial(hold, sign),
    "partial by name": lambda sign: partial(hold, sign=sign),
    "method": lambda sign: Maker(sign).make,
    "object": Maker,
    "closure": wrapped,
    "cached": lambda sign: lru_cache(wrapped(sign)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_was_given_counts(name: str, tmp_path: Path) -> None:
    made = FUNCTIONS[name]
    digests = [function_digest(made(sign)) for sign in (1, -1, 1)]
    assert digests[0] == digests[2] != digests[1]
    studies = [tb.sweep(made(sign), MARKET, {"length": [3, 5]}, store=tmp_path / "runs.db") for sign in (1, -1)]
    ends = [study.table["final_equity"].to_pylist() for study in studies]
    assert ends == [[tb.run(hold(sign, length), MARKET).ending_value for length in (3, 5)] for sign in (1, -1)]


def module(folder: Path, text: str) -> Any:
    """A file of a user, imported under the name that it has each time."""
    path = folder / f"{next(NUMBERS)}" / "mine.py"
    path.parent.mkdir()
    path.write_text("import triplebar as tb\nimport numpy as np\n" + text)
    spec = importlib.util.spec_from_file_location("mine", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


USED = """
from enum import Enum
from dataclasses import dataclass
class Side(Enum):
    LONG = 1
    SHORT = 2
@dataclass
class Size:
    lots: float
class Held(tb.Strategy):
    length: int = 5
    def on_bar(self, ctx, bar):
        if bar.index == 0:
            ctx.buy(bar.symbol, {lots})
TABLE = np.array([1.0, {cell}])
SIZE, SIDE = Size({size}), Side.{side}
def make(length):
    return Held(length=length), TABLE, SIZE, SIDE
"""


def test_what_a_function_uses_of_its_file_counts(tmp_path: Path) -> None:
    usual = {"lots": 1, "cell": 2.0, "size": 3, "side": "LONG"}

    def digest(**changes: Any) -> str:
        return function_digest(module(tmp_path, USED.format(**{**usual, **changes})).make)

    assert digest() == digest()
    others = [digest(lots=2), digest(cell=3.0), digest(size=4), digest(side="SHORT")]
    assert len({digest(), *others}) == 5


class Kind(Enum):
    SLOW = 1
    QUICK = 2


@dataclass
class Bounds:
    low: float
    high: object = None


def test_arrays_objects_and_lists_around_a_function_count() -> None:
    def made(held: Any) -> Callable[[], Any]:
        return lambda: held

    values: list[Any] = [np.arange(3), np.arange(4), np.arange(3.0), Kind.SLOW, Kind.QUICK, Bounds(1), Bounds(2)]
    values += [Bounds(1, np.arange(2)), [np.arange(3)], [Kind.SLOW, 1], {1: "a"}, hold, Maker, np.float64(1.5)]
    digests = [function_digest(made(each)) for each in values]
    assert len(set(digests)) == len(values)
    assert digests == [function_digest(made(each)) for each in values]
    ring = Bounds(1)
    ring.high = ring
    assert function_digest(made(ring)) != function_digest(made(Bounds(1)))


SEEN: list[int] = []
TOTAL = 0


class Counting(tb.Strategy):
    """Changes what all strategies of its class share."""

    length: int = 5
    bars = 0
    kept: ClassVar[list[float]] = []
    book: ClassVar[dict[str, float]] = {}

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        global TOTAL  # noqa: PLW0603 - what this is about
        type(self).bars += 1
        TOTAL += 1
        self.kept.append(bar.close)
        self.book[bar.symbol] = bar.close
        if bar.index % 50 == 0:
            SEEN.append(bar.index)
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


def test_what_runs_leave_behind_makes_no_other_strategy(tmp_path: Path) -> None:
    before = strategy_digest(Counting)
    early = tb.run(Counting, MARKET).run_id
    assert (Counting.bars, TOTAL, len(SEEN)) == (120, 120, 3)
    assert strategy_digest(Counting) == before
    assert tb.run(Counting, MARKET).run_id == early
    studies = [
        tb.sweep(Counting, MARKET, {"length": [3, 5, 7]}, store=tmp_path / "runs.db", mode="interpreted", resume=resume)
        for resume in (True, False)
    ]
    assert studies[0].id == studies[1].id
    with TrialLedger(tmp_path / "runs.db") as ledger:
        assert [(each.trials, each.evaluations) for each in ledger.of(MARKET.digest)] == [(3, 6)]


STATE = """
LEFT = {left}
class Counts(tb.Strategy):
    used = {used}
    limit = {limit}
    def on_bar(self, ctx, bar):
        global LEFT
        LEFT -= 1
        Counts.used += self.limit
"""


def test_what_is_written_counts_though_it_changes(tmp_path: Path) -> None:
    usual = {"left": 5, "used": 0, "limit": 3}

    def digest(**changes: int) -> str:
        found = module(tmp_path, STATE.format(**{**usual, **changes})).Counts
        found.used = 99
        return strategy_digest(found)

    assert len({digest(), digest(used=1), digest(limit=4)}) == 3
    found = module(tmp_path, STATE.format(**usual)).Counts
    before = strategy_digest(found)
    found.used = 7
    assert strategy_digest(found) == before
    found.limit = 8  # nothing in its code does that
    assert strategy_digest(found) != before


def test_a_function_that_counts_its_calls_stays_what_it_is() -> None:
    def made(first: int) -> Callable[[int], int]:
        calls, log = first, list[int]()

        def function(length: int) -> int:
            nonlocal calls
            calls += 1
            log.append(length)
            return first * calls

        return function

    one = made(1)
    before = function_digest(one)
    one(3)
    assert function_digest(one) == before != function_digest(made(2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(self):\n    self.a = 1", Changed(own=frozenset("a"))),
        ("def __init__(self):\n    self.a = 1", Changed()),
        ("@classmethod\ndef f(cls):\n    cls.a = 1", Changed(frozenset("a"))),
        ("def f(self):\n    self.a[0] = 1\n    del self.b[0]", Changed(frozenset("ab"), own=frozenset("ab"))),
        ("def f(self, c):\n    c.a.update(b=1)\n    c[0] = 1", Changed(frozenset("a"))),
        ("def f():\n    a = []\n    a.append(1)\n    b.append(1)\n    b[0] = 1", Changed(variables=frozenset("b"))),
        ("def f():\n    global a\n    a += 1", Changed(variables=frozenset("a"))),
        ("    f = sweep(lambda: (", Changed()),
    ],
)
def test_what_code_changes(text: str, expected: Changed) -> None:
    assert changed_by(text) == expected


def test_a_copy_of_an_object_changes_nothing() -> None:
    class Copied(tb.Strategy):
        length: int = 5

    before = strategy_digest(Copied)
    copy.copy(Copied())
    pickle.dumps(tb.Signals(target=[1.0]))
    assert "__slotnames__" in vars(Copied)
    assert strategy_digest(Copied) == before


def test_what_is_declared() -> None:
    code = Counting.on_bar.__code__
    assert declared("book", code, Counting) == "{}"
    assert declared("TOTAL", code) == "0"
    assert declared("nowhere", code, Counting) is declared("book", code) is None
    assert declared("a", compile("a = 1", "<nowhere>", "exec")) is None
