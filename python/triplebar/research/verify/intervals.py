"""Rates that are known only by what they were rounded to: intervals, and the roundest number in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

Interval = tuple[Fraction, Fraction]
"""From a number, included, to another, included."""


def roundest(intervals: Iterable[Interval]) -> Fraction | None:
    """The number with the fewest digits that lies in all intervals; None if there is none, or no interval.

    >>> roundest([(Fraction(99), Fraction(104)), (Fraction(96), Fraction(101))])
    Fraction(100, 1)
    >>> roundest([(Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))]) is None
    True
    """
    low: Fraction | None = None
    high: Fraction | None = None
    for first, last in intervals:
        low = first if low is None else max(low, first)
        high = last if high is None else min(high, last)
        if low > high:
            return None
    return None if low is None or high is None else _roundest_between(low, high)


def _roundest_between(low: Fraction, high: Fraction) -> Fraction:
    if low <= 0 <= high:
        return Fraction(0)
    for power in range(18, -13, -1):
        step = Fraction(10) ** power
        for size in (step, step / 2):
            found = -(-low // size) * size
            if found <= high:
                return found
    return (low + high) / 2


def rate_of(part: int, whole: int, *, room: Fraction = Fraction(1, 2)) -> Interval:
    """The rates, in billionths, that make `part` of `whole` after rounding by at most `room`.

    >>> [int(each) for each in rate_of(3, 10**9)]
    [2, 3]
    """
    scale = Fraction(10**9, whole)
    return (part - room) * scale, (part + room) * scale


def rate_rounded_up(part: int, whole: int) -> Interval:
    """The rates, in billionths, whose share of `whole`, rounded up, is `part`.

    The lower end is excluded; rates are whole, so the nearest that may be is one part of `whole` above it.

    >>> [float(each) for each in rate_rounded_up(1, 10**9)]
    [1e-09, 1.0]
    """
    scale = Fraction(10**9, whole)
    return max(Fraction(0), (part - 1) * scale + Fraction(1, whole)), part * scale
