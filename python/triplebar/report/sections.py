"""The parts of the page that need no script: words, tables, and pictures of a few numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pprint import pformat
from typing import Any, Final

import numpy as np

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.result import RunResult
from triplebar.contracts.time import to_text
from triplebar.metrics.inputs import Curve, FloatArray
from triplebar.metrics.of_result import metric_input
from triplebar.metrics.of_runs import drawdowns
from triplebar.report.content import MetricLine, cost_lines, facts, metric_lines, remarks
from triplebar.report.exposures import exposures, liquidation_distances
from triplebar.report.periods import years
from triplebar.report.profit import profit_parts, rejected_orders

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CARDS: Final = (
    "ending_value", "total_return", "cagr", "volatility", "sharpe", "max_drawdown", "win_rate", "profit_factor",
)  # fmt: skip
"""The metrics that stand at the top."""
COLORED: Final = frozenset({"total_return", "cagr", "sharpe"})
MOMENTS: Final = ("peak", "trough", "recovery")
BINS_MAX: Final = 41
SMALL_MONTH: Final = 0.02
"""If no month moved more, returns have one decimal more."""
SYMBOLS_MAX: Final = 12


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), kind: str = "") -> str:
    """Write a table; cells are escaped; columns in `numbers` are aligned to the right.

    >>> table((), [("a", "<1>")], numbers=[1])
    '<div class="wide"><table><tr><td>a</td><td class="number">&lt;1&gt;</td></tr></table></div>'
    """
    right = set(numbers)
    marks = ['class="number"' if place in right else "" for place in range(len(head) or 9)]
    top = "".join(f"<th {marks[place]}>{escape(name)}</th>" for place, name in enumerate(head))
    body = "".join(f"<tr>{''.join(_cell(cell, place in right) for place, cell in enumerate(row))}</tr>" for row in rows)
    names = f' class="{kind}"' if kind else ""
    return f'<div class="wide"><table{names}>{f"<tr>{top}</tr>" if head else ""}{body}</table></div>'


def _cell(text: str, number: bool) -> str:  # noqa: FBT001 - one of two looks
    mark = ' class="number"' if number else ""
    return f"<td{mark}>{escape(text)}</td>"


def section(name: str, title: str, body: str, note: str = "") -> str:
    """Write a section with its heading."""
    small = f" <small>{escape(note)}</small>" if note else ""
    return f'<section id="{name}"><h2>{escape(title)}{small}</h2>{body}</section>'


def heading(result: RunResult) -> str:
    """Write who ran on what, when."""
    known = dict(facts(result))
    title = f"{result.record.strategy} on {result.record.engine}"
    about = [known["strategy"], known["data"]]
    about.append(_counts(result))
    if result.record.status != "completed":
        about.append(known["status"])
    lines = "".join(f"<p>{escape(line)}</p>" for line in about)
    return f"<header><h1>{escape(title)} <small>{escape(result.run_id)}</small></h1>{lines}</header>"


def _counts(result: RunResult) -> str:
    tables = ((name, result.canonical(name).num_rows) for name in ("orders", "fills", "trades"))
    counts = ", ".join(f"{count:,} {name}" for name, count in tables)
    number, reason, most = rejected_orders(result)
    return counts + (f", {number:,} orders rejected ({reason}: {most:,})" if number else "")


def warnings_and_assumptions(result: RunResult) -> str:
    """Write warnings openly, assumptions folded."""
    found = list(remarks(result))
    warned = [f"<li>{escape(kind)}: {escape(text)}</li>" for kind, text in found if "warning" in kind]
    assumed = [f"<li>{escape(text)}</li>" for kind, text in found if "warning" not in kind]
    first = f'<ul class="warnings">{"".join(warned)}</ul>' if warned else "No warnings."
    folded = f"<details><summary>{len(assumed)} assumptions</summary><ul>{''.join(assumed)}</ul></details>"
    return f'<div class="remarks{" warned" if warned else ""}" id="remarks">{first}{folded if assumed else ""}</div>'


def cards(result: RunResult) -> str:
    """Write the metrics that matter most, large."""
    lines = {each.name: each for each in metric_lines(result)}
    return f'<div class="cards">{"".join(_card(lines[name]) for name in CARDS if name in lines)}</div>'


def _card(line: MetricLine) -> str:
    sign = ""
    if line.name in COLORED and isinstance(line.value, float):
        sign = ' class="gain"' if line.value > 0 else ' class="loss"' if line.value < 0 else ""
    if line.name == "max_drawdown" and line.value:
        sign = ' class="loss"'
    name, why = escape(line.name.replace("_", " ")), escape(line.reason or line.definition)
    return f'<div class="card" title="{why}"><span>{name}</span><b{sign}>{escape(line.shown)}</b></div>'


def months(curve: Curve) -> str:
    """Write returns by month and year, colored."""
    found = years(curve)
    if not found:
        return '<p class="nothing">There is no day with a value.</p>'
    most = max((abs(each) for year in found for each in year.months if each is not None), default=0.0)
    largest = max((abs(year.whole) for year in found if year.whole is not None), default=0.0)
    head = "".join(f"<th>{name}</th>" for name in ("", *MONTHS, "year"))
    decimals = 1 if most >= SMALL_MONTH else 2
    rows = "".join(
        f"<tr><th>{year.year}</th>{''.join(_heat(each, most, decimals) for each in year.months)}"
        f"{_heat(year.whole, largest, decimals, 'whole')}</tr>"
        for year in found
    )
    return f'<div class="wide"><table class="heat"><tr>{head}</tr>{rows}</table></div>'


def _heat(value: float | None, most: float, decimals: int, kind: str = "") -> str:
    if value is None:
        return f'<td class="{kind}"></td>'
    strength = 0.08 + 0.62 * min(1.0, abs(value) / most) if most and value else 0.0
    tone = "gain" if value > 0 else "loss"
    color = f' style="background:rgba(var(--heat-{tone}),{strength:.2f})"' if value else ""
    return f'<td class="{kind}"{color}>{round(100 * value, decimals) + 0.0:.{decimals}f}</td>'


def distribution(result: RunResult) -> str:
    """Draw how often the days brought which return, beside the losses that this means."""
    return f'<div class="columns"><div>{_days(result)}</div><div><h3>Days in numbers</h3>{_losses(result)}</div></div>'


def _days(result: RunResult) -> str:
    daily = metric_input(result).curve.daily
    if daily.size < 3 or np.any(daily <= 0):
        return '<p class="nothing">Too few days with a value, or none of it was left.</p>'
    returns = daily[1:] / daily[:-1] - 1.0
    reach = float(np.abs(returns).max()) or 1e-4
    bins = int(min(BINS_MAX, max(5, np.sqrt(returns.size) * 2))) // 2 * 2 + 1
    counts, edges = np.histogram(returns, bins=bins, range=(-reach, reach))
    return _histogram(counts, edges, result.metrics.get("value_at_risk_95"))


def _histogram(counts: Any, edges: FloatArray, at_risk: Any) -> str:  # noqa: ANN401 - counts, and maybe a number
    width, height, top = 560.0, 190.0, max(1, int(counts.max()))
    step = width / counts.size
    bars = []
    for place, count in enumerate(counts.tolist()):
        tone = "gain" if edges[place] >= 0 else "loss" if edges[place + 1] <= 0 else "even"
        tall = (height - 26) * count / top
        words = f"{100 * edges[place]:.2f} % to {100 * edges[place + 1]:.2f} %: {count} days"
        bars.append(
            f'<rect class="{tone}" x="{place * step + 0.5:.1f}" y="{height - 20 - tall:.1f}" width="{step - 1:.1f}" '
            f'height="{tall:.1f}" opacity=".8"><title>{words}</title></rect>'
        )
    reach = float(edges[-1])
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        anchor = "start" if share == -1 else "end" if share == 1 else "middle"
        x = width * (share + 1) / 2
        bars.append(f'<text x="{x:.1f}" y="{height - 5:.1f}" text-anchor="{anchor}">{100 * share * reach:.2f} %</text>')
    if isinstance(at_risk, float) and 0 < at_risk < reach:
        x = width * (1 - at_risk / reach) / 2
        bars.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{height - 20:.1f}"/>')
        bars.append(f'<text x="{x - 5:.1f}" y="13" text-anchor="end">value at risk 95 %</text>')
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="100%" role="img">{"".join(bars)}</svg>'


def profit_and_costs(result: RunResult) -> str:
    """Write where the profit comes from, and what was paid, with bars."""
    currency = escape(result.settings.currencies[0])
    profit, costs = _bars(profit_parts(result)), _bars(cost_lines(result))
    return (
        f'<div class="columns"><div><h3>Profit <small>{currency}</small></h3>{profit}</div>'
        f"<div><h3>Costs <small>{currency}; spread, slippage and impact are in the prices already</small></h3>"
        f"{costs}</div></div>"
    )


def _bars(parts: Sequence[tuple[str, float]]) -> str:
    most = max((abs(amount) for _, amount in parts), default=0.0) or 1.0
    rows = []
    for name, amount in parts:
        width = 100 * abs(amount) / most
        color = ' style="background:var(--loss);' if amount < 0 else ' style="'
        rows.append(
            f'<tr><td>{escape(name.replace("_", " "))}</td><td class="track">'
            f'{f"""<i{color}width:{width:.1f}%"></i>""" if amount else ""}</td>'
            f'<td class="number">{amount:,.2f}</td></tr>'
        )
    return f'<table class="bars">{"".join(rows)}</table>'


def falls(result: RunResult) -> str:
    """Write the worst drawdowns."""
    if result.starting_value <= 0:
        return '<p class="nothing">There was no capital to begin with.</p>'
    found = drawdowns(result)
    if not found.num_rows:
        return '<p class="nothing">The account never fell below a peak.</p>'
    depth = (f"{100 * each:.2f} %" for each in found["depth"].to_pylist())
    moments = ([_day(each) for each in found[name].cast("int64").to_pylist()] for name in MOMENTS)
    rows = zip(depth, *moments, (f"{each:,.1f}" for each in found["days"].to_pylist()), strict=True)
    return table(("depth", "peak", "trough", "recovered", "days"), rows, numbers=(4,), kind="falls")


def _day(time_ns: int | None) -> str:
    return "not yet" if time_ns is None else to_text(time_ns)[:16].replace("T", " ")


def risk(result: RunResult) -> str:
    """Write what was carried, by side and by instrument, and how far liquidation was at the end; else nothing."""
    found = exposures(result)
    percent = [
        (each.name, *(f"{100 * value:.1f} %" for value in (each.mean, each.largest, each.last))) for each in found
    ]
    parts = []
    if found:
        shown = table(("of equity", "mean", "largest", "at the end"), percent[: 4 + SYMBOLS_MAX], numbers=(1, 2, 3))
        parts.append(f"<div><h3>Exposure <small>by side and instrument</small></h3>{shown}</div>")
    distances = _distances(result)
    if distances:
        parts.append(f"<div>{distances}</div>")
    return f'<div class="columns">{"".join(parts)}</div>' if parts else ""


def _losses(result: RunResult) -> str:
    lines = {each.name: each for each in metric_lines(result)}
    names = ("best_day", "worst_day", "value_at_risk_95", "expected_shortfall_95", "skew", "kurtosis")
    return table((), [(name.replace("_", " "), lines[name].shown) for name in names if name in lines], numbers=(1,))


def _distances(result: RunResult) -> str:
    found = liquidation_distances(result)
    if not found:
        return ""
    rows = [
        (each.symbol, f"{each.mark:g}", "never" if each.liquidation is None else f"{each.liquidation:g}",
         "" if each.distance is None else f"{100 * each.distance:.1f} %")
        for each in found
    ]  # fmt: skip
    head = ("open position", "mark", "liquidation", "distance")
    return f"<h3>Liquidation <small>at the end</small></h3>{table(head, rows, numbers=(1, 2, 3))}"


def all_metrics(result: RunResult) -> str:
    """Write every metric with its unit and definition, or the reason why it has no value."""
    rows = [(each.name, each.shown, each.unit, each.reason or each.definition) for each in metric_lines(result)]
    return table(("metric", "value", "unit", "definition"), rows, numbers=(1,), kind="metrics")


def reproduce(result: RunResult) -> str:
    """Write who ran what, and the lines that run it again."""
    known = result.metadata
    about = [*facts(result), ("code", known.strategy_digest), ("data digest", known.data_digest)]
    about += [(f"{name} version", str(version)) for name, version in dict(known.system.get("versions", {})).items()]
    return f"{table((), about, kind='facts')}<pre>{escape(lines_to_run(result))}</pre>"


def lines_to_run(result: RunResult) -> str:
    """Write Python that runs it again, given the market and the class of the strategy, and checks the answer.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=9), tb.BacktestConfig(seed=5))
    >>> print(lines_to_run(result).splitlines()[1])
    config = tb.BacktestConfig.from_mapping({'seed': 5})
    """
    known, defaults = result.metadata, BacktestConfig().to_mapping()
    changed = {name: value for name, value in known.config.items() if value != defaults.get(name)}
    parameters = ", ".join(f"{name}={value!r}" for name, value in known.parameters.items())
    symbols = ", ".join(known.data["symbols"][:SYMBOLS_MAX])
    engine, _, fidelity = known.engine.partition(":")  # such as "nautilus:native"
    options = f"engine={engine!r}" + (f", fidelity={fidelity!r}" if fidelity else "")
    if known.mode != "interpreted":
        options += f", mode={known.mode!r}"
    return (
        f"# market: {symbols}, {known.data['rows']:,} bars, digest {known.data_digest}\n"
        f"config = tb.BacktestConfig.from_mapping({pformat(changed, width=100, sort_dicts=False)})\n"
        f"result = tb.run({known.strategy}({parameters}), market, config, {options})\n"
        f"assert result.result_hash == {known.result_hash!r}"
    )
