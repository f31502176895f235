"""The picture of a run: equity, drawdown, and the price with the trades on it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.report.thinning import thinned

BUY: Final = "#1a9850"
SELL: Final = "#d73027"
LINE: Final = "#2b5c8a"
MARKERS_MAX: Final = 5_000
"""More fills than this hide the price: the last ones are shown."""
PRICES_MAX: Final = 4
"""Prices of more instruments than this are left out of the picture."""


def figure(result: RunResult) -> Any:  # noqa: ANN401 - plotly ships no types
    """Draw a result with plotly; prices are drawn if the result still has its market."""
    from plotly.subplots import make_subplots

    traded = [] if result.market is None else _traded(result)
    heights = [0.4, 0.15, *(0.45 / len(traded) for _ in traded)]
    titles = [f"Equity ({result.settings.currencies[0]})", "Drawdown (%)", *traded]
    drawn = make_subplots(
        rows=2 + len(traded),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.05,
        subplot_titles=titles,
        row_heights=heights,
    )
    _draw_equity(drawn, result)
    for row, symbol in enumerate(traded, start=3):
        _draw_prices(drawn, result, symbol, row)
    drawn.update_layout(
        height=520 + 300 * len(traded),
        margin={"l": 60, "r": 20, "t": 40, "b": 40},
        template="plotly_white",
        legend={"orientation": "h", "y": -0.06},
        hovermode="x unified",
    )
    return drawn


def _traded(result: RunResult) -> list[str]:
    """The symbols to show: those with fills, else the first, but not more than fit."""
    numbers = np.unique(columns(result.canonical("fills"))["instrument"])
    found = [result.scales.symbols[number] for number in numbers] or list(result.scales.symbols[:1])
    return found[:PRICES_MAX]


def _times(time_ns: Any) -> Any:  # noqa: ANN401 - an array
    return np.asarray(time_ns).astype("datetime64[ns]").astype("datetime64[ms]")


def _draw_equity(drawn: Any, result: RunResult) -> None:  # noqa: ANN401 - a plotly figure
    from plotly import graph_objects as go

    values = np.concatenate([[result.starting_value], to_numpy(result.equity.column("equity"))])
    clock = columns(result.canonical("equity"))["time"]
    time = _times(np.concatenate([[result.start_ns], clock]))
    rows = thinned(values)
    drawn.add_trace(go.Scatter(x=time[rows], y=values[rows], name="equity", line={"color": LINE, "width": 1.4}), 1, 1)
    peaks = np.maximum.accumulate(values)
    loss = np.where(peaks > 0, 100.0 * (values / np.where(peaks > 0, peaks, 1.0) - 1.0), 0.0)
    low = thinned(loss)
    drawn.add_trace(
        go.Scatter(x=time[low], y=loss[low], name="drawdown", fill="tozeroy", line={"color": SELL, "width": 1}), 2, 1
    )


def _draw_prices(drawn: Any, result: RunResult, symbol: str, row: int) -> None:  # noqa: ANN401 - a plotly figure
    from plotly import graph_objects as go

    series = result.market.series(symbol)
    prices = np.asarray(series.close)
    rows = thinned(prices)
    line = {"color": "#777777", "width": 1}
    drawn.add_trace(go.Scatter(x=_times(series.time)[rows], y=prices[rows], name=f"{symbol} close", line=line), row, 1)
    raw = columns(result.canonical("fills"))
    number = result.scales.symbols.index(symbol)
    for side, name, shape, color in ((1, "buy", "triangle-up", BUY), (-1, "sell", "triangle-down", SELL)):
        chosen = np.flatnonzero((raw["instrument"] == number) & (raw["side"] == side))[-MARKERS_MAX:]
        drawn.add_trace(
            go.Scatter(
                x=_times(result.clock[raw["clock"][chosen]]),
                y=result.scales.prices(raw["price"][chosen], raw["instrument"][chosen]),
                name=f"{symbol} {name}",
                mode="markers",
                marker={"symbol": shape, "size": 8, "color": color},
                text=[f"order {order}" for order in raw["order"][chosen]],
            ),
            row,
            1,
        )
