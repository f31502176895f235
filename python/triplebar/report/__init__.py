"""Reports of runs: a page with charts, Markdown, text, JSON, CSV.

>>> import tempfile
>>> import triplebar as tb
>>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
>>> with tempfile.TemporaryDirectory() as folder:
...     tb.report.html(result, f"{folder}/report.html").name
'report.html'

The page is one file that needs no network; in a notebook a result shows it by itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triplebar.report.writing import correlation_html as correlation_html
    from triplebar.report.writing import csv as csv
    from triplebar.report.writing import html as html
    from triplebar.report.writing import json as json
    from triplebar.report.writing import markdown as markdown
    from triplebar.report.writing import study_html as study_html
    from triplebar.report.writing import walk_html as walk_html

__all__ = ["correlation_html", "csv", "html", "json", "markdown", "study_html", "walk_html"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under the name
    if name not in __all__:
        raise AttributeError(f"module 'triplebar.report' has no attribute {name!r}")
    return getattr(importlib.import_module("triplebar.report.writing"), name)


def __dir__() -> list[str]:
    return __all__
