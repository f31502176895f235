"""Print what was measured as Markdown tables: ratios first, then times."""

import platform
from pathlib import Path

from benches.growth import Point
from benches.loading import Loading
from benches.memory import Memory
from benches.rounds import Measured
from benches.startup import Startup
from benches.workloads import CALLBACK, LOOP, Goal, Workload


def machine() -> str:
    """Say on what the figures were taken."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores, Python {platform.python_version()}, {platform.system()}"


def workload_table(work: Workload, measured: dict[str, Measured]) -> str:
    """One line per contestant: how many times the limits it takes, what a unit costs, what it answered."""
    units = work.bars * work.width
    rows = [_row(one, measured, units) for one in measured.values()]
    unit = "ns a bar" if work.width == 1 else "ns an instrument-bar"
    head = [
        f"### {work.name}: {work.title}",
        "",
        f"| | × loop | × callback | {unit}, least / median | fills | equity |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, "", *goal_lines(work, measured), ""])


def _row(one: Measured, measured: dict[str, Measured], units: int) -> str:
    ratios = f"{_times(one, measured, LOOP)} | {_times(one, measured, CALLBACK)}"
    costs = f"{one.least_nanoseconds(units):,.1f} / {one.nanoseconds(units):,.1f}"
    return f"| {one.name} | {ratios} | {costs} | {one.answer.fills:,} | {one.digest()} |"


def _times(one: Measured, measured: dict[str, Measured], limit: str) -> str:
    return f"{one.times(measured[limit]):,.2f}" if limit in measured else "—"


def goal_lines(work: Workload, measured: dict[str, Measured]) -> list[str]:
    """One line per goal: what was reached, and whether that is enough."""
    return [_goal_line(work, goal, measured) for goal in work.goals]


def _goal_line(work: Workload, goal: Goal, measured: dict[str, Measured]) -> str:
    if goal.contestant not in measured or (goal.of and goal.of not in measured):
        return f"- {goal.contestant}: {goal.text()} — **not measured**"
    one = measured[goal.contestant]
    reached = one.times(measured[goal.of]) if goal.of else one.nanoseconds(work.bars * work.width)
    verdict = "met" if reached <= goal.most else "**missed**"
    return f"- {goal.contestant}: {goal.text()} — {reached:,.2f}{'×' if goal.of else ' ns'}, {verdict}"


def growth_table(points: list[Point]) -> str:
    """Cost per unit at every size, and against the first size of the same workload."""
    first: dict[str, Point] = {}
    rows = []
    for point in points:
        base = first.setdefault(point.workload, point)
        ratio = point.nanoseconds / base.nanoseconds
        rows.append(f"| {point.workload} | {point.bars:,} | {point.width} | {point.nanoseconds:,.0f} | {ratio:.2f} |")
    head = ["### Growth", "", "| | bars | instruments | ns a unit | × the first |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def loading_lines(loading: Loading) -> str:
    """Bars in: what triplebar adds to reading them."""
    added = loading.from_parquet - loading.parquet_alone
    lines = [
        f"- pyarrow reads {loading.bars:,} bars of Parquet in {loading.parquet_alone:,.0f} ns a bar",
        f"- `Market.from_parquet` takes {loading.from_parquet:,.0f} ns a bar, {added:,.0f} more",
        f"- `Market.from_table` takes {loading.from_table:,.0f} ns a bar: the checks and the grid",
    ]
    return "\n".join(["### Loading", "", *lines, ""])


def memory_lines(small: Memory, peak: Memory, order_bytes: dict[str, float]) -> str:
    """Peak of W1 against its tables, and what an order costs to keep."""
    tables = f"in {_mebibytes(peak.input_bytes)}, out {_mebibytes(peak.output_bytes)}"
    lines = [
        f"- W1, {peak.bars:,} bars from Parquet to result: {_mebibytes(peak.peak_bytes)} at the peak above the imports",
        f"- that is {peak.times():.2f}× its tables ({tables}); goal: under 3×",
        f"- from {small.bars:,} bars on, each bar adds {_per_bar(small, peak):,.0f} bytes to the peak",
        *(f"- {name}: {size:,.0f} bytes kept an order; goal: at most 200" for name, size in order_bytes.items()),
    ]
    return "\n".join(["### Memory", "", *lines, ""])


def _per_bar(small: Memory, large: Memory) -> float:
    return (large.peak_bytes - small.peak_bytes) / (large.bars - small.bars)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


def startup_lines(startup: Startup) -> str:
    """Import and a 100-bar process, above numpy and pyarrow."""
    imported, short, base = (
        f"{seconds * 1e3:.0f} ms"
        for seconds in (startup.import_seconds, startup.short_run_seconds, startup.base_seconds)
    )
    lines = [
        f"- `import triplebar` above numpy and pyarrow: {imported}; goal: at most 60 ms",
        f"- a process that runs 100 bars, above them: {short}; goal: at most 150 ms",
        f"- numpy and pyarrow themselves, interpreter included: {base}",
    ]
    return "\n".join(["### Start", "", *lines, ""])
