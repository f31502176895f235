"""The verdict on a study: sampled sets run again, trials counted across sessions, in whatever space they stand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError
from triplebar.metrics.statistics.overfitting import overfitting_probability
from triplebar.report.study_page import study_page
from triplebar.research.validation.counting import family_of, keys_of
from triplebar.research.validation.sampling import ratios_of, returns_of, sampled_sets, spread
from triplebar.research.validation.study_verdict import verdict_of
from triplebar.research.validation.verdict import BLOCKS, mean_correlation
from triplebar.store.trials import TrialLedger

RULE = tb.signals.crossover(fast="SMA", slow="SMA")
MARKET = tb.Market.synthetic(bars=700, seed=4, interval="1d", volatility=0.02)
GRID: dict[str, Any] = {"fast": range(2, 12), "slow": range(20, 60, 2)}


class Knows(tb.Strategy):
    """Long on days that it was told are good ones; `noise` spoils some of them."""

    noise: int = 0

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        good = (bar.index * 7 + self.noise * (bar.index % 5)) % 10 < 6
        ctx.target(bar.symbol, 100.0 if good else -100.0)


def with_an_edge() -> tb.Market:
    """Prices that rise after the days on which `Knows(noise=0)` buys, and fall after the others."""
    draw = np.random.default_rng(3)
    days = np.arange(900)
    sign = np.where((days * 7) % 10 < 6, 1.0, -1.0)
    moves = draw.normal(0, 0.01, 900)
    moves[1:] += 0.004 * sign[:-1]
    close = np.round(100 * np.cumprod(1 + moves), 2)
    first = np.r_[100.0, close[:-1]]
    table = {
        "time": (days + 20_000) * 86_400 * 10**9,
        "open": first,
        "high": np.maximum(first, close),
        "low": np.minimum(first, close),
        "close": close,
        "volume": np.full(900, 1e6),
    }
    return tb.Market.from_table(table, [tb.Instrument("X")])


@pytest.mark.feature("U-07")
def test_noise_shows_no_edge_and_the_numbers_are_those_of_the_runs() -> None:
    study = tb.sweep(RULE, MARKET, GRID)
    verdict = study.verdict
    assert verdict.kind == "no edge shown"
    assert verdict is study.verdict
    assert verdict.trials == 200
    assert 1 < verdict.effective_trials < 200
    best = study.best(1, by="sharpe").to_pylist()[0]
    assert verdict.sharpe == pytest.approx(best["sharpe"], rel=1e-9)
    assert verdict.sharpe_low is not None
    assert verdict.sharpe_high is not None
    row = {each["metric"]: each for each in tb.metrics.confidence(study.run(best["set"])).to_pylist()}["sharpe"]
    assert (verdict.sharpe_low, verdict.sharpe_high) == (row["low"], row["high"])
    others = [each for each in sampled_sets(study).tolist() if each != best["set"]]
    sampled = returns_of(study, [best["set"], *others])
    assert sampled.returns.shape == (700, len(others) + 1)
    assert verdict.correlation == pytest.approx(mean_correlation(sampled.returns))
    alone = overfitting_probability(np.ascontiguousarray(sampled.returns[:, 1:]), blocks=BLOCKS)
    assert alone.probability == verdict.overfitting
    assert verdict.reasons[-1].startswith("not asked: among a sample of the trials, choosing the best")


@pytest.mark.feature("U-07")
def test_a_planted_edge_is_found() -> None:
    study = tb.sweep(Knows, with_an_edge(), {"noise": range(10)})
    assert study.metadata["evaluator"] == "compiled"
    verdict = study.verdict
    assert verdict.kind == "edge", verdict
    assert study.best(1)["noise"].to_pylist() == [0]
    assert verdict.deflated is not None
    assert verdict.deflated > 0.95


@pytest.mark.feature("U-07")
def test_an_edge_among_many_is_found_though_few_sets_are_run_again() -> None:
    study = tb.sweep(Knows, with_an_edge(), {"noise": range(300)})
    verdict = study.verdict
    assert verdict.trials == 300
    assert verdict.kind == "edge", verdict
    assert study.parameters(study.best(1)["set"][0].as_py())["noise"] % 10 == 0


@pytest.mark.feature("U-07")
def test_a_study_of_several_markets_is_judged_on_that_of_its_best() -> None:
    short = MARKET.between(end=int(MARKET.clock[400]))
    study = tb.sweep(RULE, {"long": MARKET, "short": short}, {"fast": [2, 3], "slow": [20, 30]})
    verdict = study.verdict
    best = study.best(1, by="sharpe").to_pylist()[0]
    assert verdict.trials == 8
    assert verdict.periods == {"long": 700, "short": 400}[best["market"]]


@pytest.mark.feature("U-07")
def test_the_same_sets_are_chosen_every_time() -> None:
    study = tb.sweep(RULE, MARKET, GRID)
    chosen = sampled_sets(study, 32)
    assert chosen.tolist() == sampled_sets(study, 32).tolist() == sorted(set(chosen.tolist()))
    assert chosen.tolist() != sampled_sets(study, 32, seed=1).tolist()
    assert len(chosen) == 32
    assert np.bincount(chosen // 50, minlength=4).tolist() == [8, 8, 8, 8]
    assert verdict_of(study, sample=16) == verdict_of(study, sample=16)
    assert spread(7, 7).tolist() == list(range(7))
    places = spread(10**9, 64)
    assert np.all(np.diff(places) > 0)
    assert places[-1] < 10**9
    ratios = np.array([each for each in study.table["sharpe"].to_pylist() if each is not None])
    seen = ratios_of(study)
    assert seen.count == ratios.size
    assert seen.deviation == pytest.approx(ratios.std(ddof=1), rel=1e-9)


@pytest.mark.feature("U-07")
def test_sets_without_a_ratio_are_no_trials() -> None:
    study = tb.sweep(RULE, MARKET, {"fast": [2, 3], "slow": [20, 699, 5_000]})
    assert study.table["sharpe"].null_count > 0
    assert study.verdict.trials == 6 - study.table["fills"].to_pylist().count(0) < 6
    assert set(sampled_sets(study).tolist()) == {
        row["set"] for row in study.table.to_pylist() if row["sharpe"] is not None
    }
    nothing = tb.sweep(RULE, MARKET, {"fast": [2], "slow": [5_000]})
    assert nothing.verdict.kind == "too little data"
    assert nothing.verdict.reasons == ("no set has a Sharpe ratio: none has two days whose returns differ",)


def test_the_verdict_says_which_set_it_is_about() -> None:
    grid = {"fast": [2, 3], "slow": [20, 30]}
    study = tb.sweep(RULE, MARKET, grid, by="final_equity", smallest=True)
    shown, judged = study.best(1).to_pylist()[0], study.best(1, by="sharpe", smallest=False).to_pylist()[0]
    verdict = study.verdict
    assert shown["set"] != judged["set"] == verdict.set == verdict.to_mapping()["set"]
    assert verdict.sharpe == pytest.approx(judged["sharpe"], rel=1e-9)
    assert f"; set {judged['set']}: Sharpe ratio {judged['sharpe']:.2f} a year" in verdict.counts
    told = f"set {judged['set']} was judged, not set {shown['set']}, which has the smallest final_equity"
    assert verdict.reasons[-1] == f"{told} and a Sharpe ratio of {shown['sharpe']:.2f} a year"
    assert told in study_page(study)
    usual = tb.sweep(RULE, MARKET, grid).verdict
    assert usual.set == judged["set"]
    assert not any("was judged" in each for each in usual.reasons)


def test_few_days_are_too_little() -> None:
    study = tb.sweep(RULE, tb.Market.synthetic(bars=2_000, seed=1, interval="1m"), {"fast": [2, 3], "slow": [20]})
    assert study.verdict.kind == "too little data"
    assert "daily returns; nothing can be said about fewer than 60" in study.verdict.reasons[0]


def test_a_ruined_set_was_tried_but_has_no_returns() -> None:
    market = tb.Market.synthetic(bars=120, seed=2, interval="1d", volatility=0.2)
    study = tb.sweep(Knows, market, {"noise": range(4)}, tb.BacktestConfig(initial_cash=11_000, leverage=3))
    assert study.table["sharpe"].null_count == 2
    sampled = returns_of(study, range(4))
    assert sampled.ruined == 2
    assert sampled.sets.tolist() == [2, 3]
    assert study.verdict.trials == 4


@pytest.mark.feature("U-07")
def test_trials_are_counted_across_sessions(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    grids: list[dict[str, Any]] = [
        {"fast": [2, 3], "slow": [20, 30]},
        {"slow": [30, 20], "fast": [3, 2]},
        {"fast": [3, 4], "slow": [20, 30]},
    ]
    counts = []
    for grid in grids:
        study = tb.sweep(RULE, MARKET, grid, store=store)
        with TrialLedger(store) as ledger:
            counts.append([(each.strategy, each.trials, each.evaluations) for each in ledger.of(MARKET.digest)])
        assert study.verdict.trials == counts[-1][0][1]
    assert counts == [[("rule", 4, 4)], [("rule", 4, 8)], [("rule", 6, 12)]]
    dear = tb.sweep(RULE, MARKET, grids[0], tb.BacktestConfig(commission_bps=1), store=store)
    with TrialLedger(store) as ledger:
        first = ledger.of(MARKET.digest)[0]
    assert first.trials == 10  # other costs are other trials
    assert first.correlation == study.verdict.correlation or dear is not None
    other = tb.sweep(Knows, MARKET, {"noise": range(3)}, store=store)
    verdict = other.verdict
    assert verdict.trials == 3
    assert verdict.effective_trials > first.effective
    tb.sweep(Knows, MARKET.between(end=int(MARKET.clock[600])), {"noise": range(3)}, store=store)
    with TrialLedger(store) as ledger:
        assert ledger.data() == [MARKET.digest]  # a window has the trials of the whole, which has its own
        assert [(each.trials, each.shared) for each in ledger.of(MARKET.digest)] == [(10, 0), (6, 3)]


@pytest.mark.feature("U-07")
def test_runs_that_are_kept_count_as_the_sets_that_they_are(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    study = tb.sweep(Knows, MARKET, {"noise": range(3)}, store=store)
    with tb.ExperimentRegistry(store) as runs, TrialLedger(store) as ledger:
        for noise, trials in ((2, 3), (5, 4), (0, 4)):
            runs.save(tb.run(Knows(noise=noise), MARKET))
            assert [(each.strategy, each.trials) for each in ledger.of(MARKET.digest)] == [("Knows", trials)]
        runs.save(tb.run(Knows(noise=0), MARKET, tb.BacktestConfig(commission_bps=1)))
        assert [each.trials for each in ledger.of(MARKET.digest)] == [5]
    assert study.verdict.trials == 5


def test_runs_of_a_rule_count_as_the_sets_that_they_are(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    study = tb.sweep(RULE, MARKET, {"fast": [3, 4], "slow": [20, 30]}, store=store)
    with tb.ExperimentRegistry(store) as runs, TrialLedger(store) as ledger:
        for winner in study.winners(2):
            runs.save(winner)
        assert [(each.strategy, each.trials) for each in ledger.of(MARKET.digest)] == [("rule", 4)]
        runs.save(tb.run(RULE(fast=5, slow=20), MARKET))
        runs.save(tb.run(tb.signals.crossover(fast="EMA", slow="SMA")(fast=3, slow=20), MARKET))
        assert [(each.strategy, each.trials) for each in ledger.of(MARKET.digest)] == [("rule", 5), ("rule", 1)]
    with tb.BatchRegistry(store) as batches:
        tb.run_batch([RULE(fast=fast, slow=20) for fast in (3, 5, 6)], MARKET, batch_registry=batches)
    with TrialLedger(store) as ledger:
        assert [(each.strategy, each.trials) for each in ledger.of(MARKET.digest)] == [("rule", 6), ("rule", 1)]
    assert study.plan.definition["strategy"] == {"name": "rule", "rule": repr(RULE)}  # the id of the study stays


def knowing(noise: int) -> tb.Strategy:
    return Knows(noise=noise)


def test_winners_of_a_function_count_as_the_sets_that_they_are(tmp_path: Path) -> None:
    def held(size: float) -> tb.Signals:
        return tb.Signals(target=[size] * len(MARKET))

    tried: tuple[tuple[Any, dict[str, Any]], ...] = ((held, {"size": [1.0, 2.0]}), (knowing, {"noise": [2, 3]}))
    for place, (function, space) in enumerate(tried):
        store = tmp_path / f"{place}.db"
        study = tb.sweep(function, MARKET, space, store=store)
        with tb.ExperimentRegistry(store) as runs, TrialLedger(store) as ledger:
            for winner in study.winners(2):
                runs.save(winner)
            study.run(0, snapshots=tb.DataSnapshotRegistry(store))
            assert [(each.strategy, each.trials) for each in ledger.of(MARKET.digest)] == [(function.__name__, 2)]
            runs.save(tb.run(function(4), MARKET))  # nobody knows what made it
            assert [each.trials for each in ledger.of(MARKET.digest)] == [2, 1]
        with tb.ExperimentRegistry(tmp_path / f"other {place}.db") as runs, TrialLedger(runs.database) as others:
            runs.save(study.run(1))
            others.merge(TrialLedger(store))
            assert [each.trials for each in others.of(MARKET.digest)] == [2, 1]


@pytest.mark.feature("U-07")
def test_a_resumed_sweep_counts_nothing_twice(tmp_path: Path) -> None:
    for _ in range(2):
        tb.sweep(RULE, MARKET, {"fast": [2, 3], "slow": [20, 30]}, store=tmp_path / "runs.db")
    with TrialLedger(tmp_path / "runs.db") as ledger:
        assert [(each.trials, each.evaluations) for each in ledger.of(MARKET.digest)] == [(4, 4)]


def test_keys_know_parameters_by_value_and_not_by_place() -> None:
    first = tb.spaces.grid({"a": [1, 2, 3], "b": ["x", "y"]})
    second = tb.spaces.grid({"b": ["y", "x"], "a": [3, 1, 2]})
    context = {"config": "c"}
    one, two = (keys_of(each.sets(range(6)), context) for each in (first, second))
    assert len(set(one.tolist())) == 6
    assert set(one.tolist()) == set(two.tolist())
    assert not set(one.tolist()) & set(keys_of(first.sets(range(6)), {"config": "d"}).tolist())
    part = tb.spaces.grid({"a": [1, 2, 3]})
    with_default = keys_of(part.sets(range(3)), context, {"b": "x", "a": 9})
    assert set(with_default.tolist()) == set(one[::2].tolist())
    assert family_of(Knows) == family_of(Knows(noise=3)) != family_of(tb.samples.BuyAndHold)
    assert family_of(RULE) != family_of(tb.signals.crossover(fast="EMA", slow="SMA"))


def test_bad_samples() -> None:
    with pytest.raises(ConfigError, match="sample = 1"):
        verdict_of(tb.sweep(RULE, MARKET, {"fast": [2], "slow": [20]}), sample=1)
