"""Pictures of walking forward: windows along the time, the stitched curve below, and how much was left of a choice."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from triplebar.contracts.different import different
from triplebar.contracts.time import to_text
from triplebar.report.study_pictures import scatter
from triplebar.report.svg import ACCENT, WIDTH, Scale, line, number, path, rect, shown, svg, text, tone
from triplebar.report.thinning import thinned
from triplebar.research.validation.walked import WalkForward

ROW: Final = 24.0
CURVE: Final = 190.0
LEFT: Final = 150.0
DAY_DIGITS: Final = 10


def timeline(walk: WalkForward) -> str:
    """Each window as a row: training, then the test in the color of what it brought; the stitched curve below."""
    first = min(each.window.train_start for each in walk.walked)
    last = max(each.window.test_end for each in walk.walked)
    x = Scale(float(first), float(last), LEFT, WIDTH - 62.0)
    rows = walk.windows.to_pylist()
    outside = [row[f"test_{walk.select}"] for row in rows]
    known = [each for each in outside if each is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    parts = []
    for place, each in enumerate(walk.walked):
        y, window = 18.0 + ROW * place, each.window
        chosen = ", ".join(f"{name} {value}" for name, value in walk.parameters(place).items()) or "nothing chosen"
        parts.append(text(0, y + 14, chosen[:26]))
        train = f"training {_day(window.train_start)} to {_day(window.train_end)}: {chosen}"
        inside = f"{train}, {walk.select} {number(each.inside.get(walk.select))}"
        size = x(window.train_end) - x(window.train_start), ROW - 7
        parts.append(rect(x(window.train_start), y, size, "var(--wash)", inside))
        words = f"test {_day(window.test_start)} to {_day(window.test_end)}: {walk.select} {number(outside[place])}"
        size = x(window.test_end) - x(window.test_start), ROW - 7
        color = "var(--grid)" if outside[place] is None else tone(outside[place], low, high)
        parts.append(rect(x(window.test_start), y, size, color, words, ' stroke="var(--line)"'))
        parts.append(text(WIDTH - 54, y + 14, number(outside[place])))
    bottom = 18.0 + ROW * len(walk)
    parts.append(text(WIDTH, 11, f"{walk.select} outside", anchor="end"))
    parts += _curve(walk, x, bottom + 26.0) if known else []
    end = bottom + 26.0 + CURVE if known else bottom
    parts += _dates(first, last, x, end)
    return svg(WIDTH, end + 30, parts, "windows and the stitched curve")


def _curve(walk: WalkForward, x: Scale, top: float) -> list[str]:
    found = walk.stitched
    y = Scale.around([found.initial, *found.values.tolist()], top + CURVE, top)
    parts = [
        line(LEFT, y(each), WIDTH - 62.0, y(each)) + text(WIDTH - 54, y(each) + 4, number(each)) for each in y.ticks(4)
    ]
    for place in different(found.window).tolist():
        inside = np.flatnonzero(found.window == place)
        rows = inside[thinned(found.values[inside])]
        points = [(x(float(found.time_ns[row])), y(float(found.values[row]))) for row in rows.tolist()]
        parts.append(path(points, ACCENT, words=f"window {place}"))
    return [text(0, top + 12, "stitched curve"), *parts]


def _dates(first: int, last: int, x: Scale, y: float) -> list[str]:
    """Five dates along the bottom."""
    places = np.linspace(first, last, 5)
    anchors = ("start", "middle", "middle", "middle", "end")
    return [
        text(x(float(each)), y + 20, _day(int(each)), anchor=anchor)
        for each, anchor in zip(places, anchors, strict=True)
    ]


def inside_and_outside(walk: WalkForward) -> str | None:
    """Each window as a point: the metric of the choice in training, and in the test."""
    points: list[tuple[float, float, str, str]] = []
    for place, row in enumerate(walk.windows.to_pylist()):
        before, after = row[f"train_{walk.select}"], row[f"test_{walk.select}"]
        if before is not None and after is not None:
            color = "var(--gain)" if after > 0 else "var(--loss)"
            chosen = ", ".join(f"{name} {value}" for name, value in walk.parameters(place).items())
            points.append((before, after, f"window {row['window']}, {chosen}", color))
    return scatter(points, (f"{walk.select} in training", f"{walk.select} in the test")) if points else None


def choices(walk: WalkForward) -> list[tuple[Any, ...]]:
    """Rows for a table of windows: dates, parameters, the metric in both parts, return and trades of the test."""
    rows = []
    for row in walk.windows.to_pylist():
        dates = [row[name].isoformat()[:DAY_DIGITS] for name in ("train_start", "train_end", "test_start", "test_end")]
        values = ["" if row[name] is None else str(row[name]) for name in walk.walked[0].study.space.names]
        numbers = (f"train_{walk.select}", f"test_{walk.select}", "test_total_return", "test_trades")
        rows.append((*dates, *values, *(shown(name.partition("_")[2], row[name]) for name in numbers)))
    return rows


def _day(time_ns: int) -> str:
    return to_text(time_ns)[:DAY_DIGITS]
