"""What a scenario shows: its rules, and the acceptance rows that these rules are about."""

import pytest

from tests.scenarios.scenario import Scenario

FEATURES_OF_RULE = {
    "S-02": ("F-004",),
    "S-03": ("F-062",),
    "S-11": ("F-044",),
    "S-23": ("F-007",),
    "S-27": ("F-063",),
    "S-28": ("F-063",),
    "S-32": ("F-086",),
    "S-40": ("F-007", "F-045"),
    "S-41": ("F-045",),
    "S-42": ("F-045",),
    "S-43": ("F-045",),
    "S-44": ("F-045",),
    "S-46": ("F-063",),
    "S-47": ("F-061",),
    "S-48": ("F-008",),
    "S-50": ("F-046", "F-048"),
    "S-51": ("F-048",),
    "S-52": ("F-046",),
    "S-53": ("F-047",),
    "S-54": ("F-050",),
    "S-57": ("F-049",),
    "S-60": ("F-058",),
    "S-61": ("F-051",),
    "S-62": ("F-051",),
    "S-63": ("F-055",),
    "S-65": ("F-058",),
    "S-66": ("F-058",),
    "S-67": ("F-010", "F-053"),
    "S-70": ("F-052",),
    "S-71": ("F-052",),
    "S-72": ("F-056",),
    "S-73": ("F-056",),
    "S-81": ("F-060",),
}
FEATURES_OF_FILE = {
    "01-market-orders.txt": ("F-040", "F-041"),
    "02-limit-orders.txt": ("F-042",),
    "03-stop-orders.txt": ("F-043",),
    "05-paths.txt": ("F-044",),
}
COSTS_OF_A_FLAT_MARKET = ({"S-53", "S-70"}, "F-057")
MIRRORED = "F-054"


def marks_of(scenario: Scenario, *, upside_down: bool) -> list[pytest.MarkDecorator]:
    """The marks of the test of a scenario."""
    features = set(FEATURES_OF_FILE.get(scenario.file, ()))
    for rule in scenario.rules:
        features |= set(FEATURES_OF_RULE.get(rule, ()))
    rules, feature = COSTS_OF_A_FLAT_MARKET
    if rules <= scenario.rules:
        features.add(feature)
    shown = set(scenario.rules)
    if upside_down:
        features.add(MIRRORED)
        shown.add("S-29")
    return [pytest.mark.rule(*sorted(shown)), *([pytest.mark.feature(*sorted(features))] if features else [])]
