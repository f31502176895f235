"""The default executor: this process, whose core uses as many threads as it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from triplebar.contracts.sets import Sets
from triplebar.research.sweeping.evaluators import Evaluator, RuleEvaluator, Task, evaluator_for
from triplebar.research.sweeping.executor import Done
from triplebar.research.sweeping.found import Found, Stopped, Tell, nothing
from triplebar.research.sweeping.plan import Plan, Recipe, Scene


def task_of(recipe: Recipe, scene: int, threads: int) -> Task:
    """What the evaluator of a scene needs to know."""
    found = recipe.scenes[scene]
    return Task(found.market, found.config, recipe.engine, threads, recipe.measures)


@dataclass(frozen=True)
class Next:
    """A block that is run next."""

    block: int
    scene: int
    sets: Sets


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
        self.meanwhile: Callable[[int, Sets], None] = _nothing
        """What somebody has to do while sets of a scene are run, such as to keep the last block: see `overlaps`."""

    def run(self, plan: Plan, blocks: Iterable[int], tell: Callable[[int], Tell], stopped: Stopped) -> Iterator[Done]:
        """Run blocks in order; the last one may be a part, if `stopped` said so."""
        left = iter(blocks)
        coming = _next(plan, left)
        while coming is not None:
            began = time.perf_counter()
            after: list[Next | Exception | None] = []
            found = self._evaluated(plan, coming, tell(coming.block), stopped, left, after)
            whole = found.seen == len(coming.sets)
            done = Done(coming.block, found, time.perf_counter() - began, whole=whole)
            del coming, found  # a block is gone before there are two more
            yield done
            del done
            if not whole or stopped():
                after.clear()  # an exception refers to the frame that refers to this list
                return
            coming = _raised(after.pop()) if after else _next(plan, left)

    def _evaluated(
        self,
        plan: Plan,
        coming: Next,
        tell: Tell,
        stopped: Stopped,
        left: Iterator[int],
        after: list[Next | Exception | None],
    ) -> Found:
        """What comes of a block; meanwhile, if there is time for it, the one `after` it is made ready.

        What is wrong with that one is raised when it is its turn: this one is kept before.
        """
        sets, scene = coming.sets, coming.scene
        if not len(sets):
            return nothing(plan.recipe.measures)
        evaluator = self._evaluator(plan, scene, sets[0])
        if not isinstance(evaluator, RuleEvaluator):
            return evaluator.evaluate(sets, tell, stopped)

        def meanwhile() -> None:
            self.meanwhile(scene, sets)
            try:
                found = _next(plan, left)
                if found is not None and found.scene == scene and len(found.sets):
                    evaluator.prepare(found.sets)
            except Exception as problem:  # noqa: BLE001 - whatever it is
                after.append(problem)
            else:
                after.append(found)

        return evaluator.evaluate(sets, tell, stopped, meanwhile)

    @property
    def overlaps(self) -> bool:
        """Whether there is time for something `meanwhile`: lanes do without the interpreter, block by block."""
        return self.first.name == "lanes"

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
        """Forget who waits, who knows this executor: so columns go as soon as nobody has the study any more."""
        self.meanwhile = _nothing


def _next(plan: Plan, blocks: Iterator[int]) -> Next | None:
    """The next block, if there is one."""
    block = next(blocks, None)
    return None if block is None else Next(block, *plan.sets(block))


def _raised(ahead: Next | Exception | None) -> Next | None:
    """The next block, or what is wrong with it."""
    if not isinstance(ahead, Exception):
        return ahead
    try:
        raise ahead
    finally:
        del ahead  # it refers to this frame


def _nothing(scene: int, sets: Sets) -> None:
    """Nobody has anything to do."""
    del scene, sets
