"""One HTML file with everything in it: it opens without a network, on a screen of any width, light or dark."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import atomic
from triplebar.contracts.result import RunResult
from triplebar.metrics.of_result import metric_input
from triplebar.report import sections
from triplebar.report.candles import BARS_MAX
from triplebar.report.payload import payload

SCRIPTS: Final = ("data.js", "text.js", "chart.js", "curve.js", "candles.js", "trades.js", "theme.js", "main.js")
SPANS: Final = (("last year", 365), ("quarter", 91), ("month", 30))
NAVIGATION: Final = (
    ("curve", "Equity"), ("prices", "Trades on prices"), ("months", "Months"), ("rolling-section", "Rolling"),
    ("days", "Days"), ("risk", "Risk"), ("profit", "Profit and costs"), ("falls", "Drawdowns"), ("trades", "Trades"),
    ("metrics-section", "Metrics"), ("run", "Run"),
)  # fmt: skip


def write_html(result: RunResult, path: str | Path) -> Path:
    """Write the report of a result as one HTML file.

    >>> import tempfile
    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_html(result, f"{folder}/report.html").name
    'report.html'
    """
    return atomic.write_text(Path(path), html_report(result))


def html_report(result: RunResult, *, bars_max: int = BARS_MAX) -> str:
    """Build the page as text, with at most so many bars one by one."""
    title = f"{result.record.strategy} on {result.record.engine}"
    described, packed = payload(result, bars_max=bars_max)
    body = [
        _bar(described),
        "<main>",
        sections.heading(result),
        sections.warnings_and_assumptions(result),
        sections.cards(result),
        *_charts(result, described),
        *_tables(result),
        "<footer>Made by triplebar. Times are UTC; money is in the base currency unless another is named.</footer>",
        "</main>",
        f'<script type="application/json" id="facts">{_json(described)}</script>',
        f'<script type="text/plain" id="arrays">{packed}</script>',
        f"<script>(() => {{\n{_script()}}})();</script>",
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{_file('page.css')}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{chr(10).join(body)}\n</body></html>\n'


def _bar(described: dict[str, Any]) -> str:
    left_out = {"rolling-section"} if described["rolling"] is None else set()
    left_out |= {"prices"} if not described["instruments"] else set()
    links = "".join(f'<a href="#{name}">{escape(text)}</a>' for name, text in NAVIGATION if name not in left_out)
    return f'<nav class="bar"><div><span>{links}</span><button id="theme" type="button">dark</button></div></nav>'


def _charts(result: RunResult, described: dict[str, Any]) -> list[str]:
    hint = '<span class="hint">drag to move, click and scroll to zoom, double click for all</span>'
    spans = "".join(f'<button type="button" data-days="{days}">{name}</button>' for name, days in SPANS)
    log = '<button id="logarithm" type="button" aria-pressed="false">log</button>'
    tools = f'<button id="all" type="button">all</button>{spans}{log}'
    curve = f'<div class="tools">{tools}{hint}</div><div class="chart" id="equity" data-title="equity"></div>'
    return [sections.section("curve", "Equity", curve), _prices(result, described, hint)]


def _prices(result: RunResult, described: dict[str, Any], hint: str) -> str:
    if not described["instruments"]:
        why = "The prices are not stored with a result: give the bars of the run to see the trades on them."
        return sections.section("prices", "Trades on prices", f'<p class="nothing">{why}</p>') if result.fills else ""
    options = "".join(
        f'<option value="{each["number"]}">{escape(each["symbol"])}</option>' for each in described["instruments"]
    )
    choice = f'<select id="instrument" aria-label="instrument">{options}</select>'
    tools = f'<div class="tools">{choice}<button id="whole" type="button">all</button>{hint}</div>'
    missing = described["left_out"]
    note = f"{len(missing)} more instruments were traded" if missing else ""
    return sections.section("prices", "Trades on prices", f'{tools}<div id="candles"></div>', note)


def _tables(result: RunResult) -> list[str]:
    curve = metric_input(result).curve
    section = sections.section
    return [
        section("months", "Returns by month and year", sections.months(curve), "%"),
        _rolling(result),
        section("days", "Returns of days", sections.distribution(result)),
        _risk(result),
        section("profit", "Profit and costs", sections.profit_and_costs(result)),
        section("falls", "Worst drawdowns", sections.falls(result)),
        _trades(result),
        section("metrics-section", "All metrics", sections.all_metrics(result)),
        section("run", "How to run it again", sections.reproduce(result)),
    ]


def _risk(result: RunResult) -> str:
    body = sections.risk(result)
    return sections.section("risk", "Risk", body) if body else ""


def _rolling(result: RunResult) -> str:
    from triplebar.report.rolling import rolling

    found = rolling(metric_input(result))
    if found is None:
        return ""
    chart = '<div class="chart" id="rolling" data-title="rolling metrics"></div>'
    return sections.section("rolling-section", "Rolling metrics", chart, f"windows of {found.window} days")


def _trades(result: RunResult) -> str:
    if not result.canonical("trades").num_rows:
        return sections.section("trades", "Trades", '<p class="nothing">No position was closed.</p>')
    search = '<input id="search" type="search" placeholder="search: AAPL long 2024-03" aria-label="search trades">'
    tools = f'<div class="tools">{search}<span id="found" aria-live="polite"></span></div>'
    return sections.section("trades", "Trades", f'{tools}<div class="trades" id="trades-list" tabindex="0"></div>')


def _json(values: dict[str, Any]) -> str:
    """Write JSON that cannot end the script it stands in."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _script() -> str:
    return "\n".join(_file(name) for name in SCRIPTS)


@cache
def _file(name: str) -> str:
    return (resources.files("triplebar.report") / "web" / name).read_text(encoding="utf-8")
