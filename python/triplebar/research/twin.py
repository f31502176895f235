"""Run a strategy interpreted and compiled, and stop at the first difference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from triplebar.contracts.config import BacktestConfig
from triplebar.engines.custom import CustomEngine
from triplebar.engines.settings import resolve
from triplebar.research.preparation import prepared_market
from triplebar.research.remembered import alike, first_unlike, remembered
from triplebar.strategy.failures import HandlerError

if TYPE_CHECKING:
    import pyarrow as pa

    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.base import Facts
    from triplebar.strategy.base import Strategy
    from triplebar.strategy.context import LogLine

MODES = ("interpreted", "compiled")
TRACES = ("events", "orders", "fills", "flows", "equity")
"""The tables that hold decisions and what became of them, the most telling first."""
STATE = "state"


@dataclass(frozen=True)
class Twins:
    """What the two runs have in common.

    `agree` says whether every decision was the same, every line of the log, and what is remembered at the end. If not,
    `table`, `row` and `clock` say where the first difference stands, `interpreted` and `compiled` what each run has
    there, and `states` what each strategy remembered by then. The table is one of a result's, `logs`, or `state` if
    nothing differs but an attribute at the end of the run.
    """

    agree: bool
    ticks: int
    events: int
    clock: int | None = None
    table: str | None = None
    row: int | None = None
    interpreted: dict[str, Any] | None = None
    compiled: dict[str, Any] | None = None
    states: tuple[dict[str, str], dict[str, str]] | None = None
    failures: tuple[str | None, str | None] = (None, None)
    """How the interpreted and the compiled run failed, if they did."""

    def text(self) -> str:
        """For people.

        >>> print(Twins(agree=True, ticks=10, events=3).text())
        twins: 10 ticks, 3 events, no difference
        """
        if not self.agree and self.failures != (None, None):
            ends = [failure or "finished" for failure in self.failures]
            return f"no twins: they end differently\n  interpreted {ends[0]}\n  compiled    {ends[1]}"
        if self.agree and self.failures[0]:
            return f"twins: both failed, {self.failures[0]}"
        if self.agree or (self.interpreted is None and self.compiled is None):
            return f"twins: {self.ticks} ticks, {self.events} events, no difference"
        where = f"at tick {self.clock}, row {self.row} of {self.table}"
        lines = [
            f"no twins: they part {'in what they remember in the end' if self.table == STATE else where}",
            f"  interpreted {self.interpreted}",
            f"  compiled    {self.compiled}",
        ]
        if self.states is not None:
            differing = [name for name in self.states[0] if self.states[0][name] != self.states[1].get(name)]
            lines += [f"  {name}: interpreted {self.states[0][name]}" for name in differing]
            lines += [f"  {name}: compiled    {self.states[1].get(name)}" for name in differing]
        return "\n".join(lines)


def twin(strategy: Strategy, market: Market, config: BacktestConfig | None = None) -> Twins:
    """Run a strategy both ways on the Rust core and compare every decision, what is logged and what is remembered.

    >>> import triplebar as tb
    >>> twin(tb.samples.MovingAverageCross(fast=2, slow=5), tb.Market.synthetic(bars=50, seed=1)).agree
    True
    """
    config = config or BacktestConfig()
    prepared, _ = prepared_market(market, config)
    settings = resolve(config, prepared)
    one, other = strategy.clone(), strategy.clone()
    interpreted = _ended(one, prepared, settings, "interpreted")
    compiled = _ended(other, prepared, settings, "compiled")
    if isinstance(interpreted, HandlerError) or isinstance(compiled, HandlerError):
        return _failed(interpreted, compiled, len(prepared))
    found = _first_difference(interpreted, compiled, prepared) or _difference_in_the_end(one, other, len(prepared) - 1)
    events = interpreted.table("events").num_rows
    if found is None:
        return Twins(agree=True, ticks=len(prepared), events=events)
    states = _states(strategy, prepared, settings, found.clock) if found.table != STATE else None
    return Twins(
        agree=False,
        ticks=len(prepared),
        events=events,
        clock=found.clock,
        table=found.table,
        row=found.row,
        interpreted=found.rows[0],
        compiled=found.rows[1],
        states=states,
    )


def _ended(strategy: Strategy, market: Market, settings: Settings, mode: str) -> Facts | HandlerError:
    """A run, or how it failed; what cannot be compiled is no failure, but raised."""
    try:
        return _facts(strategy, market, settings, mode)
    except HandlerError as problem:
        return problem


def _failed(interpreted: Facts | HandlerError, compiled: Facts | HandlerError, ticks: int) -> Twins:
    """How two runs compare of which at least one failed."""
    ends = [end if isinstance(end, HandlerError) else None for end in (interpreted, compiled)]
    return Twins(agree=_same_end(*ends), ticks=ticks, events=0, failures=(_told(ends[0]), _told(ends[1])))


def _same_end(one: HandlerError | None, other: HandlerError | None) -> bool:
    """Whether both failed in the same event, for the same kind of reason."""
    if one is None or other is None:
        return False
    kinds = [type(each.__cause__) for each in (one, other)]
    return kinds[0] is kinds[1] and (one.handler, one.index, one.symbol) == (other.handler, other.index, other.symbol)


def _told(problem: HandlerError | None) -> str | None:
    """Where and why a run failed."""
    if problem is None:
        return None
    cause = problem.__cause__
    return f"{problem.handler} at tick {problem.index}, {problem.symbol}: {type(cause).__name__}: {cause}"


def _facts(strategy: Strategy, market: Market, settings: Settings, mode: str, until: int | None = None) -> Facts:
    return CustomEngine().run(strategy, market, settings, mode=mode, until_clock=until)


@dataclass(frozen=True)
class _Difference:
    """Where the runs part, and what each of them has there."""

    table: str
    row: int | None
    clock: int
    rows: tuple[dict[str, Any], dict[str, Any]]


def _first_difference(one: Facts, other: Facts, market: Market) -> _Difference | None:
    """The earliest difference in tables and lines."""
    found = []
    for name in TRACES:
        left, right = one.table(name), other.table(name)
        if left.equals(right):
            continue
        row = _row_of_difference(left, right)
        clocks = [int(_row(table, row)[_clock_of(name)]) for table in (left, right) if row < table.num_rows]
        found.append(_Difference(name, row, min(clocks), (_row(left, row), _row(right, row))))
    line = _difference_of_lines(one.logs, other.logs, market)
    found += [line] if line else []
    return min(found, key=lambda each: each.clock, default=None)


def _difference_of_lines(one: list[LogLine], other: list[LogLine], market: Market) -> _Difference | None:
    """The first line of the log that is not the same, at its time."""
    for row, pair in enumerate(zip_longest(one, other)):
        shown = tuple({} if line is None else line.to_mapping() for line in pair)
        if not alike(shown[0], shown[1]):
            time_ns = min(line.time_ns for line in pair if line is not None)
            clock = int(np.searchsorted(market.clock, time_ns, side="right")) - 1
            return _Difference("logs", row, clock, (shown[0], shown[1]))
    return None


def _difference_in_the_end(one: Strategy, other: Strategy, clock: int) -> _Difference | None:
    """The first attribute that is not the same when the run is over."""
    left, right = remembered(one), remembered(other)
    name = first_unlike(left, right)
    if name is None:
        return None
    shown = tuple({name: repr(state[name])} if name in state else {} for state in (left, right))
    return _Difference(STATE, None, clock, (shown[0], shown[1]))


def _clock_of(table: str) -> str:
    return "sent" if table == "orders" else "clock"


def _row_of_difference(one: pa.Table, other: pa.Table) -> int:
    """The first row that is not the same, by halves."""
    low, high = 0, min(one.num_rows, other.num_rows)
    while low < high:
        middle = (low + high + 1) // 2
        if one.slice(0, middle).equals(other.slice(0, middle)):
            low = middle
        else:
            high = middle - 1
    return low


def _row(table: pa.Table, row: int) -> dict[str, Any]:
    found: list[dict[str, Any]] = table.slice(row, 1).to_pylist()
    return found[0] if found else {}


def _states(
    strategy: Strategy, market: Market, settings: Settings, clock: int
) -> tuple[dict[str, str], dict[str, str]] | None:
    """What each strategy remembers when the tick of the difference has ended."""
    shown = []
    for mode in MODES:
        one = strategy.clone()
        _facts(one, market, settings, mode, until=max(clock, 0))
        shown.append({name: repr(value) for name, value in sorted(vars(one).items()) if not name.startswith("_")})
    return shown[0], shown[1]
