"""NautilusTrader behind the same door as every other engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.checks import choice
from triplebar.contracts.run_request import FIDELITIES
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.guests.treatment import apply_plan
from triplebar.engines.nautilus.plan import NATIVE, STRICT
from triplebar.engines.nautilus.surroundings import own_event_loops
from triplebar.engines.nautilus.versions import check, installed_version

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market


PLANS: Final = {"strict": STRICT, "native": NATIVE}


class NautilusEngine:
    """Runs a strategy in NautilusTrader.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.base import Strategy
    >>> class Once(Strategy):
    ...     def on_start(self, ctx):
    ...         ctx.buy(ctx.symbols[0], 1)
    >>> market = Market.synthetic(bars=3, seed=1)
    >>> facts = NautilusEngine().run(Once(), market, resolve(BacktestConfig(), market))
    >>> facts.table("fills").num_rows
    1
    """

    name = "nautilus"

    def __init__(self, *, fidelity: str = "strict") -> None:
        """`strict` forces our conventions on NautilusTrader, `native` leaves it its own."""
        self.fidelity = choice("fidelity", fidelity, FIDELITIES)
        self.version = installed_version()
        check(self.version)

    def capabilities(self) -> Capabilities:
        """What orders this engine takes; anything else is rejected as `unsupported`."""
        if self.fidelity == "strict":
            return Capabilities.all()
        with own_event_loops():
            from triplebar.engines.nautilus.native_orders import native_capabilities  # loads NautilusTrader

        return native_capabilities()

    def run(self, strategy: Any, market: Market, settings: Settings, hooks: Hooks | None = None) -> TableFacts:  # noqa: ANN401
        """Run once, from the first tick to the last."""
        apply_plan(self.name, PLANS[self.fidelity], settings)
        with own_event_loops():
            from triplebar.engines.nautilus.native import NativeRun  # loads NautilusTrader
            from triplebar.engines.nautilus.strict import StrictRun

        kind = StrictRun if self.fidelity == "strict" else NativeRun
        return kind(strategy, market, settings, hooks or Hooks()).facts()
