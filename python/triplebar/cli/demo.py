"""`triplebar demo`: a first backtest on a market that is made up."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.output import print_summary
from triplebar.cli.progress import LateBar
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.result import RunResult
from triplebar.data.market import Market
from triplebar.report.page import write_html
from triplebar.report.text import json_report
from triplebar.research.run import run
from triplebar.strategy.samples import MovingAverageCross


def demo(out: Path, bars: int, engine: str, *, as_json: bool) -> int:
    """Run the demonstration and say where its picture is."""
    console = Console(stderr=as_json, emoji=False)
    result = _result(bars, engine, Console(stderr=True, emoji=False))
    if as_json:
        print(json_report(result), end="")
    else:
        print_summary(result, console)
    written = write_html(result, out)
    console.print(f"picture: {written.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.INTERRUPTED if result.interrupted else Exit.OK


def _result(bars: int, engine: str, console: Console) -> RunResult:
    market = Market.synthetic(symbols=("DEMO",), bars=bars, interval="1h", volatility=0.004, seed=7)
    config = BacktestConfig(initial_cash=100_000, commission_bps=1)
    with LateBar("running", console) as bar:
        return run(MovingAverageCross(fast=24, slow=240, quantity=500.0), market, config, engine=engine, progress=bar)
