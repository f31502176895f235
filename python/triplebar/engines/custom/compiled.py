"""A run of the Rust core with a compiled strategy: Python before the first bar and after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triplebar.strategy.compile import Compiled
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.link import raised
from triplebar.strategy.context import LogLine

if TYPE_CHECKING:
    from triplebar.engines.base import Hooks
    from triplebar.engines.custom.context import NativeContext
    from triplebar.strategy.compile.compiler import Ready

Line = tuple[int, str, list[tuple[str, object]]]
"""A line of the log as the core keeps it: time, message, names and values."""
Report = tuple[str, BaseException | None, str | None, str | None]
STATE_SHOWN = 400
"""Characters of a strategy's state in an error."""


def finish(compiled: Compiled, context: NativeContext, draws: int, lines: list[Line], texts: list[str]) -> None:
    """Give a strategy its state back, and its random stream; write what it has logged into the run's log."""
    context.random.counter = draws
    context.logs.extend(LogLine(time_ns, message, dict(fields)) for time_ns, message, fields in lines)
    compiled.thaw(texts)


class CompiledRun:
    """What happens around the loop: `on_start`, freezing, thawing, `on_stop`."""

    def __init__(self, strategy: Any, context: NativeContext) -> None:  # noqa: ANN401 - anything with handlers
        """Nothing happens yet."""
        self.strategy = strategy
        self.context = context
        self.compiled: Compiled | None = None
        self.problem: BaseException | None = None

    def report(self, until_clock: int | None, hooks: Hooks) -> Report:
        """Run, and say how it ended: as `Desk.run` does."""
        has_stop = "on_stop" in self.strategy.handlers()
        ending, problem, handler, symbol = self.context.run_compiled(
            self.prepare,
            self.thaw,
            raised,
            self.strategy.on_stop if has_stop else None,
            until_clock,
            hooks.progress,
            hooks.interrupted,
        )
        problem = problem or self.problem
        if problem is not None and self.compiled is not None:
            problem = self.compiled.said(problem)
        if problem is not None and handler != "on_start":
            problem.add_note(f"the strategy's state was {self.state()}")
        return ending, problem, handler, symbol

    def prepare(self) -> Ready | None:
        """Start the strategy, unless it goes on from a checkpoint, and compile it; None if it failed."""
        if self.context.index < 0 and "on_start" in self.strategy.handlers():
            try:
                self.strategy.on_start(self.context)
            except CompileError:
                raise
            except BaseException as problem:  # noqa: BLE001 - told as the interpreted run tells it
                self.problem = problem
                return None
        self.compiled = Compiled(self.strategy, self.context.symbols, drawn=self.context.random)
        return self.compiled.ready(self.context.random.counter)

    def thaw(self, draws: int, lines: list[Line], texts: list[str]) -> None:
        """Take over what the loop has left."""
        if self.compiled is not None:
            finish(self.compiled, self.context, draws, lines, texts)

    def state(self) -> str:
        """The strategy's attributes, shortened."""
        shown = {name: value for name, value in vars(self.strategy).items() if not name.startswith("_")}
        text = ", ".join(f"{name}={value!r}" for name, value in sorted(shown.items()))
        return text if len(text) <= STATE_SHOWN else f"{text[:STATE_SHOWN]}..."
