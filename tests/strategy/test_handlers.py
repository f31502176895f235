"""Handlers: which there are, what they take, their other names; a wrong one is refused when a strategy is made."""
# ruff: noqa: ARG005 - handlers have fixed arguments

from collections.abc import Iterator
from typing import Any

import pytest

from triplebar.contracts.errors import StrategyError
from triplebar.strategy.aliases import ALIASES
from triplebar.strategy.base import Strategy
from triplebar.strategy.handlers import ARGUMENTS, HANDLERS, SignatureError


def made(**methods: Any) -> Strategy:
    """A strategy of a class with these attributes."""
    kind: type[Strategy] = type("Made", (Strategy,), methods)
    return kind()


@pytest.mark.feature("F-071")
def test_only_what_a_class_overrides_is_a_handler() -> None:
    assert made().handlers() == frozenset()
    assert made(on_bar=lambda self, ctx, bar: None).handlers() == {"on_bar"}
    every = {name: (lambda self, *arguments: None) for name in HANDLERS}
    assert made(**every).handlers() == set(HANDLERS)


@pytest.mark.feature("F-071")
def test_handlers_are_inherited() -> None:
    class Parent(Strategy):
        def on_start(self, ctx: Any) -> None:
            pass

    class Child(Parent):
        def on_stop(self, ctx: Any) -> None:
            pass

    assert Child().handlers() == {"on_start", "on_stop"}


@pytest.mark.feature("F-071", "F-072")
@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("surplus", [-1, 1])
def test_a_handler_that_takes_other_arguments_is_refused(name: str, surplus: int) -> None:
    wanted = len(ARGUMENTS[name])
    names = ", ".join(["self", *(f"argument_{number}" for number in range(wanted + surplus))])
    handler = eval(f"lambda {names}: None")  # noqa: S307 - our own text
    with pytest.raises(SignatureError) as caught:
        made(**{name: handler})
    assert f"Made.{name}: cannot be called with ({', '.join(ARGUMENTS[name])})" in str(caught.value)
    assert f"write def {name}(self, {', '.join(ARGUMENTS[name])})" in str(caught.value)


def test_a_signature_error_is_whatever_callers_look_for() -> None:
    assert issubclass(SignatureError, (StrategyError,))
    assert issubclass(SignatureError, TypeError)
    assert issubclass(SignatureError, ValueError)


@pytest.mark.parametrize(
    "handler",
    [
        lambda self, ctx, bar: None,
        lambda self, *arguments: None,
        lambda self, ctx, bar, extra=None: None,
        lambda self, context, candle: None,
    ],
)
def test_what_can_be_called_is_taken(handler: object) -> None:
    assert made(on_bar=handler).handlers() == {"on_bar"}


async def _later(self: object, ctx: object, bar: object) -> None: ...


def _in_pieces(self: object, ctx: object, bar: object) -> Iterator[None]:
    yield


def _needs_a_keyword(self: object, ctx: object, bar: object, *, size: int) -> None: ...


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (5, "must be a method, not int"),
        (_later, "must not be async"),
        (_in_pieces, "must not contain yield"),
        (_needs_a_keyword, "missing a required"),
        (staticmethod(lambda ctx, bar: None), "must be a plain method, not a staticmethod"),
        (classmethod(lambda cls, ctx, bar: None), "must be a plain method, not a classmethod"),
        (property(lambda self: None), "must be a method, not property"),
    ],
)
def test_what_could_not_work_is_refused(handler: object, words: str) -> None:
    with pytest.raises(SignatureError, match=r"Made\.on_bar") as caught:
        made(on_bar=handler)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("on_bars", "on_bar"), ("on_strat", "on_start"), ("on_fills", "on_fill"), ("on_timers", "on_timer")],
)
def test_a_misspelt_handler_is_refused(name: str, meant: str) -> None:
    with pytest.raises(SignatureError, match=f"Made.{name}: no engine calls this method; did you mean '{meant}'"):
        made(**{name: lambda self, ctx, thing: None})


def test_other_methods_may_be_called_anything() -> None:
    assert made(on_signal=lambda self: None, online=lambda self: None).handlers() == frozenset()


@pytest.mark.feature("F-071")
@pytest.mark.parametrize("alias", ALIASES)
def test_a_handler_is_known_under_its_other_names(alias: str) -> None:
    heard: list[str] = []
    strategy = made(**{alias: lambda self, ctx, thing: heard.append(thing)})
    name = ALIASES[alias]
    getattr(strategy, name)(None, "thing")
    assert heard == ["thing"]
    assert strategy.handlers() == {"on_bar" if name == "on_tick" else name}


def test_two_names_for_one_handler_are_refused() -> None:
    with pytest.raises(SignatureError, match="on_fill and on_order_filled are the same handler; keep on_fill"):
        made(on_fill=lambda self, ctx, fill: None, on_order_filled=lambda self, ctx, fill: None)


def test_a_wrong_handler_is_refused_under_its_other_name_too() -> None:
    with pytest.raises(SignatureError, match=r"Made\.on_fill: cannot be called with"):
        made(on_order_filled=lambda self, fill: None)
