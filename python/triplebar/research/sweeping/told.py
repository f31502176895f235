"""Sets that somebody tells one after the other: a sampler that learns from what it was told before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.sets import Numbers, Sets, Values
from triplebar.research.sweeping.space import Space


class Told(Space):
    """Sets by the order in which they were told; those to come are there as numbers only.

    >>> space = Told(("fast",), 10, {"kind": "told"})
    >>> space.add([{"fast": 5}, {"fast": 9}])
    >>> space[1], len(space)
    ({'fast': 9}, 10)
    """

    def __init__(self, names: Sequence[str], size: int, definition: Mapping[str, Any]) -> None:
        """Nothing was told yet."""
        self.names = tuple(names)
        self.size = size
        self.told: list[dict[str, Any]] = []
        self.out: set[int] = set()
        """Numbers that are not to be run to the end."""
        self._definition = dict(definition)

    def __len__(self) -> int:
        return self.size

    def add(self, sets: Sequence[dict[str, Any]]) -> None:
        """Tell some more."""
        self.told += sets

    def block(self, start: int, stop: int) -> Sets:
        """Those that were told and are still in."""
        numbers = [number for number in range(start, min(stop, len(self.told))) if number not in self.out]
        return self._at(np.array(numbers, dtype=np.int64))

    def _at(self, numbers: Numbers) -> Sets:
        places = numbers.tolist()
        if places and max(places) >= len(self.told):
            raise ConfigError.of("set", max(places), "was not chosen yet", fix="go on with the study")
        codes = np.arange(len(places), dtype=np.int64)
        columns = {name: Values([self.told[place][name] for place in places], codes) for name in self.names}
        return Sets(numbers, columns)

    def definition(self) -> dict[str, Any]:
        """What the space is: who tells, and what it may choose from."""
        return dict(self._definition)

    def to_json(self, start: int, stop: int) -> str:
        """The sets of some numbers, to be kept with what came of them."""
        return json.dumps(self.told[start:stop])
