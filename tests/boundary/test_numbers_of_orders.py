"""What is no number is refused where a number belongs, with the same error by both engines, and nothing is sent."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.errors import OrderError

NO_NUMBERS: tuple[Any, ...] = (True, np.True_, "1", b"1", None.__class__, [1], {}, 1j, 10**400)
NO_IDS: tuple[Any, ...] = (True, "1", 1.0, [1], -1, 2**40)


def tried(engine: str, call: Callable[[Any], object]) -> tuple[Exception | None, int]:
    """The error of a call in `on_start`, and how many orders the run has."""
    problems: list[Exception] = []

    class Trying(tb.Strategy):
        """Tries one call and keeps what comes of it."""

        def on_start(self, ctx: Any) -> None:
            try:
                call(ctx)
            except Exception as problem:  # noqa: BLE001 - its class is what is asked for
                problems.append(problem)

    result = tb.run(Trying(), tb.Market.synthetic(bars=5, seed=1), engine=engine)
    return next(iter(problems), None), result.orders.num_rows


def with_value(call: Callable[[Any, Any], object], value: object, ctx: Any) -> object:
    """The call with this value in its place."""
    return call(ctx, value)


CALLS: dict[str, Callable[[Any, Any], object]] = {
    "quantity": lambda ctx, value: ctx.buy(ctx.symbols[0], value),
    "limit": lambda ctx, value: ctx.sell(ctx.symbols[0], 1, limit=value),
    "stop": lambda ctx, value: ctx.buy(ctx.symbols[0], 1, stop=value),
    "touch": lambda ctx, value: ctx.buy(ctx.symbols[0], 1, touch=value),
    "trail": lambda ctx, value: ctx.sell(ctx.symbols[0], 1, trail=value),
    "trail_percent": lambda ctx, value: ctx.sell(ctx.symbols[0], 1, trail_percent=value),
    "take_profit": lambda ctx, value: ctx.buy(ctx.symbols[0], 1, take_profit=value),
    "stop_loss": lambda ctx, value: ctx.buy(ctx.symbols[0], 1, stop_loss=value),
    "target": lambda ctx, value: ctx.target(ctx.symbols[0], value),
    "deposit": lambda ctx, value: ctx.deposit(value),
}
IDS: dict[str, Callable[[Any, Any], object]] = {
    "cancel": lambda ctx, value: ctx.cancel(value),
    "order": lambda ctx, value: ctx.order(value),
    "modify": lambda ctx, value: ctx.modify(value, quantity=1),
    "parent": lambda ctx, value: ctx.buy(ctx.symbols[0], 1, parent=value),
}


@pytest.mark.feature("F-008")
@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_number_is_an_order_error(engine: str, name: str) -> None:
    for value in NO_NUMBERS:
        problem, orders = tried(engine, partial(with_value, CALLS[name], value))
        assert isinstance(problem, OrderError), (value, problem)
        assert orders == 0, value


@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize("name", IDS)
def test_what_is_no_number_of_an_order_is_an_order_error(engine: str, name: str) -> None:
    for value in NO_IDS:
        problem, orders = tried(engine, partial(with_value, IDS[name], value))
        assert isinstance(problem, OrderError), (value, problem)
        assert orders == 0, value


@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_numbers_of_every_kind_are_numbers(engine: str) -> None:
    for value in (2, 2.0, Decimal(2), Fraction(2), np.float32(2), np.int64(2)):
        problem, orders = tried(engine, partial(with_value, CALLS["quantity"], value))
        assert (problem, orders) == (None, 1), value
