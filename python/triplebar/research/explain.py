"""Why an order ended as it did: the chain of facts and rules, for every order of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts import rules
from triplebar.contracts.arrow import Column
from triplebar.contracts.codes import (
    Cause,
    EventKind,
    Moment,
    OrderFlag,
    OrderKind,
    OrderStatus,
    Reason,
    RiskRule,
    Role,
    TimeInForce,
)
from triplebar.contracts.errors import NotFound
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.contracts.time import to_text
from triplebar.research.nearest import Nearest, nearest
from triplebar.research.wording import OrderWords

UNSAID = (RiskRule.TRADING_ENABLED.text, RiskRule.AMOUNT.text)
"""Limits that have no number to tell."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One link of the chain."""

    rule: str
    sentence: str
    time: str | None = None
    bar: int | None = None
    moment: str | None = None

    def __str__(self) -> str:
        return f"[{self.rule}] {self.sentence}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The life of one order, in sentences with the numbers of the rules behind them."""

    order: int
    symbol: str
    status: str
    reason: str
    summary: str
    facts: tuple[Fact, ...]
    nearest: Nearest | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that the chain cites, in order of number."""
        return tuple(sorted({fact.rule for fact in self.facts}))

    def to_mapping(self) -> dict[str, Any]:
        """All parts as plain values."""
        return asdict(self) | {"rules": {rule: rules.RULES[rule] for rule in self.rules}}

    def __str__(self) -> str:
        lines = [f"Order {self.order}: {self.summary}", *(f"  {number}. {fact}" for number, fact in self._numbered())]
        lines += [f"  - {note}" for note in self.notes]
        lines += ["  rules: " + ", ".join(f"{rule} {rules.RULES[rule]}" for rule in self.rules)]
        return "\n".join(lines)

    def _numbered(self) -> list[tuple[int, Fact]]:
        return list(enumerate(self.facts, start=1))


def explain(result: RunResult, order_id: int, market: Any = None) -> Explanation:  # noqa: ANN401 - any market
    """Give the chain of facts and rules that led to the end of an order.

    `market` is needed only for a result that was read from a file, to say how near the price came.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> explain(result, 1).status
    'filled'
    """
    count = result.canonical("orders").num_rows
    if not 1 <= order_id <= count:
        known = f"orders go from 1 to {count}" if count else "the run sent no orders"
        raise NotFound(f"there is no order {order_id!r}", fix=known)
    return _Chain(result, int(order_id), market if market is not None else result.market).explanation()


class _Chain:
    """Collects the facts of one order."""

    def __init__(self, result: RunResult, order: int, market: Any) -> None:  # noqa: ANN401 - any market
        self.result = result
        self.order = order
        self.market = market
        self.row = {name: int(column[order - 1]) for name, column in columns(result.canonical("orders")).items()}
        self.words = OrderWords(result, self.row)
        self.account = result.settings.account.kind
        self.told = False
        """Whether an event has said how the order ended."""

    def explanation(self) -> Explanation:
        facts = [self._sent(), *self._children(), *self._happenings(), *self._end()]
        near = self._nearest()
        notes = [] if near is None else [f"Why it did not fill{self._earlier()}: {near}{self._hindrance(near)}."]
        return Explanation(
            self.order,
            self.words.instrument.symbol,
            self.status.text,
            self.reason.text,
            f"{self.words.described()}; {self._outcome()}",
            tuple(facts),
            near,
            tuple(notes),
        )

    @cached_property
    def status(self) -> OrderStatus:
        return OrderStatus(self.row["status"])

    @cached_property
    def reason(self) -> Reason:
        return Reason(self.row["reason"])

    def _fact(self, rule: str, sentence: str, clock: int, moment: Moment | None = None) -> Fact:
        time = to_text(int(self.result.clock[clock])) if clock >= 0 else None
        return Fact(rule, sentence, time, clock if clock >= 0 else None, None if moment is None else moment.text)

    def _outcome(self) -> str:
        row = self.row
        if self.status == OrderStatus.FILLED:
            prices, sizes = self._fills["price"], self._fills["quantity"]
            mean = int(np.sum(prices * sizes)) / max(1, int(np.sum(sizes)))
            precision = self.result.settings.instruments[row["instrument"]].price_precision
            return f"filled at {mean / 10**precision:g}"
        part = f" after {self.words.size(row['filled'])} had filled" if row["filled"] else ""
        because = "" if self.reason == Reason.NONE else f", {self.reason.text}"
        return f"{self.status.text}{because}{part}"

    # ------------------------------------------------------------------------------------------------------ facts

    @cached_property
    def _fills(self) -> dict[str, Column]:
        found = columns(self.result.canonical("fills"))
        rows = np.flatnonzero(found["order"] == self.order)
        return {name: column[rows] for name, column in found.items()} | {"row": rows}

    def _sent(self) -> Fact:
        sent = self.row["sent"]
        if self.row["flags"] & OrderFlag.VENUE:
            says = self._said(self.reason, sent, Moment.CLOSE)
            return self._fact(says.rule, f"made by the venue in {self.words.bar(sent)}: {says.sentence}", sent)
        if self._sent_again:
            return Fact("S-30", "sent by the strategy (the record keeps the time of its last sending)")
        if sent < 0:
            return self._fact("S-30", "sent in on_start, before the first bar", sent)
        return self._fact("S-30", f"sent at the close of {self.words.bar(sent)}", sent, Moment.DECISION)

    @cached_property
    def _sent_again(self) -> bool:
        """Whether a change sent it again after it had arrived (S-46)."""
        arrived = np.maximum.accumulate(self._events["kind"] != EventKind.MODIFIED)
        return bool(np.any(self._changes & arrived))

    @cached_property
    def _events(self) -> dict[str, Column]:
        found = columns(self.result.canonical("events"))
        rows = np.flatnonzero(found["order"] == self.order)
        return {name: column[rows] for name, column in found.items()}

    def _children(self) -> list[Fact]:
        parent = self.row["parent"]
        return [Fact("S-28", f"waited for the first fill of its parent, order {parent}")] if parent else []

    def _arrived(self, clock: int, moment: Moment) -> Fact:
        settings = self.result.settings
        rule = "S-28" if self.row["parent"] else "S-57" if settings.latency_max_ns else "S-20"
        return self._fact(rule, f"arrived {self.words.where(clock, moment)}", clock, moment)

    def _happenings(self) -> list[Fact]:
        """The arrival and then every event, in the order of the facts."""
        facts = []
        arrived = self.row["arrived"]
        venue = self.row["flags"] & OrderFlag.VENUE
        for place in range(self._events["kind"].size):
            event = {name: int(column[place]) for name, column in self._events.items()}
            if arrived >= 0 and event["clock"] >= arrived and event["kind"] != EventKind.MODIFIED and not venue:
                facts.append(self._arrived(arrived, self._arrival_moment(event)))
                arrived = -1
            facts.append(self._happening(event))
            if self._sent_again and place == np.flatnonzero(self._changes)[-1]:
                again = f"sent again at the close of {self.words.bar(event['clock'])}, behind everything sent so far"
                facts.append(self._fact("S-46", again, event["clock"], Moment.DECISION))
        return facts

    @cached_property
    def _changes(self) -> Column:
        """The events that are changes at the time of the last sending."""
        changed = self._events["kind"] == EventKind.MODIFIED
        return np.asarray(changed & (self._events["clock"] == self.row["sent"]))

    def _arrival_moment(self, event: Mapping[str, int]) -> Moment:
        if event["clock"] == self.row["arrived"] and event["moment"] in (Moment.OPEN, Moment.PATH, Moment.CLOSE):
            return Moment(event["moment"])
        if event["clock"] == self.row["arrived"] and self.result.settings.fill == "same_close":
            return Moment.CLOSE
        return Moment.OPEN

    def _happening(self, event: Mapping[str, int]) -> Fact:
        kind, moment, clock = EventKind(event["kind"]), Moment(event["moment"]), event["clock"]
        where = self.words.where(clock, moment)
        if kind == EventKind.FILLED:
            return self._filled(event)
        if kind == EventKind.ACCEPTED:
            sentence = f"accepted {where} with the price at {self.words.price(event['value'])}; it rests in the book"
        elif kind == EventKind.TRIGGERED:
            says = rules.KINDS[OrderKind(self.row["kind"])]
            sentence = f"triggered {where} with the price at {self.words.price(event['value'])}: {says.sentence}"
            return self._fact(says.rule, sentence, clock, moment)
        elif kind == EventKind.MODIFIED:
            sentence = f"modified by the strategy {where}; its size is now {self.words.size(event['value'])}"
        else:
            says = self._said(Reason(event["reason"]), clock, moment)
            self.told = True
            return self._fact(says.rule, f"{kind.text} {where}: {says.sentence}", clock, moment)
        return self._fact(rules.EVENTS[kind].rule, sentence, clock, moment)

    def _said(self, reason: Reason, clock: int, moment: Moment) -> rules.Saying:
        if reason == Reason.END_OF_DATA and self.result.settings.close_at_end and moment != Moment.DECISION:
            return rules.Saying("S-81", "the instrument's last bar is over")
        if reason == Reason.END_OF_DATA and clock == self.row["sent"] and self.status == OrderStatus.REJECTED:
            return rules.Saying("S-30", "it was sent in on_stop, when the data had ended")
        if reason == Reason.PARENT_ENDED:
            says = rules.reason(reason, self.account)
            return rules.Saying(says.rule, f"{says.sentence}; {self._parents_end()}")
        says = rules.reason(reason, self.account)
        return rules.Saying(says.rule, says.sentence + self._limit(reason))

    def _limit(self, reason: Reason) -> str:
        """What the limit that refused the order is, and what would have been."""
        if self.reason != reason:
            return ""
        found = columns(self.result.canonical("refusals"))["order"] == self.order
        rows = self.result.refusals.filter(pa.array(found)).to_pylist()
        if not rows or rows[-1]["rule"] in UNSAID:
            return ""
        last = rows[-1]
        unit = f" {last['unit']}" if last["unit"] else ""
        return f"; {last['rule']}: the limit is {last['limit']:,.10g}{unit}, it would have been {last['value']:,.10g}"

    def _parents_end(self) -> str:
        """How the parent ended."""
        number = self.row["parent"]
        orders = columns(self.result.canonical("orders").slice(number - 1, 1))
        parent = {name: int(column[0]) for name, column in orders.items()}
        status, reason = OrderStatus(parent["status"]), Reason(parent["reason"])
        because = "" if reason == Reason.NONE else f" ({rules.reason(reason, self.account).sentence})"
        part = f" after {self.words.size(parent['filled'])} had filled" if parent["filled"] else " without any fill"
        return f"order {number} was {status.text.replace('_', ' ')}{part}{because}"

    def _filled(self, event: Mapping[str, int]) -> Fact:
        found = columns(self.result.canonical("fills").slice(event["value"], 1))
        fill = {name: int(column[0]) for name, column in found.items()}
        cause, clock, moment = Cause(fill["cause"]), fill["clock"], Moment(fill["moment"])
        says = rules.CAUSES[cause]
        rule = self._sent().rule if cause == Cause.FORCED else says.rule
        words = self.words
        sentence = (
            f"filled {words.size(fill['quantity'])} at {words.price(fill['price'])} {words.where(clock, moment)}, "
            f"{says.sentence}, as {Role(fill['role']).text}{self._costs(fill)}"
        )
        return self._fact(rule, sentence, clock, moment)

    def _costs(self, fill: Mapping[str, int]) -> str:
        half, slip, side = fill["half_spread"], fill["slippage"], fill["side"]
        words = []
        if half or slip:
            met = fill["price"] - side * (half + slip)
            words.append(f"met at {self.words.price(met)}, half spread {self.words.price(half)} (S-51)")
            words.append(f"slippage {self.words.price(slip)} (S-52)")
        if fill["fee"]:
            words.append(f"fee {self.words.money(fill['fee'])} (S-53)")
        return f"; {', '.join(words)}" if words else ""

    def _end(self) -> list[Fact]:
        """How it ended, if no event has said so already."""
        ended = self.row["ended"]
        clock = ended if ended >= 0 else self.row["sent"]
        if self.status == OrderStatus.FILLED:
            return [self._fact("S-48", "ended: the whole size had filled", clock)]
        if not self.status.terminal:
            return [self._fact("S-48", f"still {self.status.text} when the run was stopped", clock)]
        if self.told:
            return []
        says = self._said(self.reason, clock, Moment.DECISION)
        never = "" if self.row["arrived"] >= 0 else "it never arrived; "
        return [self._fact(says.rule, f"ended {self.status.text}: {never}{says.sentence}", clock)]

    # ---------------------------------------------------------------------------------------------------- nearness

    def _nearest(self) -> Nearest | None:
        if self.market is None or self.status == OrderStatus.FILLED:
            return None
        return nearest(self.result, self.order, self.market)

    def _hindrance(self, near: Nearest) -> str:
        """What kept an order from filling although the price was there."""
        if near.distance > 0:
            return ""
        row = self.row
        instrument = self.result.settings.instruments[row["instrument"]]
        if row["parent"] and row["filled"] >= self._filled_of(row["parent"]):
            return ": a child never fills more than its parent (S-28)"
        if instrument.participation_ppb is not None:
            return ": the share of the bar's volume was used up (S-55)"
        if row["tif"] in (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE):
            return ": it waited for its own moment (S-42, S-43)"
        return ""

    def _filled_of(self, order: int) -> int:
        return int(columns(self.result.canonical("orders"))["filled"][order - 1])

    def _earlier(self) -> str:
        return " in full" if self.row["filled"] else ""
