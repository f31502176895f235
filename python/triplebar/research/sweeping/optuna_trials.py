"""Optuna on our side of the table: a space as its distributions, and trials as sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from triplebar.contracts.errors import ConfigError, EngineNotAvailableError
from triplebar.contracts.random import draw
from triplebar.contracts.sets import Sets, Values
from triplebar.research.sweeping.conditions import holds
from triplebar.research.sweeping.ranges import Choice, Integers, LogUniform, Uniform
from triplebar.research.sweeping.space import Grid, RandomSpace, Space

ATTEMPTS_MAX: Final = 1_000
Back = Callable[[Any], Any]


class Trials:
    """Asks a sampler of Optuna for sets of a space, and tells it what they were worth."""

    def __init__(self, space: Space, *, sampler: Any, pruner: Any, seed: int, smallest: bool) -> None:  # noqa: ANN401
        """Begin a study of Optuna in memory: what is kept lies in our store."""
        optuna = optuna_module()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.optuna, self.space = optuna, space
        self.distributions, self.backs = _distributions(space, optuna.distributions)
        self.study = optuna.create_study(
            direction="minimize" if smallest else "maximize",
            sampler=sampler,
            pruner=pruner or optuna.pruners.MedianPruner(n_startup_trials=5),
        )
        self.asked: dict[int, Any] = {}
        self.seed = None if sampler is not None else seed

    def begin(self, number: int) -> None:
        """Begin a batch: what is chosen follows from the seed, the batch and what is known, not from the session."""
        if self.seed is not None:
            seed = draw(self.seed, "optuna", number) % 2**32
            self.study.sampler = self.optuna.samplers.TPESampler(seed=seed)

    def ask(self, number: int) -> dict[str, Any]:
        """The next set; one that does not meet the condition is told to have failed, and another is asked for."""
        for _ in range(ATTEMPTS_MAX):
            trial = self.study.ask(self.distributions)
            values = {name: self.backs[name](trial.params[name]) for name in self.space.names}
            if self._meets(values):
                self.asked[number] = trial
                return values
            self.study.tell(trial, state=self.optuna.trial.TrialState.FAIL)
        problem = f"the sampler found no set that meets the condition in {ATTEMPTS_MAX:,} attempts"
        raise ConfigError(problem, where=f"set {number}", fix="widen the space or the condition")

    def report(self, number: int, value: float | None, step: int) -> bool:
        """Tell what a set was worth after a part of the market; whether to give it up."""
        trial = self.asked[number]
        if value is None:
            return False
        trial.report(value, step)
        return bool(trial.should_prune())

    def tell(self, number: int, value: float | None, *, pruned: bool = False) -> None:
        """Tell what a set was worth; None if it failed or has no value."""
        states = self.optuna.trial.TrialState
        trial = self.asked.pop(number)
        if pruned:
            self.study.tell(trial, state=states.PRUNED)
        elif value is None:
            self.study.tell(trial, state=states.FAIL)
        else:
            self.study.tell(trial, value)

    def remember(self, values: Mapping[str, Any], worth: float | None, *, pruned: bool) -> None:
        """Tell of a set of an earlier session."""
        if worth is None and not pruned:
            return
        trial = self.optuna.trial
        self.study.add_trial(
            trial.create_trial(
                params={name: _forth(self.space, name, value) for name, value in values.items()},
                distributions=self.distributions,
                value=None if pruned else worth,
                state=trial.TrialState.PRUNED if pruned else trial.TrialState.COMPLETE,
            )
        )

    def definition(self) -> dict[str, Any]:
        """Who chooses, in plain values."""
        sampler = type(self.study.sampler).__name__
        return {"by": "optuna", "version": self.optuna.__version__, "sampler": sampler}

    def _meets(self, values: Mapping[str, Any]) -> bool:
        import numpy as np

        if self.space.where is None:
            return True
        one = np.zeros(1, dtype=np.int64)
        return bool(
            holds(self.space.where, Sets(one, {name: Values([value], one) for name, value in values.items()}))[0]
        )


def optuna_module() -> Any:  # noqa: ANN401 - a module
    """Optuna, if it is installed."""
    try:
        import optuna
    except ImportError as problem:
        raise EngineNotAvailableError("optuna is not installed", fix="pip install 'triplebar[optuna]'") from problem
    return optuna


def _distributions(space: Space, kinds: Any) -> tuple[dict[str, Any], dict[str, Back]]:  # noqa: ANN401 - a module
    """What Optuna may choose for each parameter, and what its choice stands for."""
    found: dict[str, Any] = {}
    backs: dict[str, Back] = {}
    for name, values in _axes(space).items():
        if isinstance(values, (Uniform, LogUniform)):
            found[name] = kinds.FloatDistribution(values.low, values.high, log=isinstance(values, LogUniform))
            backs[name] = float
        elif _ordered(values):
            found[name] = kinds.IntDistribution(0, len(values) - 1)
            backs[name] = values.__getitem__
        else:
            found[name] = kinds.CategoricalDistribution(list(range(len(values))))
            backs[name] = values.__getitem__
    return found, backs


def _axes(space: Space) -> dict[str, Any]:
    if isinstance(space, Grid):
        return dict(space.axes)
    if isinstance(space, RandomSpace):
        return {name: _values(each) for name, each in space.ranges.items()}
    raise ConfigError.of("parameters", type(space).__name__, "cannot be sampled", fix="give a grid or a random space")


def _values(each: Any) -> Any:  # noqa: ANN401 - a range, or the values of one
    if isinstance(each, Integers):
        return range(each.low, each.high + 1, each.step)
    return each.values if isinstance(each, Choice) else each


def _ordered(values: Sequence[Any]) -> bool:
    """Whether near values are near each other: numbers that rise."""
    if isinstance(values, range):
        return values.step > 0
    plain = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return plain and list(values) == sorted(values)


def _forth(space: Space, name: str, value: Any) -> Any:  # noqa: ANN401 - a value of any kind
    values = _axes(space)[name]
    return value if isinstance(values, (Uniform, LogUniform)) else list(values).index(value)
