"""Made-up markets: a seeded walk on the tick grid, with regimes, jumps, gaps, missing bars and correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final, TypedDict, Unpack

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import FloatArray, IntArray
from triplebar.data.arrow import arrow_array, symbol_column, time_column
from triplebar.data.calendars import ROUND_THE_CLOCK, Calendar, calendar
from triplebar.data.columns import NUMBERS
from triplebar.data.draws import Draws
from triplebar.data.grid import EXACT_TICKS_MAX, show
from triplebar.data.intervals import interval_ns
from triplebar.data.schedule import bar_closes
from triplebar.data.times import Instant, instant_ns

FALL_MAX: Final = -0.9
"""No bar loses more than this share of its price."""


@dataclass(frozen=True, slots=True)
class Regime:
    """A mood of the market: `drift` is added to each bar's return, `wildness` multiplies its volatility."""

    drift: float
    wildness: float


CALM: Final = Regime(0.0, 1.0)
RISING: Final = Regime(0.0002, 0.8)
FALLING: Final = Regime(-0.0003, 1.5)
WILD: Final = Regime(0.0, 3.0)


class SyntheticKeywords(TypedDict, total=False):
    """The keywords of `synthetic_table` and `Market.synthetic`: the fields of `SyntheticSpec`."""

    symbols: Sequence[str]
    bars: int
    interval: str | int | timedelta
    seed: int
    start: Instant
    price: float
    price_precision: int
    size_precision: int
    volatility: float
    drift: float
    correlation: float
    regimes: Sequence[Regime]
    regime_bars: int
    jump_chance: float
    jump_size: float
    gap_chance: float
    gap_size: float
    missing_chance: float
    volume: float
    quiet_chance: float
    calendar: str | Calendar


@dataclass(frozen=True, slots=True)
class SyntheticSpec:
    """What a made-up market is like; equal specs make equal markets."""

    symbols: Sequence[str] = ("X",)
    bars: int = 1_000
    """Bars of each instrument, before `missing_chance` removes some."""
    interval: str | int | timedelta = "1m"
    seed: int = 0
    start: Instant = datetime(2024, 1, 1, tzinfo=UTC)
    """The open of the first bar."""
    price: float = 100.0
    price_precision: int = 2
    size_precision: int = 0
    volatility: float = 0.001
    """Deviation of a bar's return."""
    drift: float = 0.0
    """Mean of a bar's return."""
    correlation: float = 0.0
    """Between the returns of any two instruments."""
    regimes: Sequence[Regime] = (CALM,)
    regime_bars: int = 500
    """Mean length of a regime; which one follows is drawn."""
    jump_chance: float = 0.0
    jump_size: float = 0.03
    """A jump happens inside a bar, up or down, by up to this share."""
    gap_chance: float = 0.0
    gap_size: float = 0.02
    """A gap lies between a close and the next open, up or down, by up to this share."""
    missing_chance: float = 0.0
    volume: float = 1_000.0
    """Mean volume of a bar."""
    quiet_chance: float = 0.0
    """Chance of a bar without volume."""
    calendar: str | Calendar = ROUND_THE_CLOCK

    @classmethod
    def of(cls, keywords: SyntheticKeywords) -> SyntheticSpec:
        """Check the keywords."""
        known = [each.name for each in fields(cls)]
        for name in keywords:
            if name not in known:
                raise ConfigError("is not an option of a synthetic market", where=name, fix=hint(name, known))
        return cls(**keywords)

    def __post_init__(self) -> None:
        """Refuse what makes no market."""
        names: object = self.symbols
        if isinstance(names, str) or not self.symbols or len(set(self.symbols)) != len(self.symbols):
            raise ConfigError.of("symbols", names, "must be different names", fix="write ('A', 'B')")
        self._require_whole()
        for name in ("correlation", "jump_chance", "gap_chance", "missing_chance", "quiet_chance"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError.of(name, getattr(self, name), "must lie between 0 and 1", fix="use 0 for never")
        for name in ("price", "volume"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ConfigError.of(name, getattr(self, name), "must be above 0", fix="use 100")
        if not self.regimes:
            raise ConfigError.of("regimes", self.regimes, "must hold at least one regime", fix="write (CALM, WILD)")

    def _require_whole(self) -> None:
        for name, least in (("bars", 1), ("regime_bars", 1), ("seed", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise ConfigError.of(name, value, f"must be a whole number of at least {least}", fix=f"use {least}")

    def instruments(self) -> list[Instrument]:
        """Return the instruments, on the grid that the prices are made on."""
        name = self.calendar if isinstance(self.calendar, str) else self.calendar.name
        return [Instrument(each, self.price_precision, self.size_precision, calendar=name) for each in self.symbols]


def synthetic_table(**options: Unpack[SyntheticKeywords]) -> pa.Table:
    """Return a long table of made-up bars, in order of time and then of symbol.

    >>> synthetic_table(symbols=("A", "B"), bars=2, seed=1).column("symbol").to_pylist()
    ['A', 'B', 'A', 'B']
    """
    spec = SyntheticSpec.of(options)
    closes = bar_closes(calendar(spec.calendar), instant_ns(spec.start, "start"), spec.bars, interval_ns(spec.interval))
    draws = Draws(spec.seed)
    mood, wildness = _moods(spec, draws)
    common = draws.normal(spec.bars, "common") if spec.correlation else None
    walks = [_walk(symbol, spec, draws, (mood, wildness), common) for symbol in spec.symbols]
    return _long_table(spec, closes, walks, draws)


def _moods(spec: SyntheticSpec, draws: Draws) -> tuple[FloatArray, FloatArray]:
    """The drift and the wildness of each bar, which all instruments share."""
    if len(spec.regimes) == 1:
        return np.full(spec.bars, spec.regimes[0].drift), np.full(spec.bars, spec.regimes[0].wildness)
    count = 4 + 4 * spec.bars // spec.regime_bars
    lengths = 1 + (draws.uniform(count, "regime", "length") * 2 * spec.regime_bars).astype(np.int64)
    lengths[-1] = spec.bars
    chosen = (draws.words(count, "regime", "choice") % np.uint64(len(spec.regimes))).astype(np.int64)
    each = np.repeat(chosen, np.minimum(lengths, spec.bars))[: spec.bars]
    return np.array([regime.drift for regime in spec.regimes])[each], np.array([r.wildness for r in spec.regimes])[each]


def _walk(
    symbol: str,
    spec: SyntheticSpec,
    draws: Draws,
    moods: tuple[FloatArray, FloatArray],
    common: FloatArray | None,
) -> dict[str, IntArray]:
    """The bars of one instrument in ticks and lots."""
    shock = draws.normal(spec.bars, "shock", symbol)
    if common is not None:
        shock = shock * math.sqrt(1.0 - spec.correlation) + common * math.sqrt(spec.correlation)
    deviation: FloatArray = spec.volatility * moods[1]
    body = shock * deviation + (spec.drift + moods[0]) + _events(spec, draws, "jump", symbol)
    body = np.maximum(body, FALL_MAX)
    gap = np.maximum(_events(spec, draws, "gap", symbol), FALL_MAX)
    close = np.cumprod((1.0 + body) * (1.0 + gap), dtype=np.float64) * spec.price
    before = np.concatenate([[spec.price], close[:-1]])
    return _bars(spec, draws, symbol, (before * (1.0 + gap), close, before * deviation, np.abs(shock)))


def _events(spec: SyntheticSpec, draws: Draws, kind: str, symbol: str) -> FloatArray:
    """Rare moves, up or down: 0 for most bars."""
    chance, size = (spec.jump_chance, spec.jump_size) if kind == "jump" else (spec.gap_chance, spec.gap_size)
    if chance == 0.0:
        return np.zeros(spec.bars)
    happens = draws.uniform(spec.bars, kind, "when", symbol) < chance
    moves: FloatArray = np.where(happens, (2.0 * draws.uniform(spec.bars, kind, "size", symbol) - 1.0) * size, 0.0)
    return moves


def _bars(
    spec: SyntheticSpec, draws: Draws, symbol: str, path: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
) -> dict[str, IntArray]:
    """Round the path to ticks and add wicks and volume."""
    start, close, reach, excitement = path
    scale = 10.0**spec.price_precision
    ticks = {"open": _whole(start * scale, 1), "close": _whole(close * scale, 1)}
    words = draws.words(spec.bars, "wick", symbol)
    up, down = (words >> np.uint64(32)) * 2.0**-32, (words & np.uint64(0xFFFF_FFFF)) * 2.0**-32
    ticks["high"] = np.maximum(ticks["open"], ticks["close"]) + _whole(reach * scale * up, 0)
    ticks["low"] = np.maximum(np.minimum(ticks["open"], ticks["close"]) - _whole(reach * scale * down, 0), 1)
    busy = draws.uniform(spec.bars, "volume", symbol)
    lots = _whole(spec.volume * 10.0**spec.size_precision * (0.2 + busy) * (0.4 + excitement), 1)
    if spec.quiet_chance:
        lots[draws.uniform(spec.bars, "quiet", symbol) < spec.quiet_chance] = 0
    return {**ticks, "volume": lots}


def _whole(values: FloatArray, least: int) -> IntArray:
    if len(values) and not values.max() < EXACT_TICKS_MAX / 4:
        problem = "the walk leaves the range of exact prices"
        raise ConfigError(problem, where="synthetic market", fix="lower the volatility, drift or price")
    return np.maximum(np.rint(values), least).astype(np.int64)


def _long_table(spec: SyntheticSpec, closes: IntArray, walks: list[dict[str, IntArray]], draws: Draws) -> pa.Table:
    kept = [_kept(spec, draws, symbol) for symbol in spec.symbols]
    time = np.concatenate([closes[rows] for rows in kept])
    order = np.argsort(time, kind="stable") if len(walks) > 1 else slice(None)
    codes = np.concatenate([np.full(len(closes[rows]), n, dtype=np.int32) for n, rows in enumerate(kept)])
    columns = {"time": time_column(time[order]), "symbol": symbol_column(codes[order], spec.symbols)}
    for name in NUMBERS:
        whole = np.concatenate([walk[name][rows] for walk, rows in zip(walks, kept, strict=True)])[order]
        columns[name] = arrow_array(show(whole, spec.size_precision if name == "volume" else spec.price_precision))
    return pa.table(columns)


def _kept(spec: SyntheticSpec, draws: Draws, symbol: str) -> IntArray | slice:
    """The bars that are not missing; the first is always there."""
    if spec.missing_chance == 0.0:
        return slice(None)
    there = draws.uniform(spec.bars, "missing", symbol) >= spec.missing_chance
    there[0] = True
    return np.flatnonzero(there)
