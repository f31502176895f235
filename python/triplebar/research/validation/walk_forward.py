"""Walk forward: choose on one window, look at the next, move on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.research.interruption import stoppable
from triplebar.research.sweep import Study, measures_of, sweep
from triplebar.research.sweeping.evaluators import number_of
from triplebar.research.sweeping.session import opened
from triplebar.research.sweeping.space import Space
from triplebar.research.validation.chosen import maker_of, run_set, stretch, trading_from
from triplebar.research.validation.spans import Span
from triplebar.research.validation.walked import Walked, WalkForward
from triplebar.research.validation.windows import Plan, Window, windows_of

Progress = Callable[[int, int], None]


def walk_forward(  # noqa: PLR0913 - everything but the first six is optional
    strategy: Any,  # noqa: ANN401 - all that `sweep` takes
    market: Market,
    parameters: Mapping[str, Sequence[Any]] | Space,
    config: BacktestConfig | None = None,
    *,
    train: Span,
    test: Span,
    step: Span | None = None,
    embargo: Span = 0,
    anchored: bool = False,
    select: str = "sharpe",
    smallest: bool = False,
    warmup: int | None = None,
    close_at_end: bool = True,
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401 - those of `sweep`
) -> WalkForward:
    """Choose the best set of parameters on each training window, and run it on the window that follows.

    - `parameters`: values by name, or a space of `triplebar.spaces`, as for `sweep`.
    - `train`, `test`, `step`, `embargo`: lengths such as `"180d"`. The embargo is left out between training and test;
      a step is as long as a test if nothing is said. `anchored`: training always begins with the data.
    - `select`: the column of the study by which the best is chosen, the largest or the `smallest`.
    - `warmup`: ticks before each window that are shown and do not trade; by default a test is shown the training
      window and the embargo before it, and training has none.
    - `close_at_end`: positions are closed at the end of a test, so that leaving them is paid for.
    - `progress(done, total)` is called after each window; other options are those of `sweep`. With a `store` the sets
      of every window count as trials, on the whole market too.

    A window in which no set has a value in `select` chooses nothing, and its test holds nothing. After Ctrl-C `status`
    is `interrupted`, and the windows are those that were finished; if none was, it is a `KeyboardInterrupt`.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=120, seed=5, interval="1d")
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> walk = walk_forward(rule, market, {"fast": [2, 3], "slow": [7, 9]}, train="40d", test="20d", embargo="1d")
    >>> walk.windows.num_rows, walk.curve.num_rows
    (3, 60)
    >>> walk.parameters(0) in [{"fast": fast, "slow": slow} for fast in (2, 3) for slow in (7, 9)]
    True
    """
    if not isinstance(market, Market):
        raise ConfigError.of("market", market, "must be a Market", fix="use Market.from_table(...) or the like")
    if options.get("seeds") is not None:
        fix = "set the seed of all runs: BacktestConfig(seed=1)"
        raise ConfigError.of("seeds", options["seeds"], "are no axis of a walk: a window chooses one set", fix=fix)
    check_select(select, measures_of(options.get("metrics", ())))
    maker_of(strategy)
    config = config or BacktestConfig()
    plan = Plan.of(train, test, step=step, embargo=embargo, anchored=anchored)
    laid = windows_of(market, plan, start=config.start, end=config.end)
    if options.get("store") is not None:
        options = {**options, "store": opened(options["store"])}  # once, not once for each window
    walk = _Walk(
        strategy,
        market,
        parameters,
        config,
        (select, smallest),
        None if warmup is None else checks.integer("warmup", warmup),
        checks.flag("close_at_end", close_at_end),
        options,
    )
    walked: list[Walked] = []
    with stoppable(inside=True) as stopped:
        for window in laid:
            one = None if stopped() else walk.window(window)
            if one is None:
                break
            walked.append(one)
            if progress is not None:
                progress(len(walked), len(laid))
    if laid and not walked:
        raise KeyboardInterrupt
    return WalkForward(tuple(walked), plan, select, smallest, len(laid) - len(walked))


def check_select(select: str, measures: Sequence[str]) -> None:
    """Refuse to choose by what no study has a column of; `measures` are the further metrics."""
    columns = (*SUMMARY.names, *measures)
    if select not in columns:
        raise ConfigError.of("select", select, "is no column of a study", fix=hint(select, columns))


@dataclass(frozen=True, slots=True)
class _Walk:
    """What is the same in all windows."""

    strategy: Any
    market: Market
    parameters: Mapping[str, Sequence[Any]] | Space
    config: BacktestConfig
    select: tuple[str, bool]
    warmup: int | None
    close_at_end: bool
    options: Mapping[str, Any]

    def window(self, window: Window) -> Walked | None:
        """Choose on the training part, which is all that is given to the sweep, and run the choice on the test.

        None if one of the two was interrupted: a choice among some of the sets is another choice.
        """
        study = self._train(window)
        if study.metadata["status"] != "completed":
            return None
        by, smallest = self.select
        best = study.best(1, by=by, smallest=smallest)
        if not best.num_rows:
            return Walked(window, study, None, {}, None, None)
        row = best.to_pylist()[0]
        result = self._test(window, study.parameters(row["set"]))
        return (
            None
            if result.interrupted
            else Walked(window, study, row["set"], row, result, _summary(result, study.plan.recipe.measures))
        )

    def _train(self, window: Window) -> Study:
        part = stretch(self.market, window.train_start, window.train_end, self.warmup or 0, window.train_start)
        config = trading_from(self.config, part, window.train_start, close_at_end=False)
        named = {"name": f"{self.options['name']}, window {window.number}"} if self.options.get("name") else {}
        by, smallest = self.select  # what is kept of a window are the best by what chooses
        options = {**self.options, **named, "by": by, "smallest": smallest}
        return sweep(self.strategy, part, self.parameters, config, **options)

    def _test(self, window: Window, parameters: Mapping[str, Any]) -> RunResult:
        part = stretch(self.market, window.test_start, window.test_end, self.warmup, window.train_start)
        config = trading_from(self.config, part, window.test_start, close_at_end=self.close_at_end)
        chosen = {name: self.options[name] for name in ("engine", "mode") if name in self.options}
        return run_set(self.strategy, parameters, part, config, **chosen)


def _summary(result: RunResult, measures: Sequence[str]) -> dict[str, Any]:
    row: pa.RecordBatch = summarise(result.facts, result.market, result.settings)
    found: dict[str, Any] = row.to_pylist()[0]
    return found | {name: number_of(result.metrics.get(name)) for name in measures}
