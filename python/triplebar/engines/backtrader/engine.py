"""Backtrader behind the same door as every other engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import backtrader as bt

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.checks import choice
from triplebar.contracts.run_request import FIDELITIES
from triplebar.engines.backtrader.native import TAKES, run_native
from triplebar.engines.backtrader.plan import NATIVE, STRICT
from triplebar.engines.backtrader.strict import run_strict
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.guests.treatment import apply_plan
from triplebar.engines.guests.versions import check_version

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market

VERSIONS: Final = ("1.9.78",)
"""The versions whose broker the strict run has been compared with."""


class BacktraderEngine:
    """Runs a strategy in Backtrader.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.base import Strategy
    >>> class Once(Strategy):
    ...     def on_start(self, ctx):
    ...         ctx.buy(ctx.symbols[0], 1)
    >>> market = Market.synthetic(bars=3, seed=1)
    >>> facts = BacktraderEngine().run(Once(), market, resolve(BacktestConfig(), market))
    >>> facts.table("fills").num_rows
    1
    """

    name = "backtrader"

    def __init__(self, *, fidelity: str = "strict") -> None:
        """`strict` forces our conventions on Backtrader, `native` leaves it its own."""
        self.fidelity = choice("fidelity", fidelity, FIDELITIES)
        check_version(self.name, self.version, VERSIONS)

    @property
    def version(self) -> str:
        """The version of Backtrader."""
        return str(bt.__version__)

    def capabilities(self) -> Capabilities:
        """What orders this engine takes; anything else is rejected as `unsupported`."""
        return Capabilities.all() if self.fidelity == "strict" else TAKES

    def run(self, strategy: Any, market: Market, settings: Settings, hooks: Hooks | None = None) -> TableFacts:  # noqa: ANN401
        """Run once, from the first tick to the last."""
        if self.fidelity == "native":
            apply_plan(self.name, NATIVE, settings)
            return run_native(strategy, market, settings, hooks or Hooks())
        apply_plan(self.name, STRICT, settings)
        return run_strict(strategy, market, settings, hooks or Hooks())
