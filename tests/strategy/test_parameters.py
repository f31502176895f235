"""Parameters: annotated attributes, checked by name and type."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal, Optional

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.errors import ParameterError, StrategyError
from triplebar.strategy.base import Strategy
from triplebar.strategy.parameters import Parameter


class Everything(Strategy):
    """One parameter of each type."""

    whole: int = 1
    real: float = 1.5
    flag: bool = False
    word: str = "x"
    exact: Decimal = Decimal("0.1")
    maybe: float | None = None
    older: Optional[int] = None  # noqa: UP045 - people still write it
    choice: Literal["fast", "slow", 3] = "fast"
    several: tuple[float, ...] = (0.5, 0.5)
    pair: tuple[int, str] = (1, "a")
    listed: list[int] = [1, 2]  # noqa: RUF012 - each strategy gets its own
    either: int | str = 1
    named: Mapping[str, float] = {}
    span: timedelta = timedelta(0)
    rule: Callable[[float], float] = abs
    anything: Any = None
    order: Sequence[str] = ()
    shared: ClassVar[int] = 7
    plain = 8


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("whole", 5, 5),
        ("whole", np.int64(5), 5),
        ("real", 2, 2.0),
        ("real", np.float32(0.5), 0.5),
        ("real", float("inf"), float("inf")),
        ("flag", True, True),
        ("flag", np.bool_(True), True),
        ("word", "y", "y"),
        ("exact", 3, Decimal(3)),
        ("exact", "0.25", Decimal("0.25")),
        ("maybe", None, None),
        ("maybe", 2, 2.0),
        ("older", 4, 4),
        ("choice", "slow", "slow"),
        ("choice", 3, 3),
        ("several", [1, 2, 3], (1.0, 2.0, 3.0)),
        ("several", np.array([0.25, 0.75]), (0.25, 0.75)),
        ("pair", [2, "b"], (2, "b")),
        ("listed", (3, 4), [3, 4]),
        ("either", "text", "text"),
        ("either", 7, 7),
        ("named", {"A": 1}, {"A": 1.0}),
        ("span", timedelta(hours=1), timedelta(hours=1)),
        ("rule", round, round),
        ("anything", {1, 2}, {1, 2}),
        ("order", ["B", "A"], ("B", "A")),
    ],
)
def test_a_value_of_the_type_is_taken(name: str, given_value: Any, kept: object) -> None:
    found = Everything(**{name: given_value}).parameters()[name]
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("whole", 5.0, "must be int"),
        ("whole", True, "must be int"),
        ("whole", "5", "must be int"),
        ("whole", None, "must be int"),
        ("real", "1.5", "must be float"),
        ("real", False, "must be float"),
        ("real", 10**400, "must be float"),
        ("real", float("nan"), "must be a number"),
        ("flag", 1, "must be bool"),
        ("word", b"x", "must be str"),
        ("exact", 0.1, "must be Decimal, int, or a number as text"),
        ("exact", "ten", "must be Decimal"),
        ("exact", Decimal("nan"), "must be Decimal"),
        ("maybe", "none", "must be float or None"),
        ("choice", "medium", "must be one of 'fast', 'slow', 3"),
        ("choice", True, "must be one of"),
        ("several", 0.5, "must be a list or tuple"),
        ("several", "0.5", "must be a list or tuple"),
        ("several", [0.5, "x"], "must be float"),
        ("pair", [1], "must have 2 items"),
        ("pair", ["a", 1], "must be int"),
        ("either", 1.5, "must be int or str"),
        ("named", [("A", 1)], "must be a mapping"),
        ("named", {"A": "x"}, "must be float"),
        ("span", 60, "must be timedelta"),
        ("rule", 5, "must be Callable"),
    ],
)
def test_another_value_is_refused_by_name(name: str, value: Any, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Everything(**{name: value})
    assert f"Everything.{name} = {value!r}: " in str(caught.value)
    assert words in str(caught.value)
    assert f"write e.g. {name}=" in str(caught.value)
    assert isinstance(caught.value, (TypeError, ValueError))


def test_an_unknown_parameter_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ParameterError, match="Everything: no parameter 'wohle'; did you mean 'whole'"):
        Everything(wohle=3)  # type: ignore[call-arg]
    with pytest.raises(ParameterError, match="no parameter 'shared'"):
        Everything(shared=3)  # type: ignore[call-arg]
    with pytest.raises(ParameterError, match="no parameter 'plain'"):
        Everything(plain=3)  # type: ignore[call-arg]


def test_parameters_are_keywords() -> None:
    with pytest.raises(ParameterError, match="Everything: parameters are given by name, not 3 alone; write whole="):
        Everything(3)  # type: ignore[call-arg]


def test_a_strategy_without_parameters_says_so() -> None:
    class Bare(Strategy):
        pass

    assert Bare().parameters() == {}
    with pytest.raises(ParameterError, match="this strategy has no parameters"):
        Bare(fast=1)


class Base(Strategy):
    """Two parameters."""

    fast: int = 10
    slow: int = 50

    def validate(self) -> None:
        if self.fast >= self.slow:
            raise ValueError(f"fast = {self.fast} must be below slow = {self.slow}")


class Child(Base):
    """One more, and another default."""

    slow = 20
    size: float = 1.0


def test_parameters_are_inherited() -> None:
    assert Child().parameters() == {"fast": 10, "slow": 20, "size": 1.0}
    assert Base().parameters() == {"fast": 10, "slow": 50}
    assert repr(Child(fast=3)) == "Child(fast=3, slow=20, size=1.0)"


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ParameterError, match="fast = 30 must be below slow = 20"):
        Child(fast=30)


def test_a_parameter_without_default_has_to_be_given() -> None:
    class Sized(Strategy):
        size: int
        helper: dict[str, int]

    assert Sized(size=3).parameters() == {"size": 3}  # type: ignore[call-arg]
    with pytest.raises(ParameterError, match=r"parameter 'size' is missing; write Sized\(size=...\)"):
        Sized()  # type: ignore[call-arg]


def test_a_default_of_the_wrong_type_is_refused() -> None:
    class Wrong(Strategy):
        size: int = "many"  # type: ignore[assignment]

    with pytest.raises(ParameterError, match=r"Wrong\.size = 'many': must be int"):
        Wrong()


def test_an_annotation_that_cannot_be_understood_is_refused() -> None:
    class Lost(Strategy):
        size: "Nowhere" = 1  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ParameterError, match="Lost: an annotation cannot be understood: name 'Nowhere'"):
        Lost()


def test_a_mixin_brings_parameters() -> None:
    class Stops:
        stop: float = 0.05

    class Careful(Stops, Base):
        pass

    assert Careful(stop=0.1).parameters()["stop"] == 0.1  # type: ignore[call-arg]


def test_clone_takes_the_parameters_and_nothing_else() -> None:
    first = Child(fast=3)
    first.size = 4.0
    first.memory = [1, 2, 3]  # type: ignore[attr-defined]
    twin = first.clone()
    assert twin.parameters() == {"fast": 3, "slow": 20, "size": 4.0}
    assert not hasattr(twin, "memory")
    assert first.clone(fast=5).fast == 5
    with pytest.raises(StrategyError, match="fast = 99 must be below"):
        first.clone(fast=99)


def test_lists_of_the_class_are_not_shared() -> None:
    class Careless(Strategy):
        history: ClassVar[list[int]] = []

    first, second = Careless(), Careless()
    first.history.append(1)
    assert second.history == [] == Careless.history
    assert first.clone().history == []


def test_a_class_with_its_own_constructor_is_cloned_from_its_arguments() -> None:
    class Old(Strategy):
        def __init__(self, length: int, *, depth: int = 2) -> None:
            super().__init__()
            self.length, self.depth = length, depth

    old = Old(5, depth=3)
    old.length = 99
    assert (old.clone().length, old.clone().depth) == (5, 3)
    assert old.clone(depth=7).depth == 7


@given(value=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_any_value_is_either_kept_as_the_type_or_refused(value: object) -> None:
    for kind in (int, float, bool, str, float | None, tuple[int, ...], Literal[1, "a"]):
        try:
            kept = Parameter("p", kind).fit("Any", value)
        except ParameterError:
            continue
        assert kept == value or list(kept) == value
