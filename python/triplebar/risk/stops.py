"""Stops over columns: which positions have to go, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar import _native
from triplebar.contracts import checks
from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.contracts.exact import Number, exact
from triplebar.contracts.model import Model, strict
from triplebar.contracts.time import to_ns
from triplebar.risk.copying import parts
from triplebar.risk.tables import one_batch

HOUR_NS: Final = 3_600 * 10**9
ACTIVATIONS: Final = ("immediate", "in_profit")


@strict
@dataclass(frozen=True)
class Stops(Model):
    """When a position has to go: a `loss` from its entry, a `trailing` share from its best price, after `hours`.

    None is no such stop. The trailing stop counts at once (`activation="immediate"`) or from where it would take a
    profit (`"in_profit"`).

    >>> Stops(loss=0.05, trailing=0.08, hours=72).trailing
    Decimal('0.08')
    """

    loss: Number | None = None
    trailing: Number | None = None
    hours: Number | None = None
    activation: str = "immediate"

    def __post_init__(self) -> None:
        """Check everything."""
        for name in ("loss", "trailing"):
            self._optional_number(name, above=0)
            value = getattr(self, name)
            if value is not None and value >= 1:
                raise ConfigError.of(self._named(name), value, "must be below 1", fix="write 0.05 for 5 %")
        self._optional_number("hours", above=0)
        checks.choice(self._named("activation"), self.activation, ACTIVATIONS)

    @cached_property
    def kernel(self) -> _native.StopRules:
        """The rules as the kernel reads them."""
        share = [None if each is None else parts("share", each) for each in (self.loss, self.trailing)]
        duration = None if self.hours is None else int(exact(self.hours) * HOUR_NS)
        return _native.StopRules(share[0], share[1], duration, self.activation == "in_profit")


def check_stops(positions: Any, stops: Stops, now: datetime | int) -> pa.Table:  # noqa: ANN401
    """Look at many positions at once (R-30 to R-35).

    In: `side`, `entry_price`, `best_price` (missing or null: the entry), `mark`, `since` (time of the entry). Out: the
    same rows, `best_price` brought forward, and `exit` (`none`, `stop_loss`, `trailing_stop`, `time_stop`),
    `stop_price`, `trailing_price`. A mark that is not positive is no price: nothing is decided.

    >>> positions = {"side": [1, -1], "entry_price": [100.0, 100.0], "best_price": [110.0, 90.0],
    ...     "mark": [101.2, 97.1], "since": [0, 0]}
    >>> check_stops(positions, Stops(trailing=0.08), now=1).column("exit").to_pylist()
    ['trailing_stop', 'none']
    """
    batch = one_batch(positions)
    entry = _prices(batch, "entry_price")
    best = _prices(batch, "best_price", entry) if "best_price" in batch.schema.names else entry
    columns = (
        _present(batch, "side"),
        to_arrow(entry),
        to_arrow(best),
        to_arrow(_prices(batch, "mark")),
        _present(batch, "since").cast(pa.timestamp("ns", "UTC")).cast(pa.int64()),
    )
    found = pa.record_batch(stops.kernel.look_at_all(list(columns), _moment(now)))
    table = pa.Table.from_batches([batch])
    for name in found.schema.names:
        table = table.drop_columns([name]) if name in table.schema.names else table
        table = table.append_column(name, found.column(name))
    return table


def _moment(now: datetime | int) -> int:
    return now if isinstance(now, int) else to_ns(now)


def _present(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        known = ", ".join(batch.schema.names)
        raise DataQualityError(f"column {name} is missing; there are: {known}", where="positions")
    column = batch.column(name)
    if column.null_count:
        raise DataQualityError(f"column {name} has a null", where="positions", fix="fill it in or drop the row")
    return column


def _prices(batch: pa.RecordBatch, name: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - arrays
    if name in batch.schema.names and otherwise is not None:
        column = batch.column(name).cast(pa.float64())
        filled = pa.compute.coalesce(column, pa.array(otherwise))
        return filled.to_numpy(zero_copy_only=False)
    return np.asarray(_present(batch, name).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
