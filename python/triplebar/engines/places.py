"""Where each engine is found, and what the guests need."""

from __future__ import annotations

from typing import Final

ENGINES: Final = {
    "custom": "triplebar.engines.custom:CustomEngine",
    "reference": "triplebar.engines.reference:ReferenceEngine",
    "backtrader": "triplebar.engines.backtrader:BacktraderEngine",
    "nautilus": "triplebar.engines.nautilus:NautilusEngine",
}
"""`module:Class` of each engine by name."""

GUESTS: Final = {"backtrader": "backtrader", "nautilus": "nautilus_trader"}
"""The package that each guest needs; its extra has the name of the engine."""
