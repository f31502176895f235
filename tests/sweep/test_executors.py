"""Executors: the same numbers wherever the sets are run, and only a block is lost with a worker.

`TRIPLEBAR_KILLS=100 pytest tests/sweep/test_executors.py -k moment` kills a hundred workers of each kind.
"""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.sweep.killed import swept
from tests.sweep.strategies import BrokenOff, Counted, Deadly, Fatal, Slow, Steps
from tests.sweep.test_kill import kill_at, lines, sets_kept
from triplebar.engines.remote.parcels import found_in, load_file
from triplebar.research.sweeping import pool
from triplebar.research.sweeping.dask_cluster import DaskCluster
from triplebar.research.sweeping.packing import Packed, pack, read_arrow, unpack, write_arrow
from triplebar.research.sweeping.ray_cluster import RayCluster
from triplebar.research.sweeping.standing import Standing
from triplebar.research.sweeping.worker import Work

MARKET = tb.Market.synthetic(bars=300, seed=6, interval="1d")
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
RULES = tb.spaces.grid({"fast": range(2, 12), "slow": range(5, 15)}, where="fast < slow")
LENGTHS = {"length": range(5, 45)}
KILLS = int(os.environ.get("TRIPLEBAR_KILLS", "1"))


class Started:
    """Which lengths were started so far, and by which processes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "started.txt"
        self.file.touch()
        self.trap = folder / "trap"
        self.space = {**LENGTHS, "file": [str(self.file)]}

    def lines(self) -> list[tuple[int, int]]:
        pairs = (line.split() for line in self.file.read_text(encoding="utf-8").splitlines())
        return [(int(length), int(process)) for length, process in pairs]

    def repeated(self, block: int, killed: int | None = None) -> set[int]:
        """The blocks of which sets were started twice, and never more often; the first time by who was killed."""
        by: dict[int, list[int]] = {}
        for length, process in self.lines():
            by.setdefault(length, []).append(process)
        twice = {length: processes for length, processes in by.items() if len(processes) > 1}
        assert all(len(processes) == 2 for processes in twice.values())
        assert killed is None or {processes[0] for processes in twice.values()} <= {killed}
        return {(length - LENGTHS["length"].start) // block for length in twice}


TRAPPED = 20 - LENGTHS["length"].start
"""The set that takes its process down."""


@pytest.fixture
def started(tmp_path: Path) -> Started:
    return Started(tmp_path)


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    return {"rule": tb.sweep(RULE, MARKET, RULES).digest, "steps": tb.sweep(Steps, MARKET, LENGTHS).digest}


@pytest.mark.feature("F-109")
def test_processes_give_the_numbers_of_threads(started: Started, expected: dict[str, str]) -> None:
    study = tb.sweep(Counted, MARKET, started.space, executor="processes", threads=2, mode="interpreted")
    assert study.digest == expected["steps"]
    assert study.metadata["executor"] == "processes"
    assert study.failures.num_rows == 2
    assert sorted(length for length, _ in started.lines()) == [length for length in range(5, 45) if length != 7]
    assert os.getpid() not in {process for _, process in started.lines()}


@pytest.mark.parametrize("threads", [1, 3])
def test_any_executor_does(expected: dict[str, str], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        assert tb.sweep(RULE, MARKET, RULES, executor=pool).digest == expected["rule"]
        assert tb.sweep(Steps, MARKET, LENGTHS, executor=pool).digest == expected["steps"]


def test_a_block_that_a_worker_broke_off_is_run_again(started: Started, expected: dict[str, str]) -> None:
    started.trap.touch()
    with ThreadPoolExecutor(2) as pool:
        study = tb.sweep(BrokenOff, MARKET, started.space, executor=pool, mode="interpreted", block=4)
    assert not started.trap.exists()
    assert study.digest == expected["steps"]
    assert started.repeated(4) == {TRAPPED // 4}


def test_workers_that_see_nothing_ask_for_the_recipe(expected: dict[str, str]) -> None:
    import multiprocessing

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert tb.sweep(Steps, MARKET, LENGTHS, executor=pool).digest == expected["steps"]
        assert tb.sweep(RULE, MARKET, RULES, executor=pool).digest == expected["rule"]


def test_a_process_that_dies_costs_its_block(started: Started, tmp_path: Path, expected: dict[str, str]) -> None:
    started.trap.touch()
    options: dict[str, Any] = {"executor": "processes", "threads": 2, "mode": "interpreted"}
    study = tb.sweep(Deadly, MARKET, started.space, store=tmp_path / "runs.db", **options)
    assert study.digest == expected["steps"]
    assert not started.trap.exists()
    repeated = started.repeated(study.plan.block)
    assert TRAPPED // study.plan.block in repeated
    assert len(repeated) <= 2  # the other process ends with it


def check_only_its_blocks_are_repeated(started: Started, block: int) -> None:
    """The one that it died in, and one that nobody had fetched from it yet."""
    killed = next(process for length, process in started.lines() if length == 20)
    repeated = started.repeated(block, killed)
    assert TRAPPED // block in repeated
    assert len(repeated) <= 2


def test_a_set_that_always_takes_its_process_down_ends_the_sweep(tmp_path: Path) -> None:
    with pytest.raises(tb.errors.ExecutionError, match=r"the workers were lost 3 times while they ran the sets 0 to"):
        tb.sweep(Fatal, MARKET, LENGTHS, executor="processes", threads=1, mode="interpreted")


def test_a_script_that_every_process_would_run_again_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "sweeps.py"
    script.write_text(
        "import triplebar as tb\n"
        "rule = tb.signals.crossover(fast='SMA', slow='SMA')\n"
        "market = tb.Market.synthetic(bars=50, seed=1)\n"
        "tb.sweep(rule, market, {'fast': [2], 'slow': [9]}, executor='processes', threads=1)\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "if __name__ == '__main__':" in ran.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with (
        # Fifteen seconds after a worker was lost its place is given up, unless a new one is there just then.
        pytest.importorskip("dask").config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.feature("F-109")
def test_dask_gives_the_numbers_of_threads(dask: Any, expected: dict[str, str]) -> None:
    with dask.get_executor() as pool:
        rule = tb.sweep(RULE, MARKET, RULES, executor=pool)
        assert rule.digest == expected["rule"]
        assert rule.metadata["workers"] == 2
        assert tb.sweep(Steps, MARKET, LENGTHS, executor=pool).digest == expected["steps"]


def test_dask_loses_a_worker_and_nothing_else(dask: Any, started: Started, expected: dict[str, str]) -> None:
    started.trap.touch()
    with dask.get_executor() as pool:
        study = tb.sweep(Deadly, MARKET, started.space, executor=pool, mode="interpreted")
    assert study.digest == expected["steps"]
    assert not started.trap.exists()
    check_only_its_blocks_are_repeated(started, study.plan.block)


def columns_at(recipe: Packed) -> tuple[int, int]:
    """The process that a task of Dask runs in, and where its columns are: a task writes nowhere near them."""
    close = unpack(Packed(recipe.head, recipe.origin, [memoryview(each).toreadonly() for each in recipe.buffers]))
    found = close["market"].series(0).close
    assert not found.flags.writeable
    return os.getpid(), found.ctypes.data


def test_dask_has_the_market_once_for_each_worker(dask: Any) -> None:
    packed = pack({"market": tb.Market.synthetic(bars=100_000, seed=6)}, None)
    dask.wait_for_workers(2)
    with dask.get_executor() as executor:
        cluster = DaskCluster(executor, None)
        work = Work(packed.key, 0, RULES.sets(range(1)), "auto")
        parcels = [cluster.with_recipe(work, packed).parcel for _ in range(2)]
        assert parcels[0] == parcels[1]
        (recipe,) = cluster.recipes.values()
        assert len(dask.who_has([recipe])[recipe.key]) == 2
        found = dask.gather([dask.submit(columns_at, recipe, pure=False) for _ in range(12)])
        assert len(set(found)) == len({process for process, _ in found})
        cluster.close()


EDITED = """
import triplebar as tb
class Edited(tb.Strategy):
    length: int = 5
    def on_bar(self, ctx, bar):
        ctx.target(bar.symbol, {sign} * (bar.index // self.length % 2))
"""


@pytest.mark.parametrize("name", ["edited_module", "__main__"])
def test_workers_that_live_on_run_what_the_file_says_now(
    dask: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "edited_module.py"
    monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    for sign in (1, -1, 2):
        file.write_text(EDITED.format(sign=sign))
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        exec(file.read_text(), vars(module))  # noqa: S102 - as a driver that was begun anew has it
        monkeypatch.setitem(sys.modules, name, module)
        with dask.get_executor() as executor:
            found = tb.sweep(module.Edited, MARKET, {"length": [3, 5]}, executor=executor, mode="interpreted")
        assert found.digest == tb.sweep(module.Edited, MARKET, {"length": [3, 5]}, mode="interpreted").digest


def test_a_file_is_imported_once_by_all_threads_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "slow_module.py"
    file.write_text("import time\ntime.sleep(0.2)\nclass Late:\n    pass\n")
    origin = {"module": "__main__", "file": str(file), "root": str(tmp_path), "version": str(file)}
    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(lambda _: found_in(load_file(origin), "Late"), range(8)))
    assert len(set(found)) == 1
    file.write_text("class Half:\n    pass\nraise RuntimeError('half')\n")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="half"):
            load_file({**origin, "version": "half"})


def test_dask_loses_all_its_workers_and_nothing_else(dask: Any, started: Started, expected: dict[str, str]) -> None:
    over = threading.Event()

    def strike() -> None:
        while len(started.lines()) < 12 and not over.wait(0.003):
            pass
        for process in {process for _, process in started.lines()}:
            os.kill(process, signal.SIGKILL)

    striker = threading.Thread(target=strike, daemon=True)
    striker.start()
    with dask.get_executor() as executor:
        study = tb.sweep(Slow, MARKET, started.space, executor=executor, mode="interpreted", block=4)
    over.set()
    striker.join()
    assert study.digest == expected["steps"]
    assert len(started.repeated(study.plan.block)) <= 4


def test_a_cluster_of_our_own_is_begun_and_ended(expected: dict[str, str]) -> None:
    found = pytest.importorskip("ray")
    assert not found.is_initialized()
    assert tb.sweep(RULE, MARKET, RULES, executor="ray", threads=1).digest == expected["rule"]
    assert not found.is_initialized()


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    found = pytest.importorskip("ray")
    found.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield found
    found.shutdown()


@pytest.mark.feature("F-109")
def test_ray_gives_the_numbers_of_threads(ray: Any, expected: dict[str, str]) -> None:
    rule = tb.sweep(RULE, MARKET, RULES, executor="ray")
    assert rule.digest == expected["rule"]
    assert rule.metadata["workers"] == 2
    assert tb.sweep(Steps, MARKET, LENGTHS, executor="ray").digest == expected["steps"]
    assert ray.is_initialized()


def mappings(recipe: list[Any]) -> set[str]:
    """How the memory is mapped in which a worker of Ray has the columns of the market: shared, or private."""
    import ray

    head, origin, arrays = ray.get(recipe[0])
    series = unpack(Packed(head, origin, arrays))["market"].series(0)
    places = [each.ctypes.data for each in (series.time, series.close, series.ticks.close, series.lots)]
    found = set()
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        first, last = (int(each, 16) for each in line.split()[0].split("-"))
        if any(first <= place < last for place in places):
            found.add(line.split()[1][-1])
    return found


def test_ray_workers_read_the_market_without_a_copy(ray: Any) -> None:
    cluster = RayCluster(workers=2)
    packed = pack({"market": tb.Market.synthetic(bars=100_000, seed=6)}, None)
    cluster.parcel(packed, packed.key)
    assert ray.get(ray.remote(mappings).remote([cluster.recipes[packed.key]])) == {"s"}
    cluster.close()


def test_ray_loses_a_worker_and_nothing_else(ray: Any, started: Started, expected: dict[str, str]) -> None:
    started.trap.touch()
    study = tb.sweep(Deadly, MARKET, started.space, executor="ray", mode="interpreted")
    assert study.digest == expected["steps"]
    assert not started.trap.exists()
    check_only_its_blocks_are_repeated(started, study.plan.block)


@pytest.mark.feature("F-109")
@pytest.mark.parametrize("executor", ["processes", "dask", "ray"])
@pytest.mark.parametrize("kill", range(KILLS))
def test_a_worker_that_is_killed_at_any_moment_costs_its_block(
    executor: str, kill: int, started: Started, expected: dict[str, str], request: pytest.FixtureRequest
) -> None:
    moment = random.Random(f"{executor} {kill}").uniform(0.05, 0.95)
    killed: list[int] = []
    over = threading.Event()

    def strike() -> None:
        while len(started.lines()) < 39 * moment and not over.wait(0.003):
            pass
        killed.append(started.lines()[-1][1])
        os.kill(killed[0], signal.SIGKILL)

    used: Any = executor
    if executor != "processes":
        client = request.getfixturevalue(executor)
        used = client.get_executor() if executor == "dask" else "ray"
    striker = threading.Thread(target=strike, daemon=True)
    striker.start()
    study = tb.sweep(Slow, MARKET, started.space, executor=used, threads=2, mode="interpreted", block=4)
    over.set()
    striker.join()
    assert study.digest == expected["steps"]
    # A pool of processes ends when one of them does, and begins anew.
    assert len(started.repeated(study.plan.block, None if executor == "processes" else killed[0])) <= 2


@pytest.mark.feature("F-109", "F-111", "U-18")
@pytest.mark.parametrize("executor", ["dask", "ray"])
@pytest.mark.parametrize("kill", range(KILLS))
def test_a_sweep_that_is_killed_while_a_cluster_runs_it_repeats_a_block_for_each_worker_at_most(
    executor: str, kill: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The cluster lives on, and may finish what nobody waits for any more."""
    cluster = request.getfixturevalue(executor)
    store, started = tmp_path / "runs.db", tmp_path / "started.txt"
    started.touch()
    moment = random.Random(f"driver {executor} {kill}").uniform(0.05, 0.95)
    if executor == "dask":
        name, environment = f"dask={cluster.scheduler_info()['address']}", {}
    else:
        name, environment = "ray", {"RAY_ADDRESS": cluster.get_runtime_context().gcs_address}
    kill_at(moment, store, started, name, **environment)
    finished = sets_kept(store)
    study = swept(str(store), str(started), name)
    assert study.metadata["resumed"] == finished
    assert study.metadata["evaluated"] == 40 - finished
    assert study.digest == swept(None, os.devnull, "threads").digest
    assert lines(started) - 40 <= 2 * study.plan.block


def test_arrays_are_mapped_not_copied(tmp_path: Path) -> None:
    packed = pack({"market": MARKET, "strategy": Steps}, Steps)
    write_arrow(packed, tmp_path / "recipe.arrow")
    mapped = read_arrow(tmp_path / "recipe.arrow", packed.origin)
    found = unpack(mapped)
    assert found["strategy"] is Steps
    assert found["market"].digest == MARKET.digest
    close = found["market"].series(0).close
    assert not close.flags.owndata
    assert not close.flags.writeable
    spans = [memoryview(each) for each in mapped.buffers]
    assert sum(each.nbytes for each in spans) > 90 * len(MARKET)
    assert len(packed.head) < 10_000


def test_what_cannot_be_sent_is_named() -> None:
    class Held(tb.Strategy):
        length: int = 5

    Held.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(tb.TradingError, match="cannot be sent to workers"):
        tb.sweep(Held, MARKET, LENGTHS, executor="processes", threads=1)


def test_a_class_inside_a_function_is_sent_by_value() -> None:
    class Inside(tb.Strategy):
        length: int = 5

        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            ctx.target(bar.symbol, (bar.index // self.length) % 2)

    space = {"length": [5, 6]}
    study = tb.sweep(Inside, MARKET, space, executor="processes", threads=1, mode="interpreted")
    assert study.digest == tb.sweep(Steps, MARKET, space).digest


def test_control_c_waits_for_blocks_that_are_run(started: Started, tmp_path: Path) -> None:
    def stop(standing: Standing) -> None:
        if len(stops) < 1:
            stops.append(standing.done)
            os.kill(os.getpid(), signal.SIGINT)

    stops: list[int] = []
    options: dict[str, Any] = {"executor": "processes", "threads": 1, "mode": "interpreted", "block": 4}
    first = tb.sweep(Slow, MARKET, started.space, store=tmp_path / "runs.db", watch=stop, **options)
    assert first.metadata["status"] == "interrupted"
    kept = len(first) + first.failures.num_rows
    assert 4 <= kept < 40
    second = tb.sweep(Slow, MARKET, started.space, store=tmp_path / "runs.db", **options)
    assert second.metadata["resumed"] == kept
    assert second.metadata["status"] == "completed"


def test_a_second_control_c_does_not_wait(started: Started, tmp_path: Path) -> None:
    def press() -> None:
        while len(started.lines()) < 2:
            time.sleep(0.01)
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)

    threading.Thread(target=press, daemon=True).start()
    options: dict[str, Any] = {"executor": "processes", "threads": 2, "mode": "interpreted", "block": 1}
    space = {**started.space, "seconds": [3_600.0]}
    with pytest.raises(KeyboardInterrupt):
        tb.sweep(Slow, MARKET, space, store=tmp_path / "runs.db", **options)
    for _, process in started.lines():
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_cluster_without_workers_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(pool, "ASK_SECONDS", 0.05)
    monkeypatch.setattr(pool, "ALONE_SECONDS", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as nobody,
        pytest.raises(tb.errors.ExecutionError, match=r"the cluster has had no worker for 0\.2 s; what is"),
    ):
        tb.sweep(Steps, MARKET, LENGTHS, executor=nobody)
