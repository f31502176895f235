"""Whole amounts that add up: to the nearest unit, the rest to those that lost most by rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

BILLION = 10**9


def apportioned(amounts: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Round amounts to whole units so that they add up to `total`, which their sum is nearest to.

    >>> apportioned({"a": Fraction(1, 2), "b": Fraction(1, 2)}, 1)
    {'a': 1, 'b': 0}
    >>> apportioned({"a": Fraction(-5, 2), "b": Fraction(11, 2)}, 3)
    {'a': -2, 'b': 5}
    """
    floors = {name: amount.__floor__() for name, amount in amounts.items()}
    rest = total - sum(floors.values())
    neediest = sorted(amounts, key=lambda name: floors[name] - amounts[name])
    for name in neediest[: max(0, rest)]:
        floors[name] += 1
    return floors


def averaged(names: Sequence[str], worth: Callable[[frozenset[str]], int]) -> dict[str, Fraction]:
    """Split `worth(all) - worth(none)` over names: each gets what it adds, averaged over all orders of switching.

    Shapley's value: nothing depends on the order, equals get the same, and the shares add up.

    >>> shares = averaged(["a", "b"], lambda chosen: 10 * ("a" in chosen) + 4 * (chosen == {"a", "b"}))
    >>> {name: float(share) for name, share in shares.items()}
    {'a': 12.0, 'b': 2.0}
    """
    count = len(names)
    found = dict.fromkeys(names, Fraction(0))
    for name in names:
        others = [each for each in names if each != name]
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                found[name] += weight * (worth(before | {name}) - worth(before))
    return found
