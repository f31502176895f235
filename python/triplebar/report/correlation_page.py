"""Correlations of strategies as one HTML file with everything in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from triplebar.contracts import atomic
from triplebar.contracts.time import to_text
from triplebar.metrics.inputs import FloatArray
from triplebar.report.alike_picture import alike_picture, alike_tables
from triplebar.report.frame import framed, heading
from triplebar.report.sections import section, table
from triplebar.report.svg import WIDTH, Scale, line, number, path, shown, svg, text
from triplebar.report.thinning import thinned
from triplebar.research.validation.alike import Alike

TOGETHER: Final = "all in equal parts"
HEIGHT: Final = 320.0
LEFT: Final = 60.0
RIGHT: Final = WIDTH - 30.0
DAY_DIGITS: Final = 10
APART: Final = 12.0
"""Lines that end nearer than this to another one have no number at their end."""


def write_correlation_html(found: Alike, file: str | Path) -> Path:
    """Write correlations as one HTML file: the matrix, the pairs worth combining, each strategy, and all together.

    >>> import tempfile
    >>> import triplebar as tb
    >>> found = tb.correlate(np.random.default_rng(1).normal(0, 0.01, (60, 3)), names=["trend", "carry", "value"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_correlation_html(found, f"{folder}/alike.html").name
    'alike.html'
    """
    return atomic.write_text(Path(file), correlation_page(found))


def correlation_page(found: Alike) -> str:
    """Build the page as text."""
    title = f"{len(found.names)} strategies: do they earn at the same times?"
    worth = f"worth {found.effective:,.1f} independent strategies"
    note = "of daily returns; green: they rise together, red: apart"
    parts = [
        heading(title, [_span(found), worth]),
        section("alike", "Correlations", alike_picture(found) + alike_tables(found), note),
    ]
    if found.returns is not None:
        made = growth(found.returns)
        parts.append(section("each", "One by one, and together", _each(found, found.returns, made)))
        parts.append(section("growth", "What each has made of 1", growth_picture(found.names, made)))
    return framed(title, parts)


def growth(returns: FloatArray) -> FloatArray:
    """What each column makes of 1, from day to day; the last one is all of them in equal parts, each day anew.

    >>> growth(np.array([[0.5, 0.0], [0.0, -0.5]])).tolist()
    [[1.0, 1.0, 1.0], [1.5, 1.0, 1.25], [1.5, 0.5, 0.9375]]
    """
    together = np.column_stack([returns, returns.mean(axis=1)])
    return np.vstack([np.ones(together.shape[1]), np.cumprod(1.0 + together, axis=0)])


def growth_picture(names: tuple[str, ...], made: FloatArray) -> str:
    """Draw the columns of `growth` as lines, all in equal parts in the color of the ink."""
    x = Scale(0.0, float(len(made) - 1), LEFT, RIGHT)
    y = Scale.around([float(made.min()), float(made.max())], HEIGHT, 12.0)
    numbered: list[float] = []
    parts = [line(LEFT, y(each), RIGHT, y(each)) + text(0, y(each) + 4, number(each)) for each in y.ticks()]
    for place, name in enumerate((*names, TOGETHER)):
        last = place == len(names)
        rows = thinned(np.ascontiguousarray(made[:, place]))
        points = [(x(float(row)), y(float(made[row, place]))) for row in rows.tolist()]
        color = "var(--ink)" if last else f"hsl({360 * place // len(names)} 60% 50%)"
        parts.append(path(points, color, width=2.2 if last else 1.4, words=name))
        end = points[-1][1]
        if not last and all(abs(end - each) >= APART for each in numbered):
            parts.append(text(RIGHT + 6, end + 4, str(place + 1)))
            numbered.append(end)
    return svg(WIDTH, HEIGHT + 12.0, parts, "what each has made of 1")


def _span(found: Alike) -> str:
    days = "" if found.returns is None else f"{len(found.returns):,} daily returns"
    if found.span_ns is None:
        return days
    first, last = (to_text(each)[:DAY_DIGITS] for each in found.span_ns)
    return f"{days}, {first} to {last}"


def _each(found: Alike, returns: FloatArray, made: FloatArray) -> str:
    """A row for each strategy: what it made and how alike it is; the last row is all of them in equal parts."""
    others = found.matrix - np.eye(len(found.names))
    spread = np.append(returns.std(axis=0, ddof=1), returns.mean(axis=1).std(ddof=1))
    fallen = (1.0 - made / np.maximum.accumulate(made, axis=0)).max(axis=0)
    rows = []
    for place, name in enumerate((*found.names, TOGETHER)):
        numbers = (
            shown("total_return", float(made[-1, place]) - 1.0),
            shown("volatility", float(spread[place])),
            shown("max_drawdown", float(fallen[place])),
        )
        alike = ("", "") if place == len(found.names) else _likeness(found, others[place], place)
        label = "" if place == len(found.names) else str(place + 1)
        rows.append((label, name, *numbers, *alike))
    head = ("", "strategy", "total return", "volatility a day", "max drawdown", "mean correlation", "most like")
    return table(head, rows, numbers=(0, 2, 3, 4, 5))


def _likeness(found: Alike, others: FloatArray, place: int) -> tuple[str, str]:
    """The mean correlation with the others, and the strategy that is most alike."""
    nearest = int(np.argmax(np.where(np.arange(others.size) == place, -2.0, others)))
    return f"{others.sum() / (others.size - 1):.2f}", f"{found.names[nearest]} ({others[nearest]:.2f})"
