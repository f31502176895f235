"""What a run needs at its peak, in a process of its own."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys
import triplebar as tb

class Hold(tb.Strategy):
    def on_start(self, ctx):
        for symbol in ctx.symbols:
            ctx.buy(symbol, 1)

symbols, bars = [f"S{number}" for number in range(int(sys.argv[1]))], int(sys.argv[2])
market = tb.Market.synthetic(symbols=symbols, bars=bars, interval="1m", seed=1)
result = tb.run(Hold(), market, tb.BacktestConfig(initial_cash=1_000_000))
kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"peak": kibibytes * 1024, "bars": result.equity.num_rows, "fills": result.fills.num_rows}))
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
