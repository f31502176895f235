"""The picture of a verification: curves of equity over each other, and where the engines filled differently."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.report.thinning import thinned
from triplebar.research.verify.report import VerifyReport

COLORS: Final = ("#2b5c8a", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#66a61e")
PRICES_MAX: Final = 4
"""Prices of more instruments than this are left out of the picture."""
MARKERS_MAX: Final = 2_000
"""More differing fills than this hide the price: the first ones are shown."""


def verify_figure(report: VerifyReport) -> Any:  # noqa: ANN401 - plotly ships no types
    """Draw a verification with plotly."""
    from plotly.subplots import make_subplots

    marks = {each.engine: _differing(report, each.engine) for each in report.agreements}
    traded = _symbols(report, marks)
    titles = ["Equity", f"Equity less that of {report.base}", *(f"{symbol}: differing fills" for symbol in traded)]
    drawn = make_subplots(
        rows=2 + len(traded),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.06,
        subplot_titles=titles,
        row_heights=[0.36, 0.2, *(0.44 / len(traded) for _ in traded)],
    )
    for color, (name, result) in zip(COLORS, report.results.items(), strict=False):
        _draw_curve(drawn, report, name, result, color)
    for row, symbol in enumerate(traded, start=3):
        _draw_prices(drawn, report, symbol, row, marks)
    drawn.update_layout(
        height=560 + 320 * len(traded),
        margin={"l": 60, "r": 20, "t": 40, "b": 40},
        template="plotly_white",
        legend={"orientation": "h", "y": -0.06},
        hovermode="x unified",
    )
    return drawn


def _times(time_ns: Any) -> Any:  # noqa: ANN401 - an array
    return np.asarray(time_ns).astype("datetime64[ns]").astype("datetime64[ms]")


def _draw_curve(drawn: Any, report: VerifyReport, name: str, result: RunResult, color: str) -> None:  # noqa: ANN401
    from plotly import graph_objects as go

    equity = columns(result.canonical("equity"))
    values = to_numpy(result.equity.column("equity"))
    rows = thinned(values)
    time = _times(equity["time"])
    dash = "solid" if name == report.base else "dash"
    line = {"color": color, "width": 1.6, "dash": dash}
    drawn.add_trace(go.Scatter(x=time[rows], y=values[rows], name=name, line=line), 1, 1)
    if name == report.base:
        return
    base = report.results[report.base]
    _, left, right = np.intersect1d(
        columns(base.canonical("equity"))["clock"], equity["clock"], assume_unique=True, return_indices=True
    )
    gap = values[right] - to_numpy(base.equity.column("equity"))[left]
    rows = thinned(gap)
    line = {"color": color, "width": 1.2}
    drawn.add_trace(go.Scatter(x=time[right][rows], y=gap[rows], name=f"{name} - {report.base}", line=line), 2, 1)


Marks = dict[str, tuple[list[int], list[int]]]


def _differing(report: VerifyReport, engine: str) -> tuple[list[int], list[int]]:
    """The rows of fills that differ: of the base, and of the other engine."""
    names = ("instrument", "side", "clock", "price", "quantity", "fee")
    sides = [columns(report.results[each].canonical("fills")) for each in (report.base, engine)]
    keys = [list(zip(*(side[name].tolist() for name in names), strict=True)) for side in sides]
    common = set(keys[0]) & set(keys[1])
    left, right = ([row for row, key in enumerate(each) if key not in common][:MARKERS_MAX] for each in keys)
    return left, right


def _symbols(report: VerifyReport, marks: Marks) -> list[str]:
    """The instruments to show: those with differing fills."""
    found: dict[str, None] = {}
    for engine, rows in marks.items():
        for name, chosen in zip((report.base, engine), rows, strict=True):
            result = report.results[name]
            instrument = columns(result.canonical("fills"))["instrument"]
            found |= {result.scales.symbols[int(instrument[row])]: None for row in chosen}
    return sorted(found)[:PRICES_MAX]


def _draw_prices(drawn: Any, report: VerifyReport, symbol: str, row: int, marks: Marks) -> None:  # noqa: ANN401
    from plotly import graph_objects as go

    base = report.results[report.base]
    series = base.market.series(symbol)
    prices = np.asarray(series.close)
    rows = thinned(prices)
    line = {"color": "#999999", "width": 1}
    drawn.add_trace(go.Scatter(x=_times(series.time)[rows], y=prices[rows], name=f"{symbol} close", line=line), row, 1)
    colors = dict(zip(report.results, COLORS, strict=False))
    left = {place: None for chosen, _ in marks.values() for place in chosen}
    shown = {report.base: sorted(left)} | {engine: chosen for engine, (_, chosen) in marks.items()}
    for name, chosen in shown.items():
        _draw_fills(drawn, report.results[name], symbol, row, (name, chosen, colors[name]))


def _draw_fills(
    drawn: Any,  # noqa: ANN401 - a plotly figure
    result: RunResult,
    symbol: str,
    row: int,
    which: tuple[str, list[int], str],
) -> None:
    from plotly import graph_objects as go

    name, chosen, color = which
    fills = columns(result.canonical("fills"))
    number = result.scales.symbols.index(symbol)
    for side, shape in ((1, "triangle-up"), (-1, "triangle-down")):
        rows = np.array(
            [each for each in chosen if fills["instrument"][each] == number and fills["side"][each] == side]
        )
        if rows.size:
            drawn.add_trace(
                go.Scatter(
                    x=_times(result.clock[fills["clock"][rows]]),
                    y=result.scales.prices(fills["price"][rows], fills["instrument"][rows]),
                    name=f"{name} {'buys' if side > 0 else 'sells'} {symbol}",
                    mode="markers",
                    marker={"symbol": shape, "size": 9, "color": color, "line": {"width": 1, "color": "white"}},
                    text=[f"order {order}" for order in fills["order"][rows]],
                ),
                row,
                1,
            )
