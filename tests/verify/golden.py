"""The golden runs GS-01 to GS-03: three portfolios on frozen data, and the tolerances they are held to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import triplebar as tb

FILE = Path(__file__).with_name("golden.toml")
METRICS = ("ending_value", "cagr", "max_drawdown", "sharpe", "trades")


@cache
def document() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def scenarios() -> dict[str, dict[str, Any]]:
    """The scenarios by id."""
    return {each["id"]: each for each in document()["scenario"]}


def incomplete(found: Mapping[str, Any]) -> list[str]:
    """What is missing in a file of golden runs: tolerances, results, or one window and price policy for all."""
    faults = [f"data: no {name}" for name in ("start", "rows", "price_policy", "calendar") if name not in found["data"]]
    tolerances = found.get("tolerance", {})
    for each in found["scenario"]:
        name = each["id"]
        if name not in tolerances:
            faults.append(f"{name}: no tolerance")
        elif set(tolerances[name]) != set(METRICS):
            faults.append(f"{name}: a tolerance for each of {', '.join(METRICS)}")
        if set(found.get("expected", {}).get(name, ())) != set(METRICS):
            faults.append(f"{name}: no result")
        own = [key for key in ("start", "rows", "price_policy") if key in each]
        if own:
            faults.append(f"{name}: {', '.join(own)} of its own")
    return faults


@cache
def market(symbols: tuple[str, ...]) -> tb.Market:
    """The frozen data of some symbols; each symbol's prices are the same in every scenario."""
    data = document()["data"]
    whole = tb.Market.synthetic(
        symbols=("SPY", "QQQ", "TLT"), bars=data["rows"], interval=data["interval"], start=data["start"],
        seed=data["seed"], volatility=0.011, drift=0.0003, correlation=0.3, calendar=data["calendar"],
    )  # fmt: skip
    return whole.select(symbols)


def run(name: str, engine: str = "custom") -> tb.RunResult:
    """Run a scenario."""
    scenario = scenarios()[name]
    strategy = tb.samples.ALL[scenario["strategy"]](**scenario["parameters"])
    config = tb.BacktestConfig(initial_cash=100_000, price_policy=document()["data"]["price_policy"])
    return tb.run(strategy, market(tuple(scenario["symbols"])), config, engine=engine)


def gap(name: str, metric: str, result: tb.RunResult) -> float:
    """How far a metric is from the frozen one."""
    frozen = document()["expected"][name][metric]
    found = result.metrics[metric]
    assert isinstance(found, (int, float))
    return float(abs(found / frozen - 1) if metric == "ending_value" else abs(found - frozen))


if __name__ == "__main__":
    for each in scenarios():
        values = ", ".join(f"{metric} = {run(each).metrics[metric]!r}" for metric in METRICS)
        print(f'"{each}" = {{ {values} }}')
