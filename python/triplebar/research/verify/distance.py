"""How far two runs are apart: rows that only one of them has, seen through coarser and finer glasses.

Seen through one glass alone, two causes at once would hide each other: with other fees no fill is equal, whatever
happens to its time. So rows are compared by time, by time and price, by time and size, and whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.arrow import Column
from triplebar.research.verify.side import Columns, Side

FILL: Final = ("instrument", "side", "clock")
GLASSES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "fills": (
        FILL,
        (*FILL, "price"),
        (*FILL, "quantity"),
        (*FILL, "price", "quantity"),
        (*FILL, "price", "quantity", "fee"),
    ),
    "orders": (("instrument", "side", "kind", "sent"), ("instrument", "side", "kind", "sent", "quantity", "filled")),
    "flows": (("clock", "kind", "instrument", "currency"), ("clock", "kind", "instrument", "currency", "amount")),
    "equity": (("clock",),),
}
"""The columns of each table through which rows are compared."""
OWN_GLASSES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "fills": ((*FILL, "moment", "role", "cause"), (*FILL, "price", "half_spread", "slippage")),
    "orders": (("instrument", "side", "kind", "sent", "status", "reason", "limit", "trigger"),),
}
"""What may be compared, too, if both engines follow our own rules."""


@dataclass(frozen=True, slots=True, order=True)
class Distance:
    """Rows that differ, then the area between the curves of equity; smaller is nearer."""

    rows: int
    area: float

    @property
    def nothing(self) -> bool:
        """Whether no row differs."""
        return self.rows == 0


class Glasses:
    """Measures how far runs are from one side, which is prepared once."""

    def __init__(self, target: Side) -> None:
        """Look at the rows of the target."""
        self.target = target
        self.seen: dict[tuple[str, tuple[str, ...]], npt.NDArray[np.uint64]] = {}

    def distance(self, side: Side) -> Distance:
        """How far a run is from the target."""
        rows = 0
        for name, glasses in GLASSES.items():
            more = OWN_GLASSES.get(name, ()) if side.own and self.target.own else ()
            for names in (*glasses, *more):
                rows += _only_one(_keys(getattr(side, name), names), self._target_keys(name, names))
        return Distance(rows, _area(side, self.target))

    def _target_keys(self, name: str, names: tuple[str, ...]) -> npt.NDArray[np.uint64]:
        if (name, names) not in self.seen:
            self.seen[name, names] = _keys(getattr(self.target, name), names)
        return self.seen[name, names]


def _keys(columns: Columns, names: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    """One number for each row that tells rows apart."""
    key = np.zeros(columns[names[0]].size, dtype=np.uint64)
    for name in names:
        key = _mixed(key ^ columns[name].astype(np.int64).view(np.uint64))
    return np.sort(key)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter 64 bits (the finisher of splitmix64)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _only_one(one: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]) -> int:
    """How many rows have no counterpart, counted with their multiplicity."""
    if np.array_equal(one, other):
        return 0
    keys, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    weights = np.concatenate([np.ones(one.size), -np.ones(other.size)])
    return int(np.abs(np.bincount(places, weights=weights, minlength=keys.size)).sum())


def _area(one: Side, other: Side) -> float:
    """The area between the curves of equity, over the ticks that both have."""
    if np.array_equal(one.equity["clock"], other.equity["clock"]):
        return float(np.abs(_curve(one) - _curve(other)).sum())
    _, left, right = np.intersect1d(one.equity["clock"], other.equity["clock"], return_indices=True)
    return float(np.abs(_curve(one)[left] - _curve(other)[right]).sum())


def _curve(side: Side) -> Column:
    return side.equity["equity"].astype(np.float64)
