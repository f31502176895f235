"""The traders who are followed: the best fifteen with an id, ties by address, the previous ones when choosing fails."""

from pathlib import Path

import pyarrow as pa
import pytest

import triplebar as tb
from tests.metrics.scoring_inputs import AS_OF, board, positions, round_trips, trades
from tests.metrics.scoring_oracle import DAY
from triplebar.contracts.errors import DataError, ExternalApiError, NotFound
from triplebar.store.leaders import LeaderRegistry

pytestmark = pytest.mark.feature("F-214")
ADDRESSES = [f"0x{number:02x}" for number in range(20)]


def scored(as_of: int = AS_OF, best: str = "0x07") -> pa.Table:
    """Twenty traders with the same record, one of whom has earned more."""
    rows = [row for trader in ADDRESSES for row in round_trips(60, trader=trader, last=as_of)]
    figures = {trader: {"roi_30d_percent": 60.0 if trader == best else 50.0} for trader in reversed(ADDRESSES)}
    rows.sort(key=lambda row: row["time"])
    return tb.metrics.score_traders(trades(rows), positions(), board(**figures), as_of=as_of)


def test_the_best_fifteen_are_kept_with_an_id_and_ties_go_by_address(tmp_path: Path) -> None:
    with LeaderRegistry(tmp_path) as registry:
        chosen = registry.refresh(scored, as_of=AS_OF)
        others = [each for each in ADDRESSES if each != "0x07"]
        assert chosen.traders == ("0x07", *others[:14])
        assert chosen.scores[0] > chosen.scores[1] == chosen.scores[-1]
        assert chosen.run_id.startswith("leaders-")
    with LeaderRegistry(tmp_path) as again:
        assert again.current() == again.load(chosen.run_id) == chosen
        assert again.refresh(scored, as_of=AS_OF).run_id == chosen.run_id, "the same choice has the same id"


def test_the_latest_moment_is_the_current_choice_and_older_ones_stay(tmp_path: Path) -> None:
    with LeaderRegistry(tmp_path) as registry:
        later = registry.refresh(lambda: scored(AS_OF + DAY, best="0x09"), as_of=AS_OF + DAY)
        first = registry.refresh(scored, as_of=AS_OF)
        assert registry.current() == later
        assert registry.load(first.run_id).traders[0] == "0x07"
        with pytest.raises(NotFound, match="leaders-0: there is no such choice"):
            registry.load("leaders-0")


def test_the_previous_choice_stays_when_choosing_fails(tmp_path: Path) -> None:
    def unreachable() -> pa.Table:
        raise ExternalApiError("the leaderboard did not answer")

    with LeaderRegistry(tmp_path) as registry:
        with pytest.raises(ExternalApiError):
            registry.refresh(unreachable, as_of=AS_OF)
        first = registry.refresh(scored, as_of=AS_OF)
        kept = registry.refresh(unreachable, as_of=AS_OF + DAY)
        assert (kept.run_id, kept.traders, kept.as_of) == (first.run_id, first.traders, first.as_of)
        assert kept.kept_because == "ExternalApiError: the leaderboard did not answer"
        nobody = registry.refresh(lambda: scored().slice(0, 0), as_of=AS_OF + 2 * DAY)
        assert nobody.kept_because is not None
        assert "no trader is selected" in nobody.kept_because
        assert registry.current() == first
        assert len(registry.failures()) == 3
        assert "no trader is selected" in registry.failures()[0][1]


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    with (
        LeaderRegistry(tmp_path) as registry,
        pytest.raises(DataError, match=r"scores: there is no column 'score'; give what score_traders gave"),
    ):
        registry.refresh(lambda: pa.table({"trader": ["a"]}), as_of=AS_OF)
