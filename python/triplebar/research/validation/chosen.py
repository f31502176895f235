"""One set of parameters on one stretch of a market, with bars before it that warm up and do not trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ParameterError
from triplebar.contracts.result import RunResult
from triplebar.contracts.time import from_ns
from triplebar.data.market import Market
from triplebar.research.run import run
from triplebar.strategy.base import Strategy
from triplebar.strategy.signals import Signals


def maker_of(strategy: Any) -> Callable[..., Strategy]:  # noqa: ANN401 - all that `sweep` takes
    """Return what makes the strategy of a set from its parameters.

    >>> from triplebar.strategy.samples import MovingAverageCross
    >>> maker_of(MovingAverageCross(fast=3))(slow=9).parameters()["slow"]
    9
    """
    if isinstance(strategy, Signals):
        fix = "give a rule of triplebar.signals, a Strategy class, or a function that makes Signals from parameters"
        raise ParameterError("Signals have no parameters to choose", where="validation", fix=fix)
    return strategy.clone if isinstance(strategy, Strategy) else strategy


def stretch(market: Market, start_ns: int, end_ns: int, warm: int | None, warm_ns: int) -> Market:
    """The bars of `[start, end)` with those that warm up before: so many ticks, or else all from `warm_ns` on.

    >>> market = Market.synthetic(bars=10, seed=1)
    >>> len(stretch(market, int(market.clock[5]), int(market.clock[8]), 2, 0))
    5
    """
    begin_ns = warm_ns
    if warm is not None:
        place = int(np.searchsorted(market.clock, start_ns))
        begin_ns = start_ns if warm == 0 else int(market.clock[max(0, place - warm)])
    return market.between(min(begin_ns, start_ns), end_ns)


def trading_from(config: BacktestConfig, market: Market, start_ns: int, *, close_at_end: bool) -> BacktestConfig:
    """The configuration of a stretch: what stands before its first tick warms up."""
    changes: dict[str, Any] = {"end": None, "start": None, "close_at_end": close_at_end or config.close_at_end}
    if int(market.clock[0]) < start_ns:
        moment = from_ns(start_ns)
        finer = start_ns % 1_000 > 0  # a configuration knows microseconds
        changes["start"] = moment + timedelta(microseconds=1) if finer else moment
    return config.replace(**changes)


def run_set(
    strategy: Any,  # noqa: ANN401 - all that `sweep` takes
    parameters: Mapping[str, Any],
    market: Market,
    config: BacktestConfig,
    *,
    engine: Any = "custom",  # noqa: ANN401 - as for `run`
    mode: str = "auto",
) -> RunResult:
    """Run one set of parameters; compiled if that is possible and not refused."""
    made = maker_of(strategy)(**parameters)
    compiles = engine == "custom" and not isinstance(made, Signals)
    return run(made, market, config, engine=engine, mode=mode if compiles else "interpreted")
