"""Strategies that know what they cannot know, each in its own way, and some that only look like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import triplebar as tb
from triplebar.data.market import Market

MARKET = Market.synthetic(symbols=("AA",), bars=500, interval="1h", volatility=0.004, seed=5)
CLOSES = MARKET.series("AA").close
LISTED = CLOSES.tolist()
BY_SYMBOL = {"AA": {"close": CLOSES}}
FRAME = pd.DataFrame({"close": np.array(CLOSES)})
TABLE = pa.table({"close": np.array(CLOSES)})
RISES = np.append(np.diff(CLOSES) > 0, False)


def centred(values: Any, width: int = 5) -> Any:
    """A mean over as many bars behind as ahead."""
    return np.convolve(values, np.ones(2 * width + 1) / (2 * width + 1), mode="same")


def trailing(values: Any, width: int = 11) -> Any:
    """An honest mean."""
    whole = np.cumsum(np.insert(np.asarray(values, dtype=float), 0, 0.0))
    found = np.full(len(values), np.nan)
    found[width - 1 :] = (whole[width:] - whole[:-width]) / width
    return found


SMOOTH = centred(CLOSES)
HONEST = trailing(CLOSES)


class Trader(tb.Strategy):
    """Long while it feels good."""

    def good(self, ctx: Any, bar: Any) -> bool:
        raise NotImplementedError

    def on_bar(self, ctx: Any, bar: Any) -> None:
        held = ctx.position(bar.symbol)
        good = self.good(ctx, bar)
        if good and not held:
            ctx.buy(bar.symbol, 10)
        elif held and not good:
            ctx.sell(bar.symbol, held)


class GlobalArray(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(CLOSES[min(bar.index + 1, len(CLOSES) - 1)] > bar.close)


class GlobalList(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(LISTED[min(bar.index + 3, len(LISTED) - 1)] > bar.close)


class InADict(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        closes = BY_SYMBOL[bar.symbol]["close"]
        return bool(closes[min(bar.index + 1, len(closes) - 1)] > bar.close)


class Frame(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(FRAME["close"].to_numpy()[min(bar.index + 1, len(FRAME) - 1)] > bar.close)


class ArrowTable(Trader):
    def on_start(self, ctx: Any) -> None:
        self.closes = TABLE.column("close").to_pylist()

    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(self.closes[min(bar.index + 1, len(self.closes) - 1)] > bar.close)


class Flags(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(RISES[min(bar.index + 2, len(RISES) - 1)])


class GlobalMarket(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        closes = MARKET.series(bar.symbol).close
        return bool(closes[min(bar.index + 1, len(closes) - 1)] > bar.close)


class BehindTheContext(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        closes = ctx._market.series(bar.symbol).close
        return bool(closes[min(bar.index + 1, len(closes) - 1)] > bar.close)


class BehindTheWindow(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        closes = ctx.bars(bar.symbol, 5)._series.close
        return bool(closes[min(bar.index + 1, len(closes) - 1)] > bar.close)


class CentredAtStart(Trader):
    def on_start(self, ctx: Any) -> None:
        self.smooth = centred(CLOSES)

    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(self.smooth[bar.index] > bar.close)


class CentredBefore(Trader):
    """What it reads was computed long ago: only what it says about the next bar tells."""

    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(SMOOTH[bar.index] > bar.close)


class ClassAttribute(Trader):
    signals = (np.append(np.diff(CLOSES), 0.0)).tolist()

    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(self.signals[bar.index] > 0)


class InTheSize(tb.Strategy):
    """Buys at fixed bars; how much, it knows from the future."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 20 == 0 and bar.index + 1 < len(CLOSES):
            ctx.buy(bar.symbol, 5.0 if CLOSES[bar.index + 1] > bar.close else 1.0)


class InTheLimit(tb.Strategy):
    """Its limits are the lows of bars to come."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 25 == 0 and bar.index + 4 < len(CLOSES):
            ctx.buy(bar.symbol, 1, limit=round(float(CLOSES[bar.index + 4]) * 0.99, 2), tif="day")


class KnowsTheEnd(tb.Strategy):
    """Buys as long as there are many bars to come."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 10 == 0 and len(ctx._market) - bar.index > 100:
            ctx.buy(bar.symbol, 1)


class Signalled(Trader):
    """Gets its signals from whoever makes it."""

    def __init__(self, signals: Any) -> None:
        self.signals = signals

    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(self.signals[bar.index] > bar.close)


def made_with_a_centred_window(market: Market) -> Signalled:
    """A strategy whose signals are computed up front, from the market it is to run on."""
    return Signalled(centred(market.series("AA").close))


LEAKS: dict[str, Any] = {
    each.__name__: each()
    for each in (
        GlobalArray, GlobalList, InADict, Frame, ArrowTable, Flags, GlobalMarket, BehindTheContext, BehindTheWindow,
        CentredAtStart, CentredBefore, ClassAttribute, InTheSize, InTheLimit, KnowsTheEnd,
    )
} | {"made for the market": made_with_a_centred_window, "signals given": Signalled(SMOOTH)}  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- innocent


class ReadsThePast(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(CLOSES[bar.index] > CLOSES[max(0, bar.index - 5)])


class HonestBefore(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(HONEST[bar.index] > bar.close)


class Thrower(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(ctx.random.uniform() > 0.5)


class Windows(Trader):
    def good(self, ctx: Any, bar: Any) -> bool:
        return bool(ctx.bars(bar.symbol, 10).close.mean() > bar.close)


def made_with_an_honest_window(market: Market) -> Signalled:
    return Signalled(trailing(market.series("AA").close))


INNOCENT: dict[str, Any] = {each.__name__: each() for each in (ReadsThePast, HonestBefore, Thrower, Windows)} | {
    "made for the market": made_with_an_honest_window,
    "signals given": Signalled(HONEST),
}
