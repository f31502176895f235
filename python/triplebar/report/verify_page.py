"""A verification as one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from triplebar.contracts import atomic
from triplebar.contracts.errors import ConfigError
from triplebar.report.plain_style import STYLE
from triplebar.research.tolerances import RUNGS
from triplebar.research.verify.first import FirstDifference, State
from triplebar.research.verify.report import Agreement, VerifyReport
from triplebar.research.verify.text import percent

ORDERS_MAX: Final = 200
"""So many differing orders are listed."""
MORE_STYLE: Final = """
.verdict { padding: .6rem 1rem; border-radius: .4rem; font-size: 1.1rem; margin: 1rem 0; }
.agree { background: #e6f4ea; } .differ { background: #fce8e6; }
tr.unexplained td { color: #a33; font-weight: 600; } th { background: #fafafa; } th.number { text-align: right; }
"""


def write_verify_html(report: VerifyReport, path: str | Path) -> Path:
    """Write what `verify` found as one HTML file; needs plotly.

    >>> import tempfile
    >>> import triplebar as tb
    >>> report = tb.verify(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_verify_html(report, f"{folder}/verify.html").name
    'verify.html'
    """
    return atomic.write_text(Path(path), verify_page(report))


def verify_page(report: VerifyReport) -> str:
    """Build the page as text."""
    title = f"{report.results[report.base].record.strategy}: {', '.join(report.results)}"
    parts = [f"<h1>{escape(title)}</h1>", _verdict(report), _engines(report), _picture(report)]
    for each in report.agreements:
        parts += _agreement(report, each)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}{MORE_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{chr(10).join(parts)}\n</body></html>\n'


def _verdict(report: VerifyReport) -> str:
    word = "The engines agree" if report.agree else "The engines differ"
    if report.interrupted:
        word = "Interrupted: these engines had finished"
    use = f"{report.mode} mode, rung {report.rung} ({RUNGS[report.rung].use})"
    failures = "".join(f"<br>{escape(name)} did not run: {escape(text)}" for name, text in report.failures.items())
    kind = "agree" if report.agree else "differ"
    return f'<div class="verdict {kind}"><b>{word}</b>: {escape(use)}{failures}</div>'


def _engines(report: VerifyReport) -> str:
    found = {each.engine: each for each in report.agreements}
    rows = []
    for name, result in report.results.items():
        each = found.get(name)
        counts = [f"{result.canonical(table).num_rows:,}" for table in ("orders", "fills", "trades")]
        gaps = ("", "") if each is None else (f"{each.divergence:.4%}", f"{each.of_capital:.4%}")
        word = "compared with" if each is None else "agrees" if each.agree else "differs"
        rows.append((name, f"{result.ending_value:,.2f}", *counts, *gaps, f"{report.seconds.get(name, 0.0):.2f}", word))
    head = ("engine", "ending value", "orders", "fills", "trades", "divergence", "of capital", "seconds", "")
    return table(head, rows, numbers=range(1, 8))


def _picture(report: VerifyReport) -> str:
    try:
        from triplebar.report.verify_figure import verify_figure

        drawn = verify_figure(report)
    except ImportError:
        raise ConfigError(
            "plotly is not installed", where="HTML report", fix="pip install 'triplebar[cli]', or write another report"
        ) from None
    page: str = drawn.to_html(full_html=False, include_plotlyjs=True, config={"displaylogo": False})
    return page


def _agreement(report: VerifyReport, each: Agreement) -> Iterator[str]:
    yield f"<h2>{escape(each.engine)} against {escape(report.base)}</h2>"
    if each.checks:
        checks = [(("ok" if check.passed else "NOT"), *str(check)[4:].split(": ", 1)) for check in each.checks]
        yield table(("", "compared", "found"), checks)
    else:
        yield "<p>Equal to the last unit.</p>"
    if each.first is not None:
        yield from _first(each.first)
    if each.explanation is not None:
        yield from _causes(report, each)
        yield from _orders(report, each)


def _first(first: FirstDifference) -> Iterator[str]:
    yield "<h3>The first difference</h3>"
    prices = ", ".join(f"{name} {price:g}" for name, price in first.bar.items())
    yield f"<p>{escape(first.symbol)} at {escape(first.time)} (bar {first.clock}): {escape(first.what)}"
    yield f" <b>[{escape(first.cause)}]</b><br>bar: {escape(prices)}</p>"
    yield table(("engine", "did", "position", "cash", "equity", "open orders"), map(_state, (first.left, first.right)))


def _state(state: State) -> tuple[str, ...]:
    money = ["" if each is None else f"{each:,.2f}" for each in (state.cash, state.equity)]
    return state.engine, "; ".join(state.did), f"{state.position:g}", *money, "; ".join(state.open_orders)


def _causes(report: VerifyReport, each: Agreement) -> Iterator[str]:
    explained = each.explanation
    assert explained is not None  # noqa: S101 - asked only if there is one
    base = report.results[report.base]
    power, currency = 10**base.settings.cash_precision, base.settings.currencies[0]
    whole = explained.difference_minor
    yield f"<h3>Profit differs by {whole / power:,.6g} {escape(currency)}, due to</h3>"
    rows = [
        (
            share.cause,
            f"{share.amount_minor / power:,.6g}",
            percent(share.amount_minor, whole),
            share.rule,
            share.how,
            share.text,
        )
        for share in explained.shares
    ]
    head = ("cause", f"amount ({currency})", "share", "rule", "how it was found", "what")
    marked = {0} if explained.unexplained_minor else set()
    yield table(head, rows, numbers=(1, 2), marked=marked)


def _orders(report: VerifyReport, each: Agreement) -> Iterator[str]:
    explained = each.explanation
    assert explained is not None  # noqa: S101 - asked only if there is one
    if not explained.parts:
        return
    base = report.results[report.base]
    power = 10**base.settings.cash_precision * 10**9
    yield f"<h3>What no switch explains: {len(explained.parts):,} differences in paired orders</h3>"
    rows = [
        (
            str(part.clock),
            base.scales.symbols[part.instrument] if part.instrument < len(base.scales.symbols) else "",
            "" if part.left is None else str(part.left.number),
            "" if part.right is None else str(part.right.number),
            part.cause,
            f"{part.amount_ppb / power:,.6g}",
            part.text,
        )
        for part in explained.parts[:ORDERS_MAX]
    ]
    head = ("bar", "symbol", f"order in {report.base}", f"order in {each.engine}", "cause", "amount", "what")
    yield table(head, rows, numbers=(0, 2, 3, 5))


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), marked: Iterable[int] = ()
) -> str:
    """A table in HTML; columns of numbers are aligned to the right.

    >>> table(("a",), [("<",)])
    '<table><tr><th>a</th></tr><tr><td>&lt;</td></tr></table>'
    """
    right, red = set(numbers), set(marked)
    top = "".join(
        f"<th{' class=number' if column in right else ''}>{escape(name)}</th>" for column, name in enumerate(head)
    )
    body = "".join(
        f"<tr{' class=unexplained' if place in red else ''}>"
        + "".join(
            f"<td{' class=number' if column in right else ''}>{escape(cell)}</td>" for column, cell in enumerate(row)
        )
        + "</tr>"
        for place, row in enumerate(rows)
    )
    return f"<table><tr>{top}</tr>{body}</table>"
