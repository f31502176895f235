"""What checks run: one strategy under one configuration, on many markets."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.result import RunResult
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.research.causality.findings import CheckReport, Finding, moment_text
from triplebar.research.causality.past import Change
from triplebar.research.factory import create_engine
from triplebar.research.run import run
from triplebar.strategy.base import Strategy

Progress = Callable[[int, int], None]


@dataclass
class Checking:
    """The subject of a check, and what has been found."""

    kind: str
    given: Any
    """A strategy, its class, or a function that makes one from a market."""
    market: Market
    config: BacktestConfig
    engine: Engine
    parameters: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress | None = None
    findings: list[Finding] = field(default_factory=list)
    tried: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    name: str = ""
    interrupted: bool = False

    def strategy(self, market: Market) -> Any:  # noqa: ANN401 - a strategy or its class
        """The strategy as it is for a market."""
        if inspect.isfunction(self.given) or inspect.ismethod(self.given):
            return self.given(market)
        return self.given

    def run(self, market: Market, *, strategy: Any = None, config: BacktestConfig | None = None) -> RunResult:  # noqa: ANN401
        """Run; Ctrl-C ends the whole check."""
        asked = self.strategy(market) if strategy is None else strategy
        parameters = self.parameters if isinstance(asked, type) else {}
        result = run(asked, market, config or self.config, engine=self.engine, parameters=parameters)
        if result.interrupted:
            raise KeyboardInterrupt
        self.name = result.record.strategy
        return result

    def working(self, market: Market) -> Strategy:
        """A fresh strategy for a market."""
        from triplebar.strategy.istrategy import as_strategy

        asked = self.strategy(market)
        if isinstance(asked, type) and issubclass(asked, Strategy):
            return asked(**self.parameters)
        return as_strategy(asked).clone()

    def count(self, check: str) -> None:
        """Note that something was looked at."""
        self.tried[check] = self.tried.get(check, 0) + 1

    def found(self, check: str, change: Change, source: str | None = None, note: str = "") -> None:
        """Note what moved."""
        clock = self.market.clock
        symbol = None if change.instrument is None else self.market.symbols[change.instrument]
        self.findings.append(
            Finding(
                check,
                f"{change.text}{note}",
                change.clock,
                moment_text(clock, change.clock),
                symbol,
                change.order,
                source,
            )
        )

    def tell(self, done: int, total: int) -> None:
        """Say how far the check is."""
        if self.progress is not None:
            self.progress(done, total)

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Ctrl-C keeps what was found until then."""
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True

    def report(self) -> CheckReport:
        """What was found, in order of time."""
        found = sorted(self.findings, key=lambda each: (each.clock is None, each.clock or 0, each.order or 0))
        return CheckReport(
            self.kind,
            self.name or getattr(self.given, "__name__", type(self.given).__name__),
            self.engine.name,
            tuple(found),
            self.tried,
            self.skipped,
            self.interrupted,
        )


def engine_of(engine: str | Engine) -> Engine:
    """An engine by its name, or as it is."""
    return create_engine(engine) if isinstance(engine, str) else engine
