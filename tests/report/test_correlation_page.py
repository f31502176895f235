"""The page of correlations: what it draws is what `tb.correlate` found, and a real browser shows it in silence."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.report.browser import browser, visit
from triplebar.report.correlation_page import correlation_page, growth
from triplebar.research.validation.alike import Alike

pytestmark = pytest.mark.timeout(280)

MARKET = tb.Market.synthetic(bars=400, seed=11, interval="1d", volatility=0.015)
NAMES = ["trend", "trend & more", "<against>", "other"]


def returns(count: int = 4) -> Any:
    one, other = np.random.default_rng(1).normal(0.0005, 0.01, (2, 300))
    four = np.column_stack([one, one + 0.1 * other, -one, other])
    return np.hstack([four] * (count // 4))


def found() -> Alike:
    return tb.correlate(returns(), names=NAMES)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.mark.parametrize("count", [4, 40])
def test_the_page_shows_itself_in_silence_and_fits(chromium: Any, tmp_path: Path, count: int) -> None:
    file = tb.report.correlation_html(tb.correlate(returns(count)), tmp_path / "page.html")
    for width, dark in ((360, False), (1280, True)):
        shown = visit(chromium, file, width=width, dark=dark)
        assert shown.said == []
        assert shown.asked == [file.resolve().as_uri()]
        assert shown.run("document.documentElement.scrollWidth <= innerWidth")
        assert shown.run("document.documentElement.dataset.theme") == ("dark" if dark else "light")
        wanted = ["alike", "each", "growth"]
        assert shown.run("Array.from(document.querySelectorAll('section'), (each) => each.id)") == wanted
        assert shown.run("document.querySelectorAll('#alike rect').length") == count**2
        assert shown.run("document.querySelectorAll('#each tr').length") == count + 2
        assert shown.run("document.querySelectorAll('#growth polyline').length") == count + 1
        beside = """Array.from(document.querySelectorAll('svg')).flatMap((each) =>
            Array.from(each.querySelectorAll('rect, polyline, text')).filter((shape) => {
              const box = shape.getBBox(), view = each.viewBox.baseVal;
              return box.x < -1 || box.y < -1 || box.x + box.width > view.width + 1
                || box.y + box.height > view.height + 1;
            })).length"""
        assert shown.run(beside) == 0, "something is drawn beside its picture"


def test_the_page_says_what_was_found() -> None:
    alike = found()
    page = unescape(correlation_page(alike))
    pairs = {(row["left"], row["right"]): row["correlation"] for row in alike.pairs.to_pylist()}
    words = re.findall(r"<title>([^<]*|<against>|.*?<against>.*?) and (.*?): (-?\d\.\d\d)</title>", page)
    told = {(one, other): value for one, other, value in words}
    assert len(told) == 16
    for (left, right), value in pairs.items():
        assert told[left, right] == told[right, left] == f"{value:.2f}"
    assert f"worth {alike.effective:,.1f} independent strategies" in page
    assert "300 daily returns" in page
    assert "nan" not in re.sub(r"<style>.*?</style>|<script>.*?</script>", "", page, flags=re.DOTALL).lower()


def test_each_strategy_and_all_together() -> None:
    values = returns()
    cells = re.findall(
        r"<tr>(.*?)</tr>", correlation_page(found()).partition('id="each"')[2].partition("</section>")[0]
    )
    rows = [[unescape(each) for each in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in cells[1:]]
    assert [row[1] for row in rows] == [*NAMES, "all in equal parts"]
    made = np.prod(1 + np.column_stack([values, values.mean(axis=1)]), axis=0) - 1
    assert [row[2] for row in rows] == [f"{100 * each:.2f} %" for each in made]
    assert [row[3] for row in rows[:4]] == [f"{100 * each:.2f} %" for each in values.std(axis=0, ddof=1)]
    assert float(rows[4][3].split()[0]) < min(float(row[3].split()[0]) for row in rows[:4])  # what combining is for
    matrix = np.corrcoef(values.T)
    assert [row[5] for row in rows[:4]] == [f"{(sum(each) - 1) / 3:.2f}" for each in matrix]
    assert rows[0][6] == f"trend & more ({matrix[0, 1]:.2f})"
    curve = np.cumprod(np.concatenate([[1.0], 1 + values[:, 3]]))
    assert rows[3][4] == f"{100 * np.max(1 - curve / np.maximum.accumulate(curve)):.2f} %"


def test_results_say_over_which_days(tmp_path: Path) -> None:
    runs = {str(fast): tb.run(tb.samples.MovingAverageCross(fast=fast, slow=60), MARKET) for fast in (3, 40)}
    alike = tb.correlate(runs)
    page = tb.report.correlation_html(alike, tmp_path / "page.html").read_text(encoding="utf-8")
    first, last = (str(np.datetime64(int(MARKET.clock[place]), "ns"))[:10] for place in (0, -1))
    assert f"400 daily returns, {first} to {last}" in page
    assert alike.returns is not None
    assert np.array_equal(alike.returns, tb.metrics.daily_returns(list(runs.values())))
    assert growth(alike.returns)[-1, 0] == pytest.approx(runs["3"].ending_value / 100_000)


def test_a_matrix_alone_is_drawn_too() -> None:
    page = correlation_page(Alike(("a", "b"), np.array([[1.0, 0.5], [0.5, 1.0]])))
    assert page.count("<section") == 1
    assert "worth 1.5 independent strategies" in page
