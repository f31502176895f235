"""One strategy on several engines: run, compare, explain."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError, TradingError
from triplebar.contracts.result import RunResult
from triplebar.contracts.run_request import FIDELITIES
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.research.factory import create_engine
from triplebar.research.interruption import stoppable
from triplebar.research.run import run
from triplebar.research.verify.agreement import Comparing
from triplebar.research.verify.report import Agreement, VerifyReport
from triplebar.research.verify.rerun import Reruns
from triplebar.research.verify.side import OWN
from triplebar.strategy.base import Strategy
from triplebar.strategy.istrategy import as_strategy

RUNG_OF: Final = {"strict": 1, "native": 3}
"""The rung of the tolerance ladder that engines are held to, by mode."""
Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much is done, and of how much."""


def verify(
    strategy: Any,  # noqa: ANN401 - a strategy or its class
    market: Market,
    config: BacktestConfig | None = None,
    *,
    engines: Sequence[str | Engine] = ("custom", "reference"),
    mode: str = "strict",
    parameters: Mapping[str, Any] | None = None,
    explain: bool = True,
    progress: Progress | None = None,
) -> VerifyReport:
    """Run a strategy on several engines, and say whether they agree, where they part, and why.

    Every engine is compared with the first one. `mode="strict"` forces one fill model on all of them and wants equal
    trades and a divergence of 0.01 % at most; `mode="native"` leaves each its own rules and reports. What differs is
    split by cause: our own engine is run again with one rule at a time switched to what the other one does, the rest
    is read off the paired orders. `explain=False` leaves that out. An engine that refuses a setting or fails is
    named in `failures`. Ctrl-C keeps the engines that have finished.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=300, seed=1)
    >>> report = verify(tb.samples.MovingAverageCross(fast=3, slow=9), market)
    >>> report.agree, report.divergence, report.first_difference
    (True, {'reference': 0.0}, None)
    """
    checks.choice("mode", mode, FIDELITIES)
    asked = _Asked(strategy, market, config, parameters or {}, progress)
    task = _Task(asked, _engines(engines, mode), mode)
    task.run()
    task.compare(explain=explain)
    return task.report()


@dataclass(frozen=True)
class _Asked:
    strategy: Any
    market: Market
    config: BacktestConfig | None
    parameters: Mapping[str, Any]
    progress: Progress | None

    def on(self, engine: Engine, label: str) -> RunResult:
        """Run on one engine."""
        tell = self.progress
        return run(
            self.strategy,
            self.market,
            self.config,
            engine=engine,
            parameters=self.parameters,
            progress=None if tell is None else lambda done, total: tell(label, done, total),
        )

    def working(self) -> Strategy:
        """A fresh strategy, to be cloned for every run."""
        given = self.strategy
        if isinstance(given, type) and issubclass(given, Strategy):
            return given(**self.parameters)
        return as_strategy(given).clone(**self.parameters)


@dataclass
class _Task:
    asked: _Asked
    engines: dict[str, Engine]
    mode: str
    results: dict[str, RunResult] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    problems: list[TradingError] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def base(self) -> str:
        return next(iter(self.engines))

    def run(self) -> None:
        """Run the engines one after the other, until the end or Ctrl-C."""
        for label, engine in self.engines.items():
            began = time.perf_counter()
            try:
                result = self.asked.on(engine, label)
            except KeyboardInterrupt:
                self.interrupted = True
            except TradingError as problem:
                if label == self.base:
                    raise
                self.failures[label] = f"{type(problem).__name__}: {problem}"
                self.problems.append(problem)
                continue
            else:
                self.interrupted = result.interrupted
            self.seconds[label] = time.perf_counter() - began
            if self.interrupted:
                break
            self.results[label] = result
        if not self.results:
            raise KeyboardInterrupt
        if len(self.problems) == len(self.engines) - 1:  # there is nothing to compare with
            raise self.problems[0]

    def compare(self, *, explain: bool) -> None:
        """Compare every other engine with the first."""
        base = self.results[self.base]
        reruns = self._reruns(base) if explain else None
        self.seconds |= {"comparing": 0.0, "explaining": 0.0}
        for label, result in self.results.items():
            if label == self.base:
                continue
            began = time.perf_counter()
            found = Comparing(base, result, RUNG_OF[self.mode], label)
            self.seconds["comparing"] += time.perf_counter() - began
            if explain and found.differs and not self.interrupted:
                self._explain(found, reruns)
            began = time.perf_counter()
            self.agreements.append(found.agreement())
            self.seconds["comparing"] += time.perf_counter() - began

    def _explain(self, found: Comparing, reruns: Reruns | None) -> None:
        began = time.perf_counter()
        try:
            with stoppable() as stopped:
                if reruns is not None:
                    reruns.count, reruns.interrupted = 0, stopped
                found.explain(reruns)
        except KeyboardInterrupt:
            self.interrupted = True
        self.seconds["explaining"] += time.perf_counter() - began

    def _reruns(self, base: RunResult) -> Reruns | None:
        """Our own engine, if the engine to compare with follows its rules."""
        if base.record.engine not in OWN or base.record.config.get("on_error") == "isolate":
            return None
        reruns = Reruns(self.asked.working(), base.market)
        if (tell := self.asked.progress) is not None:
            reruns.progress = lambda done: tell("explaining", done, 0)
        return reruns

    def report(self) -> VerifyReport:
        return VerifyReport(
            self.mode,
            RUNG_OF[self.mode],
            self.base,
            self.results,
            tuple(self.agreements),
            self.failures,
            self.interrupted,
            self.seconds,
        )


def _engines(given: Sequence[str | Engine], mode: str) -> dict[str, Engine]:
    """The engines by the names they have in the report, all of them made before anything is run."""
    if isinstance(given, str) or len(given) < 2:
        raise ConfigError.of("engines", given, "there is nothing to compare", fix="give two names at least")
    found: dict[str, Engine] = {}
    for each in given:
        engine = create_engine(each, fidelity=mode) if isinstance(each, str) else each
        label, count = each if isinstance(each, str) else engine.name, 1
        while label in found:
            if isinstance(each, str):
                raise ConfigError.of("engines", list(given), f"{each!r} is there twice", fix="name each engine once")
            count += 1
            label = f"{engine.name} {count}"
        found[label] = engine
    return found
