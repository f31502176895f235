"""Remembers what a provider has answered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from typing import Final, TypeVar, cast

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.ports import HistoricalDataProvider
from triplebar.data.intervals import interval_ns
from triplebar.data.times import range_ns

ENTRIES_MAX: Final = 256

AnswerT = TypeVar("AnswerT")


class CachedProvider:
    """Asks a provider once for each question; other symbols, dates or intervals are other questions.

    The answers longest not asked for are forgotten. An error is not remembered.

    >>> from datetime import UTC
    >>> from triplebar.data.market import Market
    >>> from triplebar.data.providers import MemoryProvider
    >>> cached = CachedProvider(MemoryProvider(Market.synthetic(bars=10)))
    >>> day = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    >>> len(cached.get_bars("X", *day, "1m")), len(cached.get_bars("X", *day, "1m")), cached.hits
    (10, 10, 1)
    """

    def __init__(
        self, provider: HistoricalDataProvider, *, enabled: bool = True, entries_max: int = ENTRIES_MAX
    ) -> None:
        """Wrap a provider; when not enabled every question is passed on."""
        if entries_max < 1:
            raise ConfigError.of("entries_max", entries_max, "must be at least 1", fix="use enabled=False for no cache")
        self.provider = provider
        self.enabled = enabled
        self.entries_max = entries_max
        self.hits = 0
        self.misses = 0
        self._answers: OrderedDict[Hashable, object] = OrderedDict()

    def get_bars(self, symbol: str, start: datetime, end: datetime, interval: str) -> Sequence[Bar]:
        """Return the bars that closed in [start, end)."""
        question = ("bars", symbol, *range_ns(start, end), interval_ns(interval))
        return self._answer(question, lambda: self.provider.get_bars(symbol, start, end, interval))

    def get_ticks(self, symbol: str, day: date) -> Sequence[Quote]:
        """Return the quotes of a UTC day."""
        return self._answer(("ticks", symbol, day), lambda: self.provider.get_ticks(symbol, day))

    def get_instrument_universe(self, day: date) -> Sequence[Instrument]:
        """Return what could be traded on a UTC day."""
        return self._answer(("universe", day), lambda: self.provider.get_instrument_universe(day))

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()

    def _answer(self, question: Hashable, ask: Callable[[], AnswerT]) -> AnswerT:
        if self.enabled and question in self._answers:
            self.hits += 1
            self._answers.move_to_end(question)
            return cast("AnswerT", self._answers[question])
        self.misses += 1
        answer = ask()
        if self.enabled:
            self._answers[question] = answer
            while len(self._answers) > self.entries_max:
                self._answers.popitem(last=False)
        return answer
