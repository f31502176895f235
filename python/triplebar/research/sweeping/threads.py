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


class Order:
    """The blocks in their order; the next one may be made ready before it is its turn.

    What is wrong with it is raised when it is its turn: the one before is kept first.
    """

    def __init__(self, plan: Plan, blocks: Iterable[int]) -> None:
        """Nothing is ready yet."""
        self._plan = plan
        self._left = iter(blocks)
        self._ready: Next | Exception | None = None
        self._asked = False

    def prepare(self, scene: int, evaluator: RuleEvaluator) -> None:
        """Make the next block ready, with what it reads if it is of the same scene."""
        self._asked = True
        try:
            self._ready = self._next()
            if self._ready is not None and self._ready.scene == scene and len(self._ready.sets):
                evaluator.prepare(self._ready.sets)
        except Exception as problem:  # noqa: BLE001 - whatever it is
            self._ready = problem

    def take(self) -> Next | None:
        """The next block, if there is one."""
        if not self._asked:
            return self._next()
        ready = self._ready
        self.forget()
        if not isinstance(ready, Exception):
            return ready
        try:
            raise ready
        finally:
            del ready  # it refers to this frame

    def forget(self) -> None:
        """Let go of what was made ready: what is wrong with it refers to the frame that refers to this."""
        self._ready, self._asked = None, False

    def _next(self) -> Next | None:
        block = next(self._left, None)
        return None if block is None else Next(block, *self._plan.sets(block))


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
        order = Order(plan, blocks)
        coming = order.take()
        while coming is not None:
            began = time.perf_counter()
            found = self._evaluated(plan, coming, tell(coming.block), stopped, order)
            whole = found.seen == len(coming.sets)
            done = Done(coming.block, found, time.perf_counter() - began, whole=whole)
            del coming, found  # a block is gone before there are two more
            yield done
            del done
            if not whole or stopped():
                order.forget()
                return
            coming = order.take()

    def _evaluated(self, plan: Plan, coming: Next, tell: Tell, stopped: Stopped, order: Order) -> Found:
        """What comes of a block; meanwhile, if there is time for it, the next one is made ready."""
        sets, scene = coming.sets, coming.scene
        if not len(sets):
            return nothing(plan.recipe.measures)
        evaluator = self._evaluator(plan, scene, sets[0])
        if not isinstance(evaluator, RuleEvaluator):
            return evaluator.evaluate(sets, tell, stopped)

        def meanwhile() -> None:
            self.meanwhile(scene, sets)
            order.prepare(scene, evaluator)

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


def _nothing(scene: int, sets: Sets) -> None:
    """Nobody has anything to do."""
    del scene, sets
