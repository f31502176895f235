"""What a sweep found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from triplebar.contracts import checks
from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.errors import ConfigError, RegistryError
from triplebar.contracts.result import RunResult
from triplebar.contracts.suggest import hint
from triplebar.engines.custom.summary import SUMMARY
from triplebar.research.interruption import all_or_nothing, stoppable, whole
from triplebar.research.job import Asked, Job
from triplebar.research.sweeping.digest import set_hash, study_digest
from triplebar.research.sweeping.evaluators import Evaluator
from triplebar.research.sweeping.found import Failure, columns_with
from triplebar.research.sweeping.keeping import keep_best
from triplebar.research.sweeping.plan import Plan, Scene, strategy_definition
from triplebar.research.sweeping.results import InStore, Results
from triplebar.research.sweeping.space import Space
from triplebar.research.sweeping.study_text import as_html, study_line, study_text
from triplebar.research.sweeping.top import Top
from triplebar.strategy.base import Strategy
from triplebar.strategy.rules import Rule

if TYPE_CHECKING:
    from triplebar.research.validation.verdict import Verdict


@dataclass(frozen=True, repr=False)
class Study:
    """What a sweep found: one row a set that was run, in the order of their numbers.

    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> study = tb.sweep(rule, tb.Market.synthetic(bars=300, seed=1), {"fast": [2, 3], "slow": [9, 20]})
    >>> study.table.num_rows, study.parameters(3)
    (4, {'fast': 3, 'slow': 20})
    >>> best = study.best(1, by="final_equity")
    >>> study.run(best.column("set")[0].as_py()).ending_value == best.column("final_equity")[0].as_py()
    True
    """

    plan: Plan
    results: Results
    evaluator: Evaluator
    """Makes the strategies of the first scene; how the sets were run is in `metadata`."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    by: str = "sharpe"
    """The metric that decides what is best."""
    smallest: bool = False

    def __repr__(self) -> str:
        """What was swept, and how much of it is done."""
        return f"Study({study_line(self)})"

    def __str__(self) -> str:
        """How much was run, the best sets, and the verdict, for which some sets are run again."""
        return study_text(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(study_text(self))

    def __len__(self) -> int:
        """Sets that have numbers."""
        return self.results.counts()[0]

    @property
    def id(self) -> str:
        """What the study is known by: equal for equal strategies, spaces, markets and configurations."""
        return self.plan.id

    @property
    def space(self) -> Space:
        """The space of one scene."""
        return self.plan.space

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The markets and configurations."""
        return self.plan.recipe.scenes

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the columns that are numbers of a set."""
        return (*SUMMARY.names, *self.plan.recipe.measures)

    # --------------------------------------------------------------------------------------------------------- numbers

    @property
    def table(self) -> pa.Table:
        """All rows: `set`, market and seed if there are several, the parameters, the metrics.

        With a store they are read from there each time.
        """
        if not isinstance(self.results, InStore):
            return self._table
        return self._joined()

    @cached_property
    def _table(self) -> pa.Table:
        return self._joined()

    def _joined(self) -> pa.Table:
        tables = list(self.tables())
        return stacked(tables) if tables else self._empty()

    def tables(self) -> Iterator[pa.Table]:
        """The rows block by block, in order: what does not fit the memory can be gone through."""
        for table in self.results.tables():
            yield self._shown(table)

    def best(self, count: int = 10, *, by: str | None = None, smallest: bool | None = None) -> pa.Table:
        """The sets with the largest (or smallest) value in a column, the first of equals first; no value, no place."""
        by, count = self.by if by is None else by, checks.integer("count", count)
        parameters = by not in self.metrics
        if parameters and by not in self._empty().column_names:
            raise ConfigError.of("by", by, "is no column", fix=hint(by, self._empty().column_names))
        top = Top(count, by, smallest=self.smallest if smallest is None else smallest)
        found = top.of((_sortable(each, by) for each in self.tables()) if parameters else self.results.tables())
        if found is None:
            return self._empty()
        return found if parameters else self._shown(found)

    @cached_property
    def digest(self) -> str:
        """A hash over numbers and summaries: the same on one core, many, or many machines, resumed or not."""
        found = study_digest(self.metrics, self.results.tables(), self.results.failures())
        if isinstance(self.results, InStore) and self.metadata.get("status") == "completed":
            with suppress(RegistryError):  # it is known, whether the store can keep it or not
                self.results.store.put_digest(self.id, found)
        return found

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the set with the highest Sharpe ratio is more than luck: edge, no edge shown, too little data.

        Some sets are run again for it; see `triplebar.research.validation.study_verdict`.
        """
        from triplebar.research.validation.study_verdict import verdict_of

        return verdict_of(self)

    @property
    def failures(self) -> pa.Table:
        """The sets that could not be run: `set`, the kind of error, what it said."""
        found = self.results.failures()
        return pa.table(
            {
                "set": pa.array([each.number for each in found], pa.int64()),
                "error": pa.array([each.error for each in found], pa.string()),
                "message": pa.array([each.message for each in found], pa.string()),
            }
        )

    # ---------------------------------------------------------------------------------------------------------- a set

    def parameters(self, number: int) -> dict[str, Any]:
        """The parameters of a set."""
        return self.plan.at(number)[1]

    def row(self, number: int) -> dict[str, Any]:
        """The row of a set."""
        return dict(self._shown(self._row(number)).to_pylist()[0])

    def hash(self, number: int) -> str:
        """The hash of a set: of its number and its metrics."""
        return set_hash(self.metrics, self._row(number))

    def run(self, number: int, **options: Any) -> RunResult:  # noqa: ANN401 - those of `run`
        """Run one set again, with all its tables; options are those of `run`."""
        return self.job(number, **options).result()

    def job(self, number: int, **options: Any) -> Job:  # noqa: ANN401 - those of `run`
        """The run of one set, which is not made yet: it knows already by which id it will be known."""
        scene, values = self.plan.at(number)
        tried_as = None if options.get("parameters") else self._tried_as(values)
        asked = {"engine": self.plan.recipe.engine, "tried_as": tried_as, **options}
        strategy = self.evaluator.strategy(values)
        return Job(Asked(strategy=strategy, market=scene.market, config=scene.config, **asked))

    def _tried_as(self, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """A set of a sweep over a function is known by the function: what it makes knows nothing of the parameters."""
        strategy = self.plan.recipe.strategy
        return None if isinstance(strategy, (Rule, Strategy, type)) else (strategy_definition(strategy), values)

    def winners(self, count: int = 1, **how: Any) -> list[RunResult]:  # noqa: ANN401 - those of `best`
        """Run the best sets again, with all their tables; Ctrl-C is a `KeyboardInterrupt`."""
        with all_or_nothing():
            return [whole(self.run(number)) for number in self.best(count, **how).column("set").to_pylist()]

    def keep(self, count: int = 1, **how: Any) -> dict[int, str]:  # noqa: ANN401 - those of `best`
        """Keep the best sets with all their tables in the store of the study; gives the ids of the runs, by set.

        `tb.ExperimentRegistry(store).load(id)` and `triplebar runs show` read them. What is kept already is not run
        again. After Ctrl-C, which is a `KeyboardInterrupt`, those that were finished are kept.
        """
        with stoppable(inside=True) as stopped:
            kept = keep_best(self, self.best(count, **how).column("set").to_pylist(), stopped)
            if stopped():
                raise KeyboardInterrupt
        return kept

    def _row(self, number: int) -> pa.Table:
        self.plan.at(number)
        for table in self.results.tables():
            numbers = to_numpy(table.column("set"))
            place = int(numbers.searchsorted(number))
            if place < len(numbers) and numbers[place] == number:
                return table.slice(place, 1)
        failed: list[Failure] = [each for each in self.results.failures() if each.number == number]
        why = f"failed: {failed[0].message}" if failed else "was not run"
        raise ConfigError.of("set", number, why, fix="look at study.failures, or resume the sweep")

    def _shown(self, table: pa.Table) -> pa.Table:
        """With the parameters between the number and the metrics."""
        numbers = table.column("set")
        return pa.table(
            {
                "set": numbers,
                **self.plan.columns(to_numpy(numbers)),
                **{name: table.column(name) for name in self.metrics},
            }
        )

    def _empty(self) -> pa.Table:
        numbers = columns_with(self.plan.recipe.measures)
        return self._shown(pa.schema([pa.field("set", pa.int64()), *numbers]).empty_table())


def stacked(tables: list[pa.Table]) -> pa.Table:
    """Tables below each other; a parameter that is a number in some and a text in others is text in all of them.

    >>> stacked([pa.table({"kind": [1]}), pa.table({"kind": ["SMA"]}), pa.table({"kind": [2.5]})])["kind"].to_pylist()
    ['1', 'SMA', '2.5']
    """
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.concat_tables([_as_texts(each, _mixed(tables)) for each in tables], promote_options="permissive")


def _mixed(tables: list[pa.Table]) -> frozenset[str]:
    """The columns whose types do not go together."""
    kinds = {name: {each.schema.field(name).type for each in tables} for name in tables[0].column_names}
    return frozenset(name for name, found in kinds.items() if len(found) > 1 and not all(map(_is_number, found)))


def _as_texts(table: pa.Table, names: frozenset[str]) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in names:
            texts = [None if each is None else str(each) for each in table.column(name).to_pylist()]
            table = table.set_column(place, name, pa.array(texts, pa.string()))
    return table


def _is_number(kind: pa.DataType) -> bool:
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null)
    return any(test(kind) for test in numbers)


def _sortable(table: pa.Table, by: str) -> pa.Table:
    """A table with a column as numbers."""
    place, kind = table.column_names.index(by), table.schema.field(by).type
    if not _is_number(kind):
        raise ConfigError.of("by", by, f"has values that are no numbers ({kind})", fix="choose a metric")
    return table.set_column(place, by, table.column(by).cast(pa.float64(), safe=False))
