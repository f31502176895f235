"""Sets that a sampler chooses, one batch after the other, from what the batches before were worth."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.data.market import Market
from triplebar.research.interruption import stoppable
from triplebar.research.sweep import check_by, measures_of
from triplebar.research.sweeping.evaluators import evaluator_for, known_parameters
from triplebar.research.sweeping.found import PARAMETERS, PRUNED, Failure, Found, Stopped, Tell
from triplebar.research.sweeping.keeping import check_keep, with_best_kept
from triplebar.research.sweeping.optuna_trials import Trials
from triplebar.research.sweeping.plan import Plan, Recipe, check_plan, scenes_of
from triplebar.research.sweeping.results import InStore
from triplebar.research.sweeping.session import (
    Session,
    close_study,
    executor_for,
    metadata_of,
    results_for,
    told_if_ended,
)
from triplebar.research.sweeping.space import Space, space_of
from triplebar.research.sweeping.standing import Meter, Progress, Watch
from triplebar.research.sweeping.study import Study
from triplebar.research.sweeping.threads import Threads, task_of
from triplebar.research.sweeping.told import Told
from triplebar.research.sweeping.top import Top
from triplebar.store.studies import StudyStore

BATCH: Final = 8


@dataclass
class _Search:
    """A session whose sets are chosen on the way."""

    session: Session
    trials: Trials
    space: Told
    batch: int
    by: str
    parts: Mapping[float, Plan]
    """The plan on the first parts of the market, by their shares."""

    def run(self, stopped: Stopped) -> bool:
        """Go on until all trials are done; whether they are."""
        while len(self.space.told) < len(self.space):
            if stopped():
                return False
            start = len(self.space.told)
            stop = min(start + self.batch, len(self.space))
            self.trials.begin(start)
            self.space.add([self.trials.ask(number) for number in range(start, stop)])
            pruned = self._pruned(start, stop, stopped)
            found = self._whole(start, stop, stopped)
            if found is None:
                del self.space.told[start:]
                return False
            self._tell(found, start, stop, pruned)
        return True

    def _blocks(self, start: int, stop: int) -> range:
        size = self.session.plan.block
        return range(start // size, -(-stop // size))

    def _whole(self, start: int, stop: int, stopped: Stopped) -> list[Any] | None:
        done = sorted(self.session.some(self._blocks(start, stop), stopped), key=lambda each: each.block)
        whole = len(done) == len(self._blocks(start, stop)) and all(each.whole for each in done)
        return done if whole else None

    def _tell(self, found: list[Any], start: int, stop: int, pruned: Mapping[int, str]) -> None:
        worth: dict[int, float | None] = {}
        for each in found:
            low = each.block * self.session.plan.block
            high = min(low + self.session.plan.block, stop)
            given_up = [Failure(number, PRUNED, pruned[number]) for number in range(low, high) if number in pruned]
            failures = tuple(sorted((*each.found.failures, *given_up), key=lambda one: one.number))
            kept = replace(each.found, failures=failures, parameters=self.space.to_json(low, high))
            self.session.keep(replace(each, found=kept))
            worth |= _worth(kept, self.by)
        for number in range(start, stop):
            self.trials.tell(number, worth.get(number), pruned=number in pruned)

    def _pruned(self, start: int, stop: int, stopped: Stopped) -> dict[int, str]:
        """Run the batch on the first part of the market, then on more of it, and give up what others are ahead of."""
        given_up = dict[int, str]()
        for step, (share, part) in enumerate(self.parts.items()):
            blocks = self._blocks(start, stop)
            for done in self.session.executor.run(part, blocks, _deaf, stopped):
                for number, value in _worth(done.found, self.by).items():
                    if self.trials.report(number, value, step):
                        given_up[number] = f"given up at {share:.0%} of the market, {self.by} = {value}"
            self.space.out |= set(given_up)
        return given_up


def optimise(  # noqa: PLR0913 - everything but the first three is optional
    strategy: Any,  # noqa: ANN401 - all that `sweep` takes
    market: Market,
    parameters: Mapping[str, Sequence[Any]] | Space,
    config: BacktestConfig | None = None,
    *,
    trials: int = 100,
    by: str = "sharpe",
    smallest: bool = False,
    sampler: Any = None,  # noqa: ANN401 - a sampler of Optuna
    pruner: Any = None,  # noqa: ANN401 - a pruner of Optuna
    rungs: Sequence[float] = (),
    batch: int = BATCH,
    seed: int = 0,
    engine: str = "custom",
    mode: str = "auto",
    metrics: Sequence[str] = (),
    executor: Any = "threads",  # noqa: ANN401 - all that `sweep` takes
    threads: int | None = None,
    store: str | Path | StudyStore | None = None,
    name: str | None = None,
    resume: bool = True,
    keep: int = 0,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Study:
    """Let a sampler of Optuna choose the sets, and give a study like that of `sweep`.

    - `parameters`: a grid or a random space, with its condition.
    - `trials`: how many sets are run; `batch` of them are chosen at once, whatever the number of workers, so that the
      choice does not depend on it.
    - `by`, `smallest`: the metric that the sampler is told, to make large or small.
    - `rungs`: shares of the market, such as `(0.25, 0.5)`: a batch is run on these first, and what the pruner gives up
      there is not run to the end; it is in `study.failures` as `Pruned`, and counts as a trial.

    Other options are those of `sweep`. With a store, what was chosen is kept too, and told to the sampler again.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=300, seed=1, interval="1d")
    >>> space = tb.spaces.random({"fast": range(2, 20), "slow": range(20, 60)}, count=1)
    >>> study = optimise(tb.signals.crossover(fast="SMA", slow="SMA"), market, space, trials=12)
    >>> len(study), study.best(1).column("sharpe")[0].as_py() is not None
    (12, True)
    """
    check_keep(keep, store)
    scenes = scenes_of(market, config, None)
    given = space_of(parameters)
    given.check_names(known_parameters(strategy))
    measures = measures_of(metrics)
    if name is not None:
        checks.text("name", name)
    check_plan(given, scenes, measures)
    count, step = checks.integer("trials", trials, low=1), checks.integer("batch", batch, low=1)
    asked = Trials(given, sampler=sampler, pruner=pruner, seed=checks.integer("seed", seed), smallest=smallest)
    shares = _rungs(rungs)
    what = {**asked.definition(), "space": given.definition(), "seed": seed, "batch": step, "rungs": list(shares)}
    space = Told(given.names, count, {"kind": "told", **what, "metric": by, "smallest": smallest})
    plan = Plan.of(Recipe(strategy, scenes, engine, mode, measures), space)
    check_by(by, plan)
    first = Plan.of(plan.recipe, given).first()[0][0]
    workers = len(os.sched_getaffinity(0)) if threads is None else checks.integer("threads", threads, low=1)
    evaluator = evaluator_for(strategy, task_of(plan.recipe, 0, workers), first, mode)
    runs = executor_for(executor, threads, evaluator, scenes[0])
    if isinstance(runs, Threads):
        runs.kept += len(shares)
    with closing(runs), stoppable() as stopped:
        plan = plan.in_blocks(step if isinstance(runs, Threads) else 1)
        plan, results = results_for(plan, store, name, resume=resume)
        with told_if_ended(results):
            meter = Meter(count, 0, progress, watch, Top(1, by, smallest=smallest))
            session = Session(plan, results, runs, meter, "keep")
            before = _remembered(session, asked, space, by, step)
            meter.done = meter.before = before
            parts = {share: _part(plan, share) for share in shares}
            whole = _Search(session, asked, space, step, by, parts).run(stopped)
    study = Study(plan, results, evaluator, metadata_of(session, evaluator, whole=whole, before=before), by, smallest)
    close_study(study, whole=whole)
    return with_best_kept(study, keep)


def _remembered(session: Session, trials: Trials, space: Told, by: str, batch: int) -> int:
    """Tell the sampler what an earlier session has found, batch by batch; how many sets that are.

    A batch of which something is missing is chosen anew, and so are those after it, which were chosen from it.
    """
    results = session.results
    pruned = {each.number for each in results.failures() if each.error == PRUNED}
    worth: dict[int, float | None] = {}
    for place, (block, table) in enumerate(zip(results.done(), results.tables(), strict=False)):
        if block != place:
            break
        session.meter.seen(table)
        space.add(json.loads((table.schema.metadata or {}).get(PARAMETERS, b"[]")))
        worth |= dict(zip(table.column("set").to_pylist(), table.column(by).to_pylist(), strict=True))
    if len(space.told) < len(space):
        del space.told[len(space.told) // batch * batch :]
        if isinstance(results, InStore):
            results.store.cut(results.study, len(space.told) // session.plan.block)
    space.size = max(space.size, len(space.told))  # an earlier session was asked for more
    for number, values in enumerate(space.told):
        trials.remember(values, worth.get(number), pruned=number in pruned)
    return len(space.told)


def _worth(found: Found, by: str) -> dict[int, float | None]:
    return dict(zip(found.numbers.tolist(), found.rows.column(by).to_pylist(), strict=True))


def _part(plan: Plan, share: float) -> Plan:
    scene = plan.recipe.scenes[0]
    clock = scene.market.clock
    place = max(1, min(len(clock) - 1, int(share * len(clock))))
    part = replace(scene, market=scene.market.between(end=int(clock[place])))
    return Plan.of(replace(plan.recipe, scenes=(part,)), plan.space, plan.block)


def _rungs(given: Sequence[float]) -> tuple[float, ...]:
    found = tuple(float(each) for each in checks.sequence("rungs", given))
    if list(found) != sorted(set(found)) or any(not 0 < each < 1 for each in found):
        raise ConfigError.of("rungs", given, "must be rising shares of the market", fix="write rungs=(0.25, 0.5)")
    return found


def _deaf(block: int) -> Tell:
    del block
    return lambda *_: None
