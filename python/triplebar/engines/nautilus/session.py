"""One `BacktestEngine`, from its building to its disposal; nothing of it outlives the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from nautilus_trader.accounting.error import AccountError
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.component import set_backtest_force_stop

from triplebar.contracts.errors import AdapterError, TradingError
from triplebar.engines.nautilus.interruption import Interrupted
from triplebar.engines.nautilus.venue import Clockwork, Listener, StrategyWrapper
from triplebar.engines.nautilus.versions import installed_version, known_keywords, quiet

if TYPE_CHECKING:
    from types import TracebackType

    from triplebar.engines.nautilus.translator import Grid


@dataclass(frozen=True)
class Blueprint:
    """What a session is built from: NautilusTrader's own configuration, instruments and data."""

    engine: Any
    venue: dict[str, Any]
    currencies: list[Any]
    grids: list[Grid]
    instruments: list[Any]
    data: list[list[Any]]
    """Each list is added by itself; the last one has all bars."""
    bar_types: tuple[Any, ...] = ()
    """What the strategy subscribes to."""


class Session:
    """The guest with its venue, its instruments, its bars and one strategy."""

    def __init__(self, plan: Blueprint, listener: Listener) -> None:
        """Build everything; if something is refused, nothing is left behind."""
        self.currencies, self.grids = plan.currencies, plan.grids
        self.start_ns = max(
            0, plan.data[-1][0].ts_init - 1
        )  # before the first data: what is sent at once arrives there
        self.module = Clockwork(listener)
        self.strategy = StrategyWrapper(listener, plan.bar_types)
        self.engine = BacktestEngine(plan.engine)
        try:
            self._furnish(plan)
        except BaseException:
            self.engine.dispose()
            raise

    def _furnish(self, plan: Blueprint) -> None:
        keywords = {**plan.venue, "modules": [self.module]}
        self.engine.add_venue(**known_keywords(self.engine.add_venue, keywords))
        for instrument in plan.instruments:
            self.engine.add_instrument(instrument)
        self.engine.add_strategy(self.strategy)
        for each in plan.data:
            self.engine.add_data(each, sort=each is plan.data[-1])

    def run(self) -> None:
        """Let the guest's own loop run over all its data."""
        try:
            with quiet(installed_version()):
                self.engine.run(start=self.start_ns, streaming=True)
        except AccountError as problem:
            raise AdapterError(
                f"NautilusTrader ended the run: {problem!r}",
                where="nautilus",
                fix="its cash accounts may not run dry: use account='margin', more cash or smaller sizes",
            ) from problem
        except (TradingError, Interrupted):
            raise
        except Exception as problem:
            raise AdapterError(
                f"NautilusTrader failed: {type(problem).__name__}: {problem}",
                where="nautilus",
                fix="use engine='custom', and report this with the strategy",
            ) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, place: TracebackType | None
    ) -> None:
        """Give everything back, also the mark that an account that ran dry leaves for all engines of the process."""
        self.engine.dispose()
        set_backtest_force_stop(False)
