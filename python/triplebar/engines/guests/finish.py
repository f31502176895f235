"""From what a floor has recorded to the facts of a run."""

from __future__ import annotations

from collections.abc import Sequence

from triplebar.engines.base import TableFacts
from triplebar.engines.reference.decisions import Decisions
from triplebar.engines.reference.engine import Simulation
from triplebar.engines.reference.tables import canonical_tables


def floor_facts(
    floor: Simulation, decisions: Decisions, *, interrupted: bool, warnings: Sequence[str] = ()
) -> TableFacts:
    """The canonical tables of a run on a floor."""
    return TableFacts(
        canonical_tables(floor.record, floor.orders, floor.settings),
        labels=floor.record.labels,
        warnings=list(warnings),
        logs=decisions.logs,
        interrupted=interrupted,
        ended_clock=floor.tick,
    )
