"""What counts as a trial: the key of an evaluation, and who writes it into the ledger of a store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from triplebar.contracts.sets import Looked, Sets
from triplebar.research.sweeping.plan import Plan, strategy_definition
from triplebar.research.sweeping.results import InStore
from triplebar.store.distinct import Keys
from triplebar.store.trial_keys import context_hash, family_key, mixed, parameter_hash
from triplebar.store.trials import TrialLedger
from triplebar.strategy.base import Strategy

if TYPE_CHECKING:
    from triplebar.contracts.sets import Numbers
    from triplebar.research.sweeping.study import Study


def family_of(strategy: Any) -> tuple[str, str]:  # noqa: ANN401 - anything that can be swept
    """What a strategy is, whatever its parameters: a hash of its code, and its name.

    >>> from triplebar.strategy.samples import BuyAndHold
    >>> family_of(BuyAndHold) == family_of(BuyAndHold())
    True
    """
    found = strategy_definition(type(strategy) if isinstance(strategy, Strategy) else strategy)
    return family_key(found), str(found["name"])


def keys_of(sets: Sets, context: Mapping[str, Any], constants: Mapping[str, Any] | None = None) -> Keys:
    """The keys of some sets: equal for equal parameters, in whatever space and order they stand.

    `context` is what else can change a number; `constants` are parameters that all sets have beside.
    """
    fixed = context_hash(context)
    for name, value in (constants or {}).items():
        if name not in sets.columns:
            fixed ^= parameter_hash(name, value)
    return _keys(sets, fixed, {name: Looked(np.uint64) for name in sets.columns})


def _keys(sets: Sets, fixed: int, looked: Mapping[str, Looked]) -> Keys:
    found = np.full(len(sets), fixed, dtype=np.uint64)
    for name, column in sets.columns.items():
        found ^= looked[name].up([column], partial(parameter_hash, name))[0]
    return mixed(found)


class TrialCounter:
    """Counts the blocks of a sweep in the ledger of its store; what all blocks share is hashed once."""

    def __init__(self, results: InStore, plan: Plan) -> None:
        """Nothing is counted yet."""
        self.plan = plan
        self.ledger = TrialLedger(results.store.database)
        self.family, self.name = family_of(plan.recipe.strategy)
        self.looked = {name: Looked(np.uint64) for name in plan.space.names}
        self._fixed: dict[int, int] = {}
        self._ready: tuple[Numbers, Keys] | None = None

    def prepare(self, sets: Sets, scene: int) -> None:
        """Make ready to count sets that are being evaluated; likely all of them, and next."""
        self._ready = sets.numbers, _keys(sets, self._fixed_of(scene), self.looked)

    def add(self, numbers: Numbers, scene: int) -> None:
        """Count the sets of a block that were evaluated, on the data of their scene."""
        if not len(numbers):
            return
        if self._ready is None or not np.array_equal(numbers, self._ready[0]):
            sets = self.plan.space.sets(numbers - scene * len(self.plan.space))
            self._ready = numbers, _keys(sets, self._fixed_of(scene), self.looked)
        (_, keys), self._ready = self._ready, None
        self.ledger.put(self.plan.recipe.scenes[scene].market.digest, self.family, self.name, keys)

    def _fixed_of(self, scene: int) -> int:
        """The part of the keys that the sets of a scene share."""
        if scene not in self._fixed:
            fixed = context_hash({"config": self.plan.definition["scenes"][scene]["config"]})
            for name, value in constants_of(self.plan.recipe.strategy).items():
                if name not in self.looked:
                    fixed ^= parameter_hash(name, value)
            self._fixed[scene] = fixed
        return self._fixed[scene]


def constants_of(strategy: Any) -> dict[str, Any]:  # noqa: ANN401 - anything that can be swept
    """The parameters that a set has without naming them: the defaults of a class, the values of a strategy."""
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return _defaults(strategy)
    return dict(strategy.parameters()) if isinstance(strategy, Strategy) else {}


def ledger_of(study: Study) -> TrialLedger | None:
    """The ledger of the store that a study is in."""
    return TrialLedger(study.results.store.database) if isinstance(study.results, InStore) else None


def _defaults(strategy: type[Strategy]) -> dict[str, Any]:
    from triplebar.strategy.base import _parameters_of

    names = _parameters_of(strategy)
    return {name: getattr(strategy, name) for name in names if hasattr(strategy, name)}
