"""The facts of a run, written down in the order in which they happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from triplebar.contracts.codes import Cause, EventKind, FlowKind, Moment, Reason, RiskRule, Role


class FillRow(NamedTuple):
    """A row of the table of fills."""

    order: int
    clock: int
    moment: Moment
    role: Role
    cause: Cause
    instrument: int
    side: int
    price: int
    quantity: int
    fee: int
    half_spread: int
    slippage: int


class EventRow(NamedTuple):
    """A row of the table of events."""

    clock: int
    moment: Moment
    kind: EventKind
    order: int
    reason: Reason
    value: int


class FlowRow(NamedTuple):
    """A row of the table of flows."""

    clock: int
    kind: FlowKind
    instrument: int
    currency: int
    amount: int


class RefusalRow(NamedTuple):
    """A row of the table of refusals."""

    order: int
    clock: int
    moment: Moment
    rule: RiskRule
    limit: int
    value: int


class EquityRow(NamedTuple):
    """A row of the table of equity."""

    clock: int
    time: int
    equity: int
    cash: int
    stale: bool


@dataclass(slots=True)
class Record:
    """All facts but the orders, which the engine keeps itself."""

    fills: list[FillRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    flows: list[FlowRow] = field(default_factory=list)
    refusals: list[RefusalRow] = field(default_factory=list)
    equity: list[EquityRow] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def label(self, text: str | None) -> int:
        """The 1-based place of a text in the list of labels; 0 for none."""
        if text is None:
            return 0
        if text not in self.labels:
            self.labels.append(text)
        return self.labels.index(text) + 1

    def text(self, label: int) -> str | None:
        """The text of a label."""
        return self.labels[label - 1] if label else None
