"""The side of the workers: a recipe by its key, evaluators that are kept, and one function that runs a block."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from triplebar.contracts.sets import Sets
from triplebar.research.sweeping.evaluators import Evaluator, evaluator_for
from triplebar.research.sweeping.found import Found
from triplebar.research.sweeping.heap import heap_kept
from triplebar.research.sweeping.packing import Packed, read_arrow, unpack
from triplebar.research.sweeping.plan import Recipe
from triplebar.research.sweeping.threads import task_of

RECIPES_MAX: Final = 4
_recipes: dict[str, Recipe] = {}
_one_at_a_time = threading.Lock()
_own = threading.local()


class Parcel(Protocol):
    """A way to a recipe."""

    def load(self) -> Packed:
        """Fetch it."""


@dataclass(frozen=True)
class Mapped:
    """A recipe in an Arrow file that this machine's workers map."""

    path: str
    origin: Mapping[str, Any]

    def load(self) -> Packed:
        """Map it."""
        return read_arrow(Path(self.path), dict(self.origin))


@dataclass(frozen=True)
class Sent:
    """A recipe that travels with the block, to a worker that has asked for it."""

    packed: Packed

    def load(self) -> Packed:
        """It is here."""
        return self.packed


@dataclass(frozen=True)
class Work:
    """A block on its way to a worker."""

    key: str
    scene: int
    sets: Sets
    mode: str
    parcel: Parcel | None = None


@dataclass(frozen=True)
class Missing:
    """What a worker answers that does not have the recipe."""

    key: str


Answer = tuple[Found, float] | Missing


def run_block(work: Work) -> Answer:
    """Run a block, in a worker."""
    recipe = _recipes.get(work.key)
    if recipe is None:
        if work.parcel is None:
            return Missing(work.key)
        recipe = unpack(work.parcel.load())
        remember(work.key, recipe)
    began = time.perf_counter()
    with heap_kept():
        found = _evaluator(work, recipe).evaluate(work.sets, _quiet, _never)
    return found, time.perf_counter() - began


def remember(key: str, recipe: Recipe) -> None:
    """Keep a recipe in this process, and forget the oldest."""
    with _one_at_a_time:
        _recipes[key] = recipe
        while len(_recipes) > RECIPES_MAX:
            del _recipes[next(iter(_recipes))]


def _evaluator(work: Work, recipe: Recipe) -> Evaluator:
    """The evaluator of a scene; each thread has its own, and keeps the last one."""
    wanted = (work.key, work.scene)
    kept: tuple[tuple[str, int], Evaluator] | None = getattr(_own, "evaluator", None)
    if kept is None or kept[0] != wanted:
        task = task_of(recipe, work.scene, 1)
        kept = (wanted, evaluator_for(recipe.strategy, task, work.sets[0], work.mode))
        _own.evaluator = kept
    return kept[1]


def _quiet(done: int, total: int) -> None:
    del done, total


def _never() -> bool:
    return False
