"""Values that are unlike each other, too large, too many or without an order; conditions that divide by zero."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError
from triplebar.store.studies import StudyStore
from triplebar.store.trial_keys import parameter_hash, value_text

MARKET = tb.Market.synthetic(bars=60, seed=1, interval="1d")
RULE = tb.signals.crossover(fast="SMA", slow="SMA")


class Holder(tb.Strategy):
    """Holds, whatever it is given."""

    given: object = None
    length: int = 5

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


def swept(values: Any, **options: Any) -> tb.Study:
    return tb.sweep(Holder, MARKET, {"given": values, "length": [3, 5]}, mode="interpreted", **options)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([2**70, 1], [str(2**70), "1"]),
        (range(2**63, 2**63 + 2), [str(2**63), str(2**63 + 1)]),
        ([1, "SMA"], ["1", "'SMA'"]),
        ([np.array([1, 2]), np.array([3, 4])], [[1, 2], [3, 4]]),
    ],
)
def test_any_values_are_a_column(values: Any, shown: list[Any], tmp_path: Path) -> None:
    study = swept(values, store=tmp_path / "runs.db")
    assert study.table["given"].to_pylist() == [each for each in shown for _ in range(2)]
    assert swept(values, store=tmp_path / "runs.db").metadata["resumed"] == 4
    assert len(study.winners(1)) == 1


def test_values_that_are_shown_alike_are_not_the_same(tmp_path: Path) -> None:
    long = np.arange(2_000.0)
    other = long.copy()
    other[1_000] = -1
    assert repr(long) == repr(other)
    studies = [swept([each], store=tmp_path / "runs.db") for each in (long, other, [long], [other])]
    assert len({study.id for study in studies}) == 4
    assert value_text(long) == value_text(np.arange(2_000.0))
    assert parameter_hash("a", long) != parameter_hash("a", other)
    choices = [tb.spaces.random({"a": tb.spaces.choice(each)}, count=1).definition() for each in (long, other)]
    assert choices[0] != choices[1]
    assert value_text("... at 0x") == "'... at 0x'"
    assert " at 0x" not in value_text(Holder.on_bar)  # an address is another one next time
    assert " at 0x" in value_text(lambda: None)  # nothing better is known


def test_a_parameter_may_be_a_number_here_and_a_text_there() -> None:
    space = tb.spaces.indexed(lambda number: {"given": [1, "a", 2.5, None][number]}, count=4)
    study = tb.sweep(Holder, MARKET, space, mode="interpreted", block=1)
    assert study.table["given"].to_pylist() == ["1", "a", "2.5", None]
    with pytest.raises(ConfigError, match=r"by = 'given': has values that are no numbers \(string\)"):
        study.best(2, by="given")
    numbers = tb.spaces.indexed(lambda number: {"given": [1, 2.5, None, True][number]}, count=4)
    mixed = tb.sweep(Holder, MARKET, numbers, mode="interpreted", block=1)
    assert mixed.best(2, by="given")["given"].to_pylist() == [2.5, 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tb.spaces.grid({"a": {"SMA", "EMA"}}), "a = .*: has no order, .*; write {'a': sorted"),
        (lambda: tb.spaces.integers(0, 2**70), "holds no number"),
        (lambda: tb.spaces.uniform(-1e308, 1e308), "is no range of numbers"),
        (lambda: tb.spaces.steps(0, float("nan"), 1), r"steps = \(0, nan, 1\): nan is not a finite number"),
        (lambda: tb.spaces.steps(0, 1, 1e-9), "holds more than 10,000,000 values; take wider steps"),
        (lambda: tb.sweep(RULE, {1: MARKET, "1": MARKET}, {}), "market = 1: is the name of two of them"),  # type: ignore[dict-item]
        (lambda: swept([1], metrics=["calmar"], name=3), "name = 3"),
        (lambda: tb.spaces.grid({"a": [1]}, where="a\0"), "where = .*: is no condition"),
        (
            lambda: tb.sweep(lambda calmar: Holder(length=calmar), MARKET, {"calmar": [1]}, metrics=["calmar"]),
            "parameter = 'calmar': is a column of the study itself",
        ),
    ],
)
def test_what_makes_no_sense_is_named(call: Any, message: str) -> None:
    with pytest.raises(tb.errors.TradingError, match=message):
        call()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a == 0 or b % a == 0", [0, 1, 2, 3, 4]),
        ("a != 0 and b / a > 3", [2, 3, 5]),
        ("not (a == 0) and 12 / a > 6", [2, 3]),
        ("1 / (a - 3) < -0.4", [2, 3, 4, 5]),
    ],
)
def test_a_condition_looks_no_farther_than_python_does(text: str, numbers: list[int]) -> None:
    space = tb.spaces.grid({"a": [0, 1, 2], "b": [4, 7]}, where=text)
    assert space.block(0, 6).numbers.tolist() == numbers
    assert [number for number in range(6) if len(space.block(number, number + 1))] == numbers


def test_seeds_may_be_an_array() -> None:
    study = tb.sweep(RULE, MARKET, {"fast": [2], "slow": [5]}, seeds=np.arange(2))  # type: ignore[arg-type]
    assert study.table["seed"].to_pylist() == [0, 1]


def test_a_study_that_is_called_like_the_id_of_another_is_not_the_other(tmp_path: Path) -> None:
    first = tb.sweep(RULE, MARKET, {"fast": [2], "slow": [5]}, store=tmp_path / "runs.db", block=1)
    with StudyStore(tmp_path / "runs.db") as store:
        store.open("st-0", {}, total=9, block=9, name=first.id)
        assert store.study(first.id).total == 1
