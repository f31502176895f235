"""A result as text: for a terminal, for Markdown, for JSON."""

from __future__ import annotations

import json
from typing import Any

from triplebar.contracts.result import RunResult
from triplebar.contracts.result_storage import document
from triplebar.report.content import HEADLINE, cost_lines, facts, metric_lines, remarks
from triplebar.report.profit import profit_parts


def text_report(result: RunResult) -> str:
    """Write plain text, one fact a line."""
    lines = [f"{name:<26}{value}" for name, value in facts(result)]
    lines += ["", "metrics"]
    for each in metric_lines(result):
        reason = f"  ({each.reason})" if each.reason else ""
        lines.append(f"  {each.name:<24}{each.shown:>20}{reason}")
    currency = result.settings.currencies[0]
    lines += ["", f"profit ({currency})"]
    lines += [f"  {name:<24}{amount:>20,.2f}" for name, amount in profit_parts(result)]
    lines += ["", f"costs ({currency})"]
    lines += [f"  {name:<24}{amount:>20,.2f}" for name, amount in cost_lines(result)]
    lines += ["", *(f"{kind}: {text}" for kind, text in remarks(result))]
    return "\n".join(lines) + "\n"


def summary(result: RunResult) -> str:
    """Write the few lines that matter most."""
    shown = {each.name: each.shown for each in metric_lines(result)}
    return "\n".join(f"{name:<16}{shown[name]:>16}" for name in HEADLINE if name in shown)


def markdown_report(result: RunResult) -> str:
    """Write Markdown: tables of facts, metrics and costs, then the remarks."""
    lines = [f"# {result.record.strategy} on {result.record.engine}", "", *_table(("", ""), facts(result))]
    rows = [(each.name, each.shown, each.unit, each.reason or each.definition) for each in metric_lines(result)]
    lines += ["", "## Metrics", "", *_table(("metric", "value", "unit", "definition"), rows)]
    profit = [(name, f"{amount:,.2f}") for name, amount in profit_parts(result)]
    lines += ["", "## Profit", "", *_table(("part", result.settings.currencies[0]), profit)]
    costs = [(name, f"{amount:.6g}") for name, amount in cost_lines(result)]
    lines += ["", "## Costs", "", *_table(("type", result.settings.currencies[0]), costs)]
    lines += ["", "## Remarks", "", *(f"- {kind}: {text}" for kind, text in remarks(result))]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    lines = [_row(head), _row(tuple("---" for _ in head))]
    return lines + [_row(tuple(str(cell).replace("|", "\\|") for cell in row)) for row in rows]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def json_report(result: RunResult) -> str:
    """Write everything but the tables as JSON, with the costs and the units of the metrics."""
    summary_of_costs = result.cost_summary
    values = document(result) | {
        "units": {each.name: each.unit for each in metric_lines(result)},
        "costs": {"by_type": dict(summary_of_costs.by_type), "by_symbol": dict(summary_of_costs.by_symbol)},
    }
    values["costs"]["total"] = summary_of_costs.total
    return json.dumps(values, indent=2, allow_nan=False, ensure_ascii=False, default=str) + "\n"
