"""A sweep that a test kills: `python -m tests.sweep.killed STORE STARTED EXECUTOR`; `dask=ADDRESS` is one, too."""

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


if __name__ == "__main__":
    swept(*sys.argv[1:4])
