"""What a sweep does, apart from who does it: markets and seeds around a space, in blocks of numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from triplebar.contracts import checks
from triplebar.contracts.config import RULES_VERSION, BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.metadata import plain_values
from triplebar.contracts.sets import Sets, Values
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.summary import SUMMARY
from triplebar.research.choice import engine_id
from triplebar.research.factory import create_engine
from triplebar.research.source import function_digest, strategy_digest
from triplebar.research.sweeping.space import NUMBER_MAX, Space
from triplebar.store.trial_keys import rule_definition
from triplebar.strategy.base import Strategy
from triplebar.strategy.rules import Rule

BLOCK_MAX: Final = 6_000
"""Sets in a block at most: what a block takes has to be little beside the process, so that memory is flat."""
BLOCKS_EACH: Final = 4
"""Blocks that each worker of an executor should get, if there are enough sets."""
RESERVED: Final = ("set", *SUMMARY.names)
"""Columns of a study's table that are no parameters; so are the labels of its scenes."""


@dataclass(frozen=True)
class Scene:
    """A market and a configuration that every set of the space is run on."""

    market: Market
    config: BacktestConfig
    labels: Mapping[str, Any] = field(default_factory=dict)
    """The market's name and the seed, where a sweep has several."""

    def definition(self) -> dict[str, Any]:
        """What can change a number, in plain values."""
        labels = plain_values(dict(self.labels))
        return {"labels": labels, "market": self.market.digest, "config": self.config.digest()}


@dataclass(frozen=True)
class Recipe:
    """What somebody elsewhere needs to run blocks; it can be pickled if the strategy can."""

    strategy: Any
    scenes: tuple[Scene, ...]
    engine: str | Engine = "custom"
    mode: str = "auto"
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Swept:
    """A recipe and the space it goes through: all that makes a study the one it is, hashed once."""

    recipe: Recipe
    space: Space

    @cached_property
    def definition(self) -> dict[str, Any]:
        """Everything that can change a number of the study, in plain values."""
        recipe = self.recipe
        engine = recipe.engine if not isinstance(recipe.engine, str) else create_engine(recipe.engine)
        return {
            "strategy": strategy_definition(recipe.strategy),
            "space": self.space.definition(),
            "scenes": [scene.definition() for scene in recipe.scenes],
            "engine": engine_id(engine),
            "measures": list(recipe.measures),
            "rules_version": RULES_VERSION,
        }

    @cached_property
    def id(self) -> str:
        """What the study is known by: equal for equal definitions, whatever runs them."""
        text = json.dumps(self.definition, sort_keys=True)
        return f"st-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Plan:
    """What is swept, and the blocks in which it is.

    The number of a set is its number in the space, plus the size of the space for each scene before its own.
    """

    swept: Swept
    block: int = BLOCK_MAX
    without: frozenset[int] = frozenset()
    """Sets of the first scene that were run already."""

    @classmethod
    def of(cls, recipe: Recipe, space: Space, block: int = BLOCK_MAX) -> Plan:
        """A recipe through a space."""
        return cls(Swept(recipe, space), block)

    def __len__(self) -> int:
        return len(self.space) * len(self.recipe.scenes)

    @property
    def recipe(self) -> Recipe:
        """What is needed to run a set."""
        return self.swept.recipe

    @property
    def space(self) -> Space:
        """The sets of one scene."""
        return self.swept.space

    @property
    def definition(self) -> dict[str, Any]:
        """Everything that can change a number of the study, in plain values."""
        return self.swept.definition

    @property
    def id(self) -> str:
        """What the study is known by, in blocks of any size."""
        return self.swept.id

    @property
    def per_scene(self) -> int:
        """Blocks of each scene."""
        return -(-len(self.space) // self.block)

    @property
    def blocks(self) -> int:
        """Blocks of all scenes."""
        return self.per_scene * len(self.recipe.scenes)

    def in_blocks(self, block: int) -> Plan:
        """The same study in blocks of another size."""
        return replace(self, block=block)

    def place(self, block: int) -> tuple[int, int, int]:
        """The scene of a block, and its numbers in the space: from, up to."""
        scene, within = divmod(block, self.per_scene)
        return scene, within * self.block, min((within + 1) * self.block, len(self.space))

    def sets(self, block: int) -> tuple[int, Sets]:
        """The scene of a block and its sets; their numbers are those of the plan."""
        scene, start, stop = self.place(block)
        found = self.space.block(start, stop)
        if self.without and scene == 0 and start <= max(self.without):
            found = found.part(~np.isin(found.numbers, list(self.without)))
        return scene, replace(found, numbers=found.numbers + scene * len(self.space))

    def at(self, number: int) -> tuple[Scene, dict[str, Any]]:
        """The scene and the parameters of a set."""
        scene, within = divmod(checks.integer("set", number, high=len(self) - 1), len(self.space))
        return self.recipe.scenes[scene], self.space[within]

    def columns(self, numbers: Any) -> dict[str, Any]:  # noqa: ANN401 - an array
        """Labels and parameters of some sets, a column each."""
        size, scenes = len(self.space), self.recipe.scenes
        which = numbers // size
        labels = {
            name: Values([scene.labels[name] for scene in scenes], which).arrow()
            for name in self.recipe.scenes[0].labels
        }
        return {**labels, **self.space.sets(numbers - which * size).arrow()}

    def first(self) -> tuple[Sets, int]:
        """The first set that there is, to see what the strategy is like, and the numbers passed over before it."""
        start, several = 0, 1
        while start < len(self.space):
            found = self.space.block(start, start + several)
            if len(found):
                return found.part(slice(0, 1)), int(found.numbers[0])
            start, several = start + several, BLOCK_MAX
        raise ConfigError("no set meets the condition", where="sweep", fix="widen the space or the condition")


def strategy_definition(strategy: Any) -> dict[str, Any]:  # noqa: ANN401 - anything that can be swept
    """What a strategy is, in plain values.

    >>> from triplebar.strategy.samples import BuyAndHold
    >>> strategy_definition(BuyAndHold)["name"]
    'BuyAndHold'
    """
    if isinstance(strategy, Rule):
        return {**rule_definition(repr(strategy))}
    if isinstance(strategy, Strategy):
        parameters = plain_values(strategy.parameters())
        return {
            "name": strategy_name(strategy),
            "digest": strategy_digest(strategy.definition()),
            "parameters": {name: repr(value) for name, value in parameters.items()},
        }
    if isinstance(strategy, type):
        return {"name": strategy_name(strategy), "digest": strategy_digest(strategy)}
    return {"name": strategy_name(strategy), "digest": function_digest(strategy)}


def strategy_name(strategy: Any) -> str:  # noqa: ANN401 - anything that can be swept
    """What a strategy is called.

    >>> strategy_name(lambda fast: None)
    '<lambda>'
    """
    if isinstance(strategy, Rule):
        return "rule"
    if isinstance(strategy, Strategy):
        return strategy.name
    return str(getattr(strategy, "__name__", type(strategy).__name__))


def scenes_of(market: object, config: object, seeds: Sequence[int] | None) -> tuple[Scene, ...]:
    """Every market with every seed; a market may have a configuration of its own under the same name."""
    several = isinstance(market, Mapping)
    markets: Mapping[Any, Any] = market if isinstance(market, Mapping) else {None: market}
    if not markets:
        raise ConfigError("there is no market", where="sweep", fix="give at least one")
    found = []
    for name, each in markets.items():
        if not isinstance(each, Market):
            raise ConfigError.of("market", each, "must be a Market", fix="use Market.from_table(...) or the like")
        if [str(other) for other in markets].count(str(name)) > 1:
            raise ConfigError.of("market", name, "is the name of two of them", fix="give each market a name of its own")
        own = _config(config, name)
        label = {"market": str(name)} if several else {}
        if seeds is None:
            found.append(Scene(each, own, label))
        found.extend(Scene(each, own.replace(seed=seed), {**label, "seed": seed}) for seed in _seeds(seeds))
    return tuple(found)


def _config(config: object, name: object) -> BacktestConfig:
    if isinstance(config, Mapping):
        if name not in config:
            fix = hint(name, list(config)) or "give one for each market"
            raise ConfigError(f"there is none for the market {name!r}", where="config", fix=fix)
        config = config[name]
    if config is None:
        return BacktestConfig()
    if not isinstance(config, BacktestConfig):
        raise ConfigError.of("config", config, "must be a BacktestConfig", fix="write BacktestConfig(...)")
    return config


def _seeds(seeds: Sequence[int] | None) -> Iterator[int]:
    if seeds is not None and (isinstance(seeds, (str, bytes)) or not hasattr(seeds, "__len__") or not len(seeds)):
        raise ConfigError.of("seeds", seeds, "is no list of seeds", fix="write e.g. seeds=range(5)")
    for seed in () if seeds is None else seeds:
        yield checks.integer("seeds", seed, high=2**64 - 1)


def check_plan(space: Space, scenes: Sequence[Scene], measures: Sequence[str] = ()) -> None:
    """Refuse names that the table needs for itself, and more sets than can be numbered."""
    taken = [name for name in space.names if name in {*RESERVED, *measures, *scenes[0].labels}]
    if taken:
        problem = "is a column of the study itself, so no parameter can be called that"
        raise ConfigError.of("parameter", taken[0], problem, fix="name it otherwise")
    if len(space) * len(scenes) > NUMBER_MAX:
        raise ConfigError(f"there are {len(space) * len(scenes):,} sets", where="sweep", fix="sweep parts of it")


def block_size(plan: Plan, rate: int, workers: int) -> int:
    """So many sets that a block takes about a second, that every worker gets some, and that it fits the memory."""
    bars = max(scene.market.rows for scene in plan.recipe.scenes)
    by_time = max(1, rate // max(1, bars))
    by_share = -(-len(plan.space) * len(plan.recipe.scenes) // (workers * BLOCKS_EACH)) if workers > 1 else NUMBER_MAX
    return max(1, min(by_time, by_share, BLOCK_MAX))
