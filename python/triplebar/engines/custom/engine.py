"""The Rust core behind the same door as every other engine."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.errors import ConfigError, ExecutionError
from triplebar.contracts.time import to_text
from triplebar.engines.base import Hooks, overridden
from triplebar.engines.custom.columns import run_columns
from triplebar.engines.custom.context import NativeContext
from triplebar.engines.custom.facts import NativeFacts
from triplebar.strategy.failures import handler_error
from triplebar.strategy.handlers import HANDLERS
from triplebar.strategy.signals import Signals

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.custom.compiled import Report


class CustomEngine:
    """Runs a strategy on the Rust core.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.base import Strategy
    >>> class Once(Strategy):
    ...     def on_start(self, ctx):
    ...         ctx.buy(ctx.symbols[0], 1)
    >>> market = Market.synthetic(bars=3, seed=1)
    >>> facts = CustomEngine().run(Once(), market, resolve(BacktestConfig(), market))
    >>> facts.table("fills").num_rows
    1
    """

    name = "custom"

    def capabilities(self) -> Capabilities:
        """What orders this engine takes; anything else is rejected as `unsupported`."""
        return Capabilities.all()

    def run(
        self,
        strategy: Any,  # noqa: ANN401 - anything with handlers
        market: Market,
        settings: Settings,
        hooks: Hooks | None = None,
        *,
        until_clock: int | None = None,
        checkpoint: bytes | None = None,
        mode: str = "interpreted",
    ) -> NativeFacts:
        """Run from the first tick (or from a checkpoint) to the last (or through `until_clock`)."""
        context = _context(market, settings, checkpoint)
        hooks = hooks or Hooks()
        if isinstance(strategy, Signals):
            strategy.begin(market, settings)
            return _columns(context, strategy, market, hooks, until_clock)
        run = _compiled if mode == "compiled" else _interpreted
        try:
            ending, problem, handler, symbol = run(strategy, context, until_clock, hooks)
        except ExecutionError as broken:
            broken.where = broken.where or _place(context)
            raise
        if problem is not None and handler is not None:
            _raise(problem, strategy, context, handler, symbol)
        paused = ending == "paused"
        return NativeFacts(
            ended_clock=context.index,
            interrupted=ending == "interrupted",
            checkpoint=_state(context) if paused else None,
            logs=context._logs,  # noqa: SLF001 - the context is ours
            native=context.facts(),
        )


def _columns(
    context: NativeContext, signals: Signals, market: Market, hooks: Hooks, until_clock: int | None
) -> NativeFacts:
    ending = run_columns(context, signals, market, hooks, until_clock)
    return NativeFacts(
        ended_clock=context.index,
        interrupted=ending == "interrupted",
        checkpoint=_state(context) if ending == "paused" else None,
        native=context.facts(),
        mode="columns",
    )


def _interpreted(strategy: Any, context: NativeContext, until_clock: int | None, hooks: Hooks) -> Report:  # noqa: ANN401
    names = overridden(strategy, tuple(HANDLERS))
    handlers = {name: getattr(strategy, name) for name in HANDLERS if name in names}
    return context.run(handlers, until_clock, hooks.progress, hooks.interrupted)


def _compiled(strategy: Any, context: NativeContext, until_clock: int | None, hooks: Hooks) -> Report:  # noqa: ANN401
    from triplebar.engines.custom.compiled import CompiledRun

    return CompiledRun(strategy, context).report(until_clock, hooks)


def _context(market: Market, settings: Settings, checkpoint: bytes | None) -> NativeContext:
    if checkpoint is None:
        return NativeContext(market, settings)
    try:
        core, tools = pickle.loads(checkpoint)  # noqa: S301 - docs say: only checkpoints that you trust
    except Exception as problem:
        raise ConfigError(f"is unreadable: {problem}", where="checkpoint", fix="write it again") from problem
    context = NativeContext(market, settings, core)
    context._restore_tools(tools)  # noqa: SLF001 - the context is ours
    return context


def _place(context: NativeContext) -> str:
    return f"tick {context.index} at {to_text(context.time_ns)}"


def _state(context: NativeContext) -> bytes:
    return pickle.dumps((context.checkpoint(), context._saved_tools()))  # noqa: SLF001 - the context is ours


def _raise(problem: BaseException, strategy: object, context: NativeContext, handler: str, symbol: str | None) -> None:
    if not isinstance(problem, Exception):
        raise problem
    raise handler_error(
        problem,
        strategy=getattr(strategy, "name", type(strategy).__name__),
        handler=handler,
        index=context.index,
        time_ns=context.time_ns,
        symbol=symbol,
    ) from problem
