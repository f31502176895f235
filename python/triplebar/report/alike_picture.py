"""Correlations of strategies as a picture, with the pairs worth combining and those that are one."""

from __future__ import annotations

from typing import Final

from triplebar.report.sections import table
from triplebar.report.svg import WIDTH, rect, svg, text, tone
from triplebar.research.validation.alike import Alike

LABEL: Final = 250.0
PAIRS_MAX: Final = 8


def alike_picture(found: Alike) -> str:
    """Draw the matrix: green for those that rise together, red for those that rise apart."""
    count = len(found.names)
    step = min(52.0, (WIDTH - LABEL - 20.0) / count)
    parts = []
    for row, name in enumerate(found.names):
        parts.append(text(LABEL - 10, 26 + step * (row + 0.5) + 4, _short(name), anchor="end"))
        parts.append(text(LABEL + step * (row + 0.5), 16, str(row + 1), anchor="middle"))
        for column, other in enumerate(found.names):
            value = float(found.matrix[row, column])
            box = (step - 2, step - 2)
            words = f"{name} and {other}: {value:.2f}"
            parts.append(rect(LABEL + step * column, 26 + step * row, box, tone(value, -1.0, 1.0), words))
            if step >= 30:
                spot = (LABEL + step * (column + 0.5) - 1, 26 + step * (row + 0.5) + 3)
                parts.append(text(*spot, f"{value:.2f}", anchor="middle", size=11, strong=True))
    return svg(WIDTH, 30 + step * count, parts, "correlation of daily returns")


def alike_tables(found: Alike) -> str:
    """The least alike pairs, and those that are nearly one."""
    low = [(row["left"], row["right"], f"{row['correlation']:.2f}") for row in found.recommended.to_pylist()]
    high = [(row["left"], row["right"], f"{row['correlation']:.2f}") for row in found.warned.to_pylist()]
    parts = [
        f"<div><h3>{title} <small>{len(rows)} pairs</small></h3>"
        f"{table(('', '', 'correlation'), rows[:PAIRS_MAX], numbers=(2,)) if rows else nothing}</div>"
        for title, rows, nothing in (
            (f"Below {found.low:g}: worth combining", low, '<p class="nothing">None.</p>'),
            (f"Above {found.high:g}: one adds nothing to the other", high, '<p class="nothing">None.</p>'),
        )
    ]
    return f'<div class="columns">{"".join(parts)}</div>'


def _short(name: str) -> str:
    return name if len(name) <= 36 else f"{name[:35]}…"
