"""Every sample compiles, decides as it does in Python, and does not compile again in the next process."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import triplebar as tb
from triplebar.strategy import samples
from triplebar.strategy.sizing import SizeGrid

PARAMETERS: dict[str, dict[str, Any]] = {
    "DualMomentum": {"lookback": 15},
    "MeanReversion": {"period": 5, "entry": 1.0},
    "Momentum": {"lookback": 4},
    "MovingAverageCross": {"fast": 3, "slow": 8},
    "RelativeStrength": {"period": 4},
    "RiskParity": {"window": 12},
}
FURTHER: dict[str, dict[str, Any]] = {"BuyAndHold": {"quantity": 3.0}, "NoRebalance": {"proportions": [0.5, 0.2, 0.1]}}
CASES: list[tuple[str, dict[str, Any]]] = [(name, PARAMETERS.get(name, {})) for name in samples.ALL]
CASES += FURTHER.items()
WARM = """
import json, sys, time
import triplebar as tb
from triplebar.strategy import samples
market = tb.Market.synthetic(bars=60, symbols=("A", "B", "C"), seed=4)
milliseconds = {{}}
for name, parameters in {cases!r}:
    begin = time.perf_counter()
    result = tb.run(samples.ALL[name](**parameters), market, mode="compiled", until=0)
    milliseconds[name] = (time.perf_counter() - begin) * 1e3
print(json.dumps({{"compiler": "numba" in sys.modules, "milliseconds": milliseconds}}))
"""


def market() -> tb.Market:
    return tb.Market.synthetic(bars=300, symbols=("A", "B", "C"), seed=4)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_samples_are_twins(name: str, parameters: dict[str, Any]) -> None:
    interpreted = tb.run(samples.ALL[name](**parameters), market())
    compiled = tb.run(samples.ALL[name](**parameters), market(), mode="compiled")
    assert compiled.metadata.mode == "compiled"
    assert compiled.result_hash == interpreted.result_hash
    assert len(interpreted.fills) > 0


def test_another_process_does_not_compile_the_samples_again(record_property: Callable[[str, object], None]) -> None:
    for name, parameters in CASES:
        tb.run(samples.ALL[name](**parameters), market(), mode="compiled", until=0)
    program = WARM.format(cases=CASES)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert set(found["milliseconds"]) == set(samples.ALL)
    assert not found["compiler"], "Numba was loaded, so something was compiled"
    record_property("first_event_milliseconds", max(found["milliseconds"].values()))


@pytest.mark.parametrize("name", ["BuyAndHold", "EqualWeight", "NoRebalance"])
def test_samples_order_sizes_on_the_grid(name: str) -> None:
    instrument = tb.Instrument("A", price_precision=2, size_precision=2, size_step=0.25)
    table = tb.Market.synthetic(bars=40, symbols=("A",), seed=2).table()
    odd = tb.Market.from_table(table, instruments=[instrument])
    result = tb.run(samples.ALL[name](), odd, tb.BacktestConfig(off_grid="reject"))
    sizes = result.orders["quantity"].to_pylist()
    assert sizes
    assert all(size % 0.25 == 0 for size in sizes)


@pytest.mark.parametrize(
    ("precision", "step", "quantity", "size"),
    [(0, None, 2.999, 2.0), (1, None, 0.3, 0.3), (2, 0.05, 0.1499, 0.1), (2, 0.05, 0.15, 0.15), (0, None, -4.0, 0.0)],
)
def test_a_size_is_rounded_down_once(precision: int, step: float | None, quantity: float, size: float) -> None:
    grid = SizeGrid(tb.Instrument("X", size_precision=precision, size_step=step))
    assert grid.down(quantity) == size
