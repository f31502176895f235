"""From what a floor has recorded to the facts of a run."""

from __future__ import annotations

from triplebar.engines.base import TableFacts
from triplebar.engines.guests.floor import GuestFloor
from triplebar.engines.reference.decisions import Decisions
from triplebar.engines.reference.tables import canonical_tables


def floor_facts(floor: GuestFloor, decisions: Decisions, *, interrupted: bool) -> TableFacts:
    """The canonical tables of a strict run."""
    return TableFacts(
        canonical_tables(floor.record, floor.orders, floor.settings),
        labels=floor.record.labels,
        warnings=list(floor.warnings),
        logs=decisions.logs,
        interrupted=interrupted,
        ended_clock=floor.tick,
    )
