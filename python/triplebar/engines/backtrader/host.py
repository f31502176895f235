"""The strategy that Backtrader runs: it hands every step to ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import backtrader as bt


class Steps(Protocol):
    """What happens at each step of Backtrader's loop."""

    def start(self, host: Any) -> None:  # noqa: ANN401 - a strategy of Backtrader
        """Before the first bar."""

    def decide(self) -> None:
        """After the broker has worked off a bar."""

    def stop(self) -> None:
        """After the last bar."""


class Host(bt.Strategy):  # type: ignore[misc] # ships no types
    """Backtrader's side of a run.

    `prenext` is called as long as some instrument has no bar yet, `next` after that: our strategy is asked in both.
    """

    params = (("steps", None), ("on_order", None))

    def start(self) -> None:
        """Before the first bar."""
        self.p.steps.start(self)

    def prenext(self) -> None:
        """A bar while some instrument has none yet."""
        self.p.steps.decide()

    def next(self) -> None:
        """A bar."""
        self.p.steps.decide()

    def notify_order(self, order: Any) -> None:  # noqa: ANN401 - an order of Backtrader
        """What Backtrader says of an order."""
        on_order: Callable[[Any], None] | None = self.p.on_order
        if on_order is not None:
            on_order(order)

    def stop(self) -> None:
        """After the last bar."""
        self.p.steps.stop()
