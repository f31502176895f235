"""The default executor: this process, whose core uses as many threads as it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from triplebar.research.sweeping.evaluators import Evaluator, Task, evaluator_for
from triplebar.research.sweeping.executor import Done
from triplebar.research.sweeping.found import Stopped, Tell, nothing
from triplebar.research.sweeping.plan import Plan, Recipe, Scene


def task_of(recipe: Recipe, scene: int, threads: int) -> Task:
    """What the evaluator of a scene needs to know."""
    found = recipe.scenes[scene]
    return Task(found.market, found.config, recipe.engine, threads, recipe.measures)


class Threads:
    """Blocks one after the other, each on all threads."""

    name = "threads"

    def __init__(self, workers: int, evaluator: Evaluator, scene: Scene) -> None:
        """Use the evaluator of the first scene that there is already."""
        self.workers = workers
        self.first, self.scene = evaluator, scene
        self.evaluators: list[tuple[Scene, Evaluator]] = []
        self.kept = 1
        """Evaluators that are kept; each may hold columns."""

    def run(self, plan: Plan, blocks: Iterable[int], tell: Callable[[int], Tell], stopped: Stopped) -> Iterator[Done]:
        """Run blocks in order; the last one may be a part, if `stopped` said so."""
        for block in blocks:
            began = time.perf_counter()
            scene, sets = plan.sets(block)
            if not len(sets):
                yield Done(block, nothing(plan.recipe.measures), 0.0)
                continue
            found = self._evaluator(plan, scene, sets[0]).evaluate(sets, tell(block), stopped)
            whole = found.seen == len(sets)
            done = Done(block, found, time.perf_counter() - began, whole=whole)
            del sets, found  # a block is gone before the next one comes
            yield done
            del done
            if not whole or stopped():
                return

    @property
    def overlaps(self) -> bool:
        """Whether a block may be kept while the next one is run: lanes do without the interpreter, block by block."""
        return self.workers > 1 and self.first.name == "lanes"

    def _evaluator(self, plan: Plan, scene: int, first: dict[str, object]) -> Evaluator:
        """The evaluator of a scene."""
        wanted = plan.recipe.scenes[scene]
        for kept, evaluator in self.evaluators:
            if kept is wanted:
                return evaluator
        if wanted is self.scene:
            made = self.first
        else:
            mode = "interpreted" if self.first.name == "interpreted" else plan.recipe.mode
            made = evaluator_for(plan.recipe.strategy, task_of(plan.recipe, scene, self.workers), first, mode)
        self.evaluators = [*self.evaluators, (wanted, made)][-self.kept :]
        return made

    def close(self) -> None:
        """Nothing is left behind."""
