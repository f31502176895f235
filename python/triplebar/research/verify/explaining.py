"""Why the profits of two runs differ: rules switched one at a time, then what paired orders did differently.

1. As long as a switch of one rule of our own engine brings our run clearly nearer to the other, the best one is kept.
2. The profit that the kept switches move is split over them by Shapley's value, if there are at most four, else in the
   order in which they were found.
3. What still differs is read off the paired orders, fill by fill.
4. What is left over is unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from triplebar.contracts.errors import TradingError
from triplebar.contracts.result_numbers import BILLION
from triplebar.contracts.settings import Settings
from triplebar.research.verify import causes, direct
from triplebar.research.verify.distance import Distance, Glasses
from triplebar.research.verify.guesses import evidence, guesses
from triplebar.research.verify.pairing import pair_orders
from triplebar.research.verify.pieces import Match, matches
from triplebar.research.verify.rerun import Reruns
from triplebar.research.verify.shares import apportioned, averaged
from triplebar.research.verify.side import Side
from triplebar.research.verify.switches import Switch, known_switches

CLEARLY: Final = 0.1
"""A guess must do away with at least this share of the rows that differ."""
AVERAGED_MAX: Final = 4
"""More causes than this are split in the order in which they were found."""
ROUNDS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class CauseShare:
    """One cause and its share of the difference."""

    cause: str
    amount_minor: int
    how: str
    """`rule switched`, `paired orders`, `account` or `rest`."""
    text: str
    first_clock: int | None
    places: int
    """In how many places it was seen; 0 if that was not counted."""

    @property
    def rule(self) -> str:
        """The rule of simulation it belongs to."""
        return causes.RULES[self.cause]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the difference of two profits is due to; the shares add up to it exactly."""

    difference_minor: int
    shares: tuple[CauseShare, ...]
    parts: tuple[direct.Part, ...] = ()
    runs: int = 0
    switched: tuple[str, ...] = ()
    """The switches that were kept, in the order in which they were found."""

    @property
    def unexplained_minor(self) -> int:
        """What no cause was found for."""
        return sum(each.amount_minor for each in self.shares if each.cause == causes.UNEXPLAINED)

    @property
    def main(self) -> str | None:
        """The cause with the largest share; None if there is no difference at all."""
        real = [each for each in self.shares if each.amount_minor or each.cause != causes.UNEXPLAINED]
        return max(real, key=lambda each: abs(each.amount_minor)).cause if real else None


@dataclass
class Explainer:
    """Explains the differences of runs to one run of our own."""

    left: Side
    right: Side
    reruns: Reruns | None = None
    kept: list[Switch] = field(default_factory=list)
    profits: dict[frozenset[str], int] = field(default_factory=dict)

    def explanation(self) -> Explanation:
        """Switch, then pair, then count what is left."""
        nearest = self._nearest()
        found = _matched(nearest, self.right)
        rows = direct.parts(nearest, self.right, found)
        difference = self.right.profit_minor - self.left.profit_minor
        amounts = {name: Fraction(amount) for name, amount in self._switched(nearest).items()}
        shares = _collected(nearest, self.right, rows, amounts, difference)
        return Explanation(
            difference,
            tuple(self._shown(rows, shares)),
            tuple(rows),
            self.reruns.count if self.reruns else 0,
            tuple(switch.text for switch in self.kept),
        )

    # ------------------------------------------------------------------------------------------------------- search

    def _nearest(self) -> Side:
        """The run of our own engine that is nearest to the right side."""
        nearest, glasses = self.left, Glasses(self.right)
        if self.reruns is None:
            return nearest
        distance = glasses.distance(nearest)
        for _ in range(ROUNDS_MAX):
            if distance.nothing:
                break
            step = self._step(nearest, distance, glasses)
            if step is None:
                break
            switch, nearest, distance = step
            self.kept.append(switch)
        return nearest

    def _step(self, nearest: Side, distance: Distance, glasses: Glasses) -> tuple[Switch, Side, Distance] | None:
        """The switch that brings the run nearest; None if none does so clearly."""
        kept = {each.cause for each in self.kept}
        known = (each for each in known_switches(self.left.settings, self.right.settings) if each.cause not in kept)
        return self._best(known, nearest, distance, glasses) or (
            self._best(self._guessed(nearest), nearest, distance, glasses)
        )

    def _best(
        self, switches: Iterable[Switch], nearest: Side, distance: Distance, glasses: Glasses
    ) -> tuple[Switch, Side, Distance] | None:
        best: tuple[Switch, Side, Distance] | None = None
        for switch in switches:
            side = self._tried(switch, nearest.settings)
            if side is None:
                continue
            now = glasses.distance(side)
            enough = distance.rows - now.rows >= max(1.0, CLEARLY * distance.rows)
            if (enough or switch.known) and (best is None or now < best[2]):
                best = switch, side, now
                if now.nothing:
                    break
        return best

    def _guessed(self, nearest: Side) -> Iterator[Switch]:
        found = _matched(nearest, self.right)
        seen = evidence(nearest, self.right, found)
        yield from (each for each in guesses(nearest, self.right, found) if each.worth(seen))

    def _tried(self, switch: Switch, settings: Settings) -> Side | None:
        assert self.reruns is not None  # noqa: S101 - asked only if there is an engine to run
        now = switch.change(settings)
        if now == settings:
            return None
        try:
            return self.reruns.side(now)
        except TradingError:  # a strategy may not be able to live with the other rule: then it is not that
            return None

    # ------------------------------------------------------------------------------------------------------- shares

    def _switched(self, nearest: Side) -> dict[str, int | Fraction]:
        """What each kept cause moves the profit by."""
        names = list(dict.fromkeys(switch.cause for switch in self.kept))
        everything = frozenset(names)
        self.profits = {frozenset(): self.left.profit_minor, everything: nearest.profit_minor}
        if len(names) <= AVERAGED_MAX:
            return dict(averaged(names, self._profit)) if names else {}
        found: dict[str, int | Fraction] = {}
        before: frozenset[str] = frozenset()
        for name in names:
            found[name] = self._profit(before | {name}) - self._profit(before)
            before |= {name}
        return found

    def _profit(self, chosen: frozenset[str]) -> int:
        """The profit with the switches of these causes."""
        if chosen not in self.profits:
            assert self.reruns is not None  # noqa: S101 - there are causes only if there was an engine to run
            settings = self.left.settings
            for switch in self.kept:
                if switch.cause in chosen:
                    settings = switch.change(settings)
            self.profits[chosen] = self.reruns.side(settings).profit_minor
        return self.profits[chosen]

    def _shown(self, rows: Sequence[direct.Part], amounts: dict[str, int]) -> Iterator[CauseShare]:
        """What is unexplained first, then the largest."""
        order = sorted(amounts, key=lambda name: (name != causes.UNEXPLAINED, -abs(amounts[name]), name))
        for name in order:
            texts = [switch.text for switch in self.kept if switch.cause == name]
            places = [part for part in rows if part.cause == name]
            how = "rule switched" if texts else "paired orders" if places else "account"
            text = "; ".join(texts) or (places[0].text if places else "")
            first = places[0].clock if places else None
            yield CauseShare(
                name, amounts[name], "rest" if name == causes.UNEXPLAINED else how, text, first, len(places)
            )


def _matched(left: Side, right: Side) -> list[Match]:
    return list(matches(left, right, pair_orders(left, right)))


def _collected(
    nearest: Side, right: Side, rows: Sequence[direct.Part], amounts: dict[str, Fraction], difference: int
) -> dict[str, int]:
    """All causes in whole minor units, together the difference; what is missing is unexplained."""
    for name, ppb in direct.amounts_by_cause(rows).items():
        amounts[name] = amounts.get(name, Fraction(0)) + Fraction(ppb, BILLION)
    one, other = nearest.folded_ppb(), right.folded_ppb(nearest.marks)
    account = (right.end_minor * BILLION - right.folded_ppb()) - (nearest.end_minor * BILLION - one)
    for name, ppb in (
        (causes.DEPOSITS, direct.deposits_ppb(nearest, right)),
        (causes.END, right.folded_ppb() - other),
        (causes.ACCOUNT, account),
    ):
        if ppb:
            amounts[name] = amounts.get(name, Fraction(0)) + Fraction(ppb, BILLION)
    amounts.setdefault(causes.UNEXPLAINED, Fraction(0))
    amounts[causes.UNEXPLAINED] += difference - sum(amounts.values())
    return apportioned(amounts, difference)
