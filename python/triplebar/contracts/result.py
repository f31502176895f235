"""What a run gives: facts as exact tables, the same as people read them, metrics, costs and where it all came from."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pyarrow as pa

from triplebar.contracts import result_tables
from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.errors import UnknownSymbolError
from triplebar.contracts.metadata import RunIdentity, RunMetadata, RunRecord, plain_values
from triplebar.contracts.result_hash import result_hash
from triplebar.contracts.result_numbers import FloatArray, IntArray, decimal_floats
from triplebar.contracts.result_scales import Scales
from triplebar.contracts.result_schema import SCHEMA_VERSION
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import conform

if TYPE_CHECKING:
    from triplebar.contracts.result_costs import CostRows, CostSummary
    from triplebar.contracts.views import BacktestResult, BacktestResults, BacktestRunResult


NOTEBOOK: Final = "triplebar.report.notebook"
"""The module that shows a result in a notebook."""


class FactTables(Protocol):
    """What an engine leaves behind."""

    @property
    def labels(self) -> Sequence[str]:
        """The texts that `tag`, `client` and `group` stand for."""

    @property
    def logs(self) -> Sequence[Any]:
        """What the strategy logged."""

    @property
    def interrupted(self) -> bool:
        """Whether the run was stopped before the end of the data."""

    def table(self, name: str) -> pa.Table:
        """Give one canonical table."""


class Measured(Protocol):
    """Metrics by name, and the reasons of those that are None."""

    @property
    def values(self) -> Mapping[str, float | int | str | None]:
        """Metrics by name."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why a metric is None."""


@dataclass(frozen=True, slots=True)
class StoredMetrics:
    """Metrics that were computed before; stands in for the function that computes them."""

    values: Mapping[str, float | int | str | None]
    reasons: Mapping[str, str]

    def __call__(self, result: RunResult) -> StoredMetrics:
        """Give itself, whatever the result."""
        del result
        return self


@dataclass(frozen=True, eq=False, kw_only=True)
class RunResult:
    """The outcome of one run; immutable, everything derived is computed when it is first asked for.

    Tables: `equity`, `orders`, `fills`, `trades`, `positions`, `postings`, `events`, `refusals`, `flows`, `costs` in
    the user's units; `canonical(name)` gives the exact integers. Two runs are the same when their `result_hash` is the
    same.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
    >>> result.equity.num_rows, result.fills.num_rows, result.metrics["trades"]
    (50, 1, 0)
    >>> RunResult.from_json(result.to_json()).result_hash == result.result_hash
    True
    """

    facts: FactTables
    settings: Settings
    clock: IntArray
    record: RunRecord
    identify: Callable[[], RunIdentity] = field(repr=False)
    measure: Callable[[RunResult], Measured] = field(repr=False)
    warnings: tuple[str, ...] = ()
    data_warnings: tuple[str, ...] = ()
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    market: Any = field(default=None, repr=False)
    """The market the run was made on; None for a result that was read from a file."""
    checkpoint: bytes | None = field(default=None, repr=False)
    """Where `resume` goes on, if the run was told to stop."""
    tried_as: tuple[Mapping[str, Any], Mapping[str, Any]] | None = field(default=None, repr=False)
    """What the strategy is and its parameters, where a sweep knows both by other words than the run does."""
    counted_in: set[str] = field(default_factory=set, repr=False, compare=False)
    """The stores that have counted the run as a trial."""

    def __repr__(self) -> str:
        """Who, on what, and how it ended."""
        rows = self.canonical("equity").num_rows
        end = f"{self.ending_value:,.2f} {self.settings.currencies[0]}"
        orders, fills = self.canonical("orders").num_rows, self.canonical("fills").num_rows
        name = f"{self.record.strategy} on {self.record.engine}"
        return f"RunResult({name}: {rows} bars, {orders} orders, {fills} fills, {end})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the report. The module is named, not imported: this one knows nothing of reports."""
        shown: str = importlib.import_module(NOTEBOOK).notebook_html(self)
        return shown

    # -------------------------------------------------------------------------------------------------- exact tables

    def canonical(self, name: str) -> pa.Table:
        """The exact integer table of that name; see `triplebar.contracts.tables`."""
        if name not in self._canonical:
            self._canonical[name] = conform(name, self.facts.table(name))
        return self._canonical[name]

    @cached_property
    def _canonical(self) -> dict[str, pa.Table]:
        return {}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The texts that `tag`, `client` and `group` of the exact tables stand for."""
        return tuple(self.facts.labels)

    @cached_property
    def scales(self) -> Scales:
        """What the integers of the exact tables mean."""
        return Scales(self.settings, self.clock, self.labels)

    # --------------------------------------------------------------------------------------------- tables for people

    @cached_property
    def equity(self) -> pa.Table:
        """One row per tick of the clock: time, equity and cash in the base currency, stale."""
        return result_tables.equity(self.scales, self.canonical("equity"))

    @cached_property
    def orders(self) -> pa.Table:
        """One row per order, as it is at the end."""
        return result_tables.orders(self.scales, self.canonical("orders"), self.canonical("fills"))

    @cached_property
    def fills(self) -> pa.Table:
        """One row per fill."""
        return result_tables.fills(self.scales, self.canonical("fills"), self.canonical("orders"))

    @cached_property
    def trades(self) -> pa.Table:
        """One row per closed part of a position."""
        return result_tables.trades(self.scales, self.canonical("trades"), self.canonical("orders"))

    @cached_property
    def positions(self) -> pa.Table:
        """One row per fill: the position after it."""
        return result_tables.positions(self.scales, self.canonical("positions"))

    @cached_property
    def postings(self) -> pa.Table:
        """The double-entry ledger."""
        return result_tables.postings(self.scales, self.canonical("postings"))

    @cached_property
    def events(self) -> pa.Table:
        """One row per thing that happened to an order."""
        return result_tables.events(self.scales, self.canonical("events"), self.canonical("orders"))

    @cached_property
    def refusals(self) -> pa.Table:
        """One row per order that a limit refused: rule, limit, the value that would have been, and their unit."""
        return result_tables.refusals(self.scales, self.canonical("refusals"), self.canonical("orders"))

    @cached_property
    def flows(self) -> pa.Table:
        """One row per change of cash that is not a fill."""
        return result_tables.flows(self.scales, self.canonical("flows"))

    @cached_property
    def cost_rows(self) -> CostRows:
        """Every cost as exact integers."""
        from triplebar.contracts.result_costs import cost_rows

        return cost_rows(self.scales, self.canonical("fills"), self.canonical("flows"))

    @cached_property
    def costs(self) -> pa.Table:
        """One row per cost: time, symbol, type, amount in the base currency, basis."""
        return self.cost_rows.to_table(self.scales)

    @cached_property
    def cost_summary(self) -> CostSummary:
        """Costs by type and by symbol; what was deducted, exactly."""
        return self.cost_rows.summary(self.scales)

    # ------------------------------------------------------------------------------------------------ single numbers

    @cached_property
    def initial_minor(self) -> int:
        """The initial capital in minor units of the base currency, at the rates of the start."""
        cash = np.array(self.settings.cash, dtype=np.int64)
        times = np.full(cash.size, self.start_ns, dtype=np.int64)
        return int(self.scales.to_base(cash, np.arange(cash.size), times).sum())

    @property
    def starting_value(self) -> float:
        """The initial capital."""
        return float(decimal_floats(np.array([self.initial_minor]), self.settings.cash_precision)[0])

    @property
    def ending_value(self) -> float:
        """Equity at the last bar; the initial capital if there was none."""
        column = self.canonical("equity").column("equity")
        last = column[-1].as_py() if len(column) else self.initial_minor
        return float(decimal_floats(np.array([last]), self.settings.cash_precision)[0])

    @cached_property
    def start_ns(self) -> int:
        """When the account had its initial capital: the start of the window, or of the first bar."""
        times = self.canonical("equity").column("time")
        first = times[0].value if len(times) else int(self.clock[0]) if self.clock.size else 0
        if self.settings.start_ns is not None:
            return min(self.settings.start_ns, first)
        return first - min((each.interval_ns for each in self.settings.instruments), default=0)

    # ---------------------------------------------------------------------------------------------------- arrays

    def position_per_bar(self, symbol: str) -> FloatArray:
        """The signed position at each close, one value per row of `equity`."""
        if symbol not in self.scales.symbols:
            raise UnknownSymbolError.of(symbol, self.scales.symbols)
        number = self.scales.symbols.index(symbol)
        return decimal_floats(self.position_lots_per_bar(number), self.settings.instruments[number].size_precision)

    def position_lots_per_bar(self, number: int) -> IntArray:
        """The signed position of an instrument, by number, in lots, at each row of `equity`."""
        raw = result_tables.columns(self.canonical("positions"))
        rows = np.flatnonzero(raw["instrument"] == number)
        held = np.concatenate([np.zeros(1, dtype=np.int64), raw["position"][rows]])
        bars = to_numpy(self.canonical("equity").column("clock"))
        return np.asarray(held[np.searchsorted(raw["clock"][rows], bars, side="right")])

    # --------------------------------------------------------------------------------------------------- descriptions

    @cached_property
    def result_hash(self) -> str:
        """SHA-256 of the exact tables: equal hashes, equal results."""
        return result_hash(self.canonical, self.labels)

    @cached_property
    def identity(self) -> RunIdentity:
        """Everything that could change the result, as digests."""
        return self.identify()

    @property
    def run_id(self) -> str:
        """The name of the run, made of everything that could change its result."""
        return self.identity.run_id

    @cached_property
    def metadata(self) -> RunMetadata:
        """Who ran what on which data, when, and how long it took."""
        return RunMetadata.of(self.record, self.identity, self.result_hash)

    @property
    def provenance(self) -> Mapping[str, str]:
        """Which engine was asked for, which one ran, and how faithfully."""
        return self.record.provenance

    @property
    def schema_version(self) -> str:
        """The version of the stored form."""
        return SCHEMA_VERSION

    @property
    def interrupted(self) -> bool:
        """Whether the run was stopped before the end of the data."""
        return self.facts.interrupted

    @cached_property
    def logs(self) -> tuple[Mapping[str, Any], ...]:
        """What the strategy logged: time, message, fields."""
        return tuple(log_line(each) for each in self.facts.logs)

    @cached_property
    def _measured(self) -> Measured:
        return self.measure(self)

    @property
    def metrics(self) -> Mapping[str, float | int | str | None]:
        """All metrics by name; None where a metric is not defined, see `metric_reasons`."""
        return self._measured.values

    @property
    def metric_reasons(self) -> Mapping[str, str]:
        """For each metric that is None, why."""
        return self._measured.reasons

    # -------------------------------------------------------------------------------------------------------- storage

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the result into a new folder (Parquet and JSON), whole or not at all."""
        from triplebar.contracts import result_storage

        return result_storage.save(self, path, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> RunResult:
        """Read a folder that `save` wrote."""
        from triplebar.contracts import result_storage

        return result_storage.load(path)

    def to_json(self) -> str:
        """Write everything, tables included, as one JSON text."""
        from triplebar.contracts import result_storage

        return result_storage.to_json(self)

    @classmethod
    def from_json(cls, text: str) -> RunResult:
        """Read what `to_json` wrote, of this schema version or an older one."""
        from triplebar.contracts import result_storage

        return result_storage.from_json(text)

    # ----------------------------------------------------------------------------------------------------- older shapes

    def as_backtest_results(self) -> BacktestResults:
        """The result as `BacktestResults`: config, portfolio, statistics, summary."""
        from triplebar.contracts.views import BacktestResults

        return BacktestResults.of(self)

    def as_backtest_run_result(self) -> BacktestRunResult:
        """The result as `BacktestRunResult`: metadata, canonical metrics, assumptions, costs."""
        from triplebar.contracts.views import BacktestRunResult

        return BacktestRunResult.of(self)

    def as_backtest_result(self) -> BacktestResult:
        """The result as `BacktestResult`: config, trades, equity curve, performance metrics."""
        from triplebar.contracts.views import BacktestResult

        return BacktestResult.of(self)


def log_line(entry: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a line of an engine, or one that was stored
    """One line of a strategy's log as plain values."""
    if isinstance(entry, Mapping):
        return entry
    values: Mapping[str, Any] = plain_values(entry.to_mapping())
    return values
