"""Sets of a sweep as compiled strategies: threads, no Python in the loop, one row a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import joined
from triplebar.engines.custom.many import SharedError, run_many
from triplebar.engines.custom.summary import SUMMARY, days_per_year
from triplebar.research.job import settings_for
from triplebar.research.preparation import prepared_market
from triplebar.research.sweeping.evaluators import COMPILED_RATE
from triplebar.research.sweeping.exits import made
from triplebar.research.sweeping.found import RECORDED, Failure, Found, Stopped, Tell
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.failures import handler_error

if TYPE_CHECKING:
    from triplebar.contracts.sets import Sets
    from triplebar.contracts.settings import Settings
    from triplebar.research.sweeping.evaluators import OneByOne, Task
    from triplebar.strategy.base import Strategy
    from triplebar.strategy.compile import Compiled

BATCH_PER_THREAD = 16
"""Sets that a thread runs before Python is asked for more; until then the state and engine of each are kept."""


class CompiledEvaluator:
    """A strategy class that compiles: every set is started in Python, and run without it."""

    name = "compiled"

    def __init__(self, make: Callable[..., Strategy], task: Task, spare: OneByOne | None = None) -> None:
        """Prepare the market; nothing is compiled yet. `spare` runs sets that do not compile; without it they fail."""
        self.make, self.task, self.spare = make, task, spare
        self.told: dict[str, Any] = {}
        """What is worth knowing about the sets of the block at hand."""
        self.market, _ = prepared_market(task.market, task.config)
        self.batch = BATCH_PER_THREAD * task.threads
        self.alone = False
        self.first: Compiled | None = None
        self.rate = COMPILED_RATE * task.threads
        self._years: dict[int | None, float] = {}
        self._settings: dict[int, Settings] = {}

    def compile(self, values: Mapping[str, Any]) -> None:
        """Compile one set, so that what cannot be compiled is known before any bar is read.

        Raises `CompileError`; or what the set itself raises before its first bar.
        """
        from triplebar.engines.custom.context import NativeContext
        from triplebar.strategy.compile import Compiled

        strategy = self.strategy(values)
        context: Any = NativeContext(self.market, settings_for(self.task.config, self.market, strategy))
        if "on_start" in strategy.handlers():
            try:
                strategy.on_start(context)
            except CompileError:
                raise
            except (Exception, SystemExit) as problem:
                raise handler_error(problem, strategy=strategy.name, handler="on_start", index=-1) from problem
        self.first = Compiled(strategy, context.symbols, drawn=context.random)

    def evaluate(self, sets: Sets, tell: Tell, stopped: Stopped) -> Found:
        """Run the sets of a block, some at a time; one that fails is written down, and the others go on."""
        batches: list[pa.RecordBatch] = []
        failures: list[Failure] = []
        seen = 0
        while seen < len(sets) and not (seen and stopped()):
            stop = min(seen + self.batch, len(sets))
            try:
                done, failure = self._some(sets, seen, stop, batches, tell, stopped)
            except SharedError as shared:
                self._alone(str(shared))
                continue
            if isinstance(failure, CompileError) and self.spare is not None:
                found = self.spare.evaluate(sets.part(slice(seen + done, seen + done + 1)), lambda *_: None, stopped)
                self._interpreted(failure, found)
                batches.append(found.rows)
                failures += found.failures
                done += found.seen
                if not found.seen:
                    seen += done
                    break
            elif failure is not None:
                failures.append(Failure.of(sets, seen + done, failure))
                done += 1
            seen += done
            tell(seen, len(sets))
            if failure is None and seen < stop:
                break
        failed = {failure.number for failure in failures}
        numbers = [number for number in sets.numbers[:seen].tolist() if number not in failed]
        told, self.told = self.told, {}
        return Found(joined(batches, SUMMARY), np.array(numbers, dtype=np.int64), tuple(failures), seen, told=told)

    def _alone(self, name: str) -> None:
        """From now on one set after the other: each is started when the one before it has ended."""
        self.batch, self.alone = 1, True
        self.told["one_by_one_because"] = (
            f"{name} is the same array, indicator or object in several sets; make it in on_start, or make it read-only"
        )

    def _interpreted(self, problem: CompileError, found: Found) -> None:
        self.told["interpreted_sets"] = self.told.get("interpreted_sets", 0) + found.seen
        self.told.setdefault("interpreted_because", str(problem))

    def _some(
        self, sets: Sets, start: int, stop: int, batches: list[pa.RecordBatch], tell: Tell, stopped: Stopped
    ) -> tuple[int, Exception | None]:
        """Run some sets; how many of them are done, and what happened to the one after them, if anything did."""
        made: list[Strategy] = []
        early: Exception | None = None
        for place in range(start, stop):
            try:
                made.append(self.strategy(sets[place]))
            except RECORDED as problem:
                early = problem
                break
        if not made:
            return 0, early
        settings = [self._settled(each) for each in made]
        rows, failure = run_many(
            made,
            self.market,
            settings,
            threads=self.task.threads,
            periods_per_year=self._year(settings[0]),
            progress=lambda done, _: tell(start + done, len(sets)),
            stopped=stopped,
            first=self.first,
            alone=self.alone,
        )
        if failure is None:
            batches.append(rows)
            return rows.num_rows, early if rows.num_rows == len(made) else None
        place, wrong = failure
        if not isinstance(wrong, RECORDED):
            raise wrong
        if place > rows.num_rows:  # one could not be started, so nothing was run: those before it come first
            done, other = self._some(sets, start, start + place, batches, tell, stopped)
            return (done, wrong) if other is None and done == place else (done, other)
        batches.append(rows)
        return place, wrong

    def _settled(self, strategy: Strategy) -> Settings:
        """The settings of a set: sets differ in them by their warm-up alone."""
        warmup = getattr(strategy, "warmup", 0)
        if not isinstance(warmup, int) or warmup not in self._settings:
            found = settings_for(self.task.config, self.market, strategy)
            self._settings[warmup] = found
        return self._settings[warmup]

    def _year(self, settings: Settings) -> float:
        if settings.start_ns not in self._years:
            self._years[settings.start_ns] = days_per_year(self.market, settings)
        return self._years[settings.start_ns]

    def strategy(self, values: Mapping[str, Any]) -> Strategy:
        """The strategy of a set."""
        return made(self.make, values)

    def notes(self) -> Mapping[str, Any]:
        """How many threads there are; which sets were not run in them, `evaluate` tells with the sets."""
        return {"threads": self.task.threads, "mode": "compiled"}
