"""What every engine is and returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import SCHEMAS, conform
from triplebar.strategy.context import LogLine


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller wants to hear while a run goes on.

    `progress(done, total)` is called now and then with ticks of the clock; `interrupted()` is asked at every tick, and
    the run ends early, as if the data ended there, when it says True.

    >>> Hooks().interrupted()
    False
    """

    progress: Callable[[int, int], None] = lambda _done, _total: None
    interrupted: Callable[[], bool] = lambda: False


class Facts(Protocol):
    """The facts of a run: canonical tables, the labels they point to, and what the engine wants to say."""

    @property
    def labels(self) -> list[str]:
        """The texts of tags, client ids and groups; number 1 first."""

    @property
    def warnings(self) -> list[str]:
        """What the caller should know."""

    @property
    def logs(self) -> list[LogLine]:
        """What the strategy has logged."""

    @property
    def interrupted(self) -> bool:
        """Whether the caller asked to stop."""

    @property
    def ended_clock(self) -> int:
        """The last tick of the clock that was simulated; -1 if there was none."""

    def table(self, name: str) -> pa.Table:
        """One canonical table, with its schema; `KeyError` for a name that is not canonical."""


@dataclass(frozen=True)
class TableFacts:
    """Facts that are kept as tables; a table that is missing is empty.

    >>> TableFacts({}).table("fills").num_rows
    0
    """

    tables: Mapping[str, pa.Table]
    labels: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)
    interrupted: bool = False
    ended_clock: int = -1

    def table(self, name: str) -> pa.Table:
        """One canonical table, with its schema; `KeyError` for a name that is not canonical."""
        found = self.tables.get(name)
        return SCHEMAS[name].empty_table() if found is None else conform(name, found)


@runtime_checkable
class Engine(Protocol):
    """Anything that turns a strategy, a market and settings into facts."""

    name: str

    def capabilities(self) -> Capabilities:
        """What orders this engine takes."""
        ...

    def run(self, strategy: Any, market: Any, settings: Settings, hooks: Hooks | None = None) -> Facts:  # noqa: ANN401
        """Run once, from the first tick to the last."""


def overridden(strategy: object, known: Sequence[str]) -> frozenset[str]:
    """The handlers that a strategy really has: by `strategy.handlers()`, else by looking for the names.

    >>> class Quiet:
    ...     def on_bar(self, ctx, bar): ...
    >>> sorted(overridden(Quiet(), ["on_bar", "on_fill"]))
    ['on_bar']
    """
    handlers = getattr(strategy, "handlers", None)
    if callable(handlers):
        return frozenset(handlers())
    return frozenset(name for name in known if callable(getattr(strategy, name, None)))
