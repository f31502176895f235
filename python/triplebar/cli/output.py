"""Tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from triplebar.contracts.result import RunResult
from triplebar.report.content import HEADLINE, metric_lines, remarks
from triplebar.report.profit import profit_parts, rejected_orders


def print_summary(result: RunResult, console: Console) -> None:
    """Print what matters most about a run."""
    known = result.record
    table = Table(title=f"{known.strategy} on {known.engine}", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    lines = {each.name: each for each in metric_lines(result)}
    for name in ("starting_value", *HEADLINE, "orders", "fills"):
        if name in lines:
            reason = f"  ({lines[name].reason})" if lines[name].reason else ""
            table.add_row(name.replace("_", " "), f"{lines[name].shown}{reason}")
    number, reason, most = rejected_orders(result)
    if number:
        table.add_row("rejected orders", f"{number:,}  ({reason} {most:,})")
    table.add_section()
    for name, amount in profit_parts(result):
        table.add_row(name, f"{amount:,.2f}")
    table.add_section()
    table.add_row("bars", f"{result.canonical('equity').num_rows:,}")
    table.add_row("run seconds", f"{known.timings.get('run_seconds', 0.0):.3f}")
    table.add_row("run", result.run_id)
    table.add_row("result", result.result_hash[:16])
    console.print(table)
    for kind, text in remarks(result):
        if "warning" in kind:
            console.print(f"{kind}: {text}", style="yellow", markup=False, highlight=False, soft_wrap=True)
