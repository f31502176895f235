"""Run a strategy on a market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.contracts.run_request import RunRequest
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.research.job import Asked, Job, Progress, Until

if TYPE_CHECKING:
    from triplebar.research.checkpoint import Checkpoint
    from triplebar.research.snapshotting import Snapshots


def run(  # noqa: PLR0913 - everything but the first three is optional
    strategy: Any,  # noqa: ANN401 - a strategy, its class, or a request
    market: Market | None = None,
    config: BacktestConfig | None = None,
    *,
    engine: str | Engine = "custom",
    mode: str = "interpreted",
    fidelity: str = "strict",
    fallback: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    until: Until | None = None,
    snapshot_id: str | None = None,
    snapshots: Snapshots | None = None,
) -> RunResult:
    """Run a strategy on a market and give the result.

    - `strategy`: a strategy, a strategy class (with `parameters`), or a `RunRequest`.
    - `engine`: `"custom"` (Rust), `"reference"` (plain Python: slow, and the same numbers), or a guest such as
      `"backtrader"`.
    - `fidelity`: `"strict"` forces our rules of filling on a guest, `"native"` leaves it its own.
    - `fallback`: the engine to take, with a warning, if the one asked for is not available; otherwise that is an error.
    - `progress(done, total)` is called now and then.
    - `until`: stop after this time, or after this tick of the clock, with `result.checkpoint` to go on from (None if
      that is the end).
    - `snapshots`: a `DataSnapshotRegistry` that keeps the data of the run; with `snapshot_id` and no market, the run is
      made on that snapshot. Either way it counts as a trial in the store of the snapshots.

    Ctrl-C ends the run early: the result says so (`interrupted`) and has what was done until then.

    >>> import triplebar as tb
    >>> result = run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> len(result.equity)
    50
    """
    asked = Asked(
        strategy=strategy,
        market=market,
        config=config,
        engine=engine,
        mode=mode,
        fidelity=fidelity,
        fallback=fallback,
        parameters=parameters or {},
        snapshot_id=snapshot_id,
        snapshots=snapshots,
        progress=progress,
        until=until,
    )
    return Job(_with_market(_of_request(strategy, asked) if isinstance(strategy, RunRequest) else asked)).result()


run_backtest = run
"""Another name of `run`."""


def _of_request(request: RunRequest, asked: Asked) -> Asked:
    from triplebar.research.requests import strategy_of

    if asked.config is not None and asked.config != request.config:
        raise ConfigError("config is given twice, and differs", where="run", fix="put it into the request")
    return replace(
        asked,
        strategy=strategy_of(request),
        market=asked.market if asked.market is not None else _market_of(request, asked),
        config=request.config,
        engine=_one("engine", asked.engine, request.engine, "custom"),
        mode=_one("mode", asked.mode, request.mode, "interpreted"),
        fidelity=_one("fidelity", asked.fidelity, request.fidelity, "strict"),
        parameters=request.parameters,
        snapshot_id=request.snapshot_id if asked.snapshot_id is None else asked.snapshot_id,
    )


def _one(name: str, given: Any, requested: str, usual: str) -> Any:  # noqa: ANN401 - an engine may be a thing
    """What is meant by an argument beside a request: the one of both that is not the usual."""
    if given == usual:
        return requested
    if requested not in (usual, getattr(given, "name", given)):
        problem = f"{name} is given twice, and differs: {given!r} and, in the request, {requested!r}"
        raise ConfigError(problem, where="run", fix="put it into the request alone")
    return given


def _market_of(request: RunRequest, asked: Asked) -> Market:
    """The data of a request: those of its snapshot if there is a registry, else those of its file."""
    from triplebar.research.requests import market_of, prepared

    if request.snapshot_id is None or (asked.snapshots is None and request.data is not None):
        return market_of(request)
    from triplebar.research.snapshotting import replayed

    return prepared(replayed(asked.snapshots, request.snapshot_id), request)


def _with_market(asked: Asked) -> Asked:
    if asked.market is not None or asked.snapshot_id is None:
        return asked
    from triplebar.research.snapshotting import replayed

    return replace(asked, market=replayed(asked.snapshots, asked.snapshot_id))


def resume(
    checkpoint: Checkpoint | bytes | str | Path,
    market: Market,
    strategy: Any = None,  # noqa: ANN401 - a strategy or its class
    *,
    progress: Progress | None = None,
    until: Until | None = None,
) -> RunResult:
    """Go on from a checkpoint: the result is the same as if the run had never stopped.

    A strategy, or its class, has to be given if the class cannot be imported by name. Checkpoints hold pickled state
    of the strategy: resume only what you trust.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> part = tb.run(tb.samples.BuyAndHold(), market, until=29)
    >>> resume(part.checkpoint, market).result_hash == tb.run(tb.samples.BuyAndHold(), market).result_hash
    True
    """
    from triplebar.research.checkpoint import Checkpoint

    found = Checkpoint.read(checkpoint)
    asked = Asked(
        strategy=found.restored(strategy),
        market=market,
        config=BacktestConfig.from_mapping(found.config),
        engine=found.engine,
        mode=found.mode,
        snapshot_id=found.snapshot_id,
        progress=progress,
        until=until,
        checkpoint=found,
    )
    return Job(asked).result()
