"""What a run of the Rust core leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from triplebar.contracts.tables import conform

if TYPE_CHECKING:
    from triplebar._native import Facts
    from triplebar.strategy.context import LogLine


@dataclass(frozen=True)
class NativeFacts:
    """Facts whose tables are made from the core's record when asked for."""

    native: Facts
    logs: list[LogLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    interrupted: bool = False
    ended_clock: int = -1
    checkpoint: bytes | None = None
    mode: str | None = None
    """How it ran, if not as it was asked to."""

    @property
    def labels(self) -> list[str]:
        """The texts of tags, client ids and groups; number 1 first."""
        return self.native.labels

    def table(self, name: str) -> pa.Table:
        """One canonical table, with its schema; `KeyError` for a name that is not canonical."""
        # Asking pyarrow for a table of a foreign object loads pandas; reading the stream does not.
        return conform(name, pa.RecordBatchReader.from_stream(self.native.table(name)).read_all())
