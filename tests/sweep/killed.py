"""A sweep that a test kills: `python -m tests.sweep.killed STORE STARTED EXECUTOR`; `dask=ADDRESS` is one, too.

With `lanes` in the place of an executor, a rule is swept.
"""

import sys
from contextlib import ExitStack
from typing import Any

import triplebar as tb
from tests.sweep.strategies import Slow

MARKET = tb.Market.synthetic(bars=200, seed=6, interval="1d")


def swept(store: str | None, started: str, executor: str) -> Any:
    """Go through the sets; blocks are small, as those of a strategy that takes long."""
    space = {"length": range(10, 50), "file": [started]}
    with ExitStack() as stack:
        used: Any = executor
        if executor.startswith("dask="):
            import distributed

            client: Any = stack.enter_context(distributed.Client(executor.partition("=")[2]))  # type: ignore[no-untyped-call]
            used = stack.enter_context(client.get_executor())
        return tb.sweep(Slow, MARKET, space, executor=used, threads=2, mode="interpreted", store=store, block=4)


def swept_in_lanes(store: str | None) -> Any:
    """Go through the sets of a rule in small blocks, each of which takes as long as a kill may need."""
    rule = tb.signals.crossover(fast="SMA", slow="SMA")
    market = tb.Market.synthetic(bars=400_000, seed=6)
    return tb.sweep(rule, market, {"fast": range(2, 62), "slow": [90]}, threads=2, store=store, block=3)


if __name__ == "__main__":
    if sys.argv[3] == "lanes":
        swept_in_lanes(sys.argv[1])
    else:
        swept(*sys.argv[1:4])
