"""What a run needs at its peak, in a process of its own."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
from pathlib import Path
import triplebar as tb

def peak():  # not ru_maxrss: that remembers the process this one was forked from
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024

class Hold(tb.Strategy):
    def on_start(self, ctx):
        for symbol in ctx.symbols:
            ctx.buy(symbol, 1)

symbols, bars = [f"S{number}" for number in range(int(sys.argv[1]))], int(sys.argv[2])
market = tb.Market.synthetic(symbols=symbols, bars=bars, interval="1m", seed=1)
result = tb.run(Hold(), market, tb.BacktestConfig(initial_cash=1_000_000))
print(json.dumps({"peak": peak(), "bars": result.equity.num_rows, "fills": result.fills.num_rows}))
"""
YEAR_OF_SESSIONS = 252 * 390
PEAK_MAX = 500 * 10**6


def run(symbols: int, bars: int) -> dict[str, int]:
    command = [sys.executable, "-c", PROGRAM, str(symbols), str(bars)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


@pytest.mark.feature("F-080")
def test_a_year_of_minutes_of_ten_symbols_fits_in_half_a_gigabyte() -> None:
    told = run(10, YEAR_OF_SESSIONS)
    assert (told["bars"], told["fills"]) == (YEAR_OF_SESSIONS, 10)
    assert told["peak"] < PEAK_MAX


@pytest.mark.feature("F-080")
def test_more_bars_show_in_the_peak() -> None:
    assert run(1, 400_000)["peak"] > run(1, 100)["peak"] + 400_000 * 5 * 8
