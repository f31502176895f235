"""How long a set takes nobody knows of a strategy in Python: the first sets are run, and timed, before blocks are laid.

Blocks of a second are what Ctrl-C waits for, and what a kill loses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final

import numpy as np

from triplebar.contracts.arrow import joined
from triplebar.contracts.errors import NotFound
from triplebar.research.sweeping.evaluators import OneByOne
from triplebar.research.sweeping.executor import Done
from triplebar.research.sweeping.found import Failure, Found, Stopped, Tell, added
from triplebar.research.sweeping.plan import Plan, block_size
from triplebar.research.sweeping.threads import Threads

if TYPE_CHECKING:
    from triplebar.research.sweeping.evaluators import Evaluator
    from triplebar.research.sweeping.executor import Executor
    from triplebar.store.studies import StudyStore

LONG_SECONDS: Final = 0.25
"""A set that takes so long tells enough; what the first one loads and prepares is little beside it."""
ENOUGH: Final = 3
"""So many sets tell enough, too: the quickest of them loaded nothing."""
TRIED_MAX: Final = 8
"""If so many fail, nothing is known."""


@dataclass(frozen=True)
class Early:
    """Sets that were run before there were blocks: the first ones of the first scene."""

    done: tuple[Done, ...] = ()

    @cached_property
    def seconds(self) -> float | None:
        """What the quickest of them took; None if none succeeded."""
        return min((each.seconds for each in self.done if len(each.found.numbers)), default=None)

    @property
    def took_seconds(self) -> float:
        """What all of them took, one after the other."""
        return sum(each.seconds for each in self.done)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Those that failed."""
        return tuple(failure for each in self.done for failure in each.found.failures)

    def rest(self, plan: Plan) -> Plan:
        """The plan without them."""
        return replace(plan, without=frozenset(each.block for each in self.done)) if self.done else plan

    def finished(self, plan: Plan) -> list[int]:
        """The blocks of which nothing else is left to be run: they are kept even if nobody wants to go on."""
        rest = self.rest(plan)
        last = max(each.block for each in self.done) // plan.block
        return [block for block in range(last + 1) if not len(rest.sets(block)[1])]

    def with_them(self, plan: Plan, done: Done) -> Done:
        """A block, and those of them that belong into it."""
        scene, start, stop = plan.place(done.block)
        mine = [each for each in self.done if scene == 0 and start <= each.block < stop]
        if not mine:
            return done
        seconds = sum((each.seconds for each in mine), done.seconds)
        return replace(done, found=_together([*(each.found for each in mine), done.found]), seconds=seconds)


def early_sets(plan: Plan, runs: Executor, stopped: Stopped) -> Early:
    """Run sets of the first scene, one for each worker at a time, until it is clear what they take."""
    _, first = plan.first()
    ones, found = plan.in_blocks(1), Early()
    at_once = 1 if isinstance(runs, Threads) else runs.workers
    end = len(plan.space)
    for start in range(first, min(first + TRIED_MAX, end), at_once):
        if stopped():
            break
        ran = sorted(runs.run(ones, range(start, min(start + at_once, end)), _deaf, stopped), key=lambda one: one.block)
        found = Early((*found.done, *(each for each in ran if each.whole)))
        succeeded = sum(len(each.found.numbers) for each in found.done)
        known = succeeded >= ENOUGH or (found.seconds or 0.0) >= LONG_SECONDS
        if known or not all(each.whole for each in ran):
            break
    return found


def laid(
    plan: Plan, evaluator: Evaluator, runs: Executor, store: StudyStore | None, stopped: Stopped, *, resume: bool
) -> tuple[Plan, Early]:
    """The plan in blocks of about a second, and what was run to know how many sets these are.

    In memory a part of a block is as good as the whole, unless another process runs it; a study that is gone on with
    keeps its blocks.
    """
    workers = 1 if isinstance(runs, Threads) else runs.workers
    size = block_size(plan, evaluator.rate, workers)
    parts = store is None and isinstance(runs, Threads)
    if size == 1 or parts or not isinstance(evaluator, OneByOne) or (resume and _is_known(plan, store)):
        return plan.in_blocks(size), Early()
    early = early_sets(plan, runs, stopped)
    if early.seconds is not None:
        rate = plan.recipe.scenes[0].market.rows / max(early.seconds, 1e-6)
        size = block_size(plan, int(rate), workers)
    return plan.in_blocks(size), early


def _is_known(plan: Plan, store: StudyStore | None) -> bool:
    if store is None:
        return False
    try:
        store.study(plan.id)
    except NotFound:
        return False
    return True


def _together(parts: Sequence[Found]) -> Found:
    return Found(
        joined((each.rows for each in parts), parts[0].rows.schema),
        np.concatenate([each.numbers for each in parts]),
        tuple(failure for each in parts for failure in each.failures),
        sum(each.seen for each in parts),
        parts[-1].by_engine,
        reduce(added, (each.told for each in parts), {}),
    )


def _deaf(block: int) -> Tell:
    del block
    return lambda *_: None
