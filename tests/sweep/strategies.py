"""Strategies that workers import."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import triplebar as tb


class Steps(tb.Strategy):
    """Long every other stretch of bars; some lengths are refused, some raise."""

    length: int = 5

    def validate(self) -> None:
        if self.length == 7:
            raise ValueError("seven is unlucky")

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if self.length == 9 and bar.index == 50:
            ctx.buy("no such symbol", 1)
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


class Counted(Steps):
    """Writes down every start in a file: which sets were really run, and by whom."""

    file: str = ""

    def on_start(self, ctx: Any) -> None:
        with Path(self.file).open("a", encoding="utf-8") as file:
            file.write(f"{self.length} {os.getpid()}\n")


class Deadly(Counted):
    """Takes its process down, once: when a file is there that it can remove."""

    def on_start(self, ctx: Any) -> None:
        super().on_start(ctx)
        trap = Path(self.file).with_name("trap")
        if self.length == 20 and trap.exists():
            trap.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class BrokenOff(Counted):
    """Is interrupted once, as by Ctrl-C: when a file is there that it can remove."""

    def on_start(self, ctx: Any) -> None:
        super().on_start(ctx)
        trap = Path(self.file).with_name("trap")
        if self.length == 20 and trap.exists():
            trap.unlink()
            raise KeyboardInterrupt


class Slow(Counted):
    """Takes its time."""

    seconds: float = 0.02

    def on_start(self, ctx: Any) -> None:
        super().on_start(ctx)
        time.sleep(self.seconds)


class Fatal(Steps):
    """Takes its process down, always."""

    def on_start(self, ctx: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
