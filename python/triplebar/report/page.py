"""One HTML file with everything in it: it opens without a network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from triplebar.contracts import atomic
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.report.content import HEADLINE, cost_lines, facts, metric_lines, remarks

STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #e5e5e5; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
.card { border: 1px solid #ddd; border-radius: .4rem; padding: .5rem .9rem; min-width: 7.5rem; }
.card b { display: block; font-size: 1.15rem; } .card span { color: #666; font-size: .8rem; }
li.warning { color: #a33; } code { font-size: .8rem; word-break: break-all; }
"""


def write_html(result: RunResult, path: str | Path) -> Path:
    """Write the report of a result as one HTML file; needs plotly.

    >>> import tempfile
    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_html(result, f"{folder}/report.html").name
    'report.html'
    """
    return atomic.write_text(Path(path), html_report(result))


def html_report(result: RunResult) -> str:
    """Build the page as text."""
    title = f"{result.record.strategy} on {result.record.engine}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _cards(result),
        _picture(result),
        "<h2>Metrics</h2>",
        _metrics(result),
        f"<h2>Costs ({escape(result.settings.currencies[0])})</h2>",
        _rows([(name, f"{amount:,.2f}") for name, amount in cost_lines(result)], numbers=True),
        "<h2>Warnings and assumptions</h2>",
        _remarks(result),
        "<h2>Run</h2>",
        _rows(facts(result)),
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{chr(10).join(parts)}\n</body></html>\n'


def _picture(result: RunResult) -> str:
    try:
        from triplebar.report.figure import figure

        drawn = figure(result)
    except ImportError:
        raise ConfigError(
            "plotly is not installed", where="HTML report", fix="pip install 'triplebar[cli]', or write another report"
        ) from None
    page: str = drawn.to_html(full_html=False, include_plotlyjs=True, config={"displaylogo": False})
    return page


def _cards(result: RunResult) -> str:
    lines = {each.name: each for each in metric_lines(result)}
    shown = [lines[name] for name in HEADLINE if name in lines]
    cards = "".join(
        f'<div class="card"><span>{escape(each.name.replace("_", " "))}</span><b>{escape(each.shown)}</b></div>'
        for each in shown
    )
    return f'<div class="cards">{cards}</div>'


def _metrics(result: RunResult) -> str:
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="number">{escape(each.shown)}</td>'
        f"<td>{escape(each.unit)}</td><td>{escape(each.reason or each.definition)}</td></tr>"
        for each in metric_lines(result)
    )
    return f'<table id="metrics">{rows}</table>'


def _rows(rows: Sequence[tuple[str, str]], *, numbers: bool = False) -> str:
    kind = ' class="number"' if numbers else ""
    cells = "".join(f"<tr><td>{escape(name)}</td><td{kind}>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _remarks(result: RunResult) -> str:
    found = [
        f'<li class="{"warning" if "warning" in kind else "note"}">{escape(kind)}: {escape(text)}</li>'
        for kind, text in remarks(result)
    ]
    return f"<ul>{''.join(found)}</ul>" if found else "<p>None.</p>"
