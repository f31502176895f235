"""Our own engine, run again under other rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from triplebar.contracts.settings import Settings
from triplebar.data.market import Market
from triplebar.engines.base import Engine, Hooks
from triplebar.research.factory import create_engine
from triplebar.research.verify.side import Side
from triplebar.strategy.base import Strategy


@dataclass
class Reruns:
    """Runs one strategy on one market under any settings; keeps no result, so that memory does not grow."""

    strategy: Strategy
    market: Market
    interrupted: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda _count: None
    engine: Engine = field(default_factory=lambda: create_engine("custom"))
    count: int = 0

    def side(self, settings: Settings) -> Side:
        """The side of a run under these settings; a strategy that fails raises what it raises, Ctrl-C too."""
        self.count += 1
        self.progress(self.count)
        hooks = Hooks(interrupted=self.interrupted)
        facts: Any = self.engine.run(self.strategy.clone(), self.market, settings, hooks)
        if facts.interrupted:
            raise KeyboardInterrupt
        return Side(self.engine.name, facts.table, settings, self.market, tuple(facts.labels))
