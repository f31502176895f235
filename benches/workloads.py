"""The named workloads: what each is made of and what it guards."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A bound on one contestant: so many times a limit, or so many nanoseconds a unit."""

    contestant: str
    most: float
    of: str | None = None

    def text(self) -> str:
        """Say the bound in words."""
        return f"at most {self.most:g}× the {self.of}" if self.of else f"at most {self.most:,.0f} ns"


@dataclass(frozen=True)
class Workload:
    """One piece of work that every contestant does."""

    name: str
    title: str
    guards: str
    bars: int
    width: int
    goals: tuple[Goal, ...]


LOOP = "native loop"
RECORD = "native loop keeping a record"
CALLBACK = "native loop calling Python"
SAME = "native loop calling the same Python"
PYTHON = "triplebar, Python strategy"
RUST = "triplebar, Rust strategy"

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(
            "W1",
            "one instrument, means of 10 and 50 cross, 1 bp commission, equity per bar",
            "the cost of a bar on which little happens: calling the strategy, marking to market, recording",
            1_000_000,
            1,
            (Goal(PYTHON, 2.0, CALLBACK), Goal(RUST, 5.0, LOOP)),
        ),
        Workload(
            "W2",
            "the position flipped by a market order on every bar",
            "the cost of an order that fills, and that it does not grow with the orders before it",
            200_000,
            1,
            (Goal(PYTHON, 1_500.0), Goal(RUST, 20.0, LOOP)),
        ),
        Workload(
            "W3",
            "two resting limits cancelled and two placed on every bar",
            "the cost of the order book: placing, cancelling, meeting a price",
            200_000,
            1,
            (Goal(PYTHON, 4_000.0), Goal(RUST, 20.0, LOOP)),
        ),
        Workload(
            "W4",
            "100 instruments brought to equal weight every 50 bars",
            "many instruments on one clock: alignment, slices, marking a portfolio",
            10_000,
            100,
            (),
        ),
    )
}
