"""What a scenario shows: the rules that its title cites, and the acceptance rows that it has something of.

A row is shown by a scenario that cites one of the row's rules *and* contains what the row is about: a limit order, a
spread, an isolated account, a refusal with the reason. So a scenario about limits says nothing about stops because both
rest on S-23.
"""

from collections.abc import Callable

import pytest

from tests.scenarios.scenario import Scenario

Contains = Callable[[Scenario], bool]


def sends(*keywords: str) -> Contains:
    """An order is sent with one of these keywords."""
    return lambda scenario: any(each in step[2] for step in scenario.steps for each in keywords)


def sends_market_orders(scenario: Scenario) -> bool:
    """An order is sent without any price."""
    prices = {"limit", "stop", "trail", "trail_percent", "touch"}
    return any(step[1] in {"buy", "sell"} and not prices & set(step[2]) for step in scenario.steps)


def does(*actions: str) -> Contains:
    """The script takes one of these actions."""
    return lambda scenario: any(step[1] in actions for step in scenario.steps)


def is_set(*names: str) -> Contains:
    """One of these settings, or a part of it, is given."""
    return lambda scenario: any(name in scenario.settings for name in names)


def account(kind: str) -> Contains:
    """The account is of this kind."""
    return lambda scenario: scenario.settings.get("account", "margin") == kind


def expects(*sections: str) -> Contains:
    """What must come of it has one of these sections."""
    return lambda scenario: any(section in scenario.expected for section in sections)


def ends_with(*words: str) -> Contains:
    """An order ends with one of these states or reasons."""
    return lambda scenario: any(word in row.words for row in scenario.expected.get("ends", ()) for word in words)


def either(*parts: Contains) -> Contains:
    """Any of these."""
    return lambda scenario: any(part(scenario) for part in parts)


def both(*parts: Contains) -> Contains:
    """All of these."""
    return lambda scenario: all(part(scenario) for part in parts)


def same_close(scenario: Scenario) -> bool:
    """Orders fill at the close that they were decided on."""
    return scenario.settings.get("fill") == "same_close"


def always(scenario: Scenario) -> bool:
    """Whatever it contains."""
    return bool(scenario.title)


COSTS = is_set("commission", "commission_bps", "slippage", "slippage_bps", "spread")
TIMES_IN_FORCE = sends("tif")

SHOWS: dict[str, tuple[set[str], Contains]] = {
    "F-004": ({"S-02"}, always),
    "F-007": ({"S-20", "S-23", "S-40", "S-41", "S-42", "S-43", "S-44"}, either(sends("limit", "stop"), TIMES_IN_FORCE)),
    "F-008": ({"S-48"}, expects("events", "ends")),
    "F-010": ({"S-67"}, expects("positions", "trades")),
    "F-040": ({"S-20", "S-10", "S-30"}, both(sends_market_orders, lambda each: not same_close(each))),
    "F-041": ({"S-20", "S-30", "S-43"}, same_close),
    "F-042": ({"S-20", "S-21", "S-22", "S-23"}, sends("limit")),
    "F-043": ({"S-20", "S-21", "S-22", "S-23"}, sends("stop", "touch")),
    "F-044": ({"S-11", "S-22", "S-26"}, lambda each: len(each.steps) > 1),
    "F-045": ({"S-20", "S-41", "S-42", "S-43", "S-44"}, both(TIMES_IN_FORCE, expects("ends", "fills"))),
    "F-046": ({"S-50", "S-52"}, is_set("slippage", "slippage_bps")),
    "F-047": ({"S-53"}, is_set("commission", "commission_bps", "per_symbol")),
    "F-048": ({"S-24", "S-50", "S-51"}, is_set("spread", "per_symbol")),
    "F-049": ({"S-57"}, is_set("latency")),
    "F-050": ({"S-54", "S-55"}, is_set("misses", "participation")),
    "F-051": (
        {"S-60", "S-61", "S-62"}, either(account("cash"), ends_with("insufficient_funds", "short_not_allowed"))),
    "F-052": ({"S-70", "S-71"}, expects("postings", "equity", "cash")),
    "F-053": ({"S-67"}, expects("positions", "trades")),
    "F-055": ({"S-63"}, account("isolated")),
    "F-056": ({"S-72", "S-73"}, is_set("funding", "borrow_rate")),
    "F-057": ({"S-70"}, both(COSTS, expects("equity", "cash"), lambda each: "S-53" in each.rules)),
    "F-058": ({"S-60", "S-65", "S-66"}, either(is_set("risk"), does("kill_switch"))),
    "F-060": ({"S-80", "S-81"}, lambda each: len(each.bars) > 1 or is_set("close_at_end")(each)),
    "F-061": ({"S-47"}, ends_with("duplicate_order")),
    "F-062": ({"S-03", "S-70"}, lambda each: any(bar is None for bars in each.bars.values() for bar in bars)),
    "F-063": (
        {"S-04", "S-20", "S-27", "S-28", "S-45", "S-46"},
        either(does("modify", "cancel", "cancel_all"), ends_with("unsupported"), sends("oco", "parent", "reduce_only"),
               sends("take_profit", "stop_loss"))),
    "F-086": ({"S-32"}, is_set("start", "warmup_bars")),
}  # fmt: skip
"""For each row: the rules it rests on, and what a scenario must contain to show it."""
MIRRORED = "F-054"


def features_of(scenario: Scenario) -> set[str]:
    """The acceptance rows that a scenario shows."""
    return {row for row, (rules, contains) in SHOWS.items() if rules & scenario.rules and contains(scenario)}


def marks_of(scenario: Scenario, *, upside_down: bool) -> list[pytest.MarkDecorator]:
    """The marks of the test of a scenario."""
    features, shown = features_of(scenario), set(scenario.rules)
    if upside_down:
        features.add(MIRRORED)
        shown.add("S-29")
    return [pytest.mark.rule(*sorted(shown)), *([pytest.mark.feature(*sorted(features))] if features else [])]
