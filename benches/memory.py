"""Peak memory of a run from a Parquet file, in a process of its own: `python -m benches.memory W1 1000000`."""

import gc
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STATUS = Path("/proc/self/status")
FORGET_PEAK = Path("/proc/self/clear_refs")
# In a process of its own, so that making the input does not count.
WRITE_INPUT = """
import sys, pyarrow.parquet
from benches.markets import random_walk, table
pyarrow.parquet.write_table(table(random_walk(int(sys.argv[2]))), sys.argv[1])
"""
IDLE = "idle"
TABLES = ("equity", "orders", "fills", "trades", "positions")


@dataclass(frozen=True)
class Memory:
    """Bytes of one run, above what the process had after its imports."""

    bars: int
    orders: int
    input_bytes: int
    output_bytes: int
    peak_bytes: int
    kept_bytes: int

    def times(self) -> float:
        """Say the peak as a multiple of the input and output tables."""
        return self.peak_bytes / (self.input_bytes + self.output_bytes)


def measure(workload: str, bars: int) -> Memory:
    """Run a workload in a fresh process and read its peak."""
    command = [sys.executable, "-m", "benches.memory", workload, str(bars)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return Memory(**json.loads(done.stdout))


def bytes_per_order(workload: str, bars: int) -> float:
    """Say what an order costs while its result is kept: against a run of the same bars that sends none."""
    busy, idle = measure(workload, bars), measure(IDLE, bars)
    return (busy.kept_bytes - idle.kept_bytes) / busy.orders


def _status(field: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _run(workload: str, bars: int, path: Path) -> Memory:
    import pyarrow.parquet as pq

    import triplebar as tb
    from benches.contestants import triplebar_run

    instruments = [tb.Instrument("X000", price_precision=2, size_precision=0)]
    warm_up = tb.Market.synthetic(symbols=("X000",), bars=100)  # loads what is loaded on demand
    _tables(triplebar_run(workload, warm_up)())
    gc.collect()
    FORGET_PEAK.write_text("5")
    baseline = _status("VmRSS")
    market = tb.Market.from_parquet(path, instruments=instruments)
    result = triplebar_run(workload, market)()
    gc.collect()
    kept = _status("VmRSS") - baseline
    output = _tables(result)
    peak = _status("VmHWM") - baseline
    return Memory(bars, result.orders.num_rows, pq.read_table(path).nbytes, output, peak, kept)


def _tables(result: Any) -> int:
    return sum(getattr(result, name).nbytes for name in TABLES)


def _main(workload: str, bars: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bars.parquet"
        subprocess.run([sys.executable, "-c", WRITE_INPUT, str(path), str(bars)], check=True)
        print(json.dumps(_run(workload, bars, path).__dict__))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
