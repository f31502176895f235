"""Run a strategy interpreted and compiled, and stop at the first difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triplebar.contracts.config import BacktestConfig
from triplebar.engines.custom import CustomEngine
from triplebar.engines.settings import resolve
from triplebar.research.preparation import prepared_market

if TYPE_CHECKING:
    import pyarrow as pa

    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.base import Facts
    from triplebar.strategy.base import Strategy

TRACES = ("events", "orders", "fills", "flows", "equity")
"""The tables that hold decisions and what became of them, the most telling first."""


@dataclass(frozen=True)
class Twins:
    """What the two runs have in common.

    `agree` says whether every decision was the same. If not, `table`, `row` and `clock` say where the first difference
    stands, `interpreted` and `compiled` what each run has there, and `states` what each strategy remembered by then.
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

    def text(self) -> str:
        """For people.

        >>> print(Twins(agree=True, ticks=10, events=3).text())
        twins: 10 ticks, 3 events, no difference
        """
        if self.agree or (self.interpreted is None and self.compiled is None):
            return f"twins: {self.ticks} ticks, {self.events} events, no difference"
        lines = [
            f"no twins: they part at tick {self.clock}, row {self.row} of {self.table}",
            f"  interpreted {self.interpreted}",
            f"  compiled    {self.compiled}",
        ]
        if self.states is not None:
            differing = [name for name in self.states[0] if self.states[0][name] != self.states[1].get(name)]
            lines += [f"  {name}: interpreted {self.states[0][name]}" for name in differing]
            lines += [f"  {name}: compiled    {self.states[1].get(name)}" for name in differing]
        return "\n".join(lines)


def twin(strategy: Strategy, market: Market, config: BacktestConfig | None = None) -> Twins:
    """Run a strategy both ways on the Rust core and compare every decision.

    >>> import triplebar as tb
    >>> twin(tb.samples.MovingAverageCross(fast=2, slow=5), tb.Market.synthetic(bars=50, seed=1)).agree
    True
    """
    config = config or BacktestConfig()
    prepared, _ = prepared_market(market, config)
    settings = resolve(config, prepared)
    sides = [_facts(strategy.clone(), prepared, settings, mode) for mode in ("interpreted", "compiled")]
    found = _first_difference(*sides)
    events = sides[0].table("events").num_rows
    if found is None:
        return Twins(agree=True, ticks=len(prepared), events=events)
    table, row, clock = found
    rows = [_row(side.table(table), row) for side in sides]
    states = _states(strategy, prepared, settings, clock)
    return Twins(
        agree=False,
        ticks=len(prepared),
        events=events,
        clock=clock,
        table=table,
        row=row,
        interpreted=rows[0],
        compiled=rows[1],
        states=states,
    )


def _facts(strategy: Strategy, market: Market, settings: Settings, mode: str, until: int | None = None) -> Facts:
    return CustomEngine().run(strategy, market, settings, mode=mode, until_clock=until)


def _first_difference(one: Facts, other: Facts) -> tuple[str, int, int] | None:
    """Table, row and tick of the clock of the earliest difference."""
    found: list[tuple[int, int, str, int]] = []
    for priority, name in enumerate(TRACES):
        left, right = one.table(name), other.table(name)
        if left.equals(right):
            continue
        row = _row_of_difference(left, right)
        clocks = [int(_row(table, row)[_clock_of(name)]) for table in (left, right) if row < table.num_rows]
        found.append((min(clocks), priority, name, row))
    if not found:
        return None
    clock, _, name, row = min(found)
    return name, row, clock


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
    for mode in ("interpreted", "compiled"):
        one = strategy.clone()
        _facts(one, market, settings, mode, until=max(clock, 0))
        shown.append({name: repr(value) for name, value in sorted(vars(one).items()) if not name.startswith("_")})
    return shown[0], shown[1]
