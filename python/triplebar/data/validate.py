"""`triplebar data check`: everything that is wrong with a table or a file, at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Unpack

import pyarrow as pa

from triplebar.data.arrays import IntArray
from triplebar.data.calendars import Calendar, calendar
from triplebar.data.columns import Columns, as_table, read_columns, renamed
from triplebar.data.faults import SHOWN_MAX, Fault, FaultList, listing
from triplebar.data.files import Paths, read_file
from triplebar.data.gaps import Gap, find_gaps, usual_interval_ns
from triplebar.data.importing import ImportKeywords, ImportOptions
from triplebar.data.intervals import interval_text
from triplebar.data.places import Part, Places
from triplebar.data.rows import Grouping, check_rows, group, zero_volumes
from triplebar.data.spikes import spike_warnings
from triplebar.data.times import to_text

GAPS_SHOWN_MAX: Final = 10
EARLY_NS: Final = 365 * 86_400 * 1_000_000_000
"""Whole-number times before 1971 are likelier to be seconds or milliseconds than nanoseconds."""


@dataclass(frozen=True, slots=True)
class SymbolSummary:
    """What there is of one symbol."""

    symbol: str
    bars: int
    first_ns: int
    last_ns: int
    interval_ns: int

    def __str__(self) -> str:
        span = f"{to_text(self.first_ns)} to {to_text(self.last_ns)}"
        return f"{self.symbol}: {self.bars} bars of {interval_text(self.interval_ns)}, {span}"

    def to_mapping(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            "symbol": self.symbol,
            "bars": self.bars,
            "first": to_text(self.first_ns),
            "last": to_text(self.last_ns),
            "interval": interval_text(self.interval_ns),
        }


@dataclass(frozen=True, slots=True)
class DataReport:
    """The outcome of a check. `faults` make the data unusable, `warnings` and `gaps` do not."""

    file: str | None
    rows: int
    symbols: tuple[SymbolSummary, ...]
    faults: tuple[Fault, ...]
    fault_count: int
    """All faults; of a kind that hits very many rows only the first are in `faults`."""
    kinds: dict[str, int]
    warnings: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def ok(self) -> bool:
        """No faults."""
        return self.fault_count == 0

    def text(self, most: int = SHOWN_MAX) -> str:
        """Write the report for people.

        >>> print(check_table({"time": [1], "symbol": ["X"]}).text(most=1))
        the table: 1 rows, 5 faults, 0 warnings, 0 gaps
        X: 1 bars of 1m, 1970-01-01T00:00:00.000000001Z to 1970-01-01T00:00:00.000000001Z
        column open: there is no column 'open'; add it, or name the column that holds it with columns={'open': ...}
        ... and 4 more
        """
        head = f"{self.file or 'the table'}: {self.rows} rows, {self.fault_count} faults, "
        lines = [f"{head}{len(self.warnings)} warnings, {len(self.gaps)} gaps"]
        lines += [str(each) for each in self.symbols]
        lines += [listing(self.faults, self.fault_count, most)] if self.faults else []
        lines += [f"warning: {each}" for each in self.warnings]
        lines += [f"gap: {each}" for each in self.gaps[:GAPS_SHOWN_MAX]]
        left = len(self.gaps) - GAPS_SHOWN_MAX
        return "\n".join([*lines, f"... and {left} more gaps"] if left > 0 else lines)

    def __str__(self) -> str:
        return self.text()

    def to_mapping(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            "file": self.file,
            "ok": self.ok,
            "rows": self.rows,
            "symbols": [each.to_mapping() for each in self.symbols],
            "fault_count": self.fault_count,
            "kinds": self.kinds,
            "faults": [each.to_mapping() for each in self.faults],
            "warnings": list(self.warnings),
            "gaps": [each.to_mapping() for each in self.gaps],
        }

    def to_json(self) -> str:
        """Write the report for machines.

        >>> json.loads(check_table({"time": [1]}).to_json())["ok"]
        False
        """
        return json.dumps(self.to_mapping(), indent=2)


def check_table(source: object, file: str | None = None, **options: Unpack[ImportKeywords]) -> DataReport:
    """Check a table; the options that matter are `calendar`, `columns`, `symbol`, `time_zone` and `sort`.

    >>> table = {"time": [60_000_000_000], "symbol": ["X"], "open": [1.0], "high": [1.0], "low": [2.0],
    ...          "close": [1.0], "volume": [-1.0]}
    >>> sorted(check_table(table).kinds)
    ['high_below_low', 'negative_volume']
    """
    table = as_table(source)
    return _check(table, FaultList(Places((Part(file, table.num_rows),))), ImportOptions.of(options))


def check_file(path: Paths, **options: Unpack[ImportKeywords]) -> DataReport:
    """Check a Parquet or CSV file, told apart by the ending of its name; several, of both kinds, are one table.

    A file without a column of symbols holds one instrument, which is then called after the file.
    """
    chosen = ImportOptions.of(options)
    faults = FaultList()
    table = read_file(path, chosen, faults)
    if chosen.symbol is None and "symbol" not in renamed(table, chosen.columns).column_names:
        first = path if isinstance(path, str | Path) else path[0]
        chosen = replace(chosen, symbol=Path(first).stem)
    return _check(table, faults, chosen)


def _check(table: pa.Table, faults: FaultList, options: ImportOptions) -> DataReport:
    sessions = calendar(options.calendar)
    columns = read_columns(renamed(table, options.columns), faults, symbol=options.symbol, time_zone=options.time_zone)
    grouping = group(columns, sort=options.sort)
    check_rows(columns, grouping, faults)
    times = _times(columns, grouping)
    return DataReport(
        file=faults.file,
        rows=columns.rows,
        symbols=tuple(_summary(symbol, time) for symbol, time in times.items()),
        faults=tuple(faults.in_order()),
        fault_count=faults.total,
        kinds=faults.kinds(),
        warnings=(*_warnings(columns, faults), *spike_warnings(columns, grouping, faults.places)),
        gaps=_gaps(times, sessions),
    )


def _times(columns: Columns, grouping: Grouping) -> dict[str, IntArray]:
    """The times of each symbol, in the order of the rows; nothing if time or symbol cannot be read."""
    if columns.time is None or columns.rows == 0 or columns.placed is not None or columns.symbols == ("",):
        return {}
    time = columns.time if grouping.order is None else columns.time[grouping.order]
    bounds = grouping.bounds
    return {symbol: time[bounds[n] : bounds[n + 1]] for n, symbol in enumerate(columns.symbols)}


def _summary(symbol: str, time: IntArray) -> SymbolSummary:
    return SymbolSummary(symbol, len(time), int(time.min()), int(time.max()), usual_interval_ns(time))


def _gaps(times: dict[str, IntArray], sessions: Calendar) -> tuple[Gap, ...]:
    return tuple(gap for symbol, time in times.items() for gap in find_gaps(time, symbol, sessions))


def _warnings(columns: Columns, faults: FaultList) -> tuple[str, ...]:
    found = []
    without = zero_volumes(columns)
    if without:
        found.append(f"{without} of {columns.rows} bars have no volume")
    if columns.time is not None and len(columns.time) > 1 and faults.total == 0 and columns.time[-1] < EARLY_NS:
        found.append(f"times end at {to_text(int(columns.time[-1]))}: are they really nanoseconds since 1970?")
    return tuple(found)
