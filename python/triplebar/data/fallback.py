"""A second source for when the first one fails: never silently."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.ports import HistoricalDataProvider
from triplebar.data.intervals import interval_ns
from triplebar.data.times import day_start_ns, range_ns

AnswerT = TypeVar("AnswerT")

log = logging.getLogger(__name__)


class AllSourcesFailedError(DataError):
    """No source could answer; `causes` are the errors of all of them, in their order."""

    causes: tuple[Exception, ...] = ()


class FallbackProvider:
    """Asks one provider after the other until one answers; each failure is logged and kept in `warnings`.

    A question that makes no sense, such as one with a naive time, is refused before anyone is asked.
    """

    def __init__(self, *providers: HistoricalDataProvider) -> None:
        """Take the providers in the order in which they are asked."""
        if len(providers) < 2:
            raise ConfigError.of("providers", len(providers), "must be at least two", fix="add a second source")
        self.providers = providers
        self.warnings: list[str] = []

    def get_bars(self, symbol: str, start: datetime, end: datetime, interval: str) -> Sequence[Bar]:
        """Return the bars that closed in [start, end)."""
        range_ns(start, end)
        interval_ns(interval)
        return self._first(f"{symbol} bars", lambda each: each.get_bars(symbol, start, end, interval))

    def get_ticks(self, symbol: str, day: date) -> Sequence[Quote]:
        """Return the quotes of a UTC day."""
        day_start_ns(day)
        return self._first(f"{symbol} quotes", lambda each: each.get_ticks(symbol, day))

    def get_instrument_universe(self, day: date) -> Sequence[Instrument]:
        """Return what could be traded on a UTC day."""
        day_start_ns(day)
        return self._first("universe", lambda each: each.get_instrument_universe(day))

    def _first(self, what: str, ask: Callable[[HistoricalDataProvider], Sequence[AnswerT]]) -> Sequence[AnswerT]:
        causes: list[Exception] = []
        for number, provider in enumerate(self.providers, 1):
            try:
                answer = ask(provider)
                if answer:
                    return answer
                causes.append(DataError("no data available", where=what))
            except Exception as problem:  # noqa: BLE001 - whatever a source raises, the next one is asked
                causes.append(problem)
            warning = f"{what}: source {number} ({type(provider).__name__}) failed: {_one_line(causes[-1])}"
            self.warnings.append(warning)
            log.warning(warning)
        listed = "; ".join(f"source {number}: {_one_line(cause)}" for number, cause in enumerate(causes, 1))
        error = AllSourcesFailedError(f"no source could answer: {listed}", where=what, fix="mend one of the sources")
        error.causes = tuple(causes)
        raise error from causes[0]


def _one_line(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}".splitlines()[0]
