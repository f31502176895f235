"""What went into two runs and is not the same: the first thing to look at when their results differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from triplebar.contracts.metadata import RunMetadata
from triplebar.contracts.result import RunResult

ABSENT: Final = "(not there)"
DIGESTS: Final = {"strategy_digest": "code of the strategy", "data_digest": "data"}
DIGITS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Input:
    """One input of two runs, with both values.

    >>> print(Input("parameters.fast", 5, 10))
    parameters.fast: 5 and 10
    """

    name: str
    left: Any
    right: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.left} and {self.right}"


def differing_inputs(left: RunResult, right: RunResult) -> tuple[Input, ...]:
    """List the inputs that differ: engine, rules, mode, strategy and its code, parameters, data, configuration.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=30, seed=1)
    >>> config = tb.BacktestConfig(commission_bps=2)
    >>> one = tb.run(tb.samples.BuyAndHold(), market, engine="reference")
    >>> [str(each) for each in differing_inputs(one, tb.run(tb.samples.BuyAndHold(), market, config))]
    ['engine: reference and custom', 'config.commission_bps: 0 and 2']
    """
    one, two = (dict(_inputs(each.metadata)) for each in (left, right))
    names = [*one, *(name for name in two if name not in one)]
    different = [name for name in names if one.get(name) != two.get(name)]
    return tuple(Input(name, one.get(name, ABSENT), two.get(name, ABSENT)) for name in different)


def _inputs(known: RunMetadata) -> Iterator[tuple[str, Any]]:
    for name in ("engine", "rules_version", "mode", "strategy"):
        yield name, getattr(known, name)
    for name, words in DIGESTS.items():
        yield words, getattr(known, name)[:DIGITS_SHOWN]
    yield from _flat("parameters", known.parameters)
    yield from _flat("config", known.config)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any value of a mapping
    """Name each leaf by its path."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _flat(f"{name}.{key}", each)
    else:
        yield name, value
