"""What counts as a trial: the key of an evaluation, and who writes it into the ledger of a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from triplebar.contracts.sets import Sets
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
    found = np.full(len(sets), fixed, dtype=np.uint64)
    for name, values in sets.columns.items():
        used, _, places = values.distinct()
        hashed = np.array([parameter_hash(name, values.values[int(code)]) for code in used], dtype=np.uint64)
        found ^= hashed[places]
    return mixed(found)


def count_block(results: InStore, plan: Plan, numbers: Numbers, *, scene: int) -> None:
    """Count the sets of a block that were evaluated, on the data of their scene."""
    if not len(numbers):
        return
    one = plan.recipe.scenes[scene]
    sets = plan.space.sets(numbers - scene * len(plan.space))
    family, name = family_of(plan.recipe.strategy)
    keys = keys_of(sets, {"config": one.config.digest()}, constants_of(plan.recipe.strategy))
    TrialLedger(results.store.database).add(one.market.digest, family, name, keys)


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
