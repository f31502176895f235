"""Which symbols could be traded at an instant, as it was known then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from triplebar.contracts.errors import ConfigError, UnknownSymbolError
from triplebar.data.intervals import DAY_NS
from triplebar.data.market import Market
from triplebar.data.times import Instant, day_start_ns, instant_ns, to_text


@dataclass(frozen=True, slots=True)
class Membership:
    """A symbol is a member from `start` until `end` (not included); None: it still is."""

    symbol: str
    start: Instant
    end: Instant | None = None

    def __post_init__(self) -> None:
        """Refuse a membership that ends before it starts."""
        if self.end_ns is not None and self.end_ns <= self.start_ns:
            where = f"{self.symbol}.end"
            raise ConfigError.of(where, to_text(self.end_ns), "is not after the start", fix="exchange the two")

    @property
    def start_ns(self) -> int:
        """When it begins."""
        return instant_ns(self.start, f"{self.symbol}.start")

    @property
    def end_ns(self) -> int | None:
        """When it ends."""
        return None if self.end is None else instant_ns(self.end, f"{self.symbol}.end")

    def holds(self, at_ns: int) -> bool:
        """Tell whether it holds at an instant."""
        return self.start_ns <= at_ns and (self.end_ns is None or at_ns < self.end_ns)


class Universe:
    """Symbols with their times of listing and delisting.

    >>> universe = Universe([Membership("OLD", 0, 10), Membership("NEW", 5)])
    >>> universe.at(3), universe.at(7), universe.at(10)
    (('OLD',), ('NEW', 'OLD'), ('NEW',))
    """

    def __init__(self, members: Iterable[Membership]) -> None:
        """Take memberships; a symbol may leave and come back."""
        self.members = tuple(sorted(members, key=lambda each: (each.symbol.encode(), each.start_ns)))
        for one, other in zip(self.members, self.members[1:], strict=False):
            if one.symbol == other.symbol and (one.end_ns is None or other.start_ns < one.end_ns):
                where = f"{one.symbol}.start"
                raise ConfigError.of(where, to_text(other.start_ns), "the symbol still is a member", fix="end it first")

    @classmethod
    def of_market(cls, market: Market) -> Universe:
        """Take the first bar of each symbol as its listing, and the instant after its last one as its delisting.

        A symbol whose data reach the end of the market is not delisted.

        >>> Universe.of_market(Market.synthetic(symbols=("A", "B"), bars=5)).at("2024-01-01T00:03:00Z")
        ('A', 'B')
        """
        end = int(market.clock[-1])
        members = []
        for symbol in market.symbols:
            time = market.series(symbol).time
            last = int(time[-1])
            members.append(Membership(symbol, int(time[0]), None if last == end else last + 1))
        return cls(members)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols that ever were members."""
        return tuple(dict.fromkeys(each.symbol for each in self.members))

    def at(self, when: Instant) -> tuple[str, ...]:
        """Return the members at an instant, sorted."""
        at_ns = instant_ns(when, "when")
        return tuple(each.symbol for each in self.members if each.holds(at_ns))

    def on(self, day: date) -> tuple[str, ...]:
        """Return those that are members at any instant of a UTC day, sorted.

        >>> from datetime import date
        >>> Universe([Membership("OLD", 0, 10), Membership("NEW", 5)]).on(date(1970, 1, 1))
        ('NEW', 'OLD')
        """
        start_ns = day_start_ns(day)
        found = (each for each in self.members if each.start_ns < start_ns + DAY_NS)
        return tuple(dict.fromkeys(each.symbol for each in found if each.end_ns is None or each.end_ns > start_ns))

    def holds(self, symbol: str, when: Instant) -> bool:
        """Tell whether a symbol is a member at an instant; a symbol that never was one is an error."""
        if symbol not in self.symbols:
            raise UnknownSymbolError.of(symbol, self.symbols)
        return symbol in self.at(when)
