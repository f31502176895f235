"""From a user's number to whole steps of an instrument's grid (S-02); the Rust core does the same, bit for bit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from triplebar.contracts.codes import Code, Side
from triplebar.contracts.instruments import Instrument

SNAP = 1e-6
"""Within this distance of a whole number a scaled number is that number."""
LARGEST = 9e18
"""What is scaled beyond this does not fit 64 bits."""


class Toward(Code):
    """Which way a number off the grid goes."""

    DOWN = 0
    UP = 1
    NEAREST = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """A number on the grid: ticks or lots, and whether it was there already."""

    steps: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """The multiples of `step` units of `10**-precision`.

    >>> Grid(2).place(101.305, Toward.DOWN)
    Placed(steps=10130, exact=False)
    >>> Grid(2, step=25).place(101.30, Toward.UP)
    Placed(steps=10150, exact=False)
    """

    precision: int
    step: int = 1

    def place(self, value: float, toward: Toward) -> Placed:
        """Place a number; what is not finite or does not fit becomes 0, which every check refuses."""
        scaled = value * float(10**self.precision)
        if not abs(scaled) < LARGEST:
            return Placed(0, exact=False)
        nearest = round(scaled)
        on_tick = abs(scaled - nearest) <= SNAP
        if on_tick or toward is Toward.NEAREST:
            whole = nearest
        else:
            whole = math.floor(scaled) if toward is Toward.DOWN else math.ceil(scaled)
        rest = whole % self.step
        up = toward is Toward.UP or (toward is Toward.NEAREST and rest * 2 > self.step)
        steps = whole - rest + (self.step if rest and up else 0)
        return Placed(steps, exact=on_tick and rest == 0)


def price_grid(instrument: Instrument) -> Grid:
    """The grid of an instrument's prices, in ticks.

    >>> price_grid(Instrument("X", price_step=0.05)).step
    5
    """
    return Grid(instrument.price_precision, instrument.price_step_ticks)


def size_grid(instrument: Instrument) -> Grid:
    """The grid of an instrument's sizes, in lots.

    >>> size_grid(Instrument("X", size_precision=3)).place(1.5, Toward.DOWN).steps
    1500
    """
    return Grid(instrument.size_precision, instrument.size_step_lots)


def limit_toward(side: Side) -> Toward:
    """A limit off the grid goes to the passive side.

    >>> limit_toward(Side.BUY).text
    'down'
    """
    return Toward.DOWN if side is Side.BUY else Toward.UP


def trigger_toward(side: Side) -> Toward:
    """A trigger off the grid goes to the farther side.

    >>> trigger_toward(Side.BUY).text
    'up'
    """
    return Toward.UP if side is Side.BUY else Toward.DOWN
