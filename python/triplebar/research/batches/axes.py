"""The items of a batch: every combination of what was given as a list, by number, never written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from math import prod
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError, DataQualityError, InsufficientDataError
from triplebar.contracts.metadata import plain_values
from triplebar.contracts.time import to_text
from triplebar.data.columns import as_table
from triplebar.data.intervals import interval_text
from triplebar.data.market import Market
from triplebar.research.references import strategy_class
from triplebar.research.validation.spans import Span, span_ns
from triplebar.research.validation.windows import common_span

CONFIG_FIELDS: Final = tuple(each.name for each in fields(BacktestConfig))
WINDOW: Final = "window"


@dataclass(frozen=True)
class Axis:
    """One thing that is varied, with what the table of the batch says of each value."""

    kind: str
    """`strategy`, `market`, `config`, `engine`, `mode`, `fidelity`, `parameter`, `setting` or `window`."""
    name: str
    values: Sequence[Any]
    shown: Sequence[Any]


@dataclass(frozen=True)
class Item:
    """One run of a batch."""

    number: int
    chosen: Mapping[str, Any]
    """The value of each kind of which there is one: strategy, market, config, engine, mode, fidelity, window."""
    parameters: Mapping[str, Any]
    settings: Mapping[str, Any]
    columns: Mapping[str, Any]

    @property
    def market(self) -> Market:
        """The bars of the run: those of its window."""
        market: Market = self.chosen["market"]
        window = self.chosen[WINDOW]
        return market if window is None else market.between(*window)

    @property
    def config(self) -> BacktestConfig:
        """The configuration with the settings of this item."""
        config: BacktestConfig = self.chosen["config"]
        return BacktestConfig.from_mapping({**config.to_mapping(), **self.settings}) if self.settings else config


@dataclass(frozen=True)
class Items:
    """All items; the last axis changes fastest.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=30, seed=1)
    >>> items = Items.of(tb.samples.MovingAverageCross, market, parameters={"fast": [2, 3], "slow": 9})
    >>> len(items), items[1].columns
    (2, {'fast': 3, 'slow': 9})
    """

    axes: tuple[Axis, ...]

    @classmethod
    def of(  # noqa: PLR0913 - what a run has
        cls,
        strategy: Any,  # noqa: ANN401 - one or a list
        market: Any,  # noqa: ANN401 - one or a list
        config: Any = None,  # noqa: ANN401 - one or a list
        *,
        engine: Any = "custom",  # noqa: ANN401 - one or a list
        mode: Any = "interpreted",  # noqa: ANN401 - one or a list
        fidelity: Any = "strict",  # noqa: ANN401 - one or a list
        parameters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        duration: Span | None = None,
        start_step: Span | None = None,
    ) -> Items:
        """Make an axis of everything, most of them with one value; a list is a choice, a tuple is one value."""
        markets = [_market(each) for each in _choices("market", market)]
        strategies = [
            strategy_class(each) if isinstance(each, str) else each for each in _choices("strategy", strategy)
        ]
        configs = [_config(each) for each in _choices("config", config)]
        checks.known_names("BacktestConfig", settings or {}, CONFIG_FIELDS)
        given = dict(checks.mapping("parameters", parameters or {}))
        axes = [
            Axis("strategy", "strategy", strategies, [_name(each) for each in strategies]),
            Axis("market", "market", markets, range(len(markets))),
            Axis("config", "config", configs, range(len(configs))),
        ]
        for name, value in (("engine", engine), ("mode", mode), ("fidelity", fidelity)):
            chosen = _choices(name, value)
            axes.append(Axis(name, name, chosen, [getattr(each, "name", each) for each in chosen]))
        axes += [_plain_axis("parameter", name, value) for name, value in given.items()]
        axes += [_plain_axis("setting", name, value) for name, value in (settings or {}).items()]
        return cls((*axes, _window_axis(markets, duration, start_step)))

    def __len__(self) -> int:
        return prod(len(axis.values) for axis in self.axes)

    def __iter__(self) -> Iterator[Item]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Item:
        """The item with this number."""
        if not 0 <= number < len(self):
            raise ConfigError.of("item", number, "does not exist", fix=f"give a number from 0 to {len(self) - 1}")
        rest, places = number, []
        for axis in reversed(self.axes):
            rest, place = divmod(rest, len(axis.values))
            places.append(place)
        picked = [(axis, place) for axis, place in zip(self.axes, reversed(places), strict=True)]
        return Item(
            number,
            {axis.kind: axis.values[place] for axis, place in picked if axis.kind not in {"parameter", "setting"}},
            {axis.name: axis.values[place] for axis, place in picked if axis.kind == "parameter"},
            {axis.name: axis.values[place] for axis, place in picked if axis.kind == "setting"},
            self._columns(picked),
        )

    def _columns(self, picked: Sequence[tuple[Axis, int]]) -> dict[str, Any]:
        """What was varied, and all parameters and settings that were named."""
        found: dict[str, Any] = {}
        for axis, place in picked:
            if axis.kind == WINDOW:
                cells = [] if axis.values[place] is None else zip(("start", "end"), axis.shown[place], strict=True)
            elif len(axis.values) > 1 or axis.kind in {"parameter", "setting"}:
                cells = [(axis.name, axis.shown[place])]
            else:
                cells = []
            for name, value in cells:
                found[name if name not in found else f"{axis.kind}.{name}"] = value
        return found

    def values(self, kind: str) -> Sequence[Any]:
        """The values of an axis of which there is one."""
        return next(axis.values for axis in self.axes if axis.kind == kind)


def _choices(name: str, value: Any) -> list[Any]:  # noqa: ANN401 - one or a list
    if not isinstance(value, list):
        return [value]
    if not value:
        raise ConfigError.of(name, value, "is an empty list, so there is nothing to run", fix="give at least one")
    return value


def _plain_axis(kind: str, name: str, value: Any) -> Axis:  # noqa: ANN401 - one or a list
    chosen = _choices(name, value)
    return Axis(kind, name, chosen, [_shown(each) for each in chosen])


def _shown(value: Any) -> Any:  # noqa: ANN401 - any
    """A value as a cell of a table."""
    if hasattr(value, "to_mapping"):
        value = value.to_mapping()
    plain = plain_values(value)
    return str(plain) if isinstance(plain, (dict, list)) else plain


def _market(source: Any) -> Market:  # noqa: ANN401 - a market, a provider, or a table
    found = getattr(source, "market", source)
    if isinstance(found, Market):
        return found
    if found is None:
        raise ConfigError.of("market", found, "is missing", fix="give a Market, or a table of bars")
    if not as_table(found).num_rows:
        raise DataQualityError("the price history is empty", where="market", fix="load a range that has bars")
    return Market.from_table(found)


def _config(config: object) -> BacktestConfig:
    if config is None:
        return BacktestConfig()
    if not isinstance(config, BacktestConfig):
        raise ConfigError.of("config", config, "must be a BacktestConfig", fix="write BacktestConfig(...)")
    return config


def _name(strategy: Any) -> str:  # noqa: ANN401 - a class or an object
    return strategy.__name__ if isinstance(strategy, type) else str(getattr(strategy, "name", type(strategy).__name__))


def _window_axis(markets: Sequence[Market], duration: Span | None, start_step: Span | None) -> Axis:
    """Windows of equal length over the time that all instruments of all markets share; none if nothing is said."""
    if duration is None:
        if start_step is not None:
            raise ConfigError.of("start_step", start_step, "needs a duration", fix="say duration='90d', too")
        return Axis(WINDOW, WINDOW, [None], [None])
    length = span_ns("duration", duration)
    step = length if start_step is None else span_ns("start_step", start_step)
    spans = [common_span(each) for each in markets]
    first, last = max(each[0] for each in spans), min(each[1] for each in spans)
    count = (last - first - length) // step + 1
    if count < 1:
        there = interval_text(max(last - first, 1))
        problem = f"a window takes {interval_text(length)}, all markets together have {there}"
        raise InsufficientDataError(problem, where="duration", fix="load more data, or shorten duration")
    starts = [first + number * step for number in range(count)]
    windows = [(start, start + length) for start in starts]
    return Axis(WINDOW, WINDOW, windows, [(to_text(start), to_text(end)) for start, end in windows])
