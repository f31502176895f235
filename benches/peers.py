"""One grid of crossovers on one market: vectorbt's broadcast, Backtrader's optstrategy and a sweep, in one run.

And one crossover, W1: vectorbt's `from_signals` with its indicators, warm, beside a compiled strategy.

vectorbt lives in a Python of its own, since it wants other versions of what we use; Backtrader in ours. Each is a
process of its own, which tells the seconds of its work (warmed up before) and the most memory it has held.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

import triplebar as tb
from benches.markets import random_walk

FAST = range(5, 25)
SLOW = range(30, 80, 2)
BACKTRADER_SETS = 8
ROOT = Path(__file__).parents[1]

PEAK = """
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
def held():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
"""

VECTORBT = (
    PEAK
    + """
import json, sys, time
import numpy as np, pandas as pd, vectorbt as vbt
bars = pd.read_csv(sys.argv[1])
fasts, slows = json.loads(sys.argv[2]), json.loads(sys.argv[3])
close, opened = bars["close"], bars["open"]
def work(close, opened):
    fast = np.repeat(fasts, len(slows)).tolist()
    slow = np.tile(slows, len(fasts)).tolist()
    one = vbt.MA.run(close, fast, short_name="fast")
    two = vbt.MA.run(close, slow, short_name="slow")
    above = one.ma.values > two.ma.values
    entries = np.zeros_like(above); exits = np.zeros_like(above)
    entries[1:] = above[:-1]; exits[1:] = ~above[:-1]
    how = dict(price=opened, size=1.0, init_cash=1e6, fees=1e-4, freq="1min")
    portfolio = vbt.Portfolio.from_signals(close, entries, exits, **how)
    ratios = portfolio.sharpe_ratio().values, portfolio.max_drawdown().values
    return portfolio.final_value().values, *ratios, portfolio.trades.count().values
work(close[:500], opened[:500])
before = held()
began = time.perf_counter()
found = work(close, opened)
seconds = time.perf_counter() - began
numbers = {"final": float(found[0][0]), "trades": int(found[3].sum())}
print(json.dumps({"seconds": seconds, "bytes": peak() - before, **numbers}))
"""
)

BACKTRADER = (
    PEAK
    + """
import json, sys, time
import backtrader as bt, pandas as pd
bars = pd.read_csv(sys.argv[1])
bars.index = pd.to_datetime(bars["time_ns"])
fasts, slows = json.loads(sys.argv[2]), json.loads(sys.argv[3])
class Cross(bt.Strategy):
    params = (("fast", 5), ("slow", 30))
    def __init__(self):
        self.fast = bt.ind.SMA(period=self.p.fast)
        self.slow = bt.ind.SMA(period=self.p.slow)
    def next(self):
        wanted = 1 if self.fast[0] > self.slow[0] else 0
        if wanted != self.position.size:
            self.order_target_size(target=wanted)
before = held()
cerebro = bt.Cerebro(maxcpus=0 if len(sys.argv) < 5 else int(sys.argv[4]))
cerebro.adddata(bt.feeds.PandasData(dataname=bars, timeframe=bt.TimeFrame.Minutes))
cerebro.broker.setcash(1e6)
cerebro.broker.setcommission(commission=1e-4)
cerebro.optstrategy(Cross, fast=fasts, slow=slows)
began = time.perf_counter()
found = cerebro.run()
print(json.dumps({"seconds": time.perf_counter() - began, "bytes": peak() - before, "sets": len(found)}))
"""
)

OURS = (
    PEAK
    + """
import json, sys, time
import triplebar as tb
market = tb.Market.from_parquet(sys.argv[1])
fasts, slows = json.loads(sys.argv[2]), json.loads(sys.argv[3])
rule = tb.signals.crossover(fast=tb.indicators.SMA, slow=tb.indicators.SMA)
config = tb.BacktestConfig(initial_cash=1_000_000, commission_bps=1)
grid = {"fast": fasts, "slow": slows}
tb.sweep(rule, market.between(end=int(market.clock[500])), grid, config)
before = held()
began = time.perf_counter()
study = tb.sweep(rule, market, grid, config)
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "bytes": peak() - before, "final": study.row(0)["final_equity"],
                  "trades": sum(study.table.column("trades").to_pylist())}))
"""
)

VECTORBT_ONCE = """
import json, sys, time
import numpy as np, pandas as pd, vectorbt as vbt
opened, close = (pd.Series(each) for each in np.load(sys.argv[1]))
fast, slow = json.loads(sys.argv[2]), json.loads(sys.argv[3])
def work():
    above = vbt.MA.run(close, fast).ma.values > vbt.MA.run(close, slow).ma.values + 1e-5
    entries = np.zeros_like(above); exits = np.zeros_like(above)
    entries[1:] = above[:-1]; exits[1:] = ~above[:-1]
    how = dict(price=opened, size=1.0, init_cash=1e6, fees=1e-4, freq="1min")
    return vbt.Portfolio.from_signals(close, entries, exits, **how).orders.count()
spent = []
for _ in range(4):
    began = time.perf_counter()
    fills = work()
    spent.append(time.perf_counter() - began)
print(json.dumps({"seconds": min(spent[1:]), "fills": int(fills)}))
"""

OURS_ONCE = """
import json, sys, time
import numpy as np
import triplebar as tb
from benches import strategies
from benches.contestants import market
from benches.markets import random_walk
bars = market(random_walk(np.load(sys.argv[1]).shape[1]))
config = tb.BacktestConfig(initial_cash=1_000_000, commission_bps=1)
fast, slow = json.loads(sys.argv[2]), json.loads(sys.argv[3])
spent = []
for _ in range(4):
    began = time.perf_counter()
    found = tb.run(strategies.Cross(fast=fast, slow=slow), bars, config, mode="compiled")
    spent.append(time.perf_counter() - began)
print(json.dumps({"seconds": min(spent[1:]), "fills": found.canonical("fills").num_rows}))
"""


def one_run(python: str, bars: int = 1_000_000) -> dict[str, Any]:
    """W1 by itself, each warm: the whole of a run, indicators included."""
    ticks = random_walk(bars)
    with tempfile.TemporaryDirectory() as folder:
        prices = Path(folder) / "prices.npy"
        np.save(prices, np.stack([ticks.open[:, 0], ticks.close[:, 0]]) / 100.0)
        ours = _run(sys.executable, OURS_ONCE, prices, 10, 50)
        theirs = _run(python, VECTORBT_ONCE, prices, 10, 50)
    return {
        "bars": bars,
        "triplebar": ours,
        "vectorbt": theirs,
        "times as fast as vectorbt": theirs["seconds"] / ours["seconds"],
    }


def measure(python: str, bars: int = 20_000) -> dict[str, Any]:
    """Seconds, memory and combinations a second of each; `python` is one that has vectorbt."""
    market = tb.Market.synthetic(bars=bars, seed=3)
    fasts, slows = list(FAST), list(SLOW)
    with tempfile.TemporaryDirectory() as folder:
        parquet, csv = Path(folder) / "bars.parquet", Path(folder) / "bars.csv"
        pq.write_table(market.table(), parquet)
        _write_csv(market, csv)
        ours = _run(sys.executable, OURS, parquet, fasts, slows)
        theirs = _run(python, VECTORBT, csv, fasts, slows)
        backtrader = _run(sys.executable, BACKTRADER, csv, fasts[: BACKTRADER_SETS // 2], slows[:2])
    sets = len(fasts) * len(slows)
    per_second = {"triplebar": sets / ours["seconds"], "backtrader": BACKTRADER_SETS / backtrader["seconds"]}
    return {
        "W1": one_run(python),
        "sets": sets,
        "bars": bars,
        "triplebar": ours,
        "vectorbt": theirs,
        "backtrader": backtrader,
        "times as fast as vectorbt": theirs["seconds"] / ours["seconds"],
        "share of vectorbt's memory": ours["bytes"] / theirs["bytes"],
        "times as many combinations as backtrader": per_second["triplebar"] / per_second["backtrader"],
    }


def _run(python: str, script: str, file: Path, fasts: Any, slows: Any) -> dict[str, Any]:
    command = [python, "-c", script, str(file), json.dumps(fasts), json.dumps(slows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _write_csv(market: tb.Market, path: Path) -> None:
    series = market.series(0)
    rows = zip(
        *(getattr(series, name).tolist() for name in ("time", "open", "high", "low", "close", "volume")), strict=True
    )
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join(["time_ns,open,high,low,close,volume", *lines]) + "\n", encoding="utf-8")
