"""Sets that Optuna chooses: over the same spaces, into the same store, given up where others are ahead."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.sweep.strategies import Steps
from triplebar.research.sweeping.standing import Standing
from triplebar.research.sweeping.told import Told
from triplebar.research.validation.sampling import returns_of
from triplebar.research.validation.verdict import judge
from triplebar.store.studies import StudyStore
from triplebar.store.trials import TrialLedger

optuna = pytest.importorskip("optuna")

MARKET = tb.Market.synthetic(bars=300, seed=6, interval="1d")
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
SPACE = tb.spaces.grid({"fast": range(2, 30), "slow": range(5, 90)}, where="fast < slow")


def test_a_search_finds_what_a_grid_has_and_more_than_chance() -> None:
    everything = tb.sweep(RULE, MARKET, SPACE)
    study = tb.optimise(RULE, MARKET, SPACE, trials=80, seed=1)
    assert len(study) == 80
    known = {(row["fast"], row["slow"]): row for row in everything.table.to_pylist()}
    for row in study.table.to_pylist():
        assert row["fast"] < row["slow"]
        assert known[row["fast"], row["slow"]]["sharpe"] == row["sharpe"]
    values = sorted(value for value in everything.table.column("sharpe").to_pylist() if value is not None)
    best = study.best(1).column("sharpe")[0].as_py()
    assert best >= values[int(0.99 * len(values))]
    later = study.table.column("sharpe").to_pylist()[40:]
    assert sum(later) / len(later) > sum(values) / len(values)


def test_whoever_runs_it_the_choice_is_the_same() -> None:
    space = tb.spaces.random(
        {"fast": tb.spaces.integers(2, 20, step=2), "slow": tb.spaces.integers(21, 60)}, count=1, seed=1
    )
    one = tb.optimise(RULE, MARKET, space, trials=24, seed=3)
    three = tb.optimise(RULE, MARKET, space, trials=24, seed=3, threads=3)
    processes = tb.optimise(RULE, MARKET, space, trials=24, seed=3, executor="processes", threads=2)
    assert one.digest == three.digest == processes.digest
    assert one.table.equals(processes.table)
    assert one.digest != tb.optimise(RULE, MARKET, space, trials=24, seed=4).digest


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    def stop(standing: Standing) -> None:
        if standing.done >= 16 and not pressed:
            pressed.append(standing.done)
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[int] = []

    store = tmp_path / "runs.db"
    first = tb.optimise(RULE, MARKET, SPACE, trials=40, store=store, watch=stop)
    assert first.metadata["status"] == "interrupted"
    finished = len(first)
    assert 16 <= finished < 40
    second = tb.optimise(RULE, MARKET, SPACE, trials=40, store=store)
    assert second.metadata["resumed"] == finished
    assert second.metadata["evaluated"] == 40 - finished
    whole = tb.optimise(RULE, MARKET, SPACE, trials=40)
    assert second.table.equals(whole.table)
    assert second.digest == whole.digest
    assert second.run(33).ending_value == second.row(33)["final_equity"]


def test_what_others_are_ahead_of_is_given_up(tmp_path: Path) -> None:
    space = tb.spaces.random({"fast": range(2, 30), "slow": range(30, 90)}, count=1)
    how: dict[str, Any] = {"trials": 64, "seed": 2, "rungs": (0.3, 0.6), "by": "final_equity"}
    study = tb.optimise(RULE, MARKET, space, store=tmp_path / "runs.db", **how)
    errors = study.failures.column("error").to_pylist()
    assert errors
    assert set(errors) == {"Pruned"}
    assert len(study) + len(errors) == 64
    assert "given up at" in study.failures.column("message")[0].as_py()
    assert len(tb.optimise(RULE, MARKET, space, store=tmp_path / "runs.db", **how)) == len(study)
    in_processes = tb.optimise(RULE, MARKET, space, executor="processes", threads=1, **how)
    assert in_processes.digest == study.digest


def test_what_is_given_up_was_tried(tmp_path: Path) -> None:
    how: dict[str, Any] = {"trials": 40, "seed": 2, "rungs": (0.3, 0.6)}
    alone = tb.optimise(RULE, MARKET, SPACE, **how)
    assert 0 < alone.failures.num_rows < 40
    assert alone.verdict.trials == 40
    kept = tb.optimise(RULE, MARKET, SPACE, store=tmp_path / "runs.db", **how)
    assert kept.verdict.trials == 40
    assert isinstance(kept.space, Told)
    different = {tuple(values.values()) for values in kept.space.told}
    with TrialLedger(tmp_path / "runs.db") as ledger:
        found = ledger.of(MARKET.digest)[0]
        assert (found.trials, found.evaluations) == (len(different), 40)
        tb.optimise(RULE, MARKET, SPACE, store=tmp_path / "runs.db", **how)
        assert ledger.of(MARKET.digest)[0] == found
    finished = judge(
        returns_of(alone, alone.table["set"].to_pylist()).returns, periods_per_year=alone.verdict.periods_per_year
    )
    assert finished.bar is not None
    assert alone.verdict.bar is not None
    assert alone.verdict.bar > finished.bar


def test_sets_that_fail_are_told_and_kept() -> None:
    study = tb.optimise(Steps, MARKET, {"length": range(5, 12)}, trials=30)
    assert set(study.failures.column("error").to_pylist()) <= {"ParameterError", "HandlerError"}
    assert len(study) + study.failures.num_rows == 30


def test_every_kind_of_range_can_be_chosen_from() -> None:
    rule = tb.signals.reversal(period="RSI", low="low", high="high", size="size")
    space = tb.spaces.random(
        {
            "period": tb.spaces.integers(3, 9),
            "low": tb.spaces.uniform(20, 45),
            "high": tb.spaces.log_uniform(55, 80),
            "size": tb.spaces.choice(3.0, 1.0, 2.0),
        },
        count=1,
    )
    study = tb.optimise(rule, MARKET, space, trials=20, sampler=optuna.samplers.RandomSampler(seed=1), smallest=True)
    for row in study.table.to_pylist():
        assert 3 <= row["period"] <= 9
        assert 20 <= row["low"] <= 45
        assert 55 <= row["high"] <= 80
        assert row["size"] in (1.0, 2.0, 3.0)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"rungs": (0.5, 0.25)}, "must be rising shares"),
    ({"trials": 0}, "trials = 0"),
    ({"by": "sharp"}, "is no metric of this sweep"),
    ({"parameters": tb.spaces.indexed(lambda n: {"fast": 1, "slow": n}, count=3)}, "cannot be sampled"),
    ({"parameters": tb.spaces.random({"fast": [5], "slow": [3]}, count=1, where="fast < slow")}, "meets the condition"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=[message for _, message in BAD])
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    given = {"parameters": {"fast": [2], "slow": [9]}, **options}
    with pytest.raises(tb.TradingError, match=message):
        tb.optimise(RULE, MARKET, **given)


def test_more_trials_go_on_with_fewer(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    tb.optimise(RULE, MARKET, SPACE, trials=12, store=store)  # the last batch of 8 has 4
    more = tb.optimise(RULE, MARKET, SPACE, trials=20, store=store)
    assert (len(more), more.table.num_rows, more.metadata["resumed"]) == (20, 20, 8)
    assert more.digest == tb.optimise(RULE, MARKET, SPACE, trials=20).digest
    with StudyStore(store) as kept:
        assert kept.studies()[0].total == 20
    fewer = tb.optimise(RULE, MARKET, SPACE, trials=4, store=store)
    assert (len(fewer), fewer.metadata["evaluated"], fewer.digest) == (20, 0, more.digest)
    assert fewer.winners(1)[0].ending_value == more.best(1)["final_equity"][0].as_py()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_what_was_chosen_after_a_lost_block_is_chosen_anew(lost: int, tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    whole = tb.optimise(RULE, MARKET, SPACE, trials=24, store=store)
    sorted((tmp_path / "runs.db.tables").rglob("*.parquet"))[lost].unlink()
    again = tb.optimise(RULE, MARKET, SPACE, trials=24, store=store)
    assert (again.metadata["evaluated"], again.digest) == (24 - 8 * lost, whole.digest)


def test_a_part_of_a_batch_does_not_outlive_the_next_session(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    options: dict[str, Any] = {"trials": 24, "store": store, "executor": ThreadPoolExecutor(2)}  # a block for each set
    whole = tb.optimise(RULE, MARKET, SPACE, **options)
    with StudyStore(store) as kept, kept.database.writing() as connection:
        connection.execute("delete from study_blocks where block >= 12")

    def stop(done: int, total: int) -> None:
        if done == 9 and not pressed:
            pressed.append(total)
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[int] = []
    study = tb.optimise(RULE, MARKET, SPACE, **options, progress=stop)
    assert (study.metadata["status"], study.table.num_rows) in {("interrupted", 8), ("interrupted", 16)}
    assert tb.optimise(RULE, MARKET, SPACE, **options).digest == whole.digest


def test_a_search_that_ends_early_says_why(tmp_path: Path) -> None:
    class Ended(BaseException):
        pass

    def fail(problem: BaseException) -> Any:
        def watch(standing: Standing) -> None:
            if standing.done >= 8:
                raise problem

        return watch

    store = tmp_path / "runs.db"
    for problem, told in (
        (OSError("no room"), ("failed", "OSError: no room")),
        (Ended(), ("interrupted", "Ended")),
    ):
        with pytest.raises(type(problem)):
            tb.optimise(RULE, MARKET, SPACE, trials=24, store=store, watch=fail(problem))
        with StudyStore(store) as kept:
            (study,) = kept.studies()
            assert (study.state, study.reason) == told
    assert tb.optimise(RULE, MARKET, SPACE, trials=24, store=store).metadata["resumed"] == 16
    with StudyStore(store) as kept:
        assert (kept.studies()[0].state, kept.studies()[0].reason) == ("completed", None)
