"""Pages of studies: what they draw is what the study found, and a real browser shows them in silence."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.report.browser import browser, visit
from triplebar.report.study_page import study_page, walk_page
from triplebar.report.study_pictures import heatmaps, neighbours_of, parameters_of
from triplebar.report.svg import Scale, tone

pytestmark = pytest.mark.timeout(280)

MARKET = tb.Market.synthetic(bars=400, seed=11, interval="1d", volatility=0.015)
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
SIZED = tb.signals.crossover(fast="SMA", slow="SMA", size="size")
GRID: dict[str, Any] = {"fast": range(3, 9), "slow": range(10, 50, 5)}


class Kinds(tb.Strategy):
    """Parameters that are no numbers."""

    way: str = "up"
    length: int = 3

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        sign = 1.0 if self.way == "up" else -1.0
        ctx.target(bar.symbol, sign * ((bar.index // self.length) % 2))


def study() -> Any:
    return tb.sweep(RULE, MARKET, GRID, tb.BacktestConfig(commission_bps=1))


PAGES: dict[str, Callable[[], str]] = {
    "grid": lambda: study_page(study()),
    "three": lambda: study_page(tb.sweep(SIZED, MARKET, {**GRID, "size": [1, 2.5]}, by="max_drawdown", smallest=True)),
    "texts": lambda: study_page(tb.sweep(Kinds, MARKET, {"way": ["up", "<down>"], "length": [2, 3]})),
    "random": lambda: study_page(
        tb.sweep(RULE, MARKET, tb.spaces.random({"fast": (2, 90), "slow": (20, 99)}, count=90))
    ),
    "markets": lambda: study_page(tb.sweep(RULE, {"a": MARKET, "b": MARKET.between(end=int(MARKET.clock[300]))}, GRID)),
    "one set": lambda: study_page(tb.sweep(RULE, MARKET, {"fast": [3], "slow": [9]})),
    "nothing": lambda: study_page(tb.sweep(RULE, MARKET, {"fast": [3], "slow": [9_000]})),
    "rolling": lambda: walk_page(tb.walk_forward(RULE, MARKET, GRID, train="120d", test="40d", embargo="1d")),
    "anchored": lambda: walk_page(tb.walk_forward(RULE, MARKET, GRID, train="120d", test="90d", anchored=True)),
    "nothing chosen": lambda: walk_page(
        tb.walk_forward(RULE, MARKET, {"fast": [2], "slow": [300]}, train="120d", test="40d")
    ),
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.mark.feature("F-260", "F-261", "F-262")
@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_itself_in_silence_and_fits(chromium: Any, tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](), encoding="utf-8")
    for width, dark in ((360, False), (1280, True))[: 2 if name in {"grid", "rolling"} else 1]:
        found = visit(chromium, file, width=width, dark=dark)
        assert found.said == []
        assert found.asked == [file.resolve().as_uri()]
        assert found.run("document.documentElement.scrollWidth <= innerWidth")
        assert found.run("document.documentElement.dataset.theme") == ("dark" if dark else "light")
        sections = found.run("Array.from(document.querySelectorAll('section'), (each) => each.id)")
        assert len(sections) >= 2
        outside = """Array.from(document.querySelectorAll('svg')).filter((each) => each.getBoundingClientRect().width)
            .flatMap((each) => Array.from(each.querySelectorAll('rect, circle, polyline')).filter((shape) => {
              const box = shape.getBBox(), view = each.viewBox.baseVal;
              return box.x < -1 || box.y < -1 || box.x + box.width > view.width + 1
                || box.y + box.height > view.height + 1;
            })).length"""
        assert found.run(outside) == 0, "something is drawn beside its picture"
    assert (
        "nan" not in re.sub(r"<style>.*?</style>|<script>.*?</script>", "", file.read_text(), flags=re.DOTALL).lower()
    )


@pytest.mark.feature("F-260")
def test_a_study_on_its_page(chromium: Any, tmp_path: Path) -> None:
    found_study = study()
    file = tb.report.study_html(found_study, tmp_path / "study.html")
    found = visit(chromium, file)
    wanted = ["best", "maps", "coordinates", "neighbours", "halves", "alike"]
    assert found.run("Array.from(document.querySelectorAll('section'), (each) => each.id)") == wanted
    assert found.page.inner_text("#verdict b") == found_study.verdict.kind
    assert found.run("document.querySelectorAll('#maps rect').length") == 48
    assert found.run("document.querySelectorAll('#coordinates polyline').length") == 48
    assert found.run("document.querySelectorAll('#halves circle').length") == 252
    assert found.run("document.querySelectorAll('#alike rect').length") == 144
    found.page.fill("input[data-lines]", "10")
    assert found.page.inner_text("#parallel-shown") == "the best 10 %: 4 of 48 lines"
    shown = (
        "Array.from(document.querySelectorAll('#parallel .line')).filter((each) => each.style.display === '').length"
    )
    assert found.run(shown) == 4


def test_one_of_several_maps_is_shown(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGES["three"](), encoding="utf-8")
    found = visit(chromium, file)
    maps = "Array.from(document.querySelectorAll('[data-of=maps]'))"
    visible = f"{maps}.filter((each) => !each.hidden).map((each) => each.dataset.name)"
    assert found.run(visible) == ["fast × slow"]
    found.page.select_option("select[data-pictures]", "slow × size")
    assert found.run(visible) == ["slow × size"]


@pytest.mark.feature("F-261")
def test_walking_on_its_page(chromium: Any, tmp_path: Path) -> None:
    walk = tb.walk_forward(RULE, MARKET, GRID, train="120d", test="40d", embargo="1d")
    found = visit(chromium, tb.report.walk_html(walk, tmp_path / "walk.html"))
    assert found.run("document.querySelectorAll('#timeline rect').length") == 2 * len(walk)
    assert found.run("document.querySelectorAll('#timeline polyline').length") == len(walk)
    assert found.run("document.querySelectorAll('#scatter circle').length") == len(walk)
    assert found.run("document.querySelectorAll('#choices tr').length") == len(walk) + 1
    assert found.page.inner_text("#verdict b") == walk.verdict.kind


@pytest.mark.feature("F-260")
def test_a_cell_of_the_map_is_the_best_of_its_sets() -> None:
    found = tb.sweep(SIZED, MARKET, {**GRID, "size": [1, 2.5]})
    table = found.table
    assert parameters_of(found, table) == ["fast", "slow", "size"]
    drawn = dict(heatmaps(found, table))
    assert list(drawn) == ["fast × slow", "fast × size", "slow × size"]
    words = re.findall(
        r"<title>fast (\d+), slow (\d+): sharpe ([-\d.e]+), mean ([-\d.e]+) of (\d)</title>", drawn["fast × slow"]
    )
    assert len(words) == 48
    rows = table.to_pylist()
    for fast, slow, best, mean, count in words:
        values = [row["sharpe"] for row in rows if (row["fast"], row["slow"]) == (int(fast), int(slow))]
        assert int(count) == len(values) == 2
        assert float(best) == pytest.approx(max(values), abs=6e-4)
        assert float(mean) == pytest.approx(np.mean(values), abs=6e-4)


@pytest.mark.feature("F-260")
def test_the_planted_optimum_is_found_and_stands_out() -> None:
    """Prices that turn every seven bars: of all lengths seven is the best, and its neighbours are not."""
    close = 100 + np.where((np.arange(600) // 7) % 2, 1.0, -1.0).cumsum()
    first = np.r_[close[0], close[:-1]]
    columns = {"open": first, "high": np.maximum(first, close), "low": np.minimum(first, close), "close": close}
    times = (np.arange(600) + 20_000) * 86_400 * 10**9
    market = tb.Market.from_table({"time": times, **columns, "volume": np.full(600, 1e6)}, [tb.Instrument("X")])
    found = tb.sweep(Kinds, market, {"length": range(4, 11), "way": ["up", "down"]}, by="total_return")
    assert len(found) == 14
    best = found.best(1).to_pylist()[0]
    assert (best["length"], best["way"]) == (7, "up")
    own, mean, worst = neighbours_of(found, found.table) or ([], [], [])
    place = int(np.argmax(own))
    assert own[place] > mean[place] >= worst[place]


def test_neighbours_by_hand() -> None:
    found = tb.sweep(RULE, MARKET, tb.spaces.grid({"fast": [2, 4, 6], "slow": [5, 9]}, where="fast < slow"))
    table = found.table
    assert table.num_rows == 5
    beside = neighbours_of(found, table)
    assert beside is not None
    own, mean, worst = beside
    value = {(row["fast"], row["slow"]): row["sharpe"] for row in table.to_pylist()}
    order = [(row["fast"], row["slow"]) for row in table.to_pylist()]
    around = {(2, 5): [(4, 5), (2, 9)], (4, 9): [(2, 9), (6, 9), (4, 5)], (6, 9): [(4, 9)]}
    for key, others in around.items():
        row = order.index(key)
        assert own[row] == value[key]
        assert mean[row] == pytest.approx(np.mean([value[each] for each in others]))
        assert worst[row] == min(value[each] for each in others)
    assert (
        neighbours_of(tb.sweep(RULE, MARKET, tb.spaces.random({"fast": (2, 9), "slow": [20]}, count=5)), table) is None
    )


def test_large_axes_fall_into_bins() -> None:
    found = tb.sweep(RULE, MARKET, {"fast": range(2, 152), "slow": [160, 170]})
    drawn = heatmaps(found, found.table)[0][1]
    assert drawn.count("<rect") == 60 * 2


@pytest.mark.parametrize(("low", "high"), list(product([-3.0, 0.0, 2.0], [2.5, 900.0])))
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    found = Scale(low, high, 0.0, 1.0).ticks(6)
    assert 2 <= len(found) <= 8
    assert all(low <= each <= high for each in found)
    steps = np.diff(found)
    assert steps == pytest.approx(np.full(steps.size, steps[0]))


def test_nothing_has_no_color() -> None:
    assert tone(None, 0, 1) == tone(float("nan"), 0, 1) == "none"
    assert tone(-1.0, -2.0, -1.0).startswith("rgba(var(--heat-loss)")
    assert Scale.around([], 0, 1).low < 0 < Scale.around([], 0, 1).high
    assert Scale(5.0, 5.0, 0.0, 10.0)(5.0) == 5.0
    assert Scale(5.0, 5.0, 0.0, 10.0).ticks() == [5.0]
