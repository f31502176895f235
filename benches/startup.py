"""What a user waits for before anything runs: the import, and a process that runs 100 bars."""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

BASE = "import numpy, pyarrow"
IMPORT = f"{BASE}; import triplebar"
SHORT_RUN = f"""{BASE}
import numpy as np, triplebar as tb
close = np.round(100 + np.sin(np.arange(100) / 9), 2)
table = dict(time=np.arange(1, 101) * 60_000_000_000, open=close, high=close, low=close, close=close, volume=close)
class Cross(tb.Strategy):
    def on_start(self, ctx):
        self.quick, self.calm = tb.indicators.SMA(10), tb.indicators.SMA(50)
    def on_bar(self, ctx, bar):
        quick, calm = self.quick.update(bar.close), self.calm.update(bar.close)
        if self.calm.ready and quick > calm and ctx.position(bar.symbol) == 0:
            ctx.buy(bar.symbol, 1)
market = tb.Market.from_table(table, instruments=[tb.Instrument("X", price_precision=2)])
assert len(tb.run(Cross(), market, tb.BacktestConfig()).equity) == 100
"""


@dataclass(frozen=True)
class Startup:
    """Seconds above a process that only imports numpy and pyarrow, which takes `base_seconds`."""

    base_seconds: float
    import_seconds: float
    short_run_seconds: float


def measure(rounds: int) -> Startup:
    """Run the three programs in turns and compare within a round."""
    taken = [[_seconds(code) for code in (BASE, IMPORT, SHORT_RUN)] for _ in range(rounds)]
    return Startup(
        min(base for base, _, _ in taken),
        statistics.median(imported - base for base, imported, _ in taken),
        statistics.median(short - base for base, _, short in taken),
    )


def _seconds(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin
