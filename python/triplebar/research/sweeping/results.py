"""Where the blocks of a study go: into memory, or into a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from triplebar.contracts.errors import RegistryError
from triplebar.research.sweeping.found import Failure, Found
from triplebar.store.studies import StudyRecord, StudyStore


class Results(Protocol):
    """What is known of a study."""

    def done(self) -> list[int]:
        """The blocks that are finished, in order."""
        ...

    def put(self, block: int, found: Found, seconds: float) -> None:
        """Keep a block."""
        ...

    def tables(self) -> Iterator[pa.Table]:
        """The blocks in order: `set`, then the metrics."""
        ...

    def failures(self) -> list[Failure]:
        """The sets that could not be run, by number."""
        ...

    def counts(self) -> tuple[int, int]:
        """How many sets have numbers, and how many failed."""
        ...


class InMemory:
    """Blocks in memory."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.blocks: dict[int, Found] = {}

    def done(self) -> list[int]:
        """The blocks that are finished, in order."""
        return sorted(self.blocks)

    def put(self, block: int, found: Found, seconds: float) -> None:
        """Keep a block."""
        del seconds
        self.blocks[block] = found

    def tables(self) -> Iterator[pa.Table]:
        """The blocks in order."""
        for block in self.done():
            yield self.blocks[block].table

    def failures(self) -> list[Failure]:
        """The sets that could not be run."""
        return [failure for block in self.done() for failure in self.blocks[block].failures]

    def counts(self) -> tuple[int, int]:
        """How many sets have numbers, and how many failed."""
        found = self.blocks.values()
        return sum(len(each.numbers) for each in found), sum(len(each.failures) for each in found)


class InStore:
    """Blocks in a store; nothing of them stays in memory."""

    def __init__(self, store: StudyStore, study: StudyRecord, columns: frozenset[str]) -> None:
        """A study that was opened, and the columns that its blocks have."""
        self.store, self.study, self.columns = store, study.id, columns
        self.begun_ns = study.created_ns

    @property
    def path(self) -> Path:
        """The file of the store."""
        return self.store.database.path

    def done(self) -> list[int]:
        """The blocks that are finished, in order."""
        return self.store.blocks(self.study)

    def put(self, block: int, found: Found, seconds: float) -> None:
        """Keep a block."""
        failures = [(each.number, each.error, each.message) for each in found.failures]
        self.store.put(self.study, block, found.table, failures, seconds=seconds, begun_ns=self.begun_ns)

    def close(self, state: str, reason: str | None) -> None:
        """Say how the study was left."""
        self.store.close_study(self.study, state, reason, begun_ns=self.begun_ns)

    def tables(self) -> Iterator[pa.Table]:
        """The blocks in order, read one by one; the names of columns are what no checksum of a file covers."""
        for table in self.store.tables(self.study):
            lost = self.columns.difference(table.column_names)
            if lost:
                problem = f"a table of the study {self.study} has no column {min(lost)!r}"
                where = str(self.store.folder(self.study))
                raise RegistryError(
                    problem, where=where, fix="delete the damaged file and sweep again: it alone is run"
                )
            yield table

    def failures(self) -> list[Failure]:
        """The sets that could not be run."""
        return [Failure(each.number, each.error, each.message) for each in self.store.failures(self.study)]

    def counts(self) -> tuple[int, int]:
        """How many sets have numbers, and how many failed."""
        return self.store.finished(self.study)
