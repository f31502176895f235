"""Indicators in compiled code: the very objects of the strategy, updated by the functions that Python's classes use."""

from __future__ import annotations

from typing import Any, Final

from numba import types
from numba.extending import models, register_jitable, register_model

from triplebar.strategy.compile.machine import mean
from triplebar.strategy.compile.machine.define import attribute, method
from triplebar.strategy.compile.machine.types import GaugeType
from triplebar.strategy.compile.machine.words import WORDS, function, real_at, room

INPUTS: Final = {
    "SMA": ("value",),
    "EMA": ("value",),
    "WMA": ("value",),
    "RSI": ("value",),
    "ROC": ("value",),
    "RollingStd": ("value",),
    "ZScore": ("value",),
    "MACD": ("value",),
    "Bollinger": ("value",),
    "TrueRange": ("high", "low", "close"),
    "ATR": ("high", "low", "close"),
    "ADX": ("high", "low", "close"),
    "Donchian": ("high", "low"),
    "Stochastic": ("high", "low", "close"),
    "VWAP": ("price", "volume", "session"),
}
"""What `update` takes."""
LINES: Final = {
    "MACD": ("line", "signal", "histogram"),
    "Bollinger": ("upper", "middle", "lower"),
    "ADX": ("adx", "plus", "minus"),
    "Donchian": ("upper", "middle", "lower"),
    "Stochastic": ("k", "d"),
}
"""What `value` is made of, where it is more than one number."""

REAL, WHOLE = types.float64, types.int64
NAN: Final = float("nan")


class _Calls:
    """The functions of one kind of indicator."""

    def __init__(self, kind: str, gauge: GaugeType) -> None:
        self.update = function(f"{kind}_update", WHOLE, gauge, REAL, REAL, REAL, WORDS)
        self.look = function(f"{kind}_look", WHOLE, gauge, WORDS)
        self.ready = function(f"{kind}_ready", WHOLE, gauge)
        self.reset = function(f"{kind}_reset", types.void, gauge)
        self.step = function(f"{kind}_step", REAL, gauge, REAL)


def _line(gauge: type[GaugeType], name: str, place: int, look: Any) -> None:
    def choose(gauge: object) -> Any:
        def get(gauge: Any) -> Any:
            lines = room(3)
            look(gauge, lines)
            return real_at(lines, place)

        return get

    attribute(gauge, name)(choose)


def _ready(gauge: type[GaugeType], ready: Any) -> None:
    def choose(gauge: object) -> Any:
        return lambda gauge: ready(gauge) != 0

    attribute(gauge, "ready")(mean.ready if is_mean(gauge) else choose)


def is_mean(gauge: type[GaugeType]) -> bool:
    """Whether compiled code takes its step by itself."""
    return gauge.__name__ == "SMAType" and bool(mean.FIELDS)


def _outcome(lines: int) -> Any:
    return register_jitable(
        {
            1: lambda at: real_at(at, 0),
            2: lambda at: (real_at(at, 0), real_at(at, 1)),
            3: lambda at: (real_at(at, 0), real_at(at, 1), real_at(at, 2)),
        }[lines]
    )


def _value(gauge: type[GaugeType], look: Any, outcome: Any) -> None:
    def choose(gauge: object) -> Any:
        def get(gauge: Any) -> Any:
            lines = room(3)
            look(gauge, lines)
            return outcome(lines)

        return get

    attribute(gauge, "value")(choose)


def _update(gauge: type[GaugeType], inputs: tuple[str, ...], calls: _Calls, outcome: Any, lines: int) -> None:
    update, quick = calls.update, calls.step

    def number(gauge: object, value: object) -> Any:
        return lambda gauge, value: quick(gauge, float(value))

    def one(gauge: object, value: object) -> Any:
        def step(gauge: Any, value: Any) -> Any:
            lines = room(3)
            update(gauge, value, NAN, NAN, lines)
            return outcome(lines)

        return step

    def two(gauge: object, high: object, low: object) -> Any:
        def step(gauge: Any, high: Any, low: Any) -> Any:
            lines = room(3)
            update(gauge, high, low, NAN, lines)
            return outcome(lines)

        return step

    def three(gauge: object, high: object, low: object, close: object) -> Any:
        def step(gauge: Any, high: Any, low: Any, close: Any) -> Any:
            lines = room(3)
            update(gauge, high, low, close, lines)
            return outcome(lines)

        return step

    def traded(gauge: object, price: object, volume: object, session: object = None) -> Any:
        has_session = not (session is None or isinstance(session, (types.NoneType, types.Omitted)))

        def step(gauge: Any, price: Any, volume: Any, session: Any = None) -> Any:
            lines = room(3)
            update(gauge, price, volume, NAN, lines)
            return outcome(lines)

        def step_in(gauge: Any, price: Any, volume: Any, session: Any = None) -> Any:
            lines = room(3)
            update(gauge, price, volume, float(session), lines)
            return outcome(lines)

        return step_in if has_session else step

    if is_mean(gauge):
        chosen: Any = mean.step(quick)
    elif inputs[-1] == "session":
        chosen = traded
    elif len(inputs) == 1 and lines == 0:
        chosen = number
    else:
        chosen = {1: one, 2: two, 3: three}[len(inputs)]
    method(gauge, "update")(chosen)


def _reset(gauge: type[GaugeType], reset: Any) -> None:
    def choose(gauge: object) -> Any:
        def step(gauge: Any) -> None:
            reset(gauge)

        return step

    method(gauge, "reset")(choose)


def _made(kind: str) -> type[GaugeType]:
    gauge = type(kind + "Type", (GaugeType,), {})
    register_model(gauge)(models.OpaqueModel)
    calls = _Calls(kind, gauge(kind))
    lines = LINES.get(kind, ())
    outcome = _outcome(max(1, len(lines)))
    for place, name in enumerate(lines):
        _line(gauge, name, place, calls.look)
    _value(gauge, calls.look, outcome)
    _ready(gauge, calls.ready)
    _update(gauge, INPUTS[kind], calls, outcome, len(lines))
    _reset(gauge, calls.reset)
    return gauge


GAUGES: Final = {kind: _made(kind)(kind) for kind in INPUTS}
"""The type of each kind of indicator."""
