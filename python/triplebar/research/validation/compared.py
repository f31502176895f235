"""Whether sets of a study differ by more than luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from triplebar.contracts.checks import integer
from triplebar.contracts.errors import ConfigError
from triplebar.metrics.statistics.comparison import compare_variants
from triplebar.research.interruption import all_or_nothing, whole

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study


def compare_sets(
    study: Study,
    sets: Sequence[int] | None = None,
    *,
    best: int = 10,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
    **options: Any,  # noqa: ANN401 - those of `run`
) -> pa.Table:
    """Test whether sets differ from the first of them: by default the best ones from the very best.

    Each is run again. One row per other set: `set`, its parameters, how much less or more it earns per year with an
    interval, `p_value` and `p_value_adjusted` for as many tests as there are rows; judge by the adjusted one. Sets of
    several markets are not over the same days, and are refused. Ctrl-C is a `KeyboardInterrupt`.

    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> study = tb.sweep(rule, tb.Market.synthetic(bars=300, seed=1, interval="1d"), {"fast": [2, 3], "slow": [9, 20]})
    >>> table = compare_sets(study, best=3, draws=200)
    >>> table.num_rows, table.column_names[:3]
    (2, ['set', 'fast', 'slow'])
    """
    integer("best", best, low=2, high=1_000)
    chosen = study.best(best)["set"].to_pylist() if sets is None else [int(each) for each in sets]
    if len(chosen) < 2 or len(set(chosen)) != len(chosen):
        raise ConfigError.of("sets", chosen, "are not two different sets or more", fix="give e.g. [3, 17]")
    with all_or_nothing():
        runs = [whole(study.run(number, **options)) for number in chosen]
    found = compare_variants(runs, baseline=0, level=level, draws=draws, seed=seed)
    others = pa.array(chosen[1:], pa.int64())
    parameters = study.plan.columns(others.to_numpy())
    numbers = {name: found[name] for name in found.column_names if name != "curve"}
    return pa.table({"set": others, **parameters, **numbers})
