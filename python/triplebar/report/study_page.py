"""A study, or walking forward, as one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts import atomic
from triplebar.metrics.statistics.overfitting import Overfitting, overfitting_probability
from triplebar.report.alike_picture import alike_picture, alike_tables
from triplebar.report.frame import framed, heading
from triplebar.report.sections import section, table
from triplebar.report.study_pictures import heatmaps, parallel, parameters_of, scatter, stability
from triplebar.report.svg import ACCENT, number, shown
from triplebar.report.walk_pictures import choices, inside_and_outside, timeline
from triplebar.research.sweeping.study import Study
from triplebar.research.validation.alike import correlate
from triplebar.research.validation.sampling import Sampled, ratios_of, returns_of, sampled_sets, spread
from triplebar.research.validation.verdict import BLOCKS, EDGE, PERIODS_MIN, Verdict
from triplebar.research.validation.walked import WalkForward

BEST: Final = 12
"""So many of the best sets are listed, and correlated with one another."""
ROWS_MAX: Final = 200_000
"""Pictures of more sets than this show some of them, spread over all, and the best."""


def write_study_html(study: Study, path: str | Path) -> Path:
    """Write a study as one HTML file: the verdict, the best sets, and pictures of all of them.

    >>> import tempfile
    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> study = tb.sweep(rule, tb.Market.synthetic(bars=200, seed=1, interval="1d"), {"fast": [2, 3], "slow": [9, 20]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_study_html(study, f"{folder}/study.html").name
    'study.html'
    """
    return atomic.write_text(Path(path), study_page(study))


def write_walk_html(walk: WalkForward, path: str | Path) -> Path:
    """Write walking forward as one HTML file: windows, choices, the stitched curve, and what was left of the metric."""
    return atomic.write_text(Path(path), walk_page(walk))


def study_page(study: Study) -> str:
    """Build the page of a study as text."""
    rows, best = _rows(study), study.best(BEST)
    others = sampled_sets(study, count=ratios_of(study).count).tolist()
    sampled = _sampled(study, best["set"].to_pylist(), others)
    title = f"{study.plan.definition['strategy']['name']}: {len(study):,} sets"
    parts = [
        heading(title, [_space(study), f"study {study.id}, data {study.scenes[0].market.digest[:16]}"]),
        _verdict(study.verdict),
        section(
            "best", "The best sets", _best(study, best), f"by {study.by}{', the smallest' if study.smallest else ''}"
        ),
        *_maps(study, rows),
        section("coordinates", "All parameters at once", parallel(study, rows), "the best tenth in green"),
        *_neighbours(study, rows),
        *_halves(sampled, others),
        *_alike(study, sampled, best["set"].to_pylist()),
    ]
    return framed(title, parts)


def walk_page(walk: WalkForward) -> str:
    """Build the page of walking forward as text."""
    study = walk.walked[0].study
    title = f"{study.plan.definition['strategy']['name']}: {len(walk)} windows"
    kind = "anchored" if walk.plan.anchored else "rolling"
    ran = any(each.result is not None for each in walk.walked)
    scattered = inside_and_outside(walk)
    stopped = [f"interrupted: {walk.left} windows are left"] if walk.left else []
    head = ("from", "until", "test from", "until", *study.space.names)
    head += (f"{walk.select} inside", "outside", "return", "trades")
    numbers = range(4, len(head))
    parts = [
        heading(title, [f"{kind} windows, the best {walk.select} of {len(study.space):,} sets in each", *stopped]),
        _verdict(walk.verdict) if ran and not walk.left else "",
        section("timeline", "Windows", timeline(walk), "training, then test"),
        section("kept", "What was left", _kept(walk)),
        section("scatter", "In and out of sample", scattered, "one point a window") if scattered else "",
        section("choices", "What was chosen", table(head, choices(walk), numbers=numbers)),
    ]
    return framed(title, parts)


def _space(study: Study) -> str:
    names = [f"{name}: {len(values):,} values" for name, values in getattr(study.space, "axes", {}).items()]
    return ", ".join(names) or ", ".join(study.space.names)


def _rows(study: Study) -> pa.Table:
    """The rows that pictures show: all, or some and the best."""
    if len(study) <= ROWS_MAX:
        return study.table
    chosen = spread(len(study), ROWS_MAX)
    rows, before = [study.best(BEST)], 0
    for each in study.tables():
        inside = chosen[(chosen >= before) & (chosen < before + each.num_rows)] - before
        rows.append(each.take(pa.array(inside)))
        before += each.num_rows
    return pa.concat_tables(rows, promote_options="permissive")


def _sampled(study: Study, best: list[int], others: list[int]) -> Sampled | None:
    """Returns of the best sets and of some others of the same market; None without two sets or enough days."""
    if not best:
        return None
    size = len(study.space)
    sets = list(dict.fromkeys([*best, *others]))
    found = returns_of(study, [each for each in sets if each // size == best[0] // size])
    return found if found.returns.shape[1] > 1 and len(found.returns) >= PERIODS_MIN else None


def _verdict(verdict: Verdict) -> str:
    reasons = "".join(f"<li>{escape(each)}</li>" for each in verdict.reasons)
    kind = "edge" if verdict.kind == EDGE else "other"
    words = f"<b>{escape(verdict.kind)}</b><p>{escape(verdict.counts)}</p><ul>{reasons}</ul>"
    return f'<div class="verdict {kind}" id="verdict">{words}</div>'


def _best(study: Study, best: pa.Table) -> str:
    names = [name for name in best.column_names if name not in study.metrics]
    usual = ("sharpe", "total_return", "max_drawdown", "trades", "turnover", "total_costs")
    metrics = list(dict.fromkeys([study.by, *usual]))
    rows = [
        (
            *("" if row[name] is None else str(row[name]) for name in names),
            *(shown(name, row[name]) for name in metrics),
        )
        for row in best.to_pylist()
    ]
    head = [*names, *(name.replace("_", " ") for name in metrics)]
    return table(head, rows, numbers=range(len(names), len(head)))


def _maps(study: Study, rows: pa.Table) -> Iterable[str]:
    drawn = heatmaps(study, rows)
    if not drawn:
        return
    options = "".join(f"<option>{escape(name)}</option>" for name, _ in drawn)
    select = f'<div class="tools"><select data-pictures="maps" aria-label="two parameters">{options}</select></div>'
    pictures = "".join(
        f'<div data-of="maps" data-name="{escape(name, quote=True)}">{picture}</div>' for name, picture in drawn
    )
    note = "the best over all others" if len(parameters_of(study, rows)) > 2 else ""
    yield section("maps", f"{study.by} by two parameters", (select if len(drawn) > 1 else "") + pictures, note)


def _neighbours(study: Study, rows: pa.Table) -> Iterable[str]:
    drawn = stability(study, rows)
    if drawn is not None:
        note = "a set far below the line stands on a peak that its neighbours do not share; the best ten in green"
        yield section("neighbours", "Beside their neighbours", drawn, note)


def _halves(sampled: Sampled | None, others: list[int]) -> Iterable[str]:
    """What choosing is worth, among the sets that were drawn: the best of all would be the best of most halves."""
    places = [] if sampled is None else np.flatnonzero(np.isin(sampled.sets, others)).tolist()
    if sampled is None or len(places) < 2:
        return
    found = overfitting_probability(np.ascontiguousarray(sampled.returns[:, places]), blocks=BLOCKS)
    root = float(np.sqrt(sampled.periods_per_year))
    points = [
        (before * root, after * root, "one way to halve the days", "var(--loss)" if after < 0 else ACCENT)
        for before, after in zip(found.chosen.tolist(), found.after.tolist(), strict=True)
    ]
    drawn = scatter(points, ("Sharpe ratio of the best in one half", "the same set in the other half"))
    yield section("halves", "In and out of sample", _told(found) + drawn, f"{len(points)} ways to halve the days")


def _told(found: Overfitting) -> str:
    slope = "-" if found.degradation is None else f"{found.degradation:.2f}"
    return (
        f"<p>Choosing the best chooses one of the worse half in {found.probability:.0%} of ways, and one that loses in "
        f"{found.probability_of_loss:.0%}. Of one more in a half, {slope} is left in the other.</p>"
    )


def _alike(study: Study, sampled: Sampled | None, best: list[int]) -> Iterable[str]:
    if sampled is None:
        return
    places = [place for place, each in enumerate(sampled.sets.tolist()) if each in best]
    if len(places) < 2:
        return
    named = [(number, study.parameters(number)) for number in sampled.sets[places].tolist()]
    names = [
        f"{place}. " + ", ".join(f"{key} {value}" for key, value in each.items())
        for place, (_, each) in enumerate(named, 1)
    ]
    found = correlate(np.ascontiguousarray(sampled.returns[:, places]), names=names)
    yield section("alike", "Are the best ones different?", alike_picture(found) + alike_tables(found), "daily returns")


def _kept(walk: WalkForward) -> str:
    told = walk.degradation
    rows = [
        (f"mean {walk.select} in training", number(told.inside)),
        (f"mean {walk.select} in tests", number(told.outside)),
        ("kept", "-" if told.kept is None else f"{told.kept:.0%}" if told.kept > 0 else "nothing"),
        ("tests above zero", "-" if told.positive is None else f"{told.positive:.0%}"),
        ("rank correlation of training and test", number(told.rank_correlation)),
    ]
    if any(each.result is not None for each in walk.walked):
        names = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")
        rows += [(f"{name.replace('_', ' ')} of the stitched curve", shown(name, walk.metrics[name])) for name in names]
    return table((), rows, numbers=(1,))
