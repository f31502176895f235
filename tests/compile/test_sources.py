"""Programs that nobody wrote: each runs in both modes, and what it did is the same.

A campaign of 500: `TRIPLEBAR_SOURCES=500 pytest tests/compile/test_sources.py`.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.compile.sources import programs, strategy_of
from tests.generators import random_case
from triplebar.contracts.errors import TradingError

PROGRAMS = int(os.environ.get("TRIPLEBAR_SOURCES", "6"))
"""Programs to write; each is compiled, which takes a second."""


def outcome(strategy: type[tb.Strategy], number: int, mode: str) -> tuple[Any, ...]:
    """What a run comes to: its hash, or its error."""
    case = random_case(number)
    try:
        result = tb.run(strategy(), case.market, case.config, mode=mode)
    except tb.HandlerError as problem:
        # Each mode adds to the message what it knows: the line of the source, or what the strategy remembered.
        cause = problem.__cause__
        return problem.handler, problem.index, problem.symbol, type(cause).__name__, str(cause)
    except TradingError as problem:
        return type(problem).__name__, str(problem)
    return result.result_hash, result.orders.num_rows, result.fills.num_rows


@pytest.mark.timeout(300 + 10 * PROGRAMS)
def test_random_sources_are_twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLEBAR_CACHE", str(tmp_path / "cache"))
    seen: Counter[str] = Counter()

    @seed(20)
    @settings(
        max_examples=PROGRAMS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(), st.integers(0, 10_000))
    def compare(source: str, number: int) -> None:
        strategy = strategy_of(source, tmp_path)
        interpreted = outcome(strategy, number, "interpreted")
        compiled = outcome(strategy, number, "compiled")
        assert compiled == interpreted, f"case {number} of:\n{source}"
        seen["programs"] += 1
        seen["finished"] += len(interpreted) == 3
        seen["orders"] += interpreted[1] if len(interpreted) == 3 else 0

    compare()
    assert seen["programs"] >= PROGRAMS
    assert seen["finished"] > PROGRAMS / 4
    assert seen["orders"] > PROGRAMS
    print(dict(seen))
