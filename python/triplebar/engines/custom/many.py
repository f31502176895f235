"""Many compiled strategies over one market: started one by one in Python, run together in threads without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from triplebar._native import run_compiled_many
from triplebar.contracts.arrow import joined
from triplebar.engines.custom.compiled import finish
from triplebar.engines.custom.context import NativeContext
from triplebar.engines.custom.summary import SUMMARY
from triplebar.strategy.compile import Compiled
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.link import raised
from triplebar.strategy.failures import handler_error

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.compile.compiler import Ready


class SharedError(Exception):
    """Sets keep the same array, indicator, list or object, so that they cannot run beside each other."""


def run_many(  # noqa: PLR0913 - one call for a batch
    strategies: Sequence[Any],
    market: Market,
    settings: Sequence[Settings],
    *,
    threads: int,
    periods_per_year: float,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
    first: Compiled | None = None,
    alone: bool = False,
) -> tuple[pa.RecordBatch, tuple[int, Exception] | None]:
    """One row a strategy: the first so many if it was stopped or one of them failed; and which one failed, and how.

    `on_stop` of a strategy that has one is called in Python, when all of them have run.
    `first` is a strategy that was compiled before, whose code they take if it fits.
    Raises `SharedError`, before any of them is run, if two of them keep the same array, or if they change a list or an
    object that is another's. If they are run `alone`, one call a strategy, that does no harm: such things are given
    back when the strategy has run.
    """
    contexts: list[NativeContext] = []
    prepared: list[Ready] = []
    kept: list[Compiled] = []
    taken = {} if first is None or alone else {id(value): -1 for _, value in first.changeable()}
    for strategy, each in zip(strategies, settings, strict=True):
        if stopped():
            return joined([], SUMMARY), None
        context = NativeContext(market, each)
        compiled = _started(strategy, context, kept[-1] if kept else first)
        if isinstance(compiled, Exception):
            return joined([], SUMMARY), (len(kept), compiled)
        if not alone:
            _refuse_shared(compiled, len(kept), taken)
        kept.append(compiled)
        contexts.append(context)
        prepared.append(compiled.ready(context.random.counter))
    stops = any("on_stop" in strategy.handlers() for strategy in strategies[:1])
    stream, failure, told = run_compiled_many(
        contexts, prepared, threads, periods_per_year, raised, progress, stopped, stops or alone
    )
    rows = pa.RecordBatchReader.from_stream(stream).read_next_batch()
    for number, (draws, lines, texts) in enumerate(told):
        finish(kept[number], contexts[number], draws, lines, texts)
        if not stops:
            continue
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
    problem = kept[number].said(problem)
    return rows, (number, _told(problem, strategies[number], contexts[number], handler, symbol))


def _started(strategy: Any, context: NativeContext, like: Compiled | None) -> Compiled | Exception:  # noqa: ANN401
    """A strategy that is ready to run, or why it is not."""
    if "on_start" in strategy.handlers():
        try:
            strategy.on_start(context)
        except (Exception, SystemExit) as early:  # noqa: BLE001 - told as a single run tells it
            return _told(early, strategy, context, "on_start", None)
    try:
        return Compiled(strategy, context.symbols, like, context.random)
    except CompileError as refused:
        return refused


def _refuse_shared(compiled: Compiled, number: int, taken: dict[int, int]) -> None:
    """Each set starts before the first one runs, so what two of them write to would be another's."""
    for name, value in (*compiled.memory.kept, *compiled.changeable()):
        if isinstance(value, np.ndarray) and not value.flags.writeable:
            continue
        if taken.setdefault(id(_memory_of(value)), number) != number:
            raise SharedError(name)


def _memory_of(value: Any) -> Any:  # noqa: ANN401 - an array or an indicator
    while isinstance(value, np.ndarray) and value.base is not None:
        value = value.base
    return value


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
