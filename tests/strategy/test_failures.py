"""A strategy that raises: the run stops and says where, or (isolated) the strategy is halted and the run goes on."""

from typing import Any

import pytest

from tests.strategy.scenes import MINUTE_NS, Recorder, market, play, sink
from triplebar.contracts.errors import OrderError, StrategyError, UnknownSymbolError
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.failures import HandlerError, handler_error

PRICES = market(10.0, 11.0, 12.0, 13.0)


class Breaking(Strategy):
    """Raises in one handler, at its second call where there is one."""

    where: str = "on_bar"

    def on_start(self, ctx: Context) -> None:
        self.calls = 0
        if self.where == "on_start":
            raise ZeroDivisionError("on_start")
        if self.where == "on_timer":
            ctx.set_timer("bell", 2 * MINUTE_NS)

    def _call(self, name: str) -> None:
        if self.where == name:
            raise ZeroDivisionError(name)

    def on_bar(self, ctx: Context, bar: Any) -> None:
        if bar.index == 0:
            ctx.buy(bar.symbol, 1)
            ctx.sell(bar.symbol, 1, limit=99.0)
        if bar.index == 1:
            self._call("on_bar")

    def on_slice(self, ctx: Context, bars: Any) -> None:
        if ctx.index == 1:
            self._call("on_slice")

    def on_fill(self, ctx: Context, fill: Any) -> None:
        self._call("on_fill")

    def on_order(self, ctx: Context, event: Any) -> None:
        self._call("on_order")

    def on_timer(self, ctx: Context, timer: Any) -> None:
        self._call("on_timer")

    def on_stop(self, ctx: Context) -> None:
        self._call("on_stop")


@pytest.mark.feature("F-081")
@pytest.mark.parametrize(
    ("where", "index", "symbol"),
    [
        ("on_start", -1, None),
        ("on_bar", 1, "X"),
        ("on_slice", 1, None),
        ("on_fill", 1, "X"),
        ("on_order", 1, "X"),
        ("on_timer", 1, None),
        ("on_stop", 3, None),
    ],
)
def test_the_run_stops_and_says_where(engine: str, where: str, index: int, symbol: str | None) -> None:
    with pytest.raises(StrategyError) as caught:
        play(Breaking(where=where), PRICES, engine)
    error = caught.value
    assert isinstance(error, HandlerError)
    assert (error.strategy, error.handler, error.index, error.symbol) == ("Breaking", where, index, symbol)
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert f"Breaking.{where}" in str(error)
    assert f"ZeroDivisionError: {where}" in str(error)
    assert "test_failures.py, line " in str(error)
    if index >= 0:
        assert error.time_ns == (index + 1) * MINUTE_NS
        assert f"tick {index} at 1970-01-01T00:0{index + 1}:00Z" in str(error)
    else:
        assert "before the first tick" in str(error)


@pytest.mark.feature("F-081")
def test_a_wrong_call_of_ctx_is_told_with_the_line_of_the_strategy(engine: str) -> None:
    class Typo(Strategy):
        def on_bar(self, ctx: Context, bar: Any) -> None:
            ctx.buy("XX", 1)

    with pytest.raises(HandlerError, match=r"Typo\.on_bar, X, tick 0") as caught:
        play(Typo(), PRICES, engine)
    assert isinstance(caught.value.__cause__, UnknownSymbolError)
    assert 'ctx.buy("XX", 1)' in str(caught.value)


@pytest.mark.feature("F-081")
def test_a_strategy_may_handle_what_it_expects(engine: str) -> None:
    class Careful(Strategy):
        def on_bar(self, ctx: Context, bar: Any) -> None:
            with pytest.raises(OrderError):
                ctx.buy("X", float("nan"))
            ctx.buy("X", 1)

    assert play(Careful(), PRICES, engine).orders.num_rows == 4


class Halting(Recorder):
    """Buys, then raises at the third bar."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.note(bar.index)
        ctx.buy("X", 1)
        if bar.index == 2:
            raise KeyError("gone")


@pytest.mark.feature("F-081")
def test_isolated_the_strategy_is_halted_and_the_run_goes_on(engine: str) -> None:
    heard = sink("halting")
    result = play(Halting(sink="halting"), PRICES, engine, on_error="isolate")
    assert heard == [(0,), (1,), (2,)]
    assert len(result.equity) == 4
    assert result.orders.num_rows == 3
    assert any("Halting.on_bar: KeyError: 'gone'" in warning for warning in result.warnings)


@pytest.mark.feature("F-081")
def test_isolated_another_strategy_is_not_concerned(engine: str) -> None:
    sink("halting")
    before = play(Breaking(where="nowhere"), PRICES, engine).result_hash
    play(Halting(sink="halting"), PRICES, engine, on_error="isolate")
    assert play(Breaking(where="nowhere"), PRICES, engine).result_hash == before


def test_an_interrupt_is_not_an_error_of_the_strategy(engine: str) -> None:
    class Stopped(Strategy):
        def on_bar(self, ctx: Context, bar: Any) -> None:
            if bar.index == 1:
                raise SystemExit(3)

    with pytest.raises(SystemExit):
        play(Stopped(), PRICES, engine)


def test_an_error_without_a_trace_is_told_too() -> None:
    error = handler_error(ValueError("x"), strategy="S", handler="on_start", index=-1, time_ns=5)
    assert str(error) == "S.on_start, before the first tick: ValueError: x"
