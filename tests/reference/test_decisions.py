"""When a strategy is called, with what, and what it may do then (S-10 step 6, S-30, S-31, S-32)."""

from typing import Any

import pytest

from tests.reference.markets import INTERVAL_NS, market_of, market_of_many, rows, run, time_ns
from triplebar.contracts.errors import OrderError
from triplebar.strategy.base import Strategy
from triplebar.strategy.failures import HandlerError


class Diary(Strategy):
    """Writes down every call."""

    def on_start(self, ctx: Any) -> None:
        self.calls: list[tuple[Any, ...]] = [("start", ctx.index, ctx.time_ns)]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.calls.append(("bar", ctx.index, bar.symbol, bar.index, bar.close))

    def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None:
        self.calls.append(("slice", ctx.index, sorted(bars)))

    def on_fill(self, ctx: Any, fill: Any) -> None:
        self.calls.append(("fill", ctx.index, fill.order, fill.price, fill.moment))

    def on_order(self, ctx: Any, event: Any) -> None:
        self.calls.append(("order", ctx.index, event.order, event.kind, event.reason))

    def on_timer(self, ctx: Any, timer: Any) -> None:
        self.calls.append(("timer", ctx.index, timer.name, timer.time_ns))

    def on_stop(self, ctx: Any) -> None:
        self.calls.append(("stop", ctx.index))


@pytest.mark.rule("S-10", "S-30")
@pytest.mark.feature("F-071", "F-076")
def test_every_call_once_and_in_order() -> None:
    diary = Diary()
    run(diary, market_of_many({"B": [50, 51], "A": [100, 101, 102]}))
    assert diary.calls == [
        ("start", -1, time_ns(0)),
        ("bar", 0, "A", 0, 100.0),
        ("bar", 0, "B", 0, 50.0),
        ("slice", 0, ["A", "B"]),
        ("bar", 1, "A", 1, 101.0),
        ("bar", 1, "B", 1, 51.0),
        ("slice", 1, ["A", "B"]),
        ("bar", 2, "A", 2, 102.0),
        ("slice", 2, ["A"]),
        ("stop", 2),
    ]


@pytest.mark.feature("F-071")
def test_only_handlers_that_are_written_are_called() -> None:
    class OnlyStop(Strategy):
        def on_stop(self, ctx: Any) -> None:
            self.stopped = ctx.index

    strategy = OnlyStop()
    run(strategy, market_of([100, 101]))
    assert strategy.stopped == 1


@pytest.mark.rule("S-31")
@pytest.mark.feature("F-063")
def test_notices_come_in_the_order_of_the_facts_before_the_bars() -> None:
    class Bracket(Diary):
        def on_start(self, ctx: Any) -> None:
            super().on_start(ctx)
            ctx.buy("X", 1, take_profit=104, stop_loss=90)
            ctx.buy("X", 1, limit=80)

    diary = Bracket()
    run(diary, market_of([(100, 105, 99, 100)]))
    assert diary.calls[1:] == [
        ("fill", 0, 1, 100.0, "open"),
        ("order", 0, 2, "accepted", "none"),
        ("order", 0, 3, "accepted", "none"),
        ("order", 0, 4, "accepted", "none"),
        ("fill", 0, 2, 104.0, "path"),
        ("order", 0, 3, "canceled", "one_cancels_other"),
        ("bar", 0, "X", 0, 100.0),
        ("slice", 0, ["X"]),
        ("stop", 0),
    ]


@pytest.mark.rule("S-31")
def test_what_happens_in_a_decision_is_told_at_the_next_and_the_last_before_on_stop() -> None:
    class Refused(Diary):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            ctx.buy("X", 0)
            self.calls.append(("bar", ctx.index))

        def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None: ...

    diary = Refused()
    run(diary, market_of([100, 101]))
    assert diary.calls[1:] == [
        ("bar", 0),
        ("order", 1, 1, "rejected", "invalid_quantity"),
        ("bar", 1),
        ("order", 1, 2, "rejected", "invalid_quantity"),
        ("stop", 1),
    ]


@pytest.mark.rule("S-31", "S-20")
def test_fills_of_same_close_are_told_at_the_next_decision() -> None:
    class Once(Diary):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if ctx.index == 0:
                ctx.buy("X", 1)

        def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None: ...

    diary = Once()
    run(diary, market_of([100, 101]), fill="same_close")
    assert diary.calls[1:] == [("fill", 1, 1, 100.0, "close"), ("stop", 1)]


@pytest.mark.rule("S-30")
def test_reactions_are_held_back_to_the_close() -> None:
    class Reverse(Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy("X", 1, limit=95)

        def on_fill(self, ctx: Any, fill: Any) -> None:
            if fill.side > 0:
                ctx.sell("X", 1)

    facts = run(Reverse(), market_of([(100, 100, 90, 92), (93, 99, 93, 98)]))
    fills = [(each["clock"], each["moment"], each["price"]) for each in rows(facts, "fills")]
    assert fills == [(0, 2, 95), (1, 1, 93)]


@pytest.mark.rule("S-30")
def test_orders_of_the_last_notices_and_of_on_stop_are_rejected() -> None:
    class Late(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            ctx.buy("X", 0)

        def on_order(self, ctx: Any, event: Any) -> None:
            ctx.buy("X", 1)

        def on_stop(self, ctx: Any) -> None:
            ctx.buy("X", 1)

    orders = rows(run(Late(), market_of([100])), "orders")
    assert [(each["status"], each["reason"]) for each in orders] == [(6, 16), (6, 11), (6, 11)]


@pytest.mark.rule("S-10", "S-33")
@pytest.mark.feature("F-012")
def test_timers_ring_by_due_time_then_in_the_order_in_which_they_were_set() -> None:
    class Timers(Diary):
        def on_start(self, ctx: Any) -> None:
            super().on_start(ctx)
            ctx.set_timer("late", time_ns(1))
            ctx.set_timer("b", time_ns(1) - 5)
            ctx.set_timer("a", time_ns(1) - 5)
            ctx.set_timer("never", time_ns(9))
            ctx.set_timer("canceled", time_ns(0))
            assert ctx.cancel_timer("canceled")
            assert not ctx.cancel_timer("canceled")

        def on_bar(self, ctx: Any, bar: Any) -> None: ...

        def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None: ...

    diary = Timers()
    run(diary, market_of([100, 101, 102]))
    assert diary.calls[1:] == [
        ("timer", 1, "b", time_ns(1) - 5),
        ("timer", 1, "a", time_ns(1) - 5),
        ("timer", 1, "late", time_ns(1)),
        ("stop", 2),
    ]


@pytest.mark.rule("S-10", "S-33")
@pytest.mark.feature("F-012")
def test_a_repeating_timer_rings_once_a_tick() -> None:
    class Often(Strategy):
        def on_start(self, ctx: Any) -> None:
            self.rung: list[tuple[str, int, int]] = []
            ctx.set_timer("often", time_ns(0), INTERVAL_NS // 4)
            ctx.set_timer("rare", time_ns(0), 2 * INTERVAL_NS)

        def on_timer(self, ctx: Any, timer: Any) -> None:
            self.rung.append((timer.name, ctx.index, timer.time_ns))

    strategy = Often()
    run(strategy, market_of([100, 101, 102]))
    step = INTERVAL_NS // 4
    assert strategy.rung == [
        ("often", 0, time_ns(0)),
        ("rare", 0, time_ns(0)),
        ("often", 1, time_ns(0) + step),
        ("often", 2, time_ns(1) + step),
        ("rare", 2, time_ns(2)),
    ]


@pytest.mark.rule("S-10", "S-33")
@pytest.mark.feature("F-012")
def test_a_timer_set_in_a_decision_rings_later_and_one_replaced_meanwhile_stays_silent() -> None:
    class Setting(Strategy):
        def on_start(self, ctx: Any) -> None:
            self.rung: list[tuple[str, int]] = []
            ctx.set_timer("replaced", time_ns(0))

        def on_bar(self, ctx: Any, bar: Any) -> None:
            if ctx.index == 0:
                ctx.set_timer("now", ctx.time_ns)
                ctx.set_timer("replaced", time_ns(2))

        def on_timer(self, ctx: Any, timer: Any) -> None:
            self.rung.append((timer.name, ctx.index))

    strategy = Setting()
    run(strategy, market_of([100, 101, 102]))
    assert strategy.rung == [("now", 1), ("replaced", 2)]


@pytest.mark.feature("F-012")
@pytest.mark.parametrize(("due_ns", "every_ns"), [(time_ns(0) - 1, 0), (time_ns(0), -1)])
def test_a_timer_in_the_past_is_refused(due_ns: int, every_ns: int) -> None:
    class Past(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            with pytest.raises(OrderError, match="timer 'past'"):
                ctx.set_timer("past", due_ns, every_ns)

    run(Past(), market_of([100]))


@pytest.mark.rule("S-32")
@pytest.mark.feature("F-086")
def test_a_strategy_sees_that_it_is_warming_up() -> None:
    class Warming(Strategy):
        def on_start(self, ctx: Any) -> None:
            self.seen = [ctx.warming]

        def on_bar(self, ctx: Any, bar: Any) -> None:
            self.seen.append(ctx.warming)

    strategy = Warming()
    run(strategy, market_of([100, 101, 102, 103]), warmup_bars=2)
    assert strategy.seen == [True, True, True, False, False]


@pytest.mark.feature("F-081")
def test_what_a_strategy_raises_is_told_with_its_place() -> None:
    class Broken(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if ctx.index == 1:
                raise ZeroDivisionError("division by zero")

    with pytest.raises(HandlerError, match=r"Broken\.on_bar, X, tick 1 .*ZeroDivisionError") as error:
        run(Broken(), market_of([100, 101]))
    assert (error.value.handler, error.value.index, error.value.symbol) == ("on_bar", 1, "X")


@pytest.mark.feature("F-081")
def test_a_caller_can_interrupt_a_run() -> None:
    from triplebar.contracts.config import BacktestConfig
    from triplebar.engines.base import Hooks
    from triplebar.engines.reference import ReferenceEngine
    from triplebar.engines.settings import resolve

    market = market_of([100, 101, 102, 103])
    done: list[int] = []
    hooks = Hooks(progress=lambda tick, _total: done.append(tick), interrupted=lambda: len(done) == 2)
    facts = ReferenceEngine().run(Diary(), market, resolve(BacktestConfig(), market), hooks)
    assert (facts.interrupted, facts.ended_clock, done) == (True, 1, [1, 2])
    assert [each["clock"] for each in rows(facts, "equity")] == [0, 1]
