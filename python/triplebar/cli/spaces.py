"""Parameter spaces as they stand on the command line and in files: `5:45:5`, `a,b`, `log:1e-4:1:5`, `uniform:0.5:2`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from triplebar.cli.ranges import listed
from triplebar.contracts.errors import ConfigError
from triplebar.research.sweeping.ranges import Range, integers, log_steps, log_uniform, uniform
from triplebar.research.sweeping.space import Space, grid, random

SCALES: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    "log": (log_steps, "log:0.0001:0.1:7"),
    "uniform": (uniform, "uniform:0.5:2"),
    "log_uniform": (log_uniform, "log_uniform:0.0001:0.1"),
    "integers": (integers, "integers:5:45"),
}


def values_of(name: str, given: Any) -> Any:  # noqa: ANN401 - values, or a range of them
    """Read the values of a parameter: a list, a value, or a text that stands for several.

    >>> values_of("fast", "5:20:5"), values_of("rate", "log:0.01:1:3"), values_of("kind", ["SMA"]), values_of("n", 3)
    ([5, 10, 15, 20], [0.01, 0.1, 1.0], ['SMA'], [3])
    """
    if isinstance(given, list):
        return given
    if not isinstance(given, str):
        return [given]
    word, sign, rest = given.partition(":")
    if not sign or word not in SCALES:
        return listed(name, given)
    make, example = SCALES[word]
    try:
        return make(*(_number(each) for each in rest.split(":")))
    except (TypeError, ValueError) as problem:
        raise ConfigError(f"{given!r} is no range: {problem}", where=name, fix=f"write e.g. {example}") from None


def space_from(
    parameters: Mapping[str, Any], *, where: str | None, count: int | None, seed: int, chosen: bool
) -> Space:
    """Build the space: random if a count is given or a sampler chooses, else a grid.

    >>> len(space_from({"fast": "2:5", "slow": [3, 4]}, where="fast < slow", count=None, seed=0, chosen=False))
    8
    """
    axes = {name: values_of(name, given) for name, given in parameters.items()}
    drawn = [name for name, values in axes.items() if isinstance(values, Range)]
    if count is not None or (chosen and drawn):
        return random(axes, count=count or 1, seed=seed, where=where)
    if drawn:
        fix = "say how many sets to draw (--random 1000), or give values: 5:45:5"
        raise ConfigError("is a range to draw from", where=drawn[0], fix=fix)
    return grid(axes, where=where)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
