"""The practical limits: a native loop by itself, and one that calls a Python strategy per bar."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benches import compile as compiled
from benches.markets import Ints, Ticks

MINOR_PER_CASH = 10**8
CASH = {"W1": 1_000_000, "W2": 1_000_000, "W3": 1_000_000, "W4": 10_000_000}
UNIT_MINOR = 10**6
COMMISSION_PPB = 100_000
QUOTE_DISTANCE = 11
REBALANCE_EVERY = 50
REBALANCE_SHARE = 0.0098


@dataclass(frozen=True)
class Answer:
    """What every contestant of a workload must agree on."""

    fills: int
    equity: Ints
    cancels: int | None = None
    rows: tuple[int, int] | None = None
    """Orders and events, of who keeps a record."""


class Task(ctypes.Structure):
    """The argument of every loop in native/loop.c."""

    _fields_ = (
        ("bars", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("open", "high", "low", "close", "equity")),
        ("cash_minor", ctypes.c_int64),
        ("unit_minor", ctypes.c_int64),
        ("commission_ppb", ctypes.c_int64),
        ("kept", ctypes.c_void_p),
    )


class Record(ctypes.Structure):
    """What native/record.h calls a record."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("orders", "events", "fills", "cash")),
        *((name, ctypes.c_int64) for name in ("order_count", "event_count", "fill_count")),
    )


ROW_BYTES = {"orders": 48, "events": 24, "fills": 40}
RECORDED = ("W1", "W2", "W3")
"""Workloads whose loop can keep a record."""
ROWS_A_BAR = {"orders": 2, "events": 4, "fills": 2}
"""At most, in W1 to W3."""


def recording_loop(workload: str, ticks: Ticks) -> Callable[[], Answer]:
    """Prepare the loop that writes a row an order, an event, a fill and a bar; calling it runs it."""
    tables = {name: np.zeros(ROWS_A_BAR[name] * ticks.bars * size, np.int8) for name, size in ROW_BYTES.items()}
    tables["cash"] = np.zeros(8 * ticks.bars, np.int8)
    record = Record(*(table.ctypes.data for table in tables.values()))
    loop = _loop(compiled.recording(), workload, ticks, record)

    def run() -> Answer:
        record.order_count = record.event_count = record.fill_count = 0
        answer = loop()
        # `tables` is named here so that the arrays live as long as the function that points into them.
        return replace(answer, rows=(record.order_count, record.event_count) if tables else None)

    return run


def native_loop(workload: str, ticks: Ticks) -> Callable[[], Answer]:
    """Prepare a hand-written loop; calling it runs it."""
    return _loop(compiled.loop(), workload, ticks, None)


def _loop(library: ctypes.CDLL, workload: str, ticks: Ticks, record: Record | None) -> Callable[[], Answer]:
    columns = [np.ascontiguousarray(getattr(ticks, name)) for name in ("open", "high", "low", "close")]
    equity = np.zeros(ticks.bars, np.int64)
    pointers = [column.ctypes.data for column in (*columns, equity)]
    kept = None if record is None else ctypes.addressof(record)
    task = Task(ticks.bars, *pointers, CASH[workload] * MINOR_PER_CASH, UNIT_MINOR, COMMISSION_PPB, kept)
    function = {
        "W1": library.w1_cross,
        "W2": library.w2_flip,
        "W3": library.w3_quotes,
        "W4": library.w4_rebalance,
    }[workload]
    function.restype = ctypes.c_int64

    def run() -> Answer:
        cancels = ctypes.c_int64()
        state = [np.zeros(ticks.width, np.int64) for _ in range(2)]
        more: list[Any] = []
        if workload == "W3":
            more = [ctypes.c_int64(QUOTE_DISTANCE), ctypes.byref(cancels)]
        if workload == "W4":
            numbers = [ctypes.c_int64(ticks.width), ctypes.c_int64(REBALANCE_EVERY), ctypes.c_double(REBALANCE_SHARE)]
            more = [*numbers, *(ctypes.c_void_p(array.ctypes.data) for array in state)]
        fills = function(ctypes.byref(task), *more)
        # `columns` is named here so that the arrays live as long as the function that points into them.
        return Answer(fills, equity, cancels.value if workload == "W3" and columns else None)

    return run


def callback_loop(workload: str, ticks: Ticks, *, same: bool = False) -> Callable[[], Answer]:
    """Prepare the native loop that calls a Python `on_bar`; calling it runs it.

    With `same` the Python is as a user of triplebar writes it: a class that updates indicators of its own.
    """
    columns = [np.ascontiguousarray(getattr(ticks, name)) for name in ("open", "high", "low", "close")]
    equity = np.zeros(ticks.bars, np.int64)
    cash_minor = CASH[workload] * MINOR_PER_CASH
    floor = compiled.floor()

    def run() -> Answer:
        core = floor.Core("X", *columns, equity, cash_minor, UNIT_MINOR, COMMISSION_PPB)
        core.run(*(SAME_STRATEGIES if same else STRATEGIES)[workload](core))
        return Answer(core.fills, equity, core.cancels if workload == "W3" else None)

    return run


def _cross(core: Any) -> tuple[Callable[[Any], None]]:
    order = core.order

    def on_bar(bar: Any) -> None:
        if bar.index < 49:
            return
        held = core.position
        if core.quick > core.calm + 1e-5:
            if held == 0:
                order(1)
        elif held > 0:
            order(-held)

    return (on_bar,)


def _flip(core: Any) -> tuple[Callable[[Any], None]]:
    order = core.order

    def on_bar(_bar: Any) -> None:
        held = core.position
        order(1 if held == 0 else -2 * held)

    return (on_bar,)


def _quotes(core: Any) -> tuple[Callable[[Any], None]]:
    limit, cancel = core.limit, core.cancel
    live: tuple[int, ...] = ()

    def on_bar(bar: Any) -> None:
        nonlocal live
        for order in live:
            cancel(order)
        live = (limit(0, bar.close - 0.11), limit(1, bar.close + 0.11))

    return (on_bar,)


class _SameCross:
    """The strategy of W1 on the floor's own objects."""

    def __init__(self) -> None:
        mean = compiled.floor().Mean
        self.quick, self.calm = mean(10), mean(50)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        quick, calm = self.quick.update(bar.close), self.calm.update(bar.close)
        if not self.calm.ready:
            return
        held = ctx.position_of(bar.symbol)
        if quick > calm + 1e-5:
            if held == 0:
                ctx.order(1)
        elif held > 0:
            ctx.order(-int(held))


def _same_cross(core: Any) -> tuple[Callable[[Any, Any], None], Any]:
    return _SameCross().on_bar, core


SAME_STRATEGIES = {"W1": _same_cross}
STRATEGIES = {"W1": _cross, "W2": _flip, "W3": _quotes}
