"""The step of a simple mean, taken inside compiled code, is the core's to the last bit, whatever comes in."""

import math
import struct
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar import _native
from triplebar.strategy.compile.machine import mean

BARS = 400


class Fed(tb.Strategy):
    """Feeds a mean with numbers of its own and keeps what it says."""

    period: int = 3
    seed: int = 0

    def on_start(self, ctx: Any) -> None:
        self.mean = tb.indicators.SMA(self.period)
        self.fed = np.asarray(numbers(self.seed))
        self.said = np.zeros(BARS)
        self.looked = np.zeros(BARS)
        self.readies = np.zeros(BARS)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if self.fed[bar.index] == 17.0:
            self.mean.reset()
        self.said[bar.index] = self.mean.update(self.fed[bar.index])
        self.looked[bar.index] = self.mean.value
        if self.mean.ready:
            self.readies[bar.index] = 1.0

    def on_stop(self, ctx: Any) -> None:
        state = self.mean.__reduce__()[2]
        ctx.log("said", bits=[bits(self.said), bits(self.looked), bits(self.readies)], state=state.hex())


def numbers(seed: int) -> list[float]:
    """All magnitudes and signs, and now and then what is no number or begins anew."""
    draw = np.random.default_rng(seed)
    if seed >= 6:
        return neighbours(draw, seed)
    values = draw.normal(size=BARS) * 10.0 ** draw.integers(-3, [4, 16, 300][seed % 3], BARS)
    odd = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7e308, 17.0]
    places = draw.integers(0, BARS, 12 + seed % 5)
    values[places] = [odd[at % len(odd)] for at in range(len(places))]
    return [float(value) for value in values]


def neighbours(draw: np.random.Generator, seed: int) -> list[float]:
    """Numbers whose differences are exact, or just not: a price's walk; once, twice, half, and one bit beside that."""
    if seed == 6:
        return [float(value) for value in np.round(127 + np.cumsum(draw.normal(size=BARS)), 2)]
    scale = [1.0, 5e-324, 2.0**1022, 2.0**-1021][seed - 7]
    near = [1.0, 2.0, 4.0, -1.0, -2.0, 0.0, -0.0, 3.0]
    values = [scale * value for value in near]
    values += [math.nextafter(value, toward) for value in values for toward in (-math.inf, math.inf)]
    values = [value for value in values if math.isfinite(value)]
    return [values[at] for at in draw.integers(0, len(values), BARS)]


def bits(values: Any) -> str:
    return struct.pack(f"<{len(values)}d", *values).hex()


@pytest.mark.parametrize("period", [1, 2, 3, 10, 50, BARS, BARS + 1])
def test_a_mean_in_compiled_code_is_the_cores(period: int) -> None:
    market = tb.Market.synthetic(bars=BARS, seed=1)
    full = 0
    for seed in range(11):
        said = [
            list(tb.run(Fed(period=period, seed=seed), market, mode=mode).logs) for mode in ("interpreted", "compiled")
        ]
        assert said[0] == said[1], f"seed {seed}"
        full += said[1][0]["bits"][2].count("f03f")
    assert (full > 0) == (period <= BARS)


def test_the_core_says_where_the_fields_of_a_mean_lie() -> None:
    fields = _native.compiled_gauges()["SMA"]
    assert len(set(fields.values())) == len(fields) == 6
    assert all(at % 8 == 0 for at in fields.values())
    assert mean.FIELDS
