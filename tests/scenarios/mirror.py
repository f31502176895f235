"""A scenario upside down (S-29): every price p becomes `top - p`, buys become sells."""

from dataclasses import replace
from typing import Any

from tests.scenarios.scenario import Row, Scenario

PRICES = ("limit", "stop", "touch", "take_profit", "stop_loss")
OTHER_SIDE = {"buy": "sell", "sell": "buy"}
OTHER_PATH = {
    "open_high_low_close": "open_low_high_close",
    "open_low_high_close": "open_high_low_close",
    "pessimistic": "pessimistic",
}
KEPT = ("fills", "ends", "events", "refused", "labels")
"""The sections that can be turned over: the others are about money."""


def mirrored(scenario: Scenario) -> Scenario:
    """The scenario upside down."""
    top = scenario.mirror
    if top is None:
        raise ValueError(f"{scenario.name} has no mirror")
    path = scenario.settings.get("path", "open_high_low_close")
    return replace(
        scenario,
        title=f"{scenario.title} (upside down)",
        bars={symbol: [turned(bar, top) for bar in bars] for symbol, bars in scenario.bars.items()},
        settings=scenario.settings | {"path": OTHER_PATH[path]},
        steps=[(place, OTHER_SIDE.get(action, action), keywords_turned(action, keywords, top))
               for place, action, keywords in scenario.steps],
        expected={name: [row_turned(name, row, top) for row in scenario.expected[name]]
                  for name in KEPT if name in scenario.expected},
        mirror=None,
    )  # fmt: skip


def turned(bar: tuple[float, ...] | None, top: float) -> tuple[float, ...] | None:
    """A bar upside down: its high comes from its low."""
    if bar is None:
        return None
    opening, high, low, close, volume = bar
    return top - opening, top - low, top - high, top - close, volume


def keywords_turned(action: str, keywords: dict[str, Any], top: float) -> dict[str, Any]:
    """Prices upside down; a target position changes its sign."""
    found = {name: top - value if name in PRICES else value for name, value in keywords.items()}
    return found | {"quantity": -keywords["quantity"]} if action == "target" else found


def row_turned(section: str, row: Row, top: float) -> Row:
    """An expected row upside down: the price of a fill, and of an event that has one."""
    if section == "fills":
        words = list(row.words)
        words[3] = str(top - float(words[3]))
        return replace(row, words=tuple(words))
    if section == "events" and row.words[2] in {"accepted", "triggered"} and "value" in row.pairs:
        return replace(row, pairs={"value": str(int(top - float(row.pairs["value"])))})
    return row
