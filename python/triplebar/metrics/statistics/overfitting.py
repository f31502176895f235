"""How likely choosing the best of many trials chooses luck: combinatorially symmetric cross-validation.

After Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting" (2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

import numpy as np

from triplebar.contracts.checks import integer
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.returns import DEVIATION_MIN
from triplebar.metrics.statistics.trials import matrix_of

BLOCKS_MAX: Final = 20
SPLITS_AT_ONCE: Final = 256


@dataclass(frozen=True)
class Overfitting:
    """What came of all ways to choose on one half of the periods and to look at the other.

    `logits` has for each split the logarithm of the odds of the relative rank that the best of the one half has in the
    other; `chosen` and `after` are its Sharpe ratios per period in the one and the other.
    """

    logits: FloatArray
    chosen: FloatArray
    after: FloatArray
    periods_left_out: int

    @property
    def probability(self) -> float:
        """The share of splits after which the chosen trial is in the lower half of all."""
        return float(np.mean(self.logits <= 0.0))

    @property
    def probability_of_loss(self) -> float:
        """The share of splits after which the chosen trial loses."""
        return float(np.mean(self.after < 0.0))

    @property
    def degradation(self) -> float | None:
        """How much of a better ratio is left afterwards: the slope of `after` on `chosen`; None if all are alike."""
        centred = self.chosen - self.chosen.mean()
        spread = float(np.mean(centred**2))
        if spread <= DEVIATION_MIN**2:
            return None
        return float(np.mean(centred * (self.after - self.after.mean()))) / spread


def overfitting_probability(returns: FloatArray, *, blocks: int = 16) -> Overfitting:
    """Split the periods in every way into two halves of blocks: does the best trial of one half do well in the other?

    One column per trial, one row per period. The first periods are left out where they do not fill the blocks.

    >>> noise = np.random.default_rng(1).normal(size=(400, 20))
    >>> found = overfitting_probability(noise, blocks=8)
    >>> len(found.logits), 0.2 < found.probability < 0.8
    (70, True)
    """
    if integer("blocks", blocks, low=2, high=BLOCKS_MAX) % 2:
        raise ConfigError.of("blocks", blocks, "must be even", fix="write blocks = 16")
    values = matrix_of(returns)
    if values.shape[1] < 2:
        raise DataError(
            "one trial is no choice", where="returns", fix="give the returns of all variants that were tried"
        )
    length = values.shape[0] // blocks
    if length < 2:
        fix = f"give at least {2 * blocks} periods, or fewer blocks"
        raise DataError(f"{values.shape[0]} periods do not fill {blocks} blocks", where="returns", fix=fix)
    left_out = values.shape[0] - length * blocks
    kept = values[left_out:].reshape(blocks, length, -1)
    middle = kept.mean(axis=(0, 1))  # taken off, so that what does not vary has no variance left by rounding
    sums, squares = (kept - middle).sum(axis=1), ((kept - middle) ** 2).sum(axis=1)
    parts = [_judged(half, sums, squares, middle, length) for half in _halves(blocks)]
    logits, chosen, after = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Overfitting(logits, chosen, after, left_out)


def _halves(blocks: int) -> Iterator[FloatArray]:
    """Which blocks are in the one half, some splits at a time, so that memory does not grow with their number."""
    ways = combinations(range(blocks), blocks // 2)
    while some := list(islice(ways, SPLITS_AT_ONCE)):
        half = np.zeros((len(some), blocks))
        np.put_along_axis(half, np.array(some), 1.0, axis=1)
        yield half


def _judged(
    half: FloatArray, sums: FloatArray, squares: FloatArray, middle: FloatArray, length: int
) -> tuple[FloatArray, ...]:
    """For each split the odds of the chosen trial's rank, and its ratios in both halves."""
    count = length * half.shape[1] / 2
    inside = _ratios(half @ sums, half @ squares, middle, count)
    outside = _ratios((1.0 - half) @ sums, (1.0 - half) @ squares, middle, count)
    rows = np.arange(len(half))
    best = np.argmax(inside, axis=1)
    theirs = outside[rows, best][:, None]
    below, equal = (outside < theirs).sum(axis=1), (outside == theirs).sum(axis=1)
    share = (below + (equal + 1) / 2) / (outside.shape[1] + 1)
    return np.log(share / (1.0 - share)), inside[rows, best], theirs[:, 0]


def _ratios(sums: FloatArray, squares: FloatArray, middle: FloatArray, count: float) -> FloatArray:
    """Sharpe ratios per period; zero where nothing varies."""
    off = sums / count
    deviation = np.sqrt(np.maximum(squares - count * off**2, 0.0) / (count - 1))
    return np.where(deviation > DEVIATION_MIN, (middle + off) / np.where(deviation > 0, deviation, 1.0), 0.0)
