"""Whether anything in the past depends on the future."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from triplebar.contracts.checks import integer
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.research.causality.findings import CheckReport, Finding
from triplebar.research.causality.foresight import foresight
from triplebar.research.causality.futures import ended, mirrored
from triplebar.research.causality.past import Change, first_change
from triplebar.research.causality.reachable import Place, places
from triplebar.research.causality.running import Checking, Progress, engine_of
from triplebar.research.causality.tampering import tampered
from triplebar.research.preparation import prepared_market

MIRRORED: Final = "future mirrored"
ENDED: Final = "data end"
FORESIGHT: Final = "array foresight"
BEHIND: Final = "the market behind ctx, or the engine"
ENDS: Final = 3
"""So many times the data are made to end early."""


def check_causality(
    strategy: Any,  # noqa: ANN401 - a strategy, its class, or a function that makes one from a market
    market: Market,
    config: BacktestConfig | None = None,
    *,
    engine: str | Engine = "custom",
    cuts: int = 12,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Look for knowledge of the future, in a strategy and in the engine it runs on.

    At `cuts` bars, most of them with orders, all later prices are turned upside down, in the market and in every array,
    table and market that the code of the strategy can reach through globals, closures and attributes; and the data are
    made to end early. Nothing up to that bar may move. Arrays with a row for each bar are also tested for knowing the
    next return, which finds indicators that were computed with a centred window before. A function that makes the
    strategy from a market is called anew for each market, so that what it computes up front is tested, too.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=300, seed=1)
    >>> check_causality(tb.samples.MovingAverageCross(fast=3, slow=9), market).ok
    True
    >>> class Prophet(tb.Strategy):
    ...     def on_bar(self, ctx, bar):
    ...         closes = ctx._market.series(bar.symbol).close
    ...         if bar.index + 1 < len(closes) and closes[bar.index + 1] > bar.close:
    ...             ctx.buy(bar.symbol, 1)
    >>> report = check_causality(Prophet(), market)
    >>> report.ok, report.findings[0].check, report.findings[0].order is not None
    (False, 'future mirrored', True)
    """
    config = config or BacktestConfig()
    prepared = prepared_market(market, config)[0]
    check = Checking("causality", strategy, prepared, config, engine_of(engine), parameters or {}, progress)
    with check.keeping():
        _Causality(check, integer("cuts", cuts, low=1)).look()
    return check.report()


class _Causality:
    """One check: the run as it is, then the runs with another future."""

    def __init__(self, check: Checking, cuts: int) -> None:
        self.check = check
        self.cuts = cuts
        self.whole = check.run(check.market)
        self.reached = places(check.given) + places(check.strategy(check.market))

    def look(self) -> None:
        cuts, ends = self._cuts(), self._ends()
        total = len(cuts) + len(ends) + 1
        for done, last in enumerate(cuts):
            self.check.tell(done, total)
            self._mirror(last)
        for done, last in enumerate(ends, start=len(cuts)):
            self.check.tell(done, total)
            self._end(last)
        for place in self._arrays():
            self._foresee(place)
        self.check.tell(total, total)

    # -------------------------------------------------------------------------------------------------------- where

    def _cuts(self) -> list[int]:
        """Bars at which orders were sent, evenly chosen, and a few others."""
        most = len(self.check.market) - 2
        sent = different(self.whole.canonical("orders").column("sent").to_numpy())
        sent = sent[(sent >= 0) & (sent <= most)]
        wanted = min(len(sent), max(1, self.cuts * 2 // 3))
        chosen = {int(sent[place]) for place in np.linspace(0, len(sent) - 1, wanted).astype(int)} if wanted else set()
        others = np.linspace(0, most, self.cuts - len(chosen) + 2).astype(int)[1:-1].tolist() if most > 0 else []
        return sorted({*chosen, *others})

    def _ends(self) -> list[int]:
        most = len(self.check.market) - 2
        begun = max(int(self.check.market.series(symbol).clock_index[0]) for symbol in self.check.market.symbols)
        if most <= begun:
            return []
        return sorted(set(np.linspace(begun, most, ENDS + 2).astype(int)[1:-1].tolist()))

    # --------------------------------------------------------------------------------------------------------- what

    def _mirror(self, last: int) -> None:
        """Everything after a bar is turned upside down."""
        self.check.count(MIRRORED)
        future = mirrored(self.check.market, last)
        with tampered(self.reached, self.check.market, last) as names:
            change = self._changed(self.check.run(future), last)
        if change is not None:
            source = self._source(future, last, names)
            self.check.found(MIRRORED, change, source, f", decided by what comes after bar {last}")

    def _end(self, last: int) -> None:
        """The data end after a bar; what happens at an instrument's last bar counts as end."""
        self.check.count(ENDED)
        until = self._before_the_end(last)
        change = self._changed(self.check.run(ended(self.check.market, last)), until)
        if change is not None:
            self.check.found(ENDED, change, None, f", decided by whether there are bars after {last}")

    def _before_the_end(self, last: int) -> int:
        ends = [last]
        for symbol in self.check.market.symbols:
            clocks = self.check.market.series(symbol).clock_index
            if clocks[-1] > last:
                ends.append(int(clocks[clocks <= last][-1]) - 1)
        return min(ends)

    def _changed(self, other: RunResult, until: int) -> Change | None:
        return first_change(self.whole.canonical, other.canonical, until)

    def _source(self, future: Market, last: int, names: list[str]) -> str | None:
        """What the future is read from: the market alone, or one of the places."""
        if not names:
            return BEHIND
        if self._changed(self.check.run(future), last) is not None:
            return BEHIND
        for place in self.reached:
            if place.name in names:
                with tampered([place], self.check.market, last):
                    moved = self._changed(self.check.run(self.check.market), last)
                if moved is not None:
                    return place.name
        return ", ".join(names)

    # ----------------------------------------------------------------------------------------------------- foresight

    def _arrays(self) -> list[Place]:
        found: dict[int, Place] = {}
        for place in self.reached:
            found.setdefault(id(place.value), place)
        return list(found.values())

    def _foresee(self, place: Place) -> None:
        self.check.count(FORESIGHT)
        found = foresight(place, self.check.market)
        if found is not None:
            symbol, correlation = found
            text = f"knows the next bar of {symbol} (correlation {correlation:.2f} with its return)"
            self.check.findings.append(Finding(FORESIGHT, text, symbol=symbol, source=place.name))
