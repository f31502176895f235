"""W4 as a loop that a user of Numba would write by hand: the limit of a compiled strategy with many instruments."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from benches.limits import CASH, COMMISSION_PPB, MINOR_PER_CASH, REBALANCE_EVERY, REBALANCE_SHARE, UNIT_MINOR, Answer
from benches.markets import Ints, Ticks


def _rebalance(opened: Ints, close: Ints, equity: Ints, cash: int, every: int, share: float) -> int:
    bars, width = close.shape
    position, pending = np.zeros(width, np.int64), np.zeros(width, np.int64)
    fills = 0
    for bar in range(bars):
        if bar > 0 and (bar - 1) % every == 0:
            for one in range(width):
                if pending[one] != 0:
                    worth = opened[bar, one] * UNIT_MINOR
                    fee = (abs(pending[one]) * worth * COMMISSION_PPB + 500_000_000) // 1_000_000_000
                    cash -= pending[one] * worth + fee
                    position[one] += pending[one]
                    fills += 1
        ticks = 0
        for one in range(width):
            ticks += position[one] * close[bar, one]
        equity[bar] = cash + ticks * UNIT_MINOR
        if bar % every == 0:
            for one in range(width):
                wanted = share * (equity[bar] / MINOR_PER_CASH) / (close[bar, one] / 100.0)
                pending[one] = np.int64(wanted) - position[one]
    return fills


_rebalance_nb: Any = numba.njit(_rebalance)


def rebalance_loop(ticks: Ticks) -> Callable[[], Answer]:
    """Prepare the loop; calling it runs it."""
    opened, close = np.ascontiguousarray(ticks.open), np.ascontiguousarray(ticks.close)
    equity = np.zeros(ticks.bars, np.int64)
    cash = CASH["W4"] * MINOR_PER_CASH

    def run() -> Answer:
        return Answer(_rebalance_nb(opened, close, equity, cash, REBALANCE_EVERY, REBALANCE_SHARE), equity)

    return run
