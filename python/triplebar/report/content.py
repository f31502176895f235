"""What every report says, whatever it looks like: titles, metrics, costs, warnings, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triplebar.contracts.result import RunResult
from triplebar.metrics.definitions import MetricValue
from triplebar.metrics.measure import ordered

HEADLINE = ("ending_value", "total_return", "cagr", "sharpe", "max_drawdown", "trades", "win_rate", "total_costs")
"""The metrics that a short summary shows."""


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric as reports show it."""

    name: str
    value: MetricValue
    shown: str
    unit: str
    definition: str
    reason: str


def metric_lines(result: RunResult) -> list[MetricLine]:
    """All metrics of a result, those it was stored with included."""
    known = {each.name: each for each in ordered()}
    names = [name for name in known if name in result.metrics]
    names += [name for name in result.metrics if name not in known]
    lines = []
    for name in names:
        unit, definition = (known[name].unit, known[name].definition) if name in known else ("", "")
        value, reason = result.metrics[name], result.metric_reasons.get(name, "")
        lines.append(MetricLine(name, value, shown(value, unit), unit, definition, reason))
    return lines


def shown(value: MetricValue, unit: str) -> str:
    """Write a metric for people.

    >>> shown(0.1234, "fraction"), shown(1234.5, "money"), shown(None, "ratio"), shown(3, "count")
    ('12.34 %', '1,234.50', '–', '3')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit.startswith("fraction"):
        return f"{100.0 * value:.2f} %"
    if unit == "money":
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def facts(result: RunResult) -> list[tuple[str, str]]:
    """Who ran what on what."""
    known = result.metadata
    parameters = ", ".join(f"{name}={value}" for name, value in known.parameters.items())
    span = f"{known.data['first']} to {known.data['last']}"
    return [
        ("strategy", f"{known.strategy}({_short(parameters)})"),
        ("engine", f"{known.engine} {known.engine_version}, rules {known.rules_version}"),
        ("data", f"{_symbols(known.data['symbols'])}: {known.data['rows']:,} bars, {span}"),
        ("status", known.status if known.error is None else f"{known.status}: {known.error}"),
        ("run", known.run_id),
        ("result", known.result_hash),
        ("configuration", known.config_hash),
        ("seed", str(known.seed)),
        ("created", known.created_at),
    ]


def _symbols(symbols: list[str], most: int = 6) -> str:
    more = f" and {len(symbols) - most} more" if len(symbols) > most else ""
    return ", ".join(symbols[:most]) + more


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def cost_lines(result: RunResult) -> list[tuple[str, float]]:
    """Costs by type, and the total."""
    summary = result.cost_summary
    return [*summary.by_type.items(), ("total", summary.total)]


def remarks(result: RunResult) -> Iterator[tuple[str, str]]:
    """Warnings of the run and of the data, then what was assumed: kind and text."""
    for text in result.warnings:
        yield "warning", text
    for text in result.data_warnings:
        yield "data warning", text
    for text in result.assumptions.get("notes", ()):
        yield "assumption", text
