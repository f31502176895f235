"""A result inside a notebook: the page, in a frame of its own."""

from __future__ import annotations

from html import escape

from triplebar.contracts.result import RunResult
from triplebar.report.page import html_report

HEIGHT_PIXELS = 720
BARS_MAX = 100_000
"""Notebooks are stored with what they show: fewer bars than in a file."""


def notebook_html(result: RunResult) -> str:
    """Return the page as a frame that a notebook can show.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> notebook_html(result)[:7]
    '<iframe'
    """
    page = escape(html_report(result, bars_max=BARS_MAX), quote=True)
    title = escape(repr(result), quote=True)
    style = f"width:100%;height:{HEIGHT_PIXELS}px;border:0"
    return f'<iframe title="{title}" style="{style}" srcdoc="{page}"></iframe>'
