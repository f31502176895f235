"""Reports can be parsed, and their numbers are those of the result."""

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.results.plain_facts import result_of
from tests.results.runs import quiet_run, random_run, rich_run, script
from triplebar.contracts.result import RunResult
from triplebar.report.content import metric_lines, shown
from triplebar.report.files import TABLES, csv_text, write_reports
from triplebar.report.page import html_report, write_html
from triplebar.report.text import json_report, markdown_report, summary, text_report
from triplebar.report.thinning import thinned

RESULTS = [rich_run(), quiet_run(), random_run(2), result_of()]


def warned() -> RunResult:
    """A run with a warning about its data."""
    config = tb.BacktestConfig(missing_data="backfill", price_policy="split", on_error="isolate")
    holes = tb.Market.synthetic(symbols=("AA", "BB"), bars=60, missing_chance=0.2, seed=1)
    return tb.run(script(), holes, config)


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_text(result: RunResult) -> None:
    lines = {line.split()[0]: line for line in text_report(result).splitlines() if line.strip()}
    for each in metric_lines(result):
        assert each.shown in lines[each.name]
        assert each.reason in lines[each.name]
    assert result.result_hash in lines["result"]


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_markdown(result: RunResult) -> None:
    text = markdown_report(result)
    cells = {row.split("|")[1].strip(): row.split("|")[2].strip() for row in text.splitlines() if row.startswith("|")}
    for each in metric_lines(result):
        assert cells[each.name] == each.shown
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings[1:] == ["## Metrics", "## Profit", "## Costs", "## Remarks"]


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_json(result: RunResult) -> None:
    values = json.loads(json_report(result))
    assert values["metrics"] == dict(result.metrics)
    assert values["metadata"]["result_hash"] == result.result_hash
    assert values["costs"]["total"] == result.cost_summary.total
    assert values["costs"]["by_type"] == dict(result.cost_summary.by_type)


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("name", TABLES)
def test_csv(name: str) -> None:
    for result in RESULTS:
        table = getattr(result, name)
        rows = list(csv.DictReader(io.StringIO(csv_text(table))))
        assert len(rows) == table.num_rows
        for column in table.column_names:
            values = table[column].to_pylist() if not column.endswith("time") else []
            for value, row in zip(values, rows, strict=False):
                text = row[column]
                assert (float(text) == value) if isinstance(value, float) else text == _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class Page(HTMLParser):
    """Collects what a page shows, what it loads, and whether its tags match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in {"src", "href"} and (value or "")[:1] != "#"]
        if tag not in {"meta", "br", "img", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.texts.append(data)


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_html_is_whole_and_loads_nothing(result: RunResult) -> None:
    page = Page()
    page.feed(html_report(result))
    page.close()
    assert page.open == []
    assert page.loaded == []
    for each in metric_lines(result):
        assert each.name in page.texts
        assert each.shown in page.texts
    assert result.result_hash in page.texts


@pytest.mark.feature("F-096")
def test_html_begins_with_what_was_ordered_and_refused() -> None:
    page = Page()
    page.feed(html_report(rich_run()))
    orders, fills, trades = (getattr(rich_run(), name).num_rows for name in ("orders", "fills", "trades"))
    rejected = sum(each == "rejected" for each in rich_run().orders["status"].to_pylist())
    (line,) = [text for text in page.texts if "orders rejected" in text]
    assert line.startswith(f"{orders} orders, {fills} fills, {trades} trades, {rejected} orders rejected (")


@pytest.mark.feature("F-096")
def test_html_escapes_what_users_wrote() -> None:
    class Bad(tb.Strategy):
        text: str = "<script>alert(1)</script>"

    page = html_report(tb.run(Bad(), tb.Market.synthetic(bars=5, seed=1)))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.feature("F-096")
def test_data_warnings_are_listed_everywhere() -> None:
    result = warned()
    assert any("look_ahead" in each for each in result.data_warnings)
    assert any("price_policy='split'" in each for each in result.data_warnings)
    for text in (text_report(result), markdown_report(result)):
        assert all(each in text for each in result.data_warnings)
    page = Page()
    page.feed(html_report(result))
    assert all(any(each in text for text in page.texts) for each in result.data_warnings)
    assert json.loads(json_report(result))["data_warnings"] == list(result.data_warnings)


@pytest.mark.feature("F-096")
def test_all_reports_side_by_side(tmp_path: Path) -> None:
    written = {each.name for each in write_reports(rich_run(), tmp_path)}
    assert written == {each.name for each in tmp_path.iterdir()}
    assert written == {"report.txt", "report.md", "report.json", "report.html", *(f"{name}.csv" for name in TABLES)}
    assert "report.html" not in {each.name for each in write_reports(quiet_run(), tmp_path / "plain", html=False)}
    assert write_html(rich_run(), tmp_path / "one.html").stat().st_size < 200_000


def test_a_summary_is_short() -> None:
    assert len(summary(rich_run()).splitlines()) == 8


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "money", "–"), (0.5, "fraction per year", "50.00 %"), (1234567, "count", "1,234,567"), ("x", "time", "x")],
)
def test_how_metrics_are_shown(value: Any, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_thinning_keeps_ends_and_peaks() -> None:
    values = np.sin(np.arange(100_000) / 700.0)
    values[31_415], values[27_182] = 5.0, -5.0
    rows = thinned(values, 1_000)
    assert len(rows) <= 1_000
    assert {0, 99_999, 31_415, 27_182} <= set(rows.tolist())
    assert rows.tolist() == sorted(set(rows.tolist()))
