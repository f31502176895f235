"""The life of an order: only legal steps, never more filled than ordered, ends are final."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from triplebar.contracts.codes import OrderStatus
from triplebar.contracts.errors import IllegalTransition
from triplebar.contracts.order_states import TRANSITIONS, OrderState, OrderStep, after

ENDS = {status for status in OrderStatus if status.terminal}
SIMPLE = [step for step in OrderStep if step not in {OrderStep.FILLED, OrderStep.PARTLY_FILLED}]


@pytest.mark.feature("F-008")
@pytest.mark.rule("S-48")
def test_the_table_is_total_and_what_it_lists_is_what_happens() -> None:
    assert set(TRANSITIONS) == set(product(OrderStatus, OrderStep))
    for (status, step), then in TRANSITIONS.items():
        if then is None:
            with pytest.raises(IllegalTransition, match=step.text):
                after(status, step)
        else:
            assert after(status, step) is then


@pytest.mark.feature("F-008")
@pytest.mark.rule("S-48")
def test_ends_are_final_and_can_be_reached_as_the_rule_says() -> None:
    assert {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.REJECTED, OrderStatus.EXPIRED} == ENDS
    live = set(OrderStatus) - ENDS
    came_from = {end: {status for (status, _), then in TRANSITIONS.items() if then is end} for end in ENDS}
    assert came_from[OrderStatus.CANCELED] == came_from[OrderStatus.EXPIRED] == live
    assert came_from[OrderStatus.REJECTED] == {OrderStatus.PENDING, OrderStatus.SUBMITTED}
    assert all(TRANSITIONS[end, step] is None for end in ENDS for step in OrderStep)


class OrderLife(RuleBasedStateMachine):
    """Any sequence of steps, legal or not, against a model of two numbers."""

    @initialize(quantity=st.integers(1, 100), status=st.sampled_from([OrderStatus.PENDING, OrderStatus.SUBMITTED]))
    def send(self, quantity: int, status: OrderStatus) -> None:
        self.state = OrderState(quantity, status=status)
        self.before = self.state

    @rule(step=st.sampled_from(SIMPLE))
    def step(self, step: OrderStep) -> None:
        self.before = self.state
        if TRANSITIONS[self.state.status, step] is None:
            with pytest.raises(IllegalTransition):
                self.state.step(step)
        else:
            self.state = self.state.step(step)
            assert self.state.filled == self.before.filled

    @rule(lots=st.integers(-5, 120))
    def fill(self, lots: int) -> None:
        self.before = self.state
        if self.state.status.terminal or not 0 < lots <= self.state.remaining:
            with pytest.raises(IllegalTransition):
                self.state.fill(lots)
        else:
            self.state = self.state.fill(lots)
            assert self.state.filled == self.before.filled + lots

    @precondition(lambda self: not self.state.status.terminal)
    @rule(quantity=st.integers(0, 120))
    def modify(self, quantity: int) -> None:
        self.before = self.state
        self.state = self.state.modify(quantity)
        assert (self.state.status is OrderStatus.CANCELED) == (quantity <= self.before.filled)

    @invariant()
    def sizes_and_states_agree(self) -> None:
        state = self.state
        assert 0 <= state.filled <= state.quantity
        assert (state.status is OrderStatus.FILLED) == (state.filled == state.quantity)
        assert state.filled == 0 or state.status not in {
            OrderStatus.PENDING,
            OrderStatus.SUBMITTED,
            OrderStatus.ACCEPTED,
        }
        if self.before.status.terminal:
            assert state is self.before


TestOrderLife = pytest.mark.feature("F-008")(OrderLife.TestCase)


@pytest.mark.feature("F-008")
@given(st.sampled_from(sorted(ENDS)), st.sampled_from(OrderStep))
def test_nothing_follows_an_end(end: OrderStatus, step: OrderStep) -> None:
    with pytest.raises(IllegalTransition):
        after(end, step)


def test_a_fill_needs_its_size() -> None:
    with pytest.raises(IllegalTransition, match="needs its size"):
        OrderState(10).step(OrderStep.FILLED)
