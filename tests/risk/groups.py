"""Random groups and caps, by hypothesis and by NumPy, and the way through the kernel and back to whole units."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from tests.risk.model import Target
from triplebar.risk import Caps, Overlay

SYMBOLS = ("A", "B", "BTC", "BTCUSDT", "BTCUSDT-PERP", "BTCUSDT-PERP-2", "ETH", "SOL", "Z", "É")

Group = tuple[int, list[Target]]


def shares(high: float) -> st.SearchStrategy[float | None]:
    """A share with few decimals, now and then none."""
    return st.none() | st.integers(1, int(high * 1_000)).map(lambda part: part / 1_000)


caps = st.builds(
    Caps,
    per_position=shares(0.5),
    per_position_usd=st.none() | st.integers(1, 10**7).map(lambda cents: cents / 100),
    per_token=shares(0.5),
    long=shares(1.0),
    short=shares(1.0),
    total=shares(1.5),
    positions=st.none() | st.integers(1, 8),
    leverage=shares(5.0),
)
amounts = st.one_of(st.integers(0, 100), st.integers(0, 10**7), st.integers(0, 10**12))
targets = st.builds(Target, st.sampled_from(SYMBOLS), st.sampled_from([1, -1]), amounts)
accounts = st.one_of(st.integers(-5, 1_000), st.integers(1, 10**8), st.integers(1, 10**13))
groups = st.tuples(accounts, st.lists(targets, min_size=1, max_size=25))


def table(given: Sequence[Group]) -> pa.Table:
    """Groups as the table that a user would give."""
    rows = [(number, account, each) for number, (account, wanted) in enumerate(given) for each in wanted]
    return pa.table(
        {
            "group": pa.array([number for number, _, _ in rows], pa.int64()),
            "symbol": pa.array([each.symbol for _, _, each in rows], pa.string()),
            "side": pa.array([each.side for _, _, each in rows], pa.int8()),
            "target_usd": pa.array([each.amount / 100 for _, _, each in rows], pa.float64()),
            "account_value": pa.array([account / 100 for _, account, _ in rows], pa.float64()),
        }
    )


def minor(column: Any, decimals: int = 2) -> list[int]:
    """Money as whole minor units; exact, because the kernel gives the double next to each of them."""
    return [round(value * 10**decimals) for value in column.to_pylist()]


def capped(given: Sequence[Group], rules: Caps, steps: Sequence[str] | None = None) -> list[list[tuple[int, str]]]:
    """What the kernel makes of each target of each group."""
    out = Overlay(rules, steps=steps).apply(table(given))
    answers = list(zip(minor(out.column("capped_usd")), out.column("bound_by").to_pylist(), strict=True))
    ends = np.cumsum([0, *(len(wanted) for _, wanted in given)]).tolist()
    return [answers[start:end] for start, end in itertools.pairwise(ends)]


def drawn(count: int, seed: int) -> tuple[list[Group], Caps]:
    """Random groups under random caps, without hypothesis: for long campaigns."""
    random = np.random.default_rng(seed)

    def share(high: float) -> float | None:
        return None if random.random() < 0.3 else round(float(random.integers(1, int(high * 1_000))) / 1_000, 3)

    rules = Caps(
        per_position=share(0.5),
        per_position_usd=None if random.random() < 0.5 else int(random.integers(1, 10**5)),
        per_token=share(0.5),
        long=share(1.0),
        short=share(1.0),
        total=share(1.5),
        positions=None if random.random() < 0.3 else int(random.integers(1, 9)),
        leverage=share(5.0),
    )
    found = []
    for _ in range(count):
        size, scale = int(random.integers(1, 26)), 10 ** int(random.integers(1, 12))
        wanted = [
            Target(SYMBOLS[random.integers(len(SYMBOLS))], int(random.choice([1, -1])), int(random.integers(0, scale)))
            for _ in range(size)
        ]
        found.append((int(random.integers(1, 10 * scale)), wanted))
    return found, rules
