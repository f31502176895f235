"""The life of an order as one total table: every pair of state and step is listed, or illegal (S-48)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from triplebar.contracts.codes import Code, OrderStatus
from triplebar.contracts.errors import IllegalTransition


class OrderStep(Code):
    """What can happen to an order."""

    SUBMITTED = 0
    ACCEPTED = 1
    TRIGGERED = 2
    PARTLY_FILLED = 3
    FILLED = 4
    MODIFIED = 5
    CANCELED = 6
    REJECTED = 7
    EXPIRED = 8


_ENDS: Final = {OrderStep.CANCELED: OrderStatus.CANCELED, OrderStep.EXPIRED: OrderStatus.EXPIRED}
_FILLS: Final = {
    OrderStep.PARTLY_FILLED: OrderStatus.PARTIALLY_FILLED,
    OrderStep.FILLED: OrderStatus.FILLED,
}
_ARRIVES: Final = {
    **_ENDS,
    **_FILLS,  # an order that fills on arrival passes through accepted without a step of its own
    OrderStep.ACCEPTED: OrderStatus.ACCEPTED,
    OrderStep.TRIGGERED: OrderStatus.ACCEPTED,
    OrderStep.REJECTED: OrderStatus.REJECTED,
}

_LEGAL: Final[dict[OrderStatus, dict[OrderStep, OrderStatus]]] = {
    OrderStatus.PENDING: {
        **_ARRIVES,
        OrderStep.SUBMITTED: OrderStatus.SUBMITTED,
        OrderStep.MODIFIED: OrderStatus.PENDING,
    },
    OrderStatus.SUBMITTED: {
        **_ARRIVES,
        OrderStep.MODIFIED: OrderStatus.SUBMITTED,
    },
    OrderStatus.ACCEPTED: {
        **_ENDS,
        **_FILLS,
        OrderStep.ACCEPTED: OrderStatus.ACCEPTED,  # triggered on arrival and left resting, or sent again by a change
        OrderStep.TRIGGERED: OrderStatus.ACCEPTED,
        OrderStep.MODIFIED: OrderStatus.ACCEPTED,
    },
    OrderStatus.PARTIALLY_FILLED: {
        **_ENDS,
        **_FILLS,
        OrderStep.TRIGGERED: OrderStatus.PARTIALLY_FILLED,
        OrderStep.MODIFIED: OrderStatus.PARTIALLY_FILLED,
    },
    OrderStatus.FILLED: {},
    OrderStatus.CANCELED: {},
    OrderStatus.REJECTED: {},
    OrderStatus.EXPIRED: {},
}

TRANSITIONS: Final[dict[tuple[OrderStatus, OrderStep], OrderStatus | None]] = {
    (status, step): _LEGAL[status].get(step) for status in OrderStatus for step in OrderStep
}
"""The state after each step in each state; None is illegal."""


def after(status: OrderStatus, step: OrderStep) -> OrderStatus:
    """The state that follows; `IllegalTransition` if there is none.

    >>> after(OrderStatus.SUBMITTED, OrderStep.ACCEPTED).text
    'accepted'
    >>> after(OrderStatus.FILLED, OrderStep.CANCELED)
    Traceback (most recent call last):
    triplebar.contracts.errors.IllegalTransition: order: 'canceled' is not possible in state 'filled'
    """
    found = TRANSITIONS[status, step]
    if found is None:
        raise IllegalTransition.of("order", status.text, step.text)
    return found


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order's state, folded from its steps; sizes in lots.

    >>> state = OrderState(quantity=10).fill(4)
    >>> state.status.text, state.remaining
    ('partially_filled', 6)
    >>> state.fill(6).status.terminal
    True
    """

    quantity: int
    filled: int = 0
    status: OrderStatus = OrderStatus.SUBMITTED

    @property
    def remaining(self) -> int:
        """Lots that may still fill."""
        return self.quantity - self.filled

    def step(self, step: OrderStep) -> OrderState:
        """Take a step that is not a fill."""
        if step in _FILLS:
            raise IllegalTransition("a fill needs its size", where="order", fix="use fill(lots)")
        return replace(self, status=after(self.status, step))

    def fill(self, lots: int) -> OrderState:
        """Fill some lots; the size says whether the order is done."""
        step = OrderStep.FILLED if lots == self.remaining else OrderStep.PARTLY_FILLED
        status = after(self.status, step)
        if not 0 < lots <= self.remaining:
            raise IllegalTransition(f"a fill of {lots} lots, {self.remaining} remain", where="order")
        return replace(self, status=status, filled=self.filled + lots)

    def modify(self, quantity: int) -> OrderState:
        """Change the total size; at or below what is filled it cancels (S-46)."""
        if quantity <= self.filled:
            return self.step(OrderStep.CANCELED)
        return replace(self, status=after(self.status, OrderStep.MODIFIED), quantity=quantity)
