"""Scores worked out the slow way: plain loops over lists of dictionaries, by the definitions, without the package."""

import math
import statistics
from collections import defaultdict
from typing import Any

DAY = 86_400 * 10**9
HOUR = 3_600 * 10**9

Row = dict[str, Any]


def figures(trades: list[Row], as_of: int, days: int = 90) -> Row:
    """The figures of one trader from all its records, in the order of time."""
    rows = [row for row in trades if as_of - days * DAY < row["time"] <= as_of]
    closings = [row for row in rows if row["action"] in ("close", "reduce")]
    gains = [row["closed_pnl"] for row in closings if row["closed_pnl"] > 0]
    lost = -math.fsum(row["closed_pnl"] for row in closings if row["closed_pnl"] < 0)
    returns = [row["closed_pnl"] / row["value_usd"] for row in closings]
    spread = statistics.pstdev(returns) if len(returns) >= 2 else 0.0
    holds = hold_hours(rows)
    observed = min(max((as_of - rows[0]["time"]) / DAY, 1.0), float(days)) if rows else 1.0
    return {
        "trade_count": len(rows),
        "closing_count": len(closings),
        "win_rate": len(gains) / len(closings) if closings else None,
        "profit_factor": None if not closings or (gains and not lost) else math.fsum(gains) / lost if lost else 0.0,
        "no_losses": bool(gains) and not lost,
        "pseudo_sharpe": None if not closings else statistics.fmean(returns) / spread if spread > 1e-12 else 0.0,
        "average_hold_hours": statistics.fmean(holds) if holds else None,
        "trades_per_day": len(rows) / observed if rows else 0.0,
        "days_since_last_trade": (as_of - rows[-1]["time"]) // DAY if rows else None,
    }


def hold_hours(rows: list[Row]) -> list[float]:
    """For each closing record the mean age of the units that it closes; every unit is on its own in a list.

    Sizes are whole numbers here, so that a position is a list of the times at which its units were opened.
    """
    units: dict[tuple[str, str], list[int]] = defaultdict(list)
    found = []
    for row in rows:
        held = units[row["token"], row["side"]]
        if row["action"] in ("open", "add"):
            held.extend([row["time"]] * int(row["size"]))
            continue
        closed = [held.pop(0) for _ in range(min(int(row["size"]), len(held)))]
        if closed:
            found.append(statistics.fmean((row["time"] - since) / HOUR for since in closed))
        if row["action"] == "close":
            held.clear()
    return found


def clamp(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def consistency(week: float | None, month: float | None, quarter: float | None) -> float:
    positive = sum(each is not None and each > 0 for each in (week, month, quarter))
    if positive == 3 and week is not None and month is not None and quarter is not None:
        return 0.7 + max(0.0, 0.3 - statistics.pvariance([week, month / 4, quarter / 12]) / 100)
    return 0.5 if positive == 2 else 0.2


def smart_money(label: str | None) -> float:
    words = (label or "").lower().split()
    return 1.0 if "fund" in words else 0.8 if "smart" in words else 0.5 if words else 0.0


def leverage_score(leverages: list[float]) -> float:
    if not leverages:
        return 0.5
    mean = statistics.fmean(leverages)
    return next((score for bound, score in ((3, 1.0), (5, 0.8), (10, 0.5), (20, 0.3)) if mean <= bound), 0.1)


def style(per_day: float, hold: float | None) -> tuple[str, float]:
    hours = 0.0 if hold is None else hold
    if per_day > 5 and hours < 4:
        return "high_frequency", 0.0
    return ("swing", 1.0) if per_day >= 0.3 and hours < 336 else ("position", 0.8)


def score(board: Row, trades: list[Row], leverages: list[float], as_of: int) -> Row:
    """The whole row of one trader, by the default rules."""
    found = figures(trades, as_of)
    parts = {
        "roi_score": clamp((board["roi_30d_percent"] or 0.0) / 100),
        "sharpe_score": clamp((found["pseudo_sharpe"] or 0.0) / 3),
        "win_rate_score": clamp(((found["win_rate"] or 0.0) - 0.35) / 0.50),
        "consistency_score": consistency(*(board[f"roi_{days}d_percent"] for days in (7, 30, 90))),
        "smart_money_score": smart_money(board["label"]),
        "risk_management_score": leverage_score(leverages),
    }
    weights = (0.25, 0.20, 0.15, 0.20, 0.10, 0.10)
    base = math.fsum(weight * part for weight, part in zip(weights, parts.values(), strict=True))
    name, multiplier = style(found["trades_per_day"], found["average_hold_hours"])
    since = found["days_since_last_trade"]
    decay = 0.0 if since is None else math.exp(-since / 30)
    begin = as_of - 90 * DAY
    first = trades[0]["time"] if trades else None
    is_new = first is not None and first >= begin + 7 * DAY
    missing = board["roi_90d_percent"] is None or board["pnl_90d"] is None
    provisional = missing and is_new
    gates = {
        days: board[f"pnl_{days}d"] is not None
        and board[f"roi_{days}d_percent"] is not None
        and board[f"pnl_{days}d"] > gain
        and board[f"roi_{days}d_percent"] > roi
        for days, gain, roi in ((7, 0, 5), (30, 10_000, 15), (90, 50_000, 30))
    }
    gates[90] = gates[90] or provisional
    wide = (board["account_value"] or 0) >= 50_000 and (board["roi_30d_percent"] or 0) >= 15
    factor = math.inf if found["no_losses"] else found["profit_factor"] or 0.0
    good = found["trade_count"] >= 50 and 0.35 <= (found["win_rate"] or 0.0) <= 0.85 and factor >= 1.5
    total = base * multiplier * decay * (0.7 if provisional else 1.0)
    failed = [
        *([] if wide else ["filter"]),
        *(f"gate_{days}d" for days in (7, 30, 90) if not gates[days]),
        *([] if good else ["quality"]),
        *([] if multiplier > 0 else ["style"]),
        *([] if total > 0 else ["score"]),
    ]
    return {
        **found,
        **parts,
        "style": name,
        "base_score": base,
        "score": total,
        "provisional": provisional,
        "eligible": not failed,
        "refused_by": failed[0] if failed else None,
    }
