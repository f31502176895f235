"""`python -m benches.risk`: the overlay beside pandas and Numba, on the same groups of 1 to 25 rows.

Guards two things: the throughput of many small groups, and what one group of 25 rows costs from Python with Arrow in
hand. All
contestants take one row a token, without opposite sides, because that is what a straightforward version covers; the
kernel does its whole work (names, netting, ranking, every cap, exact money) all the same. Answers are compared before
anything is timed: the doubles of the others may differ from our whole cents by one a row.
"""

import argparse
import time
from collections.abc import Callable

import numba
import numpy as np
import pandas as pd
import pyarrow as pa

from benches.report import machine
from triplebar.risk import Caps, Overlay

CAPS = Caps.COPY_TRADING
CALLS = 2_000
SHARES = tuple(float(share) for share in (0.10, 50_000, 0.15, 0.60, 0.60, 0.50, 5, 5))


def targets(groups: int, rows_most: int, seed: int = 7) -> pa.RecordBatch:
    """Draw groups of 1 to `rows_most` rows, each token once."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, rows_most + 1, groups) if groups > 1 else np.array([rows_most])
    rows = int(sizes.sum())
    token = np.arange(rows) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    names = pa.array([f"TOKEN{number:02}" for number in range(rows_most)])
    return pa.record_batch(
        {
            "group": pa.array(np.repeat(np.arange(groups), sizes)),
            "symbol": names.take(pa.array(token)),
            "side": pa.array(random.choice(np.array([1, -1], dtype=np.int8), rows)),
            "target_usd": pa.array(np.round(random.random(rows) * 30_000, 2)),
            "account_value": pa.array(np.repeat(np.round(random.random(groups) * 500_000, 2), sizes)),
        }
    )


def by_pandas(table: pd.DataFrame) -> np.ndarray:
    """What one would write first: group, rank, clip, scale."""
    rows = table[["group", "side", "target_usd", "account_value"]].copy()
    position, amount, token, long, short, total, count, leverage = SHARES
    rank = rows.groupby("group")["target_usd"].rank(method="first", ascending=False)
    rows["may"] = rows["target_usd"].where(rank <= count, 0.0)
    for cap in (rows["account_value"] * position, amount, rows["account_value"] * token):
        rows["may"] = np.minimum(rows["may"], cap)
    for side, share in ((1, long), (-1, short)):
        mine = rows["may"].where(rows["side"] == side, 0.0)
        whole = mine.groupby(rows["group"]).transform("sum")
        scale = np.minimum(1.0, rows["account_value"] * share / whole.replace(0.0, np.nan)).fillna(1.0)
        rows["may"] = rows["may"].where(rows["side"] != side, rows["may"] * scale)
    for share in (total, leverage):
        whole = rows.groupby("group")["may"].transform("sum")
        rows["may"] *= np.minimum(1.0, rows["account_value"] * share / whole.replace(0.0, np.nan)).fillna(1.0)
    return np.asarray(rows["may"].to_numpy(), dtype=np.float64)


@numba.njit(cache=False)
def by_numba(starts: np.ndarray, sides: np.ndarray, wanted: np.ndarray, accounts: np.ndarray) -> np.ndarray:
    """The same in loops over doubles."""
    may = np.zeros(len(wanted))
    for group in range(len(starts) - 1):
        first, last = starts[group], starts[group + 1]
        account = accounts[first]
        cap = min(account * 0.10, 50_000.0, account * 0.15)
        for place, row in enumerate(np.argsort(-wanted[first:last])):
            if place < 5:
                may[first + row] = min(wanted[first + row], cap)
        for side in (1, -1):
            whole = 0.0
            for row in range(first, last):
                whole += may[row] if sides[row] == side else 0.0
            if whole > account * 0.60:
                for row in range(first, last):
                    if sides[row] == side:
                        may[row] *= account * 0.60 / whole
        for share in (0.50, 5.0):
            whole = may[first:last].sum()
            if whole > account * share:
                may[first:last] *= account * share / whole
    return may


def measured(work: Callable[[], object], rounds: int) -> float:
    """The shortest of some rounds, processor time."""
    found = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def single(overlay: Overlay, one: pa.RecordBatch, rounds: int) -> str:
    """What one small table costs, each answer dropped before the next is asked for."""

    def each(work: Callable[[], object]) -> float:
        def calls() -> None:
            for _ in range(CALLS):
                work()

        return measured(calls, 4 * rounds) / CALLS * 1e6

    call, export = each(lambda: overlay(one)), each(one.__arrow_c_array__)
    back = each(lambda: pa.record_batch(overlay(one)))
    return (
        f"\none group of {one.num_rows}: {call:.2f} µs a call, of which pyarrow's export {export:.2f} µs; "
        f"{back:.2f} µs with the answer as a record batch of pyarrow"
    )


def main() -> int:
    """Compare the answers, then the times, and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    many, overlay = targets(options.groups, 25), Overlay(CAPS)
    table = many.to_pandas()
    group, side, wanted, accounts = (
        many.column(name).to_numpy() for name in ("group", "side", "target_usd", "account_value")
    )
    starts = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group))
    contestants: dict[str, Callable[[], object]] = {
        "triplebar": lambda: overlay(many),
        "numba": lambda: by_numba(starts, side, wanted, accounts),
        "pandas": lambda: by_pandas(table),
    }
    ours = pa.record_batch(overlay(many)).column("capped_usd").to_numpy()
    for other in (by_numba(starts, side, wanted, accounts), by_pandas(table)):
        far = float(np.max(np.abs(ours - other)))
        assert far < 0.05, f"another answer, {far} apart"
    times = {name: measured(work, options.rounds) for name, work in contestants.items()}
    print(f"## Overlay: {machine()}\n\n{many.num_rows} rows in {options.groups} groups of 1 to 25\n")
    print("| | million rows/s | × triplebar |\n|---|---:|---:|")
    for name, seconds in times.items():
        print(f"| {name} | {many.num_rows / seconds / 1e6:.2f} | {seconds / times['triplebar']:.2f} |")
    print(single(overlay, targets(1, 25), options.rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
