"""The page in a real browser: it draws, says nothing, asks for nothing, and fits on a phone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.report.browser import Visit, browser, visit
from tests.results.plain_facts import result_of
from tests.results.runs import quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.report.page import html_report, write_html

pytestmark = pytest.mark.timeout(280)

BYTES_MAX = 15_000_000
MILLION = 1_000_000
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


def many_trades() -> RunResult:
    market = tb.Market.synthetic(symbols=("AAPL", "MSFT"), bars=6_000, interval="1h", seed=7, volatility=0.004)
    return tb.run(tb.samples.MovingAverageCross(fast=8, slow=24, quantity=100.0), market)


RESULTS: dict[str, Callable[[], RunResult]] = {
    "rich": rich_run,
    "quiet": quiet_run,
    "stored": lambda: RunResult.from_json(rich_run().to_json()),
    "random": lambda: random_run(1),
    "by hand": result_of,
    "no bars": lambda: tb.run(tb.Script(()), tb.Market.synthetic(bars=9), tb.BacktestConfig(start=LATER)),
}


@pytest.fixture(scope="module")
def trading(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    return visit(chromium, write_html(many_trades(), tmp_path_factory.mktemp("page") / "report.html"))


PAINTED = """
Array.from(document.querySelectorAll("canvas")).filter((canvas) => canvas.clientWidth).map((canvas) => {
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data, seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3]) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  }
  return seen.size;
})
"""


@pytest.mark.feature("F-096", "F-264")
@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
@pytest.mark.parametrize("name", RESULTS)
def test_the_page_draws_in_silence_and_fits(chromium: Any, tmp_path: Path, name: str, width: int, dark: bool) -> None:
    result = RESULTS[name]()
    file = write_html(result, tmp_path / "report.html")
    found = visit(chromium, file, width=width, dark=dark)
    assert found.said == []
    assert found.asked == [file.resolve().as_uri()]
    assert found.run("document.documentElement.scrollWidth <= innerWidth")
    painted = found.run(PAINTED)
    assert len(painted) >= 1
    assert all(colors > 3 for colors in painted), "a chart is empty"
    assert found.run("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert result.run_id in found.page.inner_text("h1")
    assert result.result_hash in found.page.inner_text("#run")


@pytest.mark.feature("F-264")
def test_the_script_reads_the_numbers_that_were_packed(trading: Visit) -> None:
    result = many_trades()
    assert trading.run("Array.from(report.array('equity.last'))")[1:] == pytest.approx(
        result.equity["equity"].to_pylist(), abs=0.006
    )
    series = result.market.series("AAPL")
    for part, column in (("o", series.open), ("h", series.high), ("l", series.low), ("c", series.close)):
        assert trading.run(f"Array.from(report.candles.level(0).{part})") == pytest.approx(np.asarray(column), abs=1e-6)
    assert trading.run("Array.from(report.candles.time)") == (np.asarray(series.time) // 10**6).tolist()
    assert trading.run("Array.from(report.array('trades.profit')).reduce((a, b) => a + b)") == pytest.approx(
        result.metrics["realised_profit"]
    )


@pytest.mark.feature("F-264")
def test_coarser_candles_hold_the_finer_ones(trading: Visit) -> None:
    series = many_trades().market.series("AAPL")
    high, low, close = (np.asarray(each) for each in (series.high, series.low, series.close))
    starts = np.arange(0, high.size, 4)
    assert trading.run("Array.from(report.candles.level(2).h)") == pytest.approx(np.maximum.reduceat(high, starts))
    assert trading.run("Array.from(report.candles.level(2).l)") == pytest.approx(np.minimum.reduceat(low, starts))
    assert trading.run("Array.from(report.candles.level(2).c)") == pytest.approx([*close[3::4]])


def test_trades_are_sorted_and_searched(trading: Visit) -> None:
    profits = many_trades().trades["profit"].to_pylist()
    count = len(profits)
    assert count > 100
    trading.page.click("th:has-text('profit')")
    shown = "Array.from(report.trades.order, (row) => report.array('trades.profit')[row])"
    assert trading.run(shown) == pytest.approx(sorted(profits))
    trading.page.click("th:has-text('profit')")
    assert trading.run(shown) == pytest.approx(sorted(profits, reverse=True))
    first = trading.page.inner_text("#trades-list tbody tr[data-row] >> nth=0")
    assert f"+{max(profits):,.2f}" in first
    assert trading.run("document.querySelectorAll('#trades-list tr').length") < 80, "only what is seen is drawn"
    trading.page.fill("#search", "msft long")
    symbols = many_trades().trades["symbol"].to_pylist()
    found = trading.page.inner_text("#found")
    assert found.startswith(f"{symbols.count('MSFT')} of {count} trades, profit ")
    trading.page.fill("#search", "nothing is called so")
    assert trading.page.inner_text("#found").startswith("0 of")
    trading.page.fill("#search", "")
    trading.page.click("th:has-text('#')")


def test_a_click_on_a_trade_shows_it_on_its_candles(trading: Visit) -> None:
    trades = many_trades().trades
    row = trades["symbol"].to_pylist().index("MSFT")
    trading.page.fill("#search", "msft")
    trading.page.click(f"#trades-list tr[data-row='{row}']")
    assert trading.run("report.candles.about.symbol") == "MSFT"
    first, last = trading.run("[report.candles.chart.from, report.candles.chart.to]")
    series = many_trades().market.series("MSFT")
    opened, closed = np.searchsorted(series.clock_index, [trades["opened"][row].as_py(), trades["closed"][row].as_py()])
    assert first < opened <= closed < last
    assert last - first < 200
    trading.page.fill("#search", "")
    assert trading.said == []


def test_charts_are_moved_and_zoomed(trading: Visit) -> None:
    span = "report.equity.to - report.equity.from"
    whole = trading.run(span)
    trading.page.locator("#equity").scroll_into_view_if_needed()
    box = trading.page.locator("#equity canvas").bounding_box()
    trading.page.mouse.move(box["x"] + 300, box["y"] + 60)
    assert "equity  " in trading.page.locator("#equity .tip").inner_text()
    trading.page.mouse.click(box["x"] + 300, box["y"] + 60)
    trading.page.mouse.wheel(0, -600)
    zoomed = trading.run(span)
    assert zoomed < 0.6 * whole
    before = trading.run("report.equity.from")
    trading.page.mouse.down()
    trading.page.mouse.move(box["x"] + 200, box["y"] + 60)
    trading.page.mouse.up()
    assert trading.run("report.equity.from") > before
    assert trading.run(span) == pytest.approx(zoomed)
    trading.page.click("#all")
    assert trading.run(span) == whole
    trading.page.locator("#equity canvas").focus()
    for key in ("+", "+", "ArrowLeft"):
        trading.page.keyboard.press(key)
    assert trading.run(span) == pytest.approx(0.49 * whole)
    assert trading.run("report.equity.from + report.equity.to < report.equity.lo + report.equity.hi")
    trading.page.keyboard.press("Home")
    assert trading.run(span) == whole
    trading.page.click("text=quarter")
    assert trading.run(span) == pytest.approx(91 * 86_400_000)
    assert trading.run("report.equity.to === report.equity.hi")
    assert trading.page.is_hidden("text=last year"), "the run is shorter than a year"
    trading.page.click("#all")
    trading.page.click("#logarithm")
    assert trading.page.get_attribute("#logarithm", "aria-pressed") == "true"
    trading.page.click("#theme")
    assert trading.run("document.documentElement.dataset.theme") == "dark"
    assert trading.said == []


def test_a_trade_in_a_notebook(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset='utf-8'><body>{rich_run()._repr_html_()}</body>")
    page = chromium.new_context(offline=True).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.resolve().as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for(state="attached")
    assert rich_run().run_id in frame.locator("h1").inner_text()
    assert said == []


@pytest.mark.feature("F-264")
def test_a_million_bars_are_one_small_page(chromium: Any, tmp_path: Path) -> None:
    market = tb.Market.synthetic(bars=MILLION, interval="1m", seed=1, volatility=0.0005)
    result = tb.run(tb.samples.MovingAverageCross(fast=50, slow=500), market)
    file = write_html(result, tmp_path / "report.html")
    assert file.stat().st_size < BYTES_MAX
    found = visit(chromium, file)
    assert found.run("report.candles.time.length") == MILLION
    assert found.run("report.candles.level(0).c.at(-1)") == pytest.approx(market.series(0).close[-1])
    assert found.run("report.candles.level(0).h.reduce((a, b) => Math.max(a, b))") == market.series(0).high.max()
    for span in (MILLION, 20_000, 200):
        found.run(f"report.candles.chart.look({MILLION // 2}, {MILLION // 2 + span})")
        assert all(colors > 3 for colors in found.run(PAINTED))
    assert found.said == []


def test_more_fills_than_can_be_seen_are_drawn_when_they_are_near(chromium: Any, tmp_path: Path) -> None:
    class Flip(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            ctx.target(bar.symbol, 1 if bar.index % 2 else -1)

    result = tb.run(Flip(), tb.Market.synthetic(bars=20_000, seed=1))
    found = visit(chromium, write_html(result, tmp_path / "report.html"))
    for first, span in ((0, 20_000), (5_000, 3_000), (5_000, 100)):
        found.run(f"report.candles.chart.look({first}, {first + span})")
        assert all(colors > 3 for colors in found.run(PAINTED))
    assert found.run("[report.candles.positionAt(10), report.candles.positionAt(11)]") == [1, -1]
    assert found.run("report.candles.held(0, 20000)") == [-1, 1]
    assert found.said == []


def test_a_script_that_fails_would_be_noticed(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "broken.html"
    file.write_text(
        html_report(quiet_run()).replace("themes();", "themes(); fetch('https://example.invalid/x'); oops();")
    )
    page = chromium.new_context(offline=True).new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.resolve().as_uri())
    page.wait_for_timeout(200)
    assert any("oops" in each for each in said)
    assert len(asked) == 2
