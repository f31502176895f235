"""From a table to series: read, check, bring together by symbol, put on the grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final, TypedDict

import pyarrow as pa

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.suggest import hint
from triplebar.data.building import SeriesBuilder
from triplebar.data.calendars import ROUND_THE_CLOCK, Calendar
from triplebar.data.columns import Columns, read_columns, renamed
from triplebar.data.faults import BadDataError, FaultList
from triplebar.data.grid import MOVED_TICKS
from triplebar.data.report import GridReport
from triplebar.data.rows import check_rows, group, zero_volumes
from triplebar.data.series import Series

ANY_MOVE_TICKS: Final = 0.5
"""No move to the nearest tick is larger than this."""


class ImportKeywords(TypedDict, total=False):
    """The keywords of `Market.from_table`, `from_parquet` and `from_csv`."""

    calendar: str | Calendar
    tolerance: float
    strict: bool
    sort: bool
    columns: Mapping[str, str] | None
    symbol: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a table is read."""

    calendar: str | Calendar = ROUND_THE_CLOCK
    """Gives the sessions: `24/7`, `weekdays`, the code of an exchange."""
    tolerance: float = ANY_MOVE_TICKS
    """A price may be moved to the grid by this many ticks; a larger move is an error."""
    strict: bool = False
    """No price may be moved at all."""
    sort: bool = False
    """Bring the rows in order instead of refusing them."""
    columns: Mapping[str, str] | None = None
    """Our name of a column to the table's own: `{"close": "Adj Close"}`."""
    symbol: str | None = None
    """The instrument, for a table without a column `symbol`."""
    time_zone: str | None = None
    """The zone of times that are stored without one."""

    @classmethod
    def of(cls, keywords: ImportKeywords) -> ImportOptions:
        """Check the keywords."""
        known = [each.name for each in fields(cls)]
        for name in keywords:
            if name not in known:
                raise ConfigError("is not an option of the import", where=name, fix=hint(name, known))
        options = cls(**keywords)
        if not options.tolerance >= 0:
            raise ConfigError.of("tolerance", options.tolerance, "must not be negative", fix="use 0.5 for any move")
        return options

    @property
    def tolerance_ticks(self) -> float:
        """The largest move allowed."""
        return MOVED_TICKS if self.strict else max(self.tolerance, MOVED_TICKS)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came out of a table."""

    series: tuple[Series, ...]
    report: GridReport
    warnings: tuple[str, ...]


def import_table(
    table: pa.Table,
    instruments: Iterable[object] | None,
    options: ImportOptions,
    *,
    faults: FaultList,
) -> Imported:
    """Return the series of a long table; `BadDataError` names everything that is wrong with it."""
    given = _by_symbol(instruments)
    symbol = options.symbol or (next(iter(given)) if len(given) == 1 else None)
    columns = read_columns(renamed(table, options.columns), faults, symbol=symbol, time_zone=options.time_zone)
    grouping = group(columns, sort=options.sort)
    check_rows(columns, grouping, faults)
    _check_present(given, columns, faults)
    if faults.total or columns.time is None:
        raise BadDataError(faults)
    builder = SeriesBuilder(columns, columns.time, grouping, given, options.tolerance_ticks, faults.places)
    series = tuple(builder.series(number) for number in range(len(columns.symbols)))
    return Imported(series, GridReport(tuple(builder.moves)), _warnings(columns))


def _warnings(columns: Columns) -> tuple[str, ...]:
    without = zero_volumes(columns)
    return (f"{without} of {columns.rows} bars have no volume",) if without else ()


def _by_symbol(instruments: Iterable[object] | None) -> dict[str, Instrument]:
    given: dict[str, Instrument] = {}
    for instrument in instruments or ():
        if not isinstance(instrument, Instrument):
            fix = "pass triplebar.Instrument('AAPL', price_precision=2)"
            raise ConfigError.of("instruments", instrument, "is not an Instrument", fix=fix)
        if instrument.symbol in given:
            raise ConfigError.of("instruments", instrument.symbol, "is given twice", fix="keep one of them")
        given[instrument.symbol] = instrument
    return given


def _check_present(given: Mapping[str, Instrument], columns: Columns, faults: FaultList) -> None:
    if columns.rows == 0 or columns.symbols == ("",):
        return
    for symbol in given:
        if symbol not in columns.symbols:
            fix = hint(symbol, columns.symbols) or "remove the instrument"
            faults.add("no_rows", f"instrument {symbol!r} has no rows", fix, column="symbol", value=symbol)
