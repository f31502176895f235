"""Everything that the charts of a page draw: small things as JSON, long arrays packed."""

from __future__ import annotations

from typing import Any

import numpy as np

from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.metrics.of_result import metric_input
from triplebar.report.candles import BARS_MAX, add_candles, add_times, left_out, shown_instruments
from triplebar.report.curves import Curves
from triplebar.report.marks import add_marks, add_trades
from triplebar.report.packing import Pack
from triplebar.report.rolling import rolling

DAY_MS = 86_400_000


def payload(result: RunResult, *, bars_max: int = BARS_MAX) -> tuple[dict[str, Any], str]:
    """Return what the charts need: a description that JSON can hold, and the packed arrays as text.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> described, packed = payload(result)
    >>> sorted(described), len(packed) > 100
    (['arrays', 'currency', 'curve', 'instruments', 'labels', 'left_out', 'precisions', ...], True)
    """
    pack = Pack()
    shown = shown_instruments(result, bars_max)
    currencies = result.settings.currencies
    instruments = []
    for each in shown:
        settings = result.settings.instruments[each.number]
        described = add_candles(pack, each, settings)
        add_marks(pack, result, each)
        instruments.append({**described, "number": each.number, "currency": currencies[settings.currency]})
    found = {
        "currency": currencies[0],
        "curve": Curves(result).add_to(pack),
        "instruments": instruments,
        "left_out": left_out(result, shown) if shown else [],
        "trades": add_trades(pack, result),
        "rolling": _add_rolling(pack, result),
        "symbols": list(result.scales.symbols),
        "precisions": [each.price_precision for each in result.settings.instruments],
        "labels": _labels(result),
    }
    return {**found, "arrays": pack.index}, pack.text()


def _labels(result: RunResult) -> list[str]:
    """The texts of tags; others are not shown."""
    tags = columns(result.canonical("orders"))["tag"]
    return list(result.labels[: int(tags.max(initial=0))])


def _add_rolling(pack: Pack, result: RunResult) -> dict[str, Any] | None:
    found = rolling(metric_input(result))
    if found is None:
        return None
    time = add_times(pack, "rolling.time", (found.days + 1) * DAY_MS * 1_000_000)
    pack.add("rolling.total", np.clip(found.total, -100, 100), steps=0, decimals=5)
    pack.add("rolling.volatility", np.clip(found.volatility, 0, 100), steps=0, decimals=5)
    pack.add("rolling.sharpe", np.clip(np.nan_to_num(found.sharpe), -1_000, 1_000), steps=0, decimals=3)
    return {"window": found.window, "time": time}
