"""The sessions of exchanges, from the `exchange_calendars` library."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import IntArray
from triplebar.data.stretches import Stretches

YEARS: Final = 10
"""Calendars are made for whole decades, so that few of them are made."""


def check_exchange(name: str, built_in: Iterable[str]) -> None:
    """Refuse the name of a calendar that neither is built in nor known to the library."""
    with _library(name) as library:
        known = library.get_calendar_names(include_aliases=True)
    if name not in known:
        raise ConfigError.of("calendar", name, "is not a calendar", fix=hint(name, [*built_in, *known]))


def exchange_stretches(name: str, first_year: int, last_year: int) -> Stretches:
    """Return all stretches of these years, and some before and after."""
    first, last = first_year // YEARS * YEARS, last_year // YEARS * YEARS + YEARS - 1
    return _stretches(name, first, last)


@lru_cache(maxsize=32)
def _stretches(name: str, first_year: int, last_year: int) -> Stretches:
    with _library(name) as library:
        kind = type(library.get_calendar(name))
        start = _later(date(first_year, 1, 1), kind.bound_min())
        end = _earlier(date(last_year, 12, 31), kind.bound_max())
        schedule = library.get_calendar(name, start=start.isoformat(), end=end.isoformat()).schedule
        return _from_schedule(schedule)


def _from_schedule(schedule: Any) -> Stretches:  # noqa: ANN401 - a pandas frame, which is an optional library
    opens, closes = _nanoseconds(schedule["open"]), _nanoseconds(schedule["close"])
    break_starts, break_ends = _nanoseconds(schedule["break_start"]), _nanoseconds(schedule["break_end"])
    days = schedule.index.to_numpy().astype("datetime64[D]").astype(np.int32)
    broken = schedule["break_start"].notna().to_numpy()
    every_open = np.concatenate([opens, break_ends[broken]])
    every_close = np.concatenate([np.where(broken, break_starts, closes), closes[broken]])
    order = np.argsort(every_open, kind="stable")
    return Stretches(every_open[order], every_close[order], np.concatenate([days, days[broken]])[order])


def _nanoseconds(column: Any) -> IntArray:  # noqa: ANN401 - a pandas series
    values: IntArray = (
        column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    )
    return values


def _later(day: date, bound: Any) -> date:  # noqa: ANN401 - a pandas time stamp
    return day if bound is None else max(day, date.fromisoformat(str(bound)[:10]))


def _earlier(day: date, bound: Any) -> date:  # noqa: ANN401 - a pandas time stamp
    return day if bound is None else min(day, date.fromisoformat(str(bound)[:10]))


@contextmanager
def _library(name: str) -> Iterator[ModuleType]:
    """Import the library, and keep to ourselves what it has to say about its own use of pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import exchange_calendars
        except ImportError as problem:
            fix = "use '24/7' or 'weekdays', or install the package exchange_calendars"
            raise ConfigError.of("calendar", name, "is not built in", fix=fix) from problem
        yield exchange_calendars
