"""Write the page of all metrics: `python -m triplebar.metrics.page > docs/metrics.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from triplebar.metrics.definitions import Metric
from triplebar.metrics.measure import ordered

INTRODUCTION = """# Metrics

All metrics that triplebar computes, by what they are computed from. `result.metrics` has those of a run,
`tb.metrics.evaluate` those with a benchmark and with the bars of the market, too; `tb.metrics.many` computes those
with a kernel over thousands of curves at once. [how-to/metrics.md](how-to/metrics.md) shows how.

What is not defined is None, with a reason: never NaN, never infinity. `fraction` is a share (0.1 is 10 %), `money` is
in the base currency, durations are in days of 24 hours.

| sign | meaning |
|---|---|
| V_0, V_t, V_n | value of the account before the first bar, at point t, at the last bar |
| r | simple returns from one daily value to the next; the last value of a calendar day counts |
| f | the risk-free return of one period: (1 + yearly rate)^(1 / P) - 1 |
| P | periods per year: 252 for exchange sessions, 365 around the clock, what sparser data show |
| s | sample standard deviation, n - 1 below the line |
| q(r, x) | the quantile at x, between the two nearest returns |
| p | profits of closed trades, after their fees |
| F_t | what was paid in (above zero) or out at point t |
| b, B_t | returns and values of the benchmark over the same days |
"""

FAMILIES = {
    "returns": "Growth and return for risk",
    "distribution": "Shape of daily returns",
    "drawdown": "Losses from a peak",
    "flows": "Cash flows",
    "trades": "Closed trades",
    "holding": "How long, and in which order",
    "activity": "Activity and costs",
    "excursion": "Excursions, where the bars are known",
    "relative": "Beside a benchmark, where one is given",
}


def render() -> str:
    """Lay out the page.

    >>> render().splitlines()[0]
    '# Metrics'
    """
    sections = [
        f"## {FAMILIES[module]}\n\n| metric | unit | what it is | formula | kernel |\n|---|---|---|---|---|\n"
        + "\n".join(_row(each) for each in metrics)
        for module, metrics in groupby(ordered(), key=lambda each: each.compute.__module__.rsplit(".", 1)[1])
    ]
    made = "This page is made by `python -m triplebar.metrics.page > docs/metrics.md`; a test says when it is old."
    return "\n\n".join([INTRODUCTION.rstrip(), *sections, made]) + "\n"


def _row(each: Metric) -> str:
    formula = each.formula.replace("|", r"\|")
    return f"| {each.name} | {each.unit} | {each.definition} | `{formula}` | {each.kernel or ''} |"


if __name__ == "__main__":
    sys.stdout.write(render())
