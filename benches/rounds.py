"""Time contestants side by side: interleaved rounds, order rotated, medians and ratios within a round."""

import gc
import statistics
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from benches.contestants import Contestant, check, digest
from benches.limits import Answer

LASTS_SECONDS = 0.2
"""How long the runs of one contestant in one round last together: the first ten milliseconds of any loop are slow."""


@dataclass
class Measured:
    """The times of one contestant, one a round, and its checked answer."""

    name: str
    answer: Answer
    seconds: list[float] = field(default_factory=list)

    def nanoseconds(self, units: int) -> float:
        """Say the median cost of one unit."""
        return statistics.median(self.seconds) / units * 1e9

    def least_nanoseconds(self, units: int) -> float:
        """Say the least cost of one unit."""
        return min(self.seconds) / units * 1e9

    def times(self, other: "Measured") -> float:
        """Say how many times slower this is: the median over the rounds of the ratio within the round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))

    def digest(self) -> str:
        """Shorten the answer."""
        return digest(self.answer)


def measure(
    workload: str, everybody: list[Contestant], rounds: int, *, strangers: Collection[str] = ()
) -> dict[str, Measured]:
    """Check that all but strangers agree (which warms them up), then time them."""
    answers = {one.name: one.answer(one.run()) for one in everybody}
    check(workload, {name: answer for name, answer in answers.items() if name not in strangers})
    measured = {name: Measured(name, answer) for name, answer in answers.items()}
    repeats = {one.name: max(1, round(LASTS_SECONDS / _seconds(one, 1))) for one in everybody}
    for number in range(rounds):
        turn = number % len(everybody)
        for one in everybody[turn:] + everybody[:turn]:
            gc.collect()
            measured[one.name].seconds.append(_seconds(one, repeats[one.name]))
    return measured


def _seconds(one: Contestant, repeats: int) -> float:
    """Time some runs that follow straight on each other; say what one took."""
    begin = time.perf_counter()
    for _ in range(repeats):
        one.run()
    return (time.perf_counter() - begin) / repeats
