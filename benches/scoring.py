"""Scores of 1 000 traders × 5 000 records beside a loop over traders in pandas: `python -m benches.scoring`.

Guards that records are gone through once, whatever their order, without a copy per trader. The loop is timed on some of
the traders; its figures are compared with ours before anything is timed.
"""

import statistics
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

import triplebar as tb
from benches.curves import first_calls

TRADERS, RECORDS, OF_PANDAS = 1_000, 5_000, 4
DAY = 86_400 * 10**9
AS_OF = 91 * DAY
GOAL_TIMES, GOAL_SECONDS = 50.0, 1.0
COLD = """
import time
from benches import scoring
board, positions, trades = scoring.tables(2, 50)
begin = time.perf_counter()
scoring.score(board, positions, trades)
print(time.perf_counter() - begin)
"""


@dataclass(frozen=True)
class Scoring:
    """Seconds for all traders: records by trader, by time, with plain texts; ratio to pandas; first calls."""

    by_trader: float
    by_time: float
    texts: float
    pandas: float
    times_pandas: float
    compiling: float
    loading: float


def tables(traders: int, records: int, *, by_time: bool = False) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Make up a leaderboard, positions and trades; texts are coded, as Parquet gives them."""
    random, count = np.random.default_rng(1), traders * records
    names = pa.array([f"0x{number:040x}" for number in range(traders)])
    trader = np.repeat(np.arange(traders, dtype=np.int32), records)
    times = np.sort(random.integers(1, 90 * DAY, (traders, records)), axis=1).reshape(-1) + DAY
    order = np.argsort(times, kind="stable") if by_time else np.arange(count)
    columns = {
        "trader": pa.DictionaryArray.from_arrays(trader[order], names),
        "time": pa.array(times[order], pa.timestamp("ns", "UTC")),
        "token": _coded(random.integers(0, 30, count), [f"T{number}" for number in range(30)]),
        "side": _coded(random.integers(0, 2, count), ["long", "short"]),
        "action": _coded(random.integers(0, 4, count), ["open", "add", "reduce", "close"]),
        "size": random.integers(1, 9, count).astype(np.float64),
        "value_usd": random.uniform(10.0, 1_000.0, count),
        "closed_pnl": random.normal(1.0, 10.0, count),
    }
    figures = {f"roi_{days}d_percent": np.full(traders, 50.0) for days in (7, 30, 90)}
    figures |= {f"pnl_{days}d": np.full(traders, 1e5) for days in (7, 30, 90)}
    leaders = {"trader": names, "label": ["Smart"] * traders, "account_value": np.full(traders, 1e5), **figures}
    positions = {"trader": names, "token": ["T1"] * traders, "side": ["long"] * traders, "leverage": [3.0] * traders}
    return pa.table(leaders), pa.table(positions), pa.table(columns)


def _coded(places: Any, words: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(words))


def score(board: pa.Table, positions: pa.Table, trades: pa.Table) -> pa.Table:
    """Score them all."""
    return tb.metrics.score_traders(trades, positions, board, as_of=AS_OF)


def pandas_figures(frame: Any) -> dict[str, float]:
    """Work out one trader's figures as one would in pandas."""
    closing = frame[frame["action"].isin(["close", "reduce"])]
    pnl = closing["closed_pnl"]
    returns = pnl / closing["value_usd"]
    holds: list[float] = []
    for _, group in frame.groupby(["token", "side"], observed=True):
        holds += _holds(group)
    return {
        "trade_count": len(frame),
        "win_rate": (pnl > 0).mean(),
        "profit_factor": pnl[pnl > 0].sum() / -pnl[pnl < 0].sum(),
        "pseudo_sharpe": returns.mean() / returns.std(ddof=0),
        "average_hold_hours": sum(holds) / len(holds),
    }


def _holds(group: Any) -> list[float]:
    """Pair closes with the oldest opens of one token and side."""
    lots: deque[list[float]] = deque()
    found = []
    for row in group.itertuples():
        moment, size = row.time.value / 3.6e12, row.size
        if row.action in ("open", "add"):
            lots.append([moment, size])
            continue
        taken = held = 0.0
        while size > 0 and lots:
            part = min(size, lots[0][1])
            taken, held, size = taken + part, held + part * (moment - lots[0][0]), size - part
            lots[0][1] -= part
            if lots[0][1] <= 0:
                lots.popleft()
        if taken:
            found.append(held / taken)
        if row.action == "close":
            lots.clear()
    return found


def measure(rounds: int) -> Scoring:
    """Check that both agree, then time them in turns."""
    board, positions, trades = tables(TRADERS, RECORDS)
    mixed = tables(TRADERS, RECORDS, by_time=True)[2]
    texts = trades
    for name in ("trader", "token", "side", "action"):
        texts = texts.set_column(texts.column_names.index(name), name, texts.column(name).cast(pa.string()))
    some = trades.slice(0, OF_PANDAS * RECORDS).to_pandas()
    found = {row["trader"]: row for row in score(board, positions, trades).to_pylist()}
    for name, theirs in by_pandas(some).items():
        assert all(abs(found[name][key] - value) < 1e-9 * max(1.0, abs(value)) for key, value in theirs.items()), name
    taken = [
        (
            *(_seconds(lambda each=each: score(board, positions, each)) for each in (trades, mixed, texts)),
            _seconds(lambda: by_pandas(some)) * TRADERS / OF_PANDAS,
        )
        for _ in range(rounds)
    ]
    compiling, loading = first_calls(COLD)
    medians = [statistics.median(each) for each in zip(*taken, strict=True)]
    by_trader, by_time, plain, loop_seconds = medians
    ratio = statistics.median(loop / own for own, _, _, loop in taken)
    return Scoring(by_trader, by_time, plain, loop_seconds, ratio, compiling, loading)


def by_pandas(frame: Any) -> dict[str, dict[str, float]]:
    """Loop over the traders of a frame."""
    return {str(name): pandas_figures(group) for name, group in frame.groupby("trader", observed=True)}


def _seconds(run: Any) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def lines(found: Scoring) -> str:
    """Lay out what was measured."""
    quick = "met" if max(found.by_trader, found.by_time) < GOAL_SECONDS else "**missed**"
    often = "met" if found.times_pandas >= GOAL_TIMES else "**missed**"
    text = [
        f"- {TRADERS:,} traders × {RECORDS:,} records on one core: {found.by_trader:.2f} s; goal: under 1 s — {quick}",
        f"- the same in the order of time: {found.by_time:.2f} s; with plain texts: {found.texts:.2f} s",
        f"- a loop over traders in pandas, figures alone: {found.pandas:.0f} s, {found.times_pandas:.0f}× as long",
        f"- goal: at least {GOAL_TIMES:.0f}× — {often}",
        f"- first call of a process: {found.compiling:.1f} s with nothing compiled, {found.loading:.2f} s from disk",
    ]
    return "\n".join(["### Scores of traders", "", *text, ""])


if __name__ == "__main__":
    print(lines(measure(5)))
