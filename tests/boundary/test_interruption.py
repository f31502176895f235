"""Ctrl-C in a process of its own: the run ends, and what was done until then is there."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.house.repository import ROOT

PROGRAM = """
import json, sys, time
import triplebar as tb

class Long(tb.Strategy):
    def on_bar(self, ctx, bar):
        if bar.index == 0:
            ctx.buy(bar.symbol, 1)
        if bar.index == 1000:
            print("going", flush=True)
        {every_bar}

    def on_stop(self, ctx):
        print("stopping", flush=True)

market = tb.Market.synthetic(bars={bars}, seed=1)
result = tb.run(Long(), market, engine="{engine}")
print(json.dumps({{
    "interrupted": result.interrupted,
    "status": result.metadata.status,
    "rows": result.equity.num_rows,
    "bars": len(market),
    "fills": result.fills.num_rows,
    "finite": result.equity["equity"].to_pylist()[-1] > 0,
    "exit": str(result.orders["status"].to_pylist()),
}}))
"""


def pressed(engine: str, every_bar: str, bars: int) -> tuple[int, list[str], str]:
    """The end of a program that was sent Ctrl-C as soon as it was on its way."""
    program = PROGRAM.format(engine=engine, every_bar=every_bar, bars=bars)
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=240)
    return process.returncode, [first, *rest.splitlines()], errors


# Quick while the signal is on its way; then slow, so that a busy machine that sends it late still finds a run to end.
QUICK = "if bar.index > len(market) // 2: time.sleep(0.01)"


@pytest.mark.feature("F-081")
@pytest.mark.parametrize(
    ("engine", "every_bar", "bars"),
    [("custom", QUICK, 2_000_000), ("custom", "time.sleep(0.001)", 250_000), ("reference", QUICK, 200_000)],
)
def test_ctrl_c_returns_what_was_done(engine: str, every_bar: str, bars: int) -> None:
    code, lines, errors = pressed(engine, every_bar, bars)
    assert code == 0, errors
    assert errors == ""
    assert [line.strip() for line in lines[:2]] == ["going", "stopping"]
    found: dict[str, Any] = json.loads(lines[-1])
    assert found["interrupted"]
    assert found["status"] == "interrupted"
    assert 1_000 <= found["rows"] < found["bars"]
    assert (found["fills"], found["finite"], found["exit"]) == (1, True, "['filled']")


@pytest.mark.feature("F-081")
def test_a_strategy_that_raises_keyboard_interrupt_itself_ends_the_run_early() -> None:
    program = PROGRAM.format(engine="custom", every_bar="if bar.index == 1500: raise KeyboardInterrupt", bars=5_000)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["interrupted"], found["fills"]) == (True, 1)
    assert 1_500 <= found["rows"] < 2_000


INTERRUPTED_IN = """
import triplebar as tb

class Impatient(tb.Strategy):
    def on_bar(self, ctx, bar):
        ctx.buy(bar.symbol, 1, limit=bar.close * 0.5)
        ctx.buy(bar.symbol, 1)
        if bar.index == {bar}:
            raise KeyboardInterrupt

    def on_stop(self, ctx):
        {stop}

market = tb.Market.synthetic(bars=30, seed=1)
for engine in ("custom", "reference"):
    result = tb.run(Impatient(), market, engine=engine)
    print(result.interrupted, result.result_hash, result.equity.num_rows)
"""


@pytest.mark.feature("F-081")
@pytest.mark.parametrize(("bar", "stop"), [(0, "pass"), (12, "print('never')"), (99, "raise KeyboardInterrupt")])
def test_both_engines_keep_the_same_of_a_run_interrupted_in_a_handler(bar: int, stop: str) -> None:
    program = INTERRUPTED_IN.format(bar=bar, stop=stop)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    custom, reference = done.stdout.splitlines()
    assert custom == reference
    assert custom.split()[0] == "True"
