"""What crosses the boundary: memory, the interpreter's lock, threads, and nothing that stays behind."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import triplebar as tb
from tests.data.tables import good, two
from tests.generators import random_case
from tests.house.repository import ROOT
from triplebar import _native
from triplebar.contracts import codes
from triplebar.contracts.random import RandomStream
from triplebar.contracts.result_hash import result_hash
from triplebar.engines.custom import CustomEngine

NUMBERS = ("open", "high", "low", "close", "volume")
ATTEMPTS = 2_000  # one is enough on an idle machine


# ----------------------------------------------------------------------------------------------------------- memory


@pytest.mark.parametrize("rows", [1, 1_000])
def test_the_core_reads_the_memory_of_the_callers_columns(rows: int) -> None:
    table = good(rows)
    native = tb.Market.from_table(table).native()
    for name in NUMBERS:
        chunk = table[name].chunk(0)
        assert native.address(0, name) == chunk.buffers()[1].address + 8 * chunk.offset


def test_a_slice_and_a_numpy_array_are_shared_too() -> None:
    table = good(50).slice(10, 30)
    native = tb.Market.from_table(table).native()
    assert native.address(0, "low") == table["low"].chunk(0).buffers()[1].address + 8 * 10
    columns = {name: good()[name].to_numpy() if name in NUMBERS else good()[name] for name in good().column_names}
    assert tb.Market.from_table(columns).native().address(0, "high") == columns["high"].ctypes.data


def test_what_is_not_as_strategies_see_it_is_copied() -> None:
    """Off the grid, in pieces, or of another type: then the core has numbers of its own, and the address says so."""
    table = good()
    for other in (
        pa.concat_tables([table.slice(0, 3), table.slice(3)]),
        table.set_column(5, "close", table["close"].cast(pa.float32())),
    ):
        native = tb.Market.from_table(other).native()
        assert native.address(0, "close") != table["close"].chunk(0).buffers()[1].address
    assert tb.Market.from_table(two()).native().address(2, "close") is None
    assert tb.Market.from_table(two()).native().address(0, "time") is None


def test_a_market_outlives_the_table_it_was_made_from() -> None:
    market = tb.Market.from_table(good(10_000))
    expected = market.series(0).close.copy()
    assert np.array_equal(np.asarray(market.series(0).close), expected)
    result = tb.run(tb.samples.BuyAndHold(), market)
    del market
    assert result.equity.num_rows == 10_000


# ------------------------------------------------------------------------------------------------- interpreter's lock


def gives_turns_during(work: Callable[[], object], attempts: int) -> bool:
    """Whether another thread ran while `work` was under way: shown by order, not by how long anything takes.

    Nobody is asked to step aside, so the other thread runs only when this one lets go of the lock. Between the two
    settings of `under_way` nothing but `work` can do that: a thread that sees it set ran during the work. On a busy
    machine the other thread may come too late for a short call; it gets more attempts, which no work that keeps the
    lock can turn into a sighting.
    """
    under_way, seen, over = False, False, False

    def look() -> None:
        nonlocal seen
        while not (seen or over):
            seen = under_way
            time.sleep(0)

    before = sys.getswitchinterval()
    sys.setswitchinterval(3_600)
    thread = threading.Thread(target=look)
    try:
        thread.start()
        for _ in range(attempts):
            under_way = True
            work()
            under_way = False
            if seen:
                break
    finally:
        over = True
        sys.setswitchinterval(before)
        thread.join()
    return seen


@pytest.fixture(scope="module")
def many_fills() -> Any:
    """The core's facts of a run with a fill at every bar."""

    class Flip(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            ctx.target(bar.symbol, 1 if bar.index % 2 else -1)

    found: Any = tb.run(Flip(), tb.Market.synthetic(bars=100_000, seed=1)).facts
    return found.native


def test_tables_are_made_without_the_interpreter(many_fills: Any) -> None:
    assert many_fills.table("fills").num_rows == 99_999
    assert gives_turns_during(lambda: many_fills.table("postings"), ATTEMPTS)
    assert gives_turns_during(lambda: many_fills.table("orders"), ATTEMPTS)


def test_indicators_run_over_columns_without_the_interpreter() -> None:
    column = np.arange(1_000_000) / 100
    assert gives_turns_during(lambda: _native.EMA.column(column, 20), ATTEMPTS)


def test_a_lock_that_is_kept_is_noticed() -> None:
    values = list(range(100_000))
    assert not gives_turns_during(lambda: sorted(values, key=lambda value: -value), 10)


# ---------------------------------------------------------------------------------------------------------- threads


def hash_of(seed: int) -> str:
    case = random_case(seed)
    facts = CustomEngine().run(case.script(), case.market, case.settings)
    return result_hash(facts.table, facts.labels)


@pytest.mark.feature("F-077")
@pytest.mark.parametrize("threads", [2, 7])
def test_runs_in_threads_give_the_hashes_of_runs_alone(threads: int) -> None:
    seeds = range(40)
    alone = [hash_of(seed) for seed in seeds]
    with ThreadPoolExecutor(threads) as pool:
        assert list(pool.map(hash_of, seeds)) == alone
        assert list(pool.map(hash_of, reversed(seeds))) == alone[::-1]
    assert len(set(alone)) == len(alone)


@pytest.mark.feature("F-077")
def test_runs_on_one_market_at_once_do_not_meet() -> None:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=2_000, seed=4)

    def run(fast: int) -> str:
        return tb.run(tb.samples.MovingAverageCross(fast=fast), market).result_hash

    alone = [run(fast) for fast in range(3, 9)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3, 9))) == alone


def test_a_desk_that_is_used_by_two_threads_at_once_raises_or_waits() -> None:
    """A handler may start threads that use its ctx; that is not wise, but it is not undefined either."""

    class Crowd(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index % 20 == 0:
                threads = [threading.Thread(target=self.trade, args=(ctx, bar.symbol)) for _ in range(4)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

        def trade(self, ctx: Any, symbol: str) -> None:
            for _ in range(5):
                ctx.buy(symbol, 1)

    result = tb.run(Crowd(), tb.Market.synthetic(bars=100, seed=1))
    assert result.orders.num_rows == 5 * 4 * 5
    assert set(result.orders["status"].to_pylist()) <= {"filled", "rejected"}


# -------------------------------------------------------------------------------------------------------- processes

HASHES = """
import json
from tests.boundary.test_sharing import hash_of
print(json.dumps([hash_of(seed) for seed in range(25)]))
"""


@pytest.mark.feature("F-077")
def test_three_processes_with_other_seeds_of_hashing_agree() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", HASHES],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4294967295")
    }
    assert len(printed) == 1
    assert json.loads(printed.pop()) == [hash_of(seed) for seed in range(25)]


LEAKS = """
import gc, sys
import triplebar as tb
from triplebar import _native

def resident():
    gc.collect()
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

class Busy(tb.Strategy):
    def on_start(self, ctx):
        self.mean = tb.indicators.SMA(5)
        self.ctx = ctx  # a cycle through the desk
    def on_bar(self, ctx, bar):
        self.mean.update(bar.close)
        ctx.buy(bar.symbol, 1, limit=bar.close, tag="t", take_profit=bar.close + 1)
        ctx.sell(bar.symbol, 1)
        try:
            ctx.buy("nothing", 1)
        except tb.UnknownSymbolError:
            pass

table = tb.Market.synthetic(bars=50, seed=1).table()

def once():
    result = tb.run(Busy(), tb.Market.from_table(table))
    return result.result_hash, result.postings.num_rows

for _ in range(150):
    once()
before = resident()
for _ in range(1_000):
    once()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thousand_runs_leave_nothing_behind() -> None:
    """A run of this strategy keeps about 60 kB while it lives: a thousand of them would be 60 MB."""
    done = subprocess.run([sys.executable, "-c", LEAKS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 6_000


# ------------------------------------------------------------------------------------------------------ vocabularies


def test_python_and_rust_have_the_same_codes() -> None:
    native = _native.codes()
    assert len(native) == 14
    for name, texts in native.items():
        kind = getattr(codes, name)
        assert [code.name.lower() for code in kind] == texts
        assert [int(code) for code in kind] == list(range(len(texts)))


@pytest.mark.feature("F-016")
@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_python_and_rust_draw_the_same_numbers(seed: int) -> None:
    for name in ("strategy", "latency", "é"):
        stream = RandomStream(seed, name)
        uniform = [stream.uniform() for _ in range(50)]
        assert uniform == [(_native.draw(seed, name, number) >> 11) * 2.0**-53 for number in range(50)]


def test_python_and_rust_follow_the_same_rules() -> None:
    from triplebar.contracts.config import RULES_VERSION

    assert _native.RULES_VERSION == RULES_VERSION
