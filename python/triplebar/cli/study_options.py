"""Options of `sweep` and `walkforward` in the words of a study file, so that both are checked as one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

from triplebar.cli.ranges import listed, pairs
from triplebar.cli.settings_file import assignments, read_settings
from triplebar.contracts.errors import ConfigError

FILES: Final = (".toml", ".yaml", ".yml", ".json")
"""How the name of a study file ends."""


def options(
    strategy: str | None,
    *,
    data: list[Path] | None = None,
    param: list[str] | None = None,
    where: str | None = None,
    random: int | None = None,
    trials: int | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Options that say what is run.

    >>> options("triplebar.strategy.samples:BuyAndHold", param=["size=1:3"], random=7)["parameters"]
    {'size': '1:3'}
    """
    found: dict[str, Any] = {"where": where}
    if strategy is not None and not strategy.endswith(FILES):
        found["strategy"] = whole(strategy)
    if data:
        found["data"] = [str(each.resolve()) for each in data]
    if param:
        found["parameters"] = pairs("--param", param)
    drawn = {} if seed is None else {"seed": seed}
    if random is not None:
        found["random"] = {"count": random, **drawn}
    elif trials is not None:
        found["optuna"] = {"trials": trials, **drawn}
    elif drawn:
        fix = "add --random 1000, or write --set seed=1 for that of the runs"
        raise ConfigError("is the seed of sets that are drawn, and none are", where="--seed", fix=fix)
    return found


def scenes(markets: list[str] | None, seeds: str | None) -> dict[str, Any]:
    """Options that say on what every set is run.

    >>> scenes(None, "1:3")
    {'seeds': [1, 2, 3]}
    """
    found: dict[str, Any] = {}
    if markets:
        named = [each.partition("=") for each in markets]
        if not all(name and file for name, _, file in named):
            raise ConfigError(f"{markets} is not name=file", where="--market", fix="write --market calm=calm.parquet")
        found["data"] = {
            name: [str(Path(file).resolve()) for other, _, file in named if other == name] for name, *_ in named
        }
    if seeds is not None:
        found["seeds"] = listed("--seeds", seeds)
    return found


def settings(config: Path | None, given: list[str] | None) -> dict[str, Any]:
    """Options that change the configuration.

    >>> settings(None, ["risk.drawdown_total=0.2"])
    {'config': {'risk': {'drawdown_total': 0.2}}}
    """
    found = read_settings(config)
    values: dict[str, Any] = {
        "config": dict(found.config),
        "parameters": {name: [value] for name, value in found.parameters.items()},
    }
    for name, value in assignments("--set", given or ()).items():
        *outer, last = name.split(".")
        values = merged(values, {"config": reduce(lambda inner, each: {each: inner}, reversed(outer), {last: value})})
    if found.instruments is not None:
        values["instruments"] = [each.to_mapping() for each in found.instruments]
    return {name: value for name, value in values.items() if value}


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the second before the first, tables inside tables too.

    >>> merged({"config": {"seed": 1, "fill": "next_open"}}, {"config": {"seed": 2}, "by": "sharpe"})
    {'config': {'seed': 2, 'fill': 'next_open'}, 'by': 'sharpe'}
    """
    found = dict(one)
    for name, value in other.items():
        inside = found.get(name)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        found[name] = merged(inside, value) if both else value  # type: ignore[arg-type] # both are mappings
    return found


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, with paths that mean the same beside a file in another folder.

    A switch that is left alone is False, and one of a section, which a file may have on, None.

    >>> said({"by": None, "smallest": False, "walk_forward": {"train": "90d", "test": None, "anchored": False}})
    {'walk_forward': {'train': '90d', 'anchored': False}}
    """
    there = {name: value for name, value in given.items() if value is not None and value is not False}
    for name, value in there.items():
        if isinstance(value, Path):
            there[name] = whole(str(value))
        elif name == "walk_forward":
            there[name] = {key: each for key, each in value.items() if each is not None}
    return {name: value for name, value in there.items() if value != {}}


def whole(reference: str) -> str:
    """A path that means the same beside a file in another folder.

    >>> whole("triplebar.strategy.samples:BuyAndHold")
    'triplebar.strategy.samples:BuyAndHold'
    """
    place, sign, name = reference.partition(":")
    return f"{Path(place).resolve()}{sign}{name}" if place.endswith((".py", ".db")) or "/" in place else reference
