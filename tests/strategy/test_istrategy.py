"""The bridge for `should_enter` and `should_exit`: nine cases of conformance, and what is refused."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.strategy.scenes import market, markets, orders_of, play
from triplebar.contracts.errors import ParameterError, StrategyError
from triplebar.contracts.time import from_ns
from triplebar.strategy.bar import Bar
from triplebar.strategy.failures import HandlerError
from triplebar.strategy.handlers import SignatureError
from triplebar.strategy.istrategy import Holding, IStrategy, IStrategyBridge, as_strategy

RISING = market(10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
LINES: list[tuple[Any, ...]] = []


class Scripted:
    """Enters and leaves at given bars, and writes down what it was asked."""

    def __init__(self, enter: tuple[int, ...] = (), leave: tuple[int, ...] = ()) -> None:
        self.enter, self.leave = enter, leave
        LINES.clear()

    def should_enter(self, bars: Sequence[Bar]) -> bool:
        LINES.append(("enter?", bars[-1].index, len(bars)))
        return bars[-1].index in self.enter

    def should_exit(self, position: Holding, bars: Sequence[Bar]) -> bool:
        LINES.append(("exit?", bars[-1].index, position))
        return bars[-1].index in self.leave


def sent(strategy: Any, engine: str, **config: Any) -> list[tuple[int, int, int]]:
    """Tick, side and lots of every order."""
    return [(row[0], row[2], row[3]) for row in orders_of(play(strategy, RISING, engine, **config))]


@pytest.mark.feature("F-072")
def test_1_true_enters_at_the_next_open(engine: str) -> None:
    result = play(IStrategyBridge(Scripted(enter=(1,)), quantity=5), RISING, engine)
    assert [row[:4] for row in orders_of(result)] == [(1, 0, 1, 5)]
    assert result.canonical("fills")["clock"].to_pylist() == [2]
    assert result.fills["price"].to_pylist() == [11.0]


@pytest.mark.feature("F-072")
def test_2_false_does_nothing(engine: str) -> None:
    assert sent(Scripted(), engine) == []
    assert [line[0] for line in LINES] == ["enter?"] * 6


@pytest.mark.feature("F-072")
def test_3_true_leaves_with_everything(engine: str) -> None:
    bridge = IStrategyBridge(Scripted(enter=(0,), leave=(3,)), quantity=7)
    assert sent(bridge, engine) == [(0, 1, 7), (3, -1, 7)]


@pytest.mark.feature("F-072")
def test_4_false_holds(engine: str) -> None:
    result = play(IStrategyBridge(Scripted(enter=(0,)), quantity=7), RISING, engine)
    assert result.positions["position"].to_pylist()[-1] == 7


@pytest.mark.feature("F-072")
def test_5_entry_is_asked_only_while_flat_and_exit_only_while_holding(engine: str) -> None:
    play(IStrategyBridge(Scripted(enter=(1,), leave=(3,)), quantity=1), RISING, engine)
    assert [line[:2] for line in LINES] == [
        ("enter?", 0),
        ("enter?", 1),
        ("exit?", 2),
        ("exit?", 3),
        ("enter?", 4),
        ("enter?", 5),
    ]


@pytest.mark.feature("F-072", "F-073")
def test_6_exactly_the_bars_up_to_now_are_visible(engine: str) -> None:
    play(Scripted(), RISING, engine)
    assert [line[1:] for line in LINES] == [(index, index + 1) for index in range(6)]


@pytest.mark.feature("F-072")
def test_7_bars_cannot_be_changed(engine: str) -> None:
    class Vandal(Scripted):
        def should_enter(self, bars: Any) -> bool:
            assert not hasattr(bars, "append")
            for attempt in (
                lambda: bars.__setitem__(0, bars[0]),
                lambda: setattr(bars[0], "close", 1.0),
                lambda: bars.close.__setitem__(0, 1.0),
            ):
                with pytest.raises((AttributeError, TypeError, ValueError)):
                    attempt()
            return False

    play(Vandal(), RISING, engine)


@pytest.mark.feature("F-072")
def test_8_the_position_is_told_as_it_is(engine: str) -> None:
    play(IStrategyBridge(Scripted(enter=(0,), leave=(2,)), quantity=4), RISING, engine)
    asked = [line[2] for line in LINES if line[0] == "exit?"]
    assert [(each.symbol, each.shares, each.entry_price, each.current_price) for each in asked] == [
        ("X", 4.0, 10.0, 11.0),
        ("X", 4.0, 10.0, 12.0),
    ]
    assert [each.unrealised for each in asked] == [4.0, 8.0]
    assert {each.entry_date for each in asked} == {from_ns(int(RISING.clock[1]))}


@pytest.mark.feature("F-072")
def test_9_too_few_bars_are_the_strategys_own_business(engine: str) -> None:
    class Patient:
        """Looks back three bars and says no before."""

        def should_enter(self, bars: Sequence[Bar]) -> bool:
            return len(bars) >= 3 and bars[-1].close > bars[-3].close

        def should_exit(self, position: Holding, bars: Sequence[Bar]) -> bool:
            return False

    assert [row[0] for row in sent(Patient(), engine)] == [2]


# ---------------------------------------------------------------------------------------------------------- refusals


class NoExit:
    def should_enter(self, bars: object) -> bool:
        return False


class OldArguments:
    def should_enter(self, bars: object, index: int) -> bool:
        return False

    def should_exit(self, position: object, bars: object) -> bool:
        return False


class Swapped:
    def should_enter(self, bars: object) -> bool:
        return False

    def should_exit(self, bars: object) -> bool:
        return False


class NotCallable:
    should_enter = True

    def should_exit(self, position: object, bars: object) -> bool:
        return False


class Waiting:
    async def should_enter(self, bars: object) -> bool:
        return False

    def should_exit(self, position: object, bars: object) -> bool:
        return False


@pytest.mark.feature("F-072")
@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (NoExit(), "NoExit.should_exit: is missing; write def should_exit(self, position, bars)"),
        (OldArguments(), "OldArguments.should_enter: cannot be called with (bars)"),
        (Swapped(), "Swapped.should_exit: cannot be called with (position, bars)"),
        (NotCallable(), "NotCallable.should_enter: must be a method, not bool"),
        (Waiting(), "Waiting.should_enter: must not be async"),
        (Scripted, "Scripted: is a class; give an object: Scripted()"),
        (5, "int.should_enter: is missing"),
    ],
)
def test_a_wrong_signature_is_refused_at_construction(candidate: Any, words: str) -> None:
    with pytest.raises(SignatureError) as caught:
        IStrategyBridge(candidate)
    assert words in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("answer", [None, 1, "yes"])
def test_an_answer_that_is_neither_yes_nor_no(engine: str, answer: Any) -> None:
    class Vague(Scripted):
        def should_enter(self, bars: Sequence[Bar]) -> bool:
            return answer  # type: ignore[no-any-return]

    with pytest.raises(HandlerError, match=r"Vague\.on_bar, X, tick 0") as caught:
        play(Vague(), RISING, engine)
    assert f"Vague.should_enter: answered {answer!r}; return True or False" in str(caught.value)


@pytest.mark.parametrize(
    "sizes", [{"share": 0.0}, {"share": 1.5}, {"quantity": 0.0}, {"quantity": -1}, {"shares": 1}, {"quantity": "many"}]
)
def test_sizes_that_buy_nothing_are_refused(sizes: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        IStrategyBridge(Scripted(), **sizes)


def test_what_is_no_strategy_is_refused() -> None:
    with pytest.raises(StrategyError, match="int is not a strategy; derive it from"):
        as_strategy(5)
    with pytest.raises(StrategyError, match="is missing"):
        as_strategy(NoExit())


# ------------------------------------------------------------------------------------------------------------ sizing


def test_without_a_quantity_a_share_of_the_equity_is_bought(engine: str) -> None:
    result = play(IStrategyBridge(Scripted(enter=(0,)), share=0.5), RISING, engine, initial_cash=1_000)
    assert result.fills["quantity"].to_pylist() == [50.0]


def test_instruments_are_traded_on_their_own(engine: str) -> None:
    both = markets(A=[10.0, 11.0, 12.0, 13.0], B=[20.0, 20.0, 20.0, 20.0])

    class WhenRising:
        def should_enter(self, bars: Sequence[Bar]) -> bool:
            return len(bars) > 1 and bars[-1].close > bars[-2].close

        def should_exit(self, position: Holding, bars: Sequence[Bar]) -> bool:
            return False

    result = play(WhenRising(), both, engine, initial_cash=1_000)
    assert result.fills["symbol"].to_pylist() == ["A"]
    assert result.fills["quantity"].to_pylist() == [43.0]  # 0.95 of the cash, half for each, at 11


# ---------------------------------------------------------------------------------------------------------- identity


def test_a_bridge_goes_by_the_name_of_what_it_carries() -> None:
    bridge = IStrategyBridge(Scripted(enter=(3,)), quantity=2)
    assert bridge.name == "Scripted"
    assert bridge.definition() is Scripted
    assert bridge.parameters() == {"share": 0.95, "quantity": 2.0}
    assert isinstance(bridge.inner, IStrategy)


def test_plain_attributes_of_the_strategy_inside_are_parameters() -> None:
    class Tuned(Scripted):
        def __init__(self, period: int) -> None:
            super().__init__()
            self.period = period
            self.cache: list[int] = []

    assert IStrategyBridge(Tuned(5)).parameters()["Tuned.period"] == 5
    assert "Tuned.cache" not in IStrategyBridge(Tuned(5)).parameters()


def test_each_run_has_its_own_copy(engine: str) -> None:
    class Counting(Scripted):
        asked = 0

        def should_enter(self, bars: Sequence[Bar]) -> bool:
            self.asked += 1
            return self.asked == 2

    inner = Counting()
    first, second = (play(inner, RISING, engine) for _ in range(2))
    assert inner.asked == 0
    assert first.result_hash == second.result_hash
    assert [row[0] for row in orders_of(second)] == [1]
    assert IStrategyBridge(inner).clone(quantity=3).quantity == 3.0
