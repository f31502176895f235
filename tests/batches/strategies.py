"""Strategies that fail in every way, for batches."""

import os
import signal
import time
from pathlib import Path

import numpy as np

import triplebar as tb
from triplebar.contracts.errors import DataError, InternalError


class Hold(tb.Strategy):
    """Buys once, and writes down that it did; waits at some size until it is told to go on."""

    size: float = 1.0
    book: str = ""
    waits_at: float = -1.0

    def on_start(self, ctx: tb.Context) -> None:
        if not self.book:
            return
        with Path(self.book).open("a") as file:
            file.write(f"{self.size:g}\n")
        while self.size == self.waits_at and not Path(f"{self.book}.go").exists():
            time.sleep(0.01)

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        if bar.index == 0:
            ctx.buy(bar.symbol, self.size)


class Odd(tb.Strategy):
    """Fails if its number is odd."""

    number: int = 0

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        if self.number % 2 and bar.index == 3:
            raise ZeroDivisionError(f"number {self.number}")
        if bar.index == 0:
            ctx.buy(bar.symbol, 1 + self.number)


class Mortal(tb.Strategy):
    """Takes its process down if its number says so, once or always."""

    number: int = 0
    book: str = ""

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        once = Path(f"{self.book}.died")
        if bar.index or (self.number == 1 and once.exists()):
            return
        if self.number in {1, 3}:
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Greedy(tb.Strategy):
    """Wants more memory than there is."""

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        np.ones(2**50)


class Stuck(tb.Strategy):
    """Never comes back."""

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        while True:
            pass


RAISED = {
    "data": DataError("no rows"),
    "internal": InternalError("the core stopped"),
    "slow": TimeoutError("no answer"),
    "flaky": OSError("connection reset, try again"),
    "value": ValueError("no"),
}


class Flaky(tb.Strategy):
    """Fails so many times, as told by a file, and then runs."""

    kind: str = "flaky"
    times: int = 0
    book: str = ""

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        if bar.index:
            return
        path = Path(self.book)
        tries = path.read_text().split() if path.exists() else []
        path.write_text(" ".join([*tries, repr(time.monotonic())]))
        if len(tries) < self.times:
            raise RAISED[self.kind]
