"""Pictures of a study: its metric over two parameters at a time, over all of them at once, and beside neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.different import different
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.report.svg import ACCENT, GREY, WIDTH, Scale, dot, line, number, path, rect, svg, text, tone
from triplebar.research.sweeping.space import Grid
from triplebar.research.sweeping.study import Study
from triplebar.research.validation.sampling import spread

CELLS_MAX: Final = 60
"""More values of a parameter than this are shown in so many bins."""
PAIRS_MAX: Final = 6
LINES_MAX: Final = 600
POINTS_MAX: Final = 1_500
GRID_MAX: Final = 5_000_000
LABELS_MAX: Final = 12


def parameters_of(study: Study, table: pa.Table) -> list[str]:
    """The parameters that differ between the sets; market and seed among them if there are several."""
    names = [name for name in table.column_names if name not in {"set", *study.metrics}]
    return [name for name in names if len(table[name].unique()) > 1]


def heatmaps(study: Study, table: pa.Table) -> list[tuple[str, str]]:
    """For each two parameters, by name, the best value of the metric in each cell, over all others."""
    names = parameters_of(study, table)
    pairs = list(combinations(names, 2))[:PAIRS_MAX]
    return [
        (f"{left} × {right}", _heatmap(table, (left, right), study.by, smallest=study.smallest))
        for left, right in pairs
    ]


def _heatmap(table: pa.Table, names: tuple[str, str], metric: str, *, smallest: bool) -> str:
    (rows, row_names), (columns, column_names) = (_binned(table[name]) for name in names)
    values = to_numpy(table[metric].cast(pa.float64()).fill_null(float("nan")))
    shape = (len(row_names), len(column_names))
    best, total, count = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    there = np.isfinite(values)
    order = np.argsort(values[there], kind="stable")
    order = order[::-1] if smallest else order
    place = (rows[there][order], columns[there][order])
    best[place] = values[there][order]  # what is written last stays: the best
    np.add.at(total, place, values[there][order])
    np.add.at(count, place, 1)
    return _cells(best, total / np.maximum(count, 1), count, ((names[0], row_names), (names[1], column_names)), metric)


Axis = tuple[str, Sequence[str]]


def _cells(best: FloatArray, mean: FloatArray, count: IntArray, axes: tuple[Axis, Axis], metric: str) -> str:
    (row_name, row_labels), (column_name, column_labels) = axes
    left, top, step = 92.0, 26.0, (WIDTH - 100.0) / max(len(column_labels), 1)
    tall = max(9.0, min(34.0, step, 560.0 / max(len(row_labels), 1)))
    known = best[np.isfinite(best)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    parts = [text(left, 14, f"{column_name} →"), text(0, top + 10, f"{row_name} ↓")]
    for row, label in enumerate(row_labels):
        if row % -(-len(row_labels) // 30) == 0:
            parts.append(text(left - 8, top + tall * (row + 0.5) + 4, label, anchor="end"))
        for column, other in enumerate(column_labels):
            if count[row, column]:
                value = float(best[row, column])
                words = f"{row_name} {label}, {column_name} {other}: {metric} {number(value)}"
                more = (
                    f", mean {number(float(mean[row, column]))} of {count[row, column]}"
                    if count[row, column] > 1
                    else ""
                )
                box = (step - 1.0, tall - 1.0)
                parts.append(rect(left + step * column, top + tall * row, box, tone(value, low, high), words + more))
    bottom = top + tall * len(row_labels)
    for column, other in enumerate(column_labels):
        if column % -(-len(column_labels) // LABELS_MAX) == 0:
            parts.append(text(left + step * (column + 0.5), bottom + 17, other, anchor="middle"))
    words = f"{metric} from {number(low)} to {number(high)}"
    parts.append(text(WIDTH - 8, 14, words, anchor="end"))
    return svg(WIDTH, bottom + 26, parts, f"{metric} over {row_name} and {column_name}")


def _binned(column: pa.ChunkedArray) -> tuple[Any, list[str]]:
    """For each row the place of its value among the distinct ones, in order; many numbers fall into bins."""
    values = column.to_pylist()
    distinct = list(dict.fromkeys(values))
    numeric = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in distinct)
    if numeric:
        distinct.sort()
    if len(distinct) <= CELLS_MAX or not numeric:
        shown = distinct[:CELLS_MAX]
        places = {value: min(place, CELLS_MAX - 1) for place, value in enumerate(distinct)}
        return np.array([places[each] for each in values]), [_label(each) for each in shown]
    edges = np.linspace(distinct[0], distinct[-1], CELLS_MAX + 1)
    found = np.clip(np.searchsorted(edges, np.array(values, dtype=float), side="right") - 1, 0, CELLS_MAX - 1)
    return found, [_label(float(each)) for each in (edges[:-1] + edges[1:]) / 2]


def _label(value: Any) -> str:  # noqa: ANN401 - a parameter of any kind
    return f"{value:g}" if isinstance(value, float) else str(value)


def parallel(study: Study, table: pa.Table) -> str:
    """One line a set, through its value of each parameter to its metric; the best are drawn last and darkest."""
    names = parameters_of(study, table)
    metric = to_numpy(table[study.by].cast(pa.float64()).fill_null(float("nan")))
    known = np.flatnonzero(np.isfinite(metric))
    if not names or not known.size:
        return '<p class="nothing">There is nothing to compare.</p>'
    order = known[np.argsort(metric[known] if study.smallest else -metric[known], kind="stable")]
    chosen = order[spread(order.size, LINES_MAX)]
    chosen = different(np.concatenate([order[: LINES_MAX // 3], chosen]))
    rank = np.empty(len(metric))
    rank[order] = np.arange(1, order.size + 1) / order.size
    top, bottom = 30.0, 330.0
    step = (WIDTH - 160.0) / len(names)
    axes = [(name, *_axis(table[name], top, bottom)) for name in names]
    scale = Scale.around(metric[chosen].tolist(), bottom, top)
    parts = []
    for row in sorted(chosen.tolist(), key=lambda each: -rank[each]):
        points = [(80.0 + step * place, heights[row]) for place, (_, heights, _) in enumerate(axes)]
        points.append((80.0 + step * len(names), scale(float(metric[row]))))
        words = ", ".join(f"{name} {_label(table[name][row].as_py())}" for name in names)
        strength = 0.9 if rank[row] <= 0.02 else 0.45 if rank[row] <= 0.1 else 0.14
        extra = f' class="line" data-share="{rank[row]:.4f}" opacity="{strength:g}"'
        color = "var(--gain)" if rank[row] <= 0.1 else ACCENT
        parts.append(
            path(points, color, width=1.2, extra=extra, words=f"{words}: {study.by} {number(float(metric[row]))}")
        )
    for place, (name, _, labels) in enumerate(axes):
        parts += _upright(80.0 + step * place, name, labels, (top, bottom))
    ticks = [(scale(each), number(each)) for each in scale.ticks()]
    parts += _upright(80.0 + step * len(names), study.by, ticks, (top, bottom))
    tools = (
        '<div class="tools"><input type="range" min="1" max="100" value="100" data-lines="parallel" '
        'aria-label="the best share"><span id="parallel-shown"></span></div>'
    )
    return f'{tools}<div id="parallel">{svg(WIDTH, bottom + 14, parts, "parallel coordinates")}</div>'


def _upright(x: float, name: str, labels: Sequence[tuple[float, str]], span: tuple[float, float]) -> list[str]:
    parts = [line(x, span[0], x, span[1]), text(x, span[0] - 14, name, anchor="middle")]
    return parts + [text(x + 6, y + 4, words, size=11, strong=True) for y, words in labels]


def _axis(column: pa.ChunkedArray, top: float, bottom: float) -> tuple[FloatArray, list[tuple[float, str]]]:
    """The height of each row on an axis, and words along it."""
    values = column.to_pylist()
    distinct = list(dict.fromkeys(values))
    if all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in distinct):
        scale = Scale.around((float(each) for each in distinct), bottom, top)
        few = sorted(distinct) if len(distinct) <= LABELS_MAX else scale.ticks(8)
        return np.array([scale(float(each)) for each in values]), [(scale(float(each)), _label(each)) for each in few]
    places = {value: place for place, value in enumerate(distinct)}
    spots = Scale(0.0, max(len(distinct) - 1, 1), bottom - 8, top + 8)
    return np.array([spots(places[each]) for each in values]), [
        (spots(place), str(each)) for each, place in places.items()
    ]


def neighbours_of(study: Study, table: pa.Table) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """For each row of a grid its metric, and the mean and the worst of the sets one step away on any axis.

    None where there are no steps: a space that is no grid, several markets, or too many sets.
    """
    space = study.space
    if not isinstance(space, Grid) or len(study.scenes) > 1 or len(space) > GRID_MAX or len(space) < 2:
        return None
    values = to_numpy(table[study.by].cast(pa.float64()).fill_null(float("nan")))
    numbers = to_numpy(table["set"])
    cube = np.full(len(space), np.nan)
    cube[numbers] = values
    cube = cube.reshape(space.shape)
    total, count = np.zeros(space.shape), np.zeros(space.shape, dtype=np.int64)
    worst = np.full(space.shape, np.nan)
    pick = np.fmax if study.smallest else np.fmin
    for axis in range(cube.ndim):
        for ahead in (True, False):
            beside = _moved(cube, axis, ahead=ahead)
            total += np.nan_to_num(beside)
            count += np.isfinite(beside)
            worst = pick(worst, beside)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return values, mean.reshape(-1)[numbers], worst.reshape(-1)[numbers]


def _moved(cube: FloatArray, axis: int, *, ahead: bool) -> FloatArray:
    """The values one step away; none beyond the edge."""
    found = np.full(cube.shape, np.nan)
    here, there = [slice(None)] * cube.ndim, [slice(None)] * cube.ndim
    here[axis], there[axis] = (slice(None, -1), slice(1, None)) if ahead else (slice(1, None), slice(None, -1))
    found[tuple(here)] = cube[tuple(there)]
    return found


def stability(study: Study, table: pa.Table) -> str | None:
    """Every set beside the mean of its neighbours: a peak that stands alone lies far from the diagonal."""
    found = neighbours_of(study, table)
    if found is None:
        return None
    own, mean, _ = found
    there = np.flatnonzero(np.isfinite(own) & np.isfinite(mean))
    if not there.size:
        return None
    order = there[np.argsort(own[there] if study.smallest else -own[there], kind="stable")]
    chosen = different(np.concatenate([order[:50], order[spread(order.size, POINTS_MAX)]]))
    labels = [f"set {int(table['set'][int(row)].as_py())}" for row in chosen]
    best = set(order[:10].tolist())
    colors = ["var(--gain)" if int(row) in best else GREY for row in chosen]
    points = list(zip(own[chosen].tolist(), mean[chosen].tolist(), labels, colors, strict=True))
    return scatter(points, (f"{study.by} of a set", f"mean {study.by} of its neighbours"))


def scatter(points: Sequence[tuple[float, float, str, str]], names: tuple[str, str]) -> str:
    """Points with x, y, words and color, over the line on which both are equal."""
    left, right, top, bottom = 70.0, WIDTH - 20.0, 14.0, 400.0
    x = Scale.around((each[0] for each in points), left, right)
    y = Scale.around((each[1] for each in points), bottom, top)
    parts = [
        line(left, y(each), right, y(each)) + text(left - 8, y(each) + 4, number(each), anchor="end")
        for each in y.ticks()
    ]
    parts += [
        line(x(each), top, x(each), bottom) + text(x(each), bottom + 18, number(each), anchor="middle")
        for each in x.ticks(8)
    ]
    low, high = max(x.low, y.low), min(x.high, y.high)
    if low < high:
        parts.append(line(x(low), y(low), x(high), y(high), mark=True))
    parts += [
        dot(x(one), y(other), color, f"{words}: {number(one)}, {number(other)}") for one, other, words, color in points
    ]
    parts += [text(right, bottom + 36, names[0], anchor="end"), text(left, top - 3, names[1])]
    return svg(WIDTH, bottom + 44, parts, f"{names[1]} over {names[0]}")
