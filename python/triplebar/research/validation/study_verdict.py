"""The verdict on a study: its best set, judged by how many were tried and how much they are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from triplebar.contracts.checks import integer
from triplebar.contracts.result import RunResult
from triplebar.metrics.statistics.confidence import OBSERVATIONS_MIN, confidence
from triplebar.research.interruption import all_or_nothing, whole
from triplebar.research.validation.counting import family_of, ledger_of
from triplebar.research.validation.sampling import (
    SAMPLE,
    Ratios,
    Sampled,
    pruned_of,
    ratios_of,
    returns_of,
    sampled_sets,
)
from triplebar.research.validation.verdict import (
    LEVEL,
    PERIODS_MIN,
    TOO_LITTLE,
    Tried,
    Verdict,
    judge,
    mean_correlation,
)

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study


def verdict_of(study: Study, *, level: float = LEVEL, sample: int = SAMPLE, seed: int = 0) -> Verdict:
    """Judge the set of a study with the highest Sharpe ratio, whatever else the study chooses by; it says which.

    That set and a `sample` of the others, drawn from `seed`, are run again for their daily returns. With a store,
    everything that was ever tried on the same data is counted: the same strategy, in whatever study, and others.
    Ctrl-C is a `KeyboardInterrupt`: there is no verdict on a part.

    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> market = tb.Market.synthetic(bars=800, seed=1, interval="1d")
    >>> verdict = verdict_of(tb.sweep(rule, market, {"fast": range(2, 6), "slow": [20, 40]}))
    >>> verdict.kind, verdict.trials
    ('no edge shown', 8)
    """
    integer("sample", sample, low=2, high=100_000)
    best, ratios = study.best(1, by="sharpe", smallest=False), ratios_of(study)
    if not best.num_rows:
        return _nothing(study, "no set has a Sharpe ratio: none has two days whose returns differ", level)
    number, size = int(best["set"][0].as_py()), len(study.space)
    with all_or_nothing() as check:
        winner = whole(study.run(number))
        first = returns_of(study, [number])
        others = sampled_sets(study, sample, count=ratios.count, seed=seed)
        mates = [each for each in others.tolist() if each != number and each // size == number // size]
        sampled = returns_of(study, [number, *mates]) if len(first.returns) >= PERIODS_MIN else first
        check()
        tried = _tried(study, number, ratios, sampled)
        interval = _interval(winner, len(first.returns), level, seed)
    found = judge(
        sampled.returns,
        periods_per_year=sampled.periods_per_year,
        best=0,
        tried=tried,
        level=level,
        interval=interval,
    )
    return replace(found, set=number, reasons=(*found.reasons, *_another(study, number)))


def _another(study: Study, judged: int) -> Iterator[str]:
    """A sentence on the set that the study shows first, if it is another than the one that was judged."""
    for row in study.best(1).to_pylist():
        if row["set"] != judged:
            ratio = "no Sharpe ratio" if row["sharpe"] is None else f"a Sharpe ratio of {row['sharpe']:.2f} a year"
            order = f"the {'smallest' if study.smallest else 'largest'} {study.by}"
            yield f"set {judged} was judged, not set {row['set']}, which has {order} and {ratio}"


def _tried(study: Study, number: int, ratios: Ratios, sampled: Sampled) -> Tried:
    """How many trials there were: those of this study, and what the ledger of its store knows beside."""
    ledger = ledger_of(study)
    deviation = inf if ratios.pruned else ratios.deviation  # those that were ahead are nearer to each other than all
    if ledger is None:
        return Tried(ratios.trials, deviation)
    data = study.plan.at(number)[0].market.digest
    family, _ = family_of(study.plan.recipe.strategy)
    if sampled.returns.shape[1] > 1:
        ledger.measured(data, family, mean_correlation(sampled.returns))
    known = {each.family: each.trials for each in ledger.of(data)}
    return Tried(max(ratios.trials, known.get(family, 0)), deviation, ledger.elsewhere(data, family))


def _interval(winner: RunResult, periods: int, level: float, seed: int) -> tuple[float, float] | None:
    """That of the Sharpe ratio of the best set by itself: it knows nothing of the others."""
    if periods <= OBSERVATIONS_MIN:
        return None
    rows = {row["metric"]: row for row in confidence(winner, level=level, seed=seed).to_pylist()}
    low, high = rows["sharpe"]["low"], rows["sharpe"]["high"]
    return None if low is None or high is None else (low, high)


def _nothing(study: Study, reason: str, level: float) -> Verdict:
    count = len(study) + pruned_of(study)
    return Verdict(TOO_LITTLE, (reason,), level, count, float(count), 0, 365.0)
