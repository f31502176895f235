"""`ctx` in compiled code: every method is a call of the core, with the words and the errors of the interpreted one."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from triplebar.strategy.compile.errors import Refused
from triplebar.strategy.compile.machine.answers import (
    answered,
    hashed,
    must_be_switch,
    must_be_whole,
    place_of,
)
from triplebar.strategy.compile.machine.define import attribute, method
from triplebar.strategy.compile.machine.types import DESK, DICE, I64, SYMBOLS, DeskType
from triplebar.strategy.compile.machine.words import (
    WORDS,
    function,
    real_at,
    room,
    whole_at,
    words_at,
)
from triplebar.strategy.compile.views import places

WHOLE, REAL, BITS_64 = types.int64, types.float64, types.uint64

_average_price = function("average_price", REAL, DESK, WHOLE)
_cash = function("cash", WHOLE, DESK, WORDS)
_equity = function("equity", WHOLE, DESK, WORDS)
_warming = function("warming", WHOLE, DESK)
_transfer = function("transfer", WHOLE, DESK, WHOLE, REAL, BITS_64)
_convert = function("convert", WHOLE, DESK, REAL, BITS_64, BITS_64)
_kill_switch = function("kill_switch", WHOLE, DESK, WHOLE)
_set_timer = function("set_timer", WHOLE, DESK, BITS_64, WHOLE, WHOLE)
_cancel_timer = function("cancel_timer", WHOLE, DESK, BITS_64)


INDEX, TIMES = places("DeskView")["index"][0], places("DeskView")["times"][0]
RANDOM = places("DeskView")["random_key"][0]
POSITIONS = places("DeskView")["positions"][0]


# -------------------------------------------------------------------------------------------------------- what is


@attribute(DeskType, "index")
def _index(desk: object) -> Any:
    return lambda desk: whole_at(desk, INDEX)


@attribute(DeskType, "time_ns")
def _time_ns(desk: object) -> Any:
    return lambda desk: whole_at(words_at(desk, TIMES), max(whole_at(desk, INDEX), 0))


@attribute(DeskType, "warming")
def _is_warming(desk: object) -> Any:
    return lambda desk: _warming(desk) != 0


@attribute(DeskType, "cash")
def _cash_now(desk: object) -> Any:
    def get(desk: Any) -> Any:
        result = room(1)
        if _cash(desk, result) < 0:
            raise Refused
        return real_at(result, 0)

    return get


@attribute(DeskType, "equity")
def _equity_now(desk: object) -> Any:
    def get(desk: Any) -> Any:
        result = room(1)
        if _equity(desk, result) < 0:
            raise Refused
        return real_at(result, 0)

    return get


@attribute(DeskType, "symbols")
def _symbols(desk: object) -> Any:
    return lambda desk: as_symbols(desk)


@attribute(DeskType, "random")
def _random(desk: object) -> Any:
    return lambda desk: as_dice(desk)


def _same_address(result: types.Type, offset: int) -> Any:
    @intrinsic
    def address(typing: Any, desk: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.gep(arguments[0], [ir.Constant(I64, 8 * offset)])

        return result(desk), make

    return address


as_symbols = _same_address(SYMBOLS, 0)
as_dice = _same_address(DICE, RANDOM)


@method(DeskType, "position")
def _position_of(desk: object, symbol: object) -> Any:
    return lambda desk, symbol: real_at(words_at(desk, POSITIONS), place_of(desk, symbol))


@method(DeskType, "average_price")
def _average_price_of(desk: object, symbol: object) -> Any:
    def get(desk: Any, symbol: Any) -> Any:
        price = _average_price(desk, place_of(desk, symbol))
        return None if np.isnan(price) else price

    return get


# ----------------------------------------------------------------------------------------------------- money and time


@method(DeskType, "deposit")
def _deposit(desk: object, amount: object, currency: object = None) -> Any:
    def move(desk: Any, amount: Any, currency: Any = None) -> None:
        answered(_transfer(desk, 1, float(amount), hashed(currency)))

    return move


@method(DeskType, "withdraw")
def _withdraw(desk: object, amount: object, currency: object = None) -> Any:
    def move(desk: Any, amount: Any, currency: Any = None) -> None:
        answered(_transfer(desk, -1, float(amount), hashed(currency)))

    return move


@method(DeskType, "convert")
def _convert_it(desk: object, amount: object, source: object, target: object) -> Any:
    def move(desk: Any, amount: Any, source: Any, target: Any) -> None:
        answered(_convert(desk, float(amount), hashed(source), hashed(target)))

    return move


@method(DeskType, "kill_switch")
def _switch(desk: object, on: object = True) -> Any:
    must_be_switch("on", on)

    def turn(desk: Any, on: Any = True) -> None:
        _kill_switch(desk, int(on))

    return turn


@method(DeskType, "set_timer")
def _set(desk: object, name: object, due_ns: object, every_ns: object = 0) -> Any:
    must_be_whole("due_ns", due_ns)
    must_be_whole("every_ns", every_ns)

    def setting(desk: Any, name: Any, due_ns: Any, every_ns: Any = 0) -> None:
        answered(_set_timer(desk, hashed(name), due_ns, every_ns))

    return setting


@method(DeskType, "cancel_timer")
def _forget(desk: object, name: object) -> Any:
    return lambda desk, name: answered(_cancel_timer(desk, hashed(name))) != 0
