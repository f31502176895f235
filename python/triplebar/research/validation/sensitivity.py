"""How much of a result hangs on what nobody knows exactly: costs, slippage, latency, and the day of the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.costs import Latency
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import from_ns, to_ns
from triplebar.data.market import Market
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.research.interruption import all_or_nothing, whole
from triplebar.research.run import run
from triplebar.research.validation.spans import Span, span_ns

COSTS_BPS: Final = (0, 1, 2, 5, 10, 20)
LATENCIES: Final = ("instant", "fast", "normal", "slow")
STARTS: Final = ("0d", "1d", "2d", "5d", "10d")
AXES: Final = ("commission", "slippage", "latency", "start")


@dataclass(frozen=True)
class Sensitivity:
    """One row for each thing that was changed: `axis`, `value` as it was given, `level` as a number, the summary."""

    table: pa.Table
    capital: float
    """What each run began with."""

    def curve(self, axis: str) -> pa.Table:
        """The rows of one axis, in the order in which its values were given."""
        if axis not in AXES:
            raise ConfigError.of("axis", axis, "is not known", fix=hint(axis, AXES))
        return self.table.filter(pc.equal(self.table["axis"], axis))

    def spread(self, axis: str, metric: str = "total_return") -> float | None:
        """How far a metric goes from its smallest to its largest value; None if it has none."""
        values = [each for each in self.curve(axis)[metric].to_pylist() if each is not None]
        return max(values) - min(values) if values else None

    def break_even_bps(self, axis: str = "commission") -> float | None:
        """The costs at which nothing is left, between the two nearest ones tried.

        None if every one tried leaves a gain, 0 if none does.
        """
        rows = sorted(self.curve(axis).to_pylist(), key=lambda row: row["level"])
        gains = [(row["level"], row["final_equity"] - self.capital) for row in rows]
        if not gains or gains[-1][1] > 0:
            return None
        if gains[0][1] <= 0:
            return 0.0
        place = next(place for place, (_, gain) in enumerate(gains) if gain <= 0)
        (low, above), (high, below) = gains[place - 1], gains[place]
        return float(low + (high - low) * above / (above - below))


def sensitivity(
    strategy: Any,  # noqa: ANN401 - all that `run` takes
    market: Market,
    config: BacktestConfig | None = None,
    *,
    commission_bps: Sequence[Number] = COSTS_BPS,
    slippage_bps: Sequence[Number] = COSTS_BPS,
    latency: Sequence[str | Latency] = LATENCIES,
    start: Sequence[Span] = STARTS,
    **options: Any,  # noqa: ANN401 - those of `run`
) -> Sensitivity:
    """Run a strategy again and again, changing one thing at a time; everything else stays as it is configured.

    - `commission_bps`, `slippage_bps`: basis points in the place of what the configuration says.
    - `latency`: presets (`"instant"` to `"slow"`) or `Latency`. `start`: how much later trading begins; what lies
      before warms up.
    - An empty sequence leaves an axis out; other options are those of `run`. Ctrl-C is a `KeyboardInterrupt`.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=200, seed=3, interval="1d")
    >>> found = sensitivity(tb.samples.MovingAverageCross(fast=3, slow=9), market, latency=(), start=())
    >>> equity = found.curve("commission")["final_equity"].to_pylist()
    >>> equity == sorted(equity, reverse=True)
    True
    """
    config = config or BacktestConfig()
    given = {"commission": commission_bps, "slippage": slippage_bps, "latency": latency, "start": start}
    rows, capital = [], 0.0
    with all_or_nothing() as check:
        for axis, value, level, changed in _changes(config, market, given):
            check()
            result = whole(run(strategy, market, changed, **options))
            summary = summarise(result.facts, result.market, result.settings).to_pylist()[0]
            capital = float(result.starting_value)
            rows.append({"axis": axis, "value": value, "level": level, **summary})
    if not rows:
        raise ConfigError("nothing is changed", where="sensitivity", fix="leave one axis at its default")
    fields = [pa.field("axis", pa.string()), pa.field("value", pa.string()), pa.field("level", pa.float64())]
    return Sensitivity(pa.Table.from_pylist(rows, schema=pa.schema([*fields, *SUMMARY])), capital)


def _changes(
    config: BacktestConfig, market: Market, given: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[str, str, float, BacktestConfig]]:
    """Axis, value as text and as number, and the configuration with it."""
    for each in given["commission"]:
        yield "commission", str(each), float(each), config.replace(commission=None, commission_bps=each)
    for each in given["slippage"]:
        yield "slippage", str(each), float(each), config.replace(slippage=None, slippage_bps=each)
    for each in given["latency"]:
        latency = Latency.preset(each) if isinstance(each, str) else each
        seconds = (float(latency.min_seconds) + float(latency.max_seconds)) / 2.0
        yield (
            "latency",
            str(each) if isinstance(each, str) else f"{seconds:g} s",
            seconds,
            config.replace(latency=latency),
        )
    for each in given["start"]:
        later = span_ns("start", each, may_be_nothing=True)
        first = int(market.clock[0]) if config.start is None else to_ns(config.start)
        changed = config.replace(start=from_ns(first + later)) if later else config
        yield "start", str(each), later / 86_400e9, changed
