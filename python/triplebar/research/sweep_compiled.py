"""Sets of a sweep as compiled strategies: threads, no Python in the loop, one row a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from triplebar.engines.custom.many import run_many
from triplebar.engines.custom.summary import days_per_year
from triplebar.research.job import settings_for
from triplebar.research.preparation import prepared_market

if TYPE_CHECKING:
    import pyarrow as pa

    from triplebar.research.sweep_evaluators import Stopped, Task, Tell
    from triplebar.strategy.base import Strategy

BATCH_PER_THREAD = 16
"""Sets that a thread runs before Python is asked for more; until then the state and engine of each are kept."""


class CompiledEvaluator:
    """A strategy class that compiles: every set is started in Python, and run without it."""

    name = "compiled"

    def __init__(self, make: Callable[..., Strategy], task: Task) -> None:
        """Prepare the market; nothing is compiled yet."""
        self.make, self.task = make, task
        self.market, _ = prepared_market(task.market, task.config)
        self.batch = BATCH_PER_THREAD * task.threads

    def compile(self) -> None:
        """Compile the first set, so that what cannot be compiled is known before any bar is read.

        Raises `CompileError`.
        """
        from triplebar.engines.custom.context import NativeContext
        from triplebar.strategy.compile import program_for

        strategy = self.strategy(0)
        context: Any = NativeContext(self.market, settings_for(self.task.config, self.market, strategy))
        if "on_start" in strategy.handlers():
            strategy.on_start(context)
        program_for(strategy, context.symbols)

    def evaluate(self, sets: range, progress: Tell, stopped: Stopped) -> pa.RecordBatch:
        """Run the sets of a batch."""
        strategies = [self.strategy(number) for number in sets]
        settings = [settings_for(self.task.config, self.market, each) for each in strategies]
        rows, failure = run_many(
            strategies,
            self.market,
            settings,
            threads=self.task.threads,
            periods_per_year=days_per_year(self.market, settings[0]),
            progress=progress,
            stopped=stopped,
        )
        if failure is not None:
            number, problem = failure
            problem.add_note(f"in set {sets[number]} of the sweep: {self.task.space[sets[number]]}")
            raise problem
        return rows

    def strategy(self, number: int) -> Strategy:
        """The strategy of a set."""
        return self.make(**self.task.space[number])

    def notes(self) -> Mapping[str, Any]:
        """How many threads there were."""
        return {"threads": self.task.threads, "mode": "compiled"}
