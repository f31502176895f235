"""A study in words: how much was run, the best sets, and the verdict."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, Protocol

from triplebar.research.sweeping.plan import strategy_name

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study
    from triplebar.research.validation.verdict import Verdict

SHOWN: Final = 5
"""So many of the best sets."""
USUAL: Final = ("sharpe", "total_return", "max_drawdown", "trades")
"""What is told of a set beside the metric that decides."""


class Judged(Protocol):
    """Something that there is a verdict on."""

    @property
    def verdict(self) -> Verdict:
        """Whether it is more than luck."""
        ...


def study_line(study: Study) -> str:
    """Who was swept, and how much of it is done: nothing is read or computed for it."""
    known = study.metadata
    count = f"{known.get('finished', 0):,} of {len(study.plan):,} sets"
    failed = f", {known['failed']:,} failed" if known.get("failed") else ""
    return f"{strategy_name(study.plan.recipe.strategy)}: {count}{failed}, {known.get('status', 'not run')}"


def study_text(study: Study) -> str:
    """How much was run, the best sets, and the verdict, or why there is none.

    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> study = tb.sweep(rule, tb.Market.synthetic(bars=40, seed=1, interval="1d"), {"fast": [2, 3], "slow": [9]})
    >>> print(study_text(study).splitlines()[0])
    rule: 2 of 2 sets, completed; best by sharpe
    """
    smallest = ", the smallest" if study.smallest else ""
    lines = [f"{study_line(study)}; best by {study.by}{smallest}", *_best(study)]
    if study.metadata.get("status") == "interrupted":
        return "\n".join([*lines, "verdict: none yet, since the sweep was interrupted; go on with it"])
    return "\n".join([*lines, verdict_text(study)])


def verdict_text(judged: Judged) -> str:
    """The verdict, or why there is none: to show something never fails."""
    try:
        return f"verdict: {judged.verdict}"
    except Exception as problem:  # noqa: BLE001 - sets are run again for it, and a strategy may raise anything
        return f"verdict: none, since {problem}"


def as_html(text: str) -> str:
    """Text as a notebook shows it.

    >>> as_html("fast < slow")
    '<pre>fast &lt; slow</pre>'
    """
    return f"<pre>{escape(text)}</pre>"


def _best(study: Study) -> list[str]:
    from triplebar.research.verify.text import aligned

    best = study.best(SHOWN)
    if not best.num_rows:
        return [f"no set has a value of {study.by}"]
    parameters = [name for name in best.column_names if name not in study.metrics]
    names = list(dict.fromkeys([*parameters, study.by, *USUAL]))
    rows = [tuple(_cell(row[name]) for name in names) for row in best.to_pylist()]
    return [f"  {line}" for line in aligned([tuple(name.replace("_", " ") for name in names), *rows])]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
