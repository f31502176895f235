"""Many compiled strategies over one market: started one by one in Python, run together in threads without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from triplebar._native import run_compiled_many
from triplebar.engines.custom.compiled import finish
from triplebar.engines.custom.context import NativeContext
from triplebar.strategy.compile import Compiled
from triplebar.strategy.compile.link import raised
from triplebar.strategy.failures import handler_error

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.compile.compiler import Ready


def run_many(
    strategies: Sequence[Any],
    market: Market,
    settings: Sequence[Settings],
    *,
    threads: int,
    periods_per_year: float,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> tuple[pa.RecordBatch, tuple[int, Exception] | None]:
    """One row a strategy: the first so many if it was stopped or one of them failed; and which one failed, and how.

    `on_stop` of a strategy that has one is called in Python, when all of them have run.
    """
    contexts: list[NativeContext] = []
    prepared: list[Ready] = []
    kept: list[Compiled] = []
    for strategy, each in zip(strategies, settings, strict=True):
        if stopped():
            return _nothing(), None
        context = NativeContext(market, each)
        if "on_start" in strategy.handlers():
            try:
                strategy.on_start(context)
            except (Exception, SystemExit) as raised_early:  # noqa: BLE001 - told as a single run tells it
                return _nothing(), (len(kept), _told(raised_early, strategy, context, "on_start", None))
        compiled = Compiled(strategy, context.symbols, kept[-1] if kept else None, context.random)
        kept.append(compiled)
        contexts.append(context)
        prepared.append(compiled.ready(context.random.counter))
    stops = any("on_stop" in strategy.handlers() for strategy in strategies[:1])
    stream, failure, told = run_compiled_many(
        contexts, prepared, threads, periods_per_year, raised, progress, stopped, stops
    )
    rows = pa.RecordBatchReader.from_stream(stream).read_next_batch()
    for number, (draws, lines, texts) in enumerate(told):
        finish(kept[number], contexts[number], draws, lines, texts)
        try:
            strategies[number].on_stop(contexts[number])
        except (Exception, SystemExit) as late:  # noqa: BLE001 - told as a single run tells it
            return rows.slice(0, number), (number, _told(late, strategies[number], contexts[number], "on_stop", None))
    if failure is None:
        return rows, None
    number, problem, handler, symbol = failure
    if not isinstance(problem, Exception):
        raise problem
    if handler is None:
        return rows, (number, problem)
    kept[number].thaw()
    return rows, (number, _told(problem, strategies[number], contexts[number], handler, symbol))


def _nothing() -> pa.RecordBatch:
    from triplebar.engines.custom.summary import SUMMARY

    return pa.RecordBatch.from_pylist([], schema=SUMMARY)


def _told(problem: BaseException, strategy: Any, context: NativeContext, handler: str, symbol: str | None) -> Exception:  # noqa: ANN401
    error = handler_error(
        problem,
        strategy=strategy.name,
        handler=handler,
        index=context.index,
        time_ns=context.time_ns,
        symbol=symbol,
    )
    error.__cause__ = problem
    return error
