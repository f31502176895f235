"""Column strategies: positions, weights or orders that were decided up front."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from triplebar.contracts.errors import ParameterError
from triplebar.strategy.base import Strategy
from triplebar.strategy.entries import positions_held
from triplebar.strategy.planned import PlannedOrder, planned_orders
from triplebar.strategy.signal_columns import Columns, FloatArray, aligned, digest_of, read_columns, read_flags

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.bar import Bar
    from triplebar.strategy.context import Context

Kind = Literal["target", "weights", "orders"]
KINDS: tuple[Kind, ...] = ("target", "weights", "orders")


class Signals(Strategy):
    """A strategy whose decisions were made up front, as columns: one value a bar.

    - `target`: the size to hold, in units of the instrument, negative for a short. At each bar this is
      `ctx.target(symbol, value)`.
    - `weights`: the share of the equity to hold, negative for a short. A weight becomes a size,
      `weight * equity / (close * multiplier)` toward zero on the size grid, at the bar at which it changes, and the
      size stays until it changes again; with `rebalance="always"` at every bar. Prices are taken to be in the base
      currency.
    - `orders`: a table with `time`, `symbol`, `quantity` (below zero to sell), and, if wanted, `limit`, `stop`, `tif`,
      `post_only`, `reduce_only`; each order is sent at the close of the bar of its time.

    One column for a market of one instrument, a mapping from symbols to columns, or a long table with `time`, `symbol`
    and `value`. A column has one value for each bar of the market that it is run on; orders of the warm-up are left
    out. The engine `custom` reads the columns in its own loop; any other engine calls the handlers.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=4, seed=1)
    >>> tb.run(Signals(target=[0, 2, 2, 0]), market).fills.column("quantity").to_pylist()
    [2.0]
    >>> Signals(target=[0.0, float("nan")])
    Traceback (most recent call last):
    triplebar.contracts.errors.DataQualityError: target, row 1: nan is not a finite number; fill it before
    """

    def __init__(
        self,
        target: object = None,
        *,
        weights: object = None,
        orders: object = None,
        rebalance: Literal["change", "always"] = "change",
    ) -> None:
        """Take exactly one of `target`, `weights` and `orders`."""
        given = {"target": target, "weights": weights, "orders": orders}
        found = [kind for kind in KINDS if given[kind] is not None]
        if len(found) != 1:
            text = " and ".join(found) or "nothing"
            raise ParameterError(f"{text} given", where="Signals", fix=f"give one of {', '.join(KINDS)}")
        if rebalance not in {"change", "always"}:
            raise ParameterError(f"rebalance = {rebalance!r}", where="Signals", fix="write 'change' or 'always'")
        super().__init__()
        self.kind: Kind = found[0]
        self.rebalance = rebalance
        self.planned: tuple[PlannedOrder, ...] = ()
        self._columns = Columns({})
        self._rows: dict[str, FloatArray] = {}
        self._first: dict[str, int] = {}
        self._due: dict[int, list[PlannedOrder]] = {}
        if self.kind == "orders":
            self.planned = planned_orders(orders)
        else:
            self._columns = read_columns(self.kind, given[self.kind])

    @classmethod
    def from_entries(
        cls,
        entries: object,
        exits: object,
        *,
        short_entries: object = None,
        short_exits: object = None,
        size: float = 1.0,
    ) -> Self:
        """Hold `size` from an entry to the next exit, as columns of truth values say.

        - An entry and the exit of the same side at one bar cancel each other out.
        - So do, after that, a long and a short entry.
        - A short entry turns a long position round, and the other way.
        - An entry while that side is held does nothing, nor does an exit while it is not.

        >>> signals = Signals.from_entries([True, False, False, True], [False, False, True, True], size=5)
        >>> signals.column().tolist()
        [5.0, 5.0, 0.0, 0.0]
        """
        given = {"entries": entries, "exits": exits, "short_entries": short_entries, "short_exits": short_exits}
        flags = {name: read_flags(name, value) for name, value in given.items() if value is not None}
        targets = positions_held(flags, size)
        return cls(target=targets[None] if list(targets) == [None] else targets)

    # ---------------------------------------------------------------------------------------------------- identity

    def parameters(self) -> dict[str, Any]:
        """What was given, as a digest: two plans with the same numbers have the same parameters."""
        content = self.planned if self.kind == "orders" else self._columns
        found: dict[str, Any] = {"kind": self.kind, "content": digest_of(content)}
        return {**found, "rebalance": self.rebalance} if self.kind == "weights" else found

    def clone(self, **changes: Any) -> Self:  # noqa: ANN401 - refused
        """Return the same plan; the columns are shared, since nothing changes them."""
        if changes:
            raise ParameterError(f"no parameter {next(iter(changes))!r}", where="Signals", fix="make new signals")
        return copy.copy(self)

    def column(self, symbol: str | None = None) -> FloatArray:
        """The column of an instrument; without a symbol the only one."""
        return self._columns.of(symbol)

    # --------------------------------------------------------------------------------------------------- alignment

    def align(self, market: Market) -> None:
        """Check that every column fits the market, bar by bar; errors name symbol and row."""
        if self.kind == "orders":
            self._due = {}
            for order in self.planned:
                self._due.setdefault(order.clock_index(market), []).append(order)
        else:
            self._rows = aligned(self.kind, self._columns, market)

    def rows(self, symbol: str) -> FloatArray | None:
        """The column of an instrument of the market that these signals were aligned with; None if it has none."""
        return self._rows.get(symbol)

    def due(self) -> Mapping[int, list[PlannedOrder]]:
        """The planned orders by tick of the clock."""
        return self._due

    # ---------------------------------------------------------------------------------------------------- handlers

    def handlers(self) -> frozenset[str]:
        """Bars for positions, slices for orders."""
        return frozenset({"on_start", "on_slice" if self.kind == "orders" else "on_bar"})

    def begin(self, market: Market, settings: Settings) -> None:
        """Find the first bars at which orders are taken; columns that are not aligned yet are, with this market."""
        if not self._rows and not self._due:
            self.align(market)
        for symbol in market.symbols:
            time = market.series(symbol).time
            begun = 0 if settings.start_ns is None else int(np.searchsorted(time, settings.start_ns))
            self._first[symbol] = max(settings.warmup_bars, begun)

    def on_start(self, ctx: Context) -> None:
        """Begin with the market and the settings of the run."""
        tools: Any = ctx
        self.begin(tools._market, tools._settings)  # noqa: SLF001 - what every engine's context has

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Bring the position to what the column says."""
        symbol, row = bar.symbol, bar.index
        column, first = self._rows.get(symbol), self._first[symbol]
        if column is None or row < first:
            return
        value = float(column[row])
        if self.kind == "target":
            ctx.target(symbol, value)
        elif self.rebalance == "always" or row == first or value != column[row - 1]:
            multiplier = float(ctx.instrument(symbol).multiplier)
            ctx.target(symbol, value * ctx.equity / (bar.close * multiplier))

    def on_slice(self, ctx: Context, bars: dict[str, Bar]) -> None:  # noqa: ARG002 - the signature of handlers
        """Send the orders of this tick."""
        for order in self._due.get(ctx.index, ()):
            order.send(ctx)
