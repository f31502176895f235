"""A strategy that does what a list says: scripts of (bar, order), for outside drivers and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.errors import ParameterError, TradingError
from triplebar.contracts.suggest import hint
from triplebar.strategy.base import Strategy

if TYPE_CHECKING:
    from triplebar.strategy.bar import Bar
    from triplebar.strategy.context import Context

Step = tuple[int | str, str, Mapping[str, Any]]
"""When (tick of the clock, `START`, or `"stop"`), the action, and its keywords."""

START: Final = -1
"""The place of steps that `on_start` takes."""
STOP: Final = "stop"
"""The place of steps that `on_stop` takes."""

SENDING: Final = ("buy", "sell", "target", "close")
ACTIONS: Final = (
    *SENDING, "cancel", "modify", "cancel_all", "deposit", "withdraw", "convert", "kill_switch",
)  # fmt: skip
REFERENCES: Final = ("order", "parent")


class Script(Strategy):
    """Takes each step at its tick of the clock, after all bars of that tick have been shown.

    A step is `(tick, action, keywords)`. The tick is the number of the clock's tick, from 0; -1 stands for `on_start`,
    `"stop"` for `on_stop`. The actions are the words of `ctx`: buy, sell, target, close, cancel, modify, cancel_all,
    deposit, withdraw, convert, kill_switch, with the keywords of these words. `label="a"` names the order that a step
    sends; `order="a"` and `parent="a"` mean it later, `"a.1"` and `"a.2"` the orders sent right after it (the children
    of a bracket). Steps at one tick are taken in the order in which they are listed.

    A step that is refused with an error ends the run, as in any strategy; with `tolerant=True` the error is kept in
    `refused` as (number of the step, text), and the script goes on.

    >>> script = Script([(0, "buy", {"symbol": "X", "quantity": 10, "label": "entry", "stop_loss": 95.0}),
    ...                  (5, "modify", {"order": "entry.1", "stop": 97.0}),
    ...                  (9, "close", {"symbol": "X"})])
    >>> len(script.steps), sorted(script.handlers())
    (3, ['on_slice', 'on_start', 'on_stop'])
    >>> Script([(0, "bye", {})])
    Traceback (most recent call last):
    triplebar.contracts.errors.ParameterError: step 0: no action 'bye'; did you mean 'buy'?
    """

    steps: tuple[Any, ...] = ()
    tolerant: bool = False

    def __init__(self, steps: Iterable[Step] = (), *, tolerant: bool = False) -> None:
        """Take the steps; a step that can never be right is a `ParameterError`."""
        super().__init__(steps=tuple(steps), tolerant=tolerant)
        self._begin()

    def validate(self) -> None:
        """Every step has a place, an action and keywords."""
        for number, step in enumerate(self.steps):
            _check(number, step)

    def _begin(self) -> None:
        self.sent: dict[str, int] = {}
        self.refused: list[tuple[int, str]] = []
        self.due: dict[int | str, list[int]] = {}
        for number, (place, _, _) in enumerate(self.steps):
            self.due.setdefault(place, []).append(number)

    def on_start(self, ctx: Context) -> None:
        """Forget the run before, and take the steps of `START`."""
        self._begin()
        self._take(ctx, START)

    def on_slice(self, ctx: Context, bars: dict[str, Bar]) -> None:  # noqa: ARG002 - the signature of handlers
        """Take the steps of this tick."""
        self._take(ctx, ctx.index)

    def on_stop(self, ctx: Context) -> None:
        """Take the steps of `STOP`."""
        self._take(ctx, STOP)

    def _take(self, ctx: Context, place: int | str) -> None:
        for number in self.due.get(place, ()):
            try:
                self._act(ctx, number)
            except TradingError as problem:
                if not self.tolerant:
                    raise
                self.refused.append((number, str(problem)))

    def _act(self, ctx: Context, number: int) -> None:
        _, action, given = self.steps[number]
        keywords = dict(given)
        label = keywords.pop("label", None)
        for name in REFERENCES:
            if isinstance(keywords.get(name), str):
                keywords[name] = self._number(number, keywords[name])
        answer = getattr(ctx, action)(**keywords)
        if label is not None and answer is not None:
            self.sent[label] = answer

    def _number(self, step: int, name: str) -> int:
        label, _, offset = name.partition(".")
        if label not in self.sent:
            raise ParameterError(
                f"no order is called {label!r}", where=f"step {step}", fix=hint(label, self.sent) or "label it first"
            )
        return self.sent[label] + int(offset or 0)


def _check(number: int, step: object) -> None:
    where = f"step {number}"
    if not isinstance(step, (tuple, list)) or len(step) != 3:
        raise ParameterError(f"{step!r} is no step", where=where, fix="write (tick, action, {keywords})")
    place, action, keywords = step
    if isinstance(place, bool) or not (place == STOP or (isinstance(place, int) and place >= START)):
        fix = "give a number from 0, -1 for on_start, or 'stop'"
        raise ParameterError(f"{place!r} is no tick", where=where, fix=fix)
    if action not in ACTIONS:
        raise ParameterError(f"no action {action!r}", where=where, fix=hint(action, ACTIONS))
    if not isinstance(keywords, Mapping):
        raise ParameterError(f"{keywords!r} are no keywords", where=where, fix="write e.g. {'symbol': 'X'}")
    if "label" in keywords and action not in SENDING:
        raise ParameterError(f"{action} sends no order to label", where=where, fix="leave the label out")
