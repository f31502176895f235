"""Scripts of (bar, order)."""

from typing import Any

import pytest

from tests.reference.markets import market_of, rows, run
from triplebar.contracts.errors import ParameterError
from triplebar.strategy.failures import HandlerError
from triplebar.strategy.script import Script, Step

STEPS: list[Step] = [
    (-1, "buy", {"symbol": "X", "quantity": 2, "label": "entry"}),
    (0, "sell", {"symbol": "X", "quantity": 1, "limit": 110, "label": "exit", "parent": "entry"}),
    (1, "modify", {"order": "exit", "limit": 103}),
    (1, "deposit", {"amount": 10}),
    (2, "close", {"symbol": "X"}),
    ("stop", "buy", {"symbol": "X", "quantity": 1}),
]


def test_each_step_is_taken_at_its_tick() -> None:
    facts = run(Script(STEPS), market_of([100, 101, 102, 103]))
    sent = [(each["sent"], each["status"]) for each in rows(facts, "orders")]
    assert sent == [(-1, 4), (1, 4), (2, 5), (3, 6)]  # the exit at 103 leaves one lot to the close: it is cut
    assert [each["clock"] for each in rows(facts, "flows")] == [1]


def test_a_script_can_be_run_again_and_cloned() -> None:
    script = Script(STEPS)
    market = market_of([100, 101, 102, 103])
    tables = [run(each, market).table("fills") for each in (script, script, script.clone())]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_a_label_with_a_number_means_the_orders_sent_after_it() -> None:
    steps: list[Step] = [
        (0, "buy", {"symbol": "X", "quantity": 1, "take_profit": 120, "stop_loss": 80, "label": "a"}),
        (0, "modify", {"order": "a.2", "stop": 85}),
        (0, "cancel", {"order": "a.1"}),
    ]
    orders = rows(run(Script(steps), market_of([100, 101])), "orders")
    assert [(each["reason"], each["trigger"]) for each in orders[1:]] == [(1, 0), (3, 85)]


def test_an_error_ends_the_run_unless_the_script_is_tolerant() -> None:
    steps: list[Step] = [
        (0, "buy", {"symbol": "X", "quantity": -1}),
        (0, "cancel", {"order": "nothing"}),
        (0, "buy", {"symbol": "X", "quantity": 1}),
    ]
    market = market_of([100, 101])
    with pytest.raises(HandlerError, match=r"Script\.on_slice"):
        run(Script(steps), market)
    tolerant = Script(steps, tolerant=True)
    assert run(tolerant, market).table("fills").num_rows == 1
    assert [step for step, _ in tolerant.refused] == [0, 1]
    assert "no order is called 'nothing'" in tolerant.refused[1][1]


@pytest.mark.feature("F-011")
@pytest.mark.parametrize(
    ("step", "words"),
    [
        (("buy",), "is no step"),
        ((0, "by", {}), "no action 'by'"),
        ((-2, "buy", {}), "is no tick"),
        ((True, "buy", {}), "is no tick"),
        (("end", "buy", {}), "is no tick"),
        ((0, "buy", []), "are no keywords"),
        ((0, "cancel", {"order": 1, "label": "a"}), "sends no order to label"),
    ],
)
def test_a_step_that_can_never_be_right_is_refused_at_once(step: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as error:
        Script([(0, "buy", {"symbol": "X", "quantity": 1}), step])
    assert "step 1" in str(error.value)
