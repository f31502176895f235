"""Many runs at once: every combination of what is given as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts.canonical import digest
from triplebar.contracts.metadata import plain_values
from triplebar.research.batches.axes import Items
from triplebar.research.batches.batch import Batch
from triplebar.research.batches.keeping import Keeping
from triplebar.research.batches.result import BatchResult
from triplebar.research.batches.spread import Workers
from triplebar.research.sweeping.plan import strategy_definition
from triplebar.research.validation.spans import Span

KEEPING: Final = tuple(name for name in Keeping.__dataclass_fields__ if name != "tracked")
"""Keyword arguments of `run_batch` that say where things are kept; others are fields of the configuration."""


def run_batch(  # noqa: PLR0913 - what a run has, and what a batch has
    strategy: Any,  # noqa: ANN401 - a strategy, its class, a reference, or a list
    market: Any,  # noqa: ANN401 - a market, a table, or a list
    config: Any = None,  # noqa: ANN401 - a configuration, or a list
    *,
    engine: Any = "custom",  # noqa: ANN401 - a name, or a list
    mode: str | list[str] = "interpreted",
    fidelity: str | list[str] = "strict",
    parameters: Mapping[str, Any] | None = None,
    duration: Span | None = None,
    start_step: Span | None = None,
    executor: str | None = None,
    workers: int | None = None,
    **options: Any,  # noqa: ANN401 - fields of the configuration, and where things are kept
) -> BatchResult:
    """Run every combination of what is given as a list, and give what came of each.

    - `strategy`, `market`, `config`, `engine`, `mode`, `fidelity`, each value of `parameters`, and fields of the
      configuration as keywords (`commission_bps=[0, 1]`): one value, or a list to choose from. A tuple is one value.
    - `duration`, `start_step`: run on windows of this length instead, a step apart (`"90d"`), over the time that all
      instruments share; the last window that fits exactly is among them. Each is a run on its own bars alone.
    - `executor`, `workers`: run so many items at once, in `threads` (runs without Python in them: columns and compiled
      strategies) or `processes` (strategies that run in Python); what is left out is chosen. By default one item runs
      after the other. The results are the same.
    - `batch_registry`: a `BatchRegistry` that records each item the moment it ends (`track_batch=False`: do not);
      `resume="batch-..."` runs only what is left of a batch that was interrupted or killed.
    - `retry_failed`: try items again that ran out of time or memory, or whose message speaks of something temporary, at
      most `max_retry_attempts` times, after `retry_backoff_seconds`, then twice that, and so on.
    - `timeout_seconds`: how long an item may take; the first one loads its engine, too.
    - `runs`: an `ExperimentRegistry` that keeps the results; `snapshots`: a `DataSnapshotRegistry` that keeps the data.
    - `metrics`: the columns of results; `progress(done, total)` is called after each item.

    An item that fails is recorded with its category, and the others go on; so is one that takes its process down.
    Ctrl-C leaves the rest for later; what workers are running is waited for.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> found = run_batch(tb.samples.BuyAndHold, market, commission_bps=[0, 5], duration="30m")
    >>> found.status.text, found.table.num_rows, found.table.column_names[:4]
    ('completed', 4, ['item', 'commission_bps', 'start', 'end'])
    """
    keeping = Keeping(**{name: options.pop(name) for name in KEEPING if name in options})
    items = Items.of(
        strategy,
        market,
        config,
        engine=engine,
        mode=mode,
        fidelity=fidelity,
        parameters=parameters,
        settings=options,
        duration=duration,
        start_step=start_step,
    )
    return Batch(items, keeping, _description(items, keeping), Workers.of(executor, workers, items)).run()


def backtest_batch(strategy: Any, market: Any, config: Any = None, **options: Any) -> pa.Table:  # noqa: ANN401 - as `run_batch`
    """Run a batch, and give the table of what succeeded; `BatchFailedError`, a `RuntimeError`, if nothing did.

    The arguments are those of `run_batch`, which tells more.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> backtest_batch(tb.samples.BuyAndHold, market, engine=["custom", "reference"])["engine"].to_pylist()
    ['custom', 'reference']
    """
    return run_batch(strategy, market, config, **options).check().table


def _description(items: Items, keeping: Keeping) -> dict[str, Any]:
    """What a batch is made of, as plain values, with a digest: only the same one can go on with it."""
    axes = {f"{axis.kind}.{axis.name}": plain_values(list(axis.shown)) for axis in items.axes}
    described = {
        "axes": axes,
        "strategies": [strategy_definition(each) for each in items.values("strategy")],
        "data": [each.digest for each in items.values("market")],
        "configs": [each.digest() for each in items.values("config")],
        "metrics": list(keeping.metrics),
    }
    return {**described, "items": len(items), "digest": digest(described)}
