"""Tables of traders for tests: by hand and at random."""

from typing import Any

import numpy as np
import pyarrow as pa

from tests.metrics.scoring_oracle import DAY, Row

AS_OF = 200 * DAY
GOOD: Row = {
    "label": "Smart Trader",
    "account_value": 100_000.0,
    "roi_7d_percent": 6.0,
    "roi_30d_percent": 50.0,
    "roi_90d_percent": 90.0,
    "pnl_7d": 5_000.0,
    "pnl_30d": 20_000.0,
    "pnl_90d": 60_000.0,
}
FIGURES = [name for name in GOOD if name != "label"]


def board(**traders: Row) -> pa.Table:
    """A leaderboard of traders that are good except for what is given."""
    rows = [{"trader": name, **GOOD, **changes} for name, changes in traders.items()]
    schema = pa.schema([("trader", pa.string()), ("label", pa.string()), *((name, pa.float64()) for name in FIGURES)])
    return pa.Table.from_pylist(rows, schema=schema)


TRADES = pa.schema(
    [
        ("trader", pa.string()),
        ("time", pa.timestamp("ns", "UTC")),
        ("token", pa.string()),
        ("side", pa.string()),
        ("action", pa.string()),
        ("size", pa.float64()),
        ("value_usd", pa.float64()),
        ("closed_pnl", pa.float64()),
    ]
)
POSITIONS = pa.schema(
    [("trader", pa.string()), ("token", pa.string()), ("side", pa.string()), ("leverage", pa.float64())]
)


def trades(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TRADES)


def positions(rows: list[Row] | None = None) -> pa.Table:
    return pa.Table.from_pylist(rows or [], schema=POSITIONS)


def record(time: int, action: str, **changes: Any) -> Row:
    """One record of a trader called a."""
    pnl = None if action in ("open", "add") else 1.0
    plain = {"trader": "a", "token": "X", "side": "long", "size": 1.0, "value_usd": 100.0, "closed_pnl": pnl}
    return {**plain, "time": time, "action": action, **changes}


def round_trips(count: int, *, trader: str = "a", wins: float = 0.6, last: int = AS_OF, every: int = DAY) -> list[Row]:
    """Opens and closes in turns, of which a share wins 2 and the others lose 1."""
    rows = []
    for number in range(count):
        time = last - (count - 1 - number) * every
        won = (number * 7) % 20 < 20 * wins
        pnl = 2.0 if won else -1.0
        rows.append(record(time - every // 2, "open", trader=trader))
        rows.append(record(time, "close", trader=trader, closed_pnl=pnl))
    return rows


def random_traders(seed: int, count: int = 12) -> tuple[list[Row], list[Row], list[Row]]:
    """Trades, positions and a leaderboard with everything in it that may happen."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    held: list[Row] = []
    names = [f"0x{number:02}" for number in random.permutation(count)]
    for name in names:
        start = int(random.choice([60, 100, 130, 170, 190, 199]))
        span = (200 - start) * DAY
        times = np.sort(random.integers(0, span + 1, int(random.choice([0, 1, 5, 60, 80])))) + start * DAY
        for time in times.tolist():
            action = str(random.choice(["open", "add", "reduce", "close"]))
            pnl = float(random.choice([-3.0, 0.0, 2.0, 5.0, 9.0]))
            rows.append(
                record(
                    time,
                    action,
                    trader=name,
                    token=str(random.choice(["X", "Y"])),
                    side=str(random.choice(["long", "short"])),
                    size=float(random.integers(1, 6)),
                    value_usd=float(random.integers(50, 500)),
                    closed_pnl=pnl if action in ("reduce", "close") else None,
                )
            )
        held.extend(
            {"trader": name, "token": token, "side": "long", "leverage": float(random.integers(1, 30))}
            for token in random.permutation(["X", "Y", "Z"])[: random.integers(0, 4)].tolist()
        )
    order = np.argsort([row["time"] for row in rows], kind="stable").tolist()
    return [rows[place] for place in order], held, [_random_board(random, name) for name in names]


def _random_board(random: np.random.Generator, name: str) -> Row:
    labels = (None, "", "Smart Fund", "smart trader", "Funding bot", "whale")
    row: Row = {"trader": name, "label": labels[int(random.integers(len(labels)))]}
    for figure in FIGURES:
        typical = GOOD[figure]
        row[figure] = None if random.random() < 0.08 else float(typical * random.choice([-0.2, 0.2, 0.9, 1.0, 1.5]))
    return row
