"""Walking forward: real optimisation on training alone, warm-up, embargo, and a curve of what came after (F-261)."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError, InsufficientDataError, ParameterError
from triplebar.research.validation.axis import windows_axis
from triplebar.research.validation.compared import compare_sets
from triplebar.research.validation.walked import WalkForward
from triplebar.store.trials import TrialLedger

DESCRIPTORS = Path("/proc/self/fd")
DAY = 86_400 * 10**9
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
GRID: dict[str, Any] = {"fast": [2, 3, 5], "slow": [8, 13]}
MARKET = tb.Market.synthetic(bars=200, seed=5, interval="1d", volatility=0.02)
CONFIG = tb.BacktestConfig(commission_bps=2)
LENGTHS: dict[str, Any] = {"train": "60d", "test": "30d", "embargo": "2d"}


def walk(market: tb.Market = MARKET, **options: Any) -> WalkForward:
    return tb.walk_forward(RULE, market, GRID, CONFIG, **{**LENGTHS, **options})


def tampered(market: tb.Market, start_ns: int, end_ns: int) -> tb.Market:
    """The same market with other prices in `[start, end)`."""
    table = market.table()
    time = table["time"].cast("int64")
    inside = pc.and_(pc.greater_equal(time, start_ns), pc.less(time, end_ns)).combine_chunks()
    for number, name in enumerate(("open", "high", "low", "close"), start=1):
        other = pc.if_else(inside, pc.round(pc.add(pc.multiply(table[name], 0.5), 7.0), ndigits=2), table[name])
        table = table.set_column(number + 1, name, other)
    return tb.Market.from_table(table, market.instruments)


@pytest.mark.feature("F-261")
@pytest.mark.parametrize("anchored", [False, True])
def test_what_is_chosen_is_the_best_of_the_training_window(anchored: bool) -> None:
    found = walk(anchored=anchored)
    assert len(found) == (200 - 92) // 30 + 1 == found.windows.num_rows
    for place, row in enumerate(found.windows.to_pylist()):
        start, end = (int(row[name].timestamp()) * 10**9 for name in ("train_start", "train_end"))
        assert start == int(MARKET.clock[0]) + (0 if anchored else place * 30 * DAY)
        study = tb.sweep(RULE, MARKET.between(start, end), GRID, CONFIG)
        best = study.best(1).to_pylist()[0]
        assert row["set"] == best["set"]
        assert found.parameters(place) == {name: row[name] for name in GRID} == study.parameters(best["set"])
        assert row["train_sharpe"] == best["sharpe"]


@pytest.mark.feature("F-261")
def test_test_windows_are_never_used_in_training() -> None:
    """Whatever happens after a training window, what was chosen in it and before it stays."""
    honest = walk()
    for place in range(len(honest)):
        window = honest[place].window
        other = walk(tampered(MARKET, window.train_end, 2**62))
        for before in range(place + 1):
            assert other.parameters(before) == honest.parameters(before)
            assert other[before].study.table.equals(honest[before].study.table)
        assert other[place].outside != honest[place].outside  # it was tampered with indeed
    assert other.curve.slice(0, 88).equals(honest.curve.slice(0, 88))  # the last two lie after the last training


@pytest.mark.feature("F-261")
def test_tampering_with_training_is_seen() -> None:
    honest = walk()
    window = honest[0].window
    other = walk(tampered(MARKET, window.train_start + 20 * DAY, window.train_end))
    assert not other[0].study.table.equals(honest[0].study.table)


@pytest.mark.feature("F-261")
@pytest.mark.parametrize("warmup", [None, 0, 5, 40])
def test_bars_before_a_test_warm_up_and_do_not_trade(warmup: int | None) -> None:
    found = walk(warmup=warmup)
    shown = {None: 62, 0: 0, 5: 5, 40: 40}[warmup]
    for place in range(len(found)):
        result, window = found[place].result, found[place].window
        assert result is not None
        assert int(np.searchsorted(result.clock, window.test_start)) == shown
        assert len(result.clock) == shown + 30
        times = result.equity["time"].cast("int64").to_pylist()
        assert times[0] == window.test_start
        assert times[-1] < window.test_end
        assert all(window.test_start <= each for each in result.fills["time"].cast("int64").to_pylist())
    trains = [len(found[place].study.scenes[0].market) for place in range(len(found))]
    assert trains == [60 + min(warmup or 0, place * 30) for place in range(len(found))]


@pytest.mark.feature("F-261")
def test_warm_averages_trade_from_the_first_bar_of_a_test() -> None:
    cold, warm = walk(warmup=0), walk()
    first = [each["test_fills"] for each in cold.windows.to_pylist()]
    assert sum(each["test_fills"] for each in warm.windows.to_pylist()) > sum(first)


@pytest.mark.feature("F-261")
def test_the_curve_is_stitched_from_the_tests() -> None:
    found = walk()
    curve = found.curve.to_pylist()
    assert len(curve) == 30 * len(found)
    assert [each["window"] for each in curve] == [place for place in range(len(found)) for _ in range(30)]
    value = 100_000.0
    for place, row in enumerate(found.windows.to_pylist()):
        value *= 1 + row["test_total_return"]
        assert curve[30 * place + 29]["equity"] == pytest.approx(value, rel=1e-12)
    assert found.metrics["ending_value"] == curve[-1]["equity"]
    assert found.metrics["total_return"] == pytest.approx(value / 100_000 - 1, rel=1e-12)
    assert found.stitched.daily_returns.size == len(curve)
    assert found.metrics["sharpe"] == pytest.approx(
        found.stitched.daily_returns.mean() / found.stitched.daily_returns.std(ddof=1) * 365**0.5
    )


@pytest.mark.feature("F-261")
def test_leaving_a_test_is_paid_for() -> None:
    closed, left_open = walk(), walk(close_at_end=False)
    for each in closed.walked:
        assert each.result is not None
        assert each.result.positions["position"][-1].as_py() == 0
    assert sum(each["test_fills"] for each in closed.windows.to_pylist()) > sum(
        each["test_fills"] for each in left_open.windows.to_pylist()
    )


@pytest.mark.feature("F-261")
def test_degradation_is_told() -> None:
    found = walk(select="final_equity")
    rows = found.windows.to_pylist()
    inside, outside = ([each[f"{part}_final_equity"] for each in rows] for part in ("train", "test"))
    told = found.degradation
    assert told.metric == "final_equity"
    assert told.windows == len(rows)
    assert told.inside == pytest.approx(np.mean(inside))
    assert told.outside == pytest.approx(np.mean(outside))
    assert told.kept == pytest.approx(np.mean(outside) / np.mean(inside))
    assert told.positive == np.mean(np.array(outside) > 0)
    assert told.rank_correlation is not None
    assert -1 <= told.rank_correlation <= 1
    text = found.to_mapping()
    assert text["degradation"]["kept"] == told.kept
    assert text["windows"][0]["test_start"].startswith("2024-03-04")


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


def made(fast: int, slow: int) -> tb.Strategy:
    return RULE(fast=fast, slow=slow)


@pytest.mark.feature("F-261")
def test_classes_compile_and_functions_do_too() -> None:
    grid = {"length": [3, 7]}
    compiled = tb.walk_forward(Steps, MARKET, grid, **LENGTHS)
    plain = tb.walk_forward(Steps, MARKET, grid, mode="interpreted", **LENGTHS)
    assert [each.result.record.mode for each in compiled.walked if each.result] == ["compiled"] * 4
    assert compiled.windows.equals(plain.windows)
    assert tb.walk_forward(Steps(length=9), MARKET, grid, **LENGTHS).windows.equals(plain.windows)
    rule = tb.walk_forward(made, MARKET, GRID, CONFIG, **LENGTHS)
    assert rule.windows.equals(walk().windows)


def test_a_window_in_which_nothing_has_a_value_holds_nothing() -> None:
    quiet = tb.signals.crossover(fast="SMA", slow="SMA")
    found = tb.walk_forward(quiet, MARKET, {"fast": [2], "slow": [90]}, **LENGTHS)
    assert found.windows["set"].to_pylist() == [None] * 4
    assert found.degradation.windows == 0
    assert found.parameters(0) == {}
    with pytest.raises(InsufficientDataError, match="no set had a value in any training window"):
        _ = found.metrics


def test_progress_and_smallest() -> None:
    seen: list[tuple[int, int]] = []
    found = walk(select="max_drawdown", smallest=True, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for each in found.walked:
        assert each.inside["max_drawdown"] == min(each.study.table["max_drawdown"].to_pylist())


def test_the_configuration_bounds_the_windows() -> None:
    config = CONFIG.replace(start=_moment(50), end=_moment(180))
    found = tb.walk_forward(RULE, MARKET, GRID, config, **LENGTHS)
    assert found[0].window.train_start == int(MARKET.clock[50])
    assert found[len(found) - 1].window.test_end <= int(MARKET.clock[180])


def _moment(row: int) -> Any:
    from triplebar.contracts.time import from_ns

    return from_ns(int(MARKET.clock[row]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": "sharp"}, "select = 'sharp': is no column of a study; did you mean 'sharpe'"),
        ({"train": "long"}, "train = 'long': is no length of time"),
        ({"warmup": -1}, "warmup"),
        ({"close_at_end": 1}, "close_at_end"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        walk(**options)


def test_other_bad_input() -> None:
    with pytest.raises(ConfigError, match="are no axis of a walk: a window chooses one set; set the seed of all runs"):
        walk(seeds=[1, 2])
    with pytest.raises(ConfigError, match="must be a Market"):
        tb.walk_forward(RULE, [1, 2], GRID, **LENGTHS)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="window = 4: does not exist; give a number from 0 to 3"):
        _ = walk()[4]
    with pytest.raises(ParameterError, match="Signals have no parameters to choose"):
        tb.walk_forward(tb.Signals(target=[0.0] * 200), MARKET, GRID, **LENGTHS)


@pytest.mark.feature("F-261", "U-07")
def test_what_was_walked_is_one_trial() -> None:
    found = walk()
    verdict = found.verdict
    assert verdict.trials == 1
    assert verdict.effective_trials == 1
    assert verdict.periods == 120
    assert verdict.sharpe == pytest.approx(found.metrics["sharpe"], rel=1e-9)
    assert found.to_mapping()["verdict"]["kind"] == verdict.kind


@pytest.mark.feature("U-07")
def test_training_counts_as_trials_on_the_whole_market(tmp_path: Path) -> None:
    for _ in range(2):
        found = walk(store=tmp_path / "runs.db")
    with TrialLedger(tmp_path / "runs.db") as ledger:
        whole = ledger.of(MARKET.digest)
        assert [(each.trials, each.evaluations) for each in whole] == [(6 * 4, 6 * 4)]  # none was run again
        assert ledger.data() == [MARKET.digest]
        first = MARKET.between(found[0].window.train_start, found[0].window.train_end)
        assert ledger.of(first.digest)[0].trials - ledger.of(first.digest)[0].shared == 6


@pytest.mark.feature("F-261")
def test_windows_are_an_axis_of_a_sweep() -> None:
    """Every set on every part: the rows of what was chosen are those of walking forward."""
    found = walk()
    markets, configs = windows_axis(MARKET, CONFIG, **LENGTHS)
    study = tb.sweep(RULE, markets, GRID, configs)
    rows = {(row["market"], row["fast"], row["slow"]): row for row in study.table.to_pylist()}
    assert len(rows) == 4 * 2 * 6
    for place, row in enumerate(found.windows.to_pylist()):
        for part in ("train", "test"):
            other = rows[f"window {place} {part}", row["fast"], row["slow"]]
            assert other["sharpe"] == row[f"{part}_sharpe"]
            assert other["final_equity"] == row[f"{part}_final_equity"]
    tests, _ = windows_axis(MARKET, CONFIG, part="test", **LENGTHS)
    assert list(tests) == [f"window {place} test" for place in range(4)]
    with pytest.raises(ConfigError, match="part = 'all'"):
        windows_axis(MARKET, CONFIG, part="all", **LENGTHS)


@pytest.mark.feature("F-261")
def test_a_space_with_a_condition_is_walked_too() -> None:
    space = tb.spaces.grid({"fast": [2, 9], "slow": [5, 13]}, where="fast < slow")
    found = tb.walk_forward(RULE, MARKET, space, CONFIG, **LENGTHS)
    assert all(len(each.study) == 3 for each in found.walked)
    assert all(found.parameters(place)["fast"] < found.parameters(place)["slow"] for place in range(len(found)))
    assert {"fast", "slow"} <= set(found.windows.column_names)


@pytest.mark.feature("F-263")
def test_sets_are_compared_with_the_best() -> None:
    study = tb.sweep(RULE, MARKET, GRID)
    table = compare_sets(study, best=4, draws=500, seed=2)
    best = study.best(4)["set"].to_pylist()
    assert table["set"].to_pylist() == best[1:]
    assert table["fast"].to_pylist() == [study.parameters(each)["fast"] for each in best[1:]]
    runs = [study.run(each) for each in best]
    wanted = tb.metrics.compare_variants(runs, draws=500, seed=2)
    assert table["p_value_adjusted"].equals(wanted["p_value_adjusted"])
    with pytest.raises(ConfigError, match="are not two different sets"):
        compare_sets(study, [3, 3])
    with pytest.raises(ConfigError, match="best = 1"):
        compare_sets(study, best=1)


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="no list of open files")
def test_windows_share_one_way_into_the_store(tmp_path: Path) -> None:
    before = len(list(DESCRIPTORS.iterdir()))
    found = walk(store=tmp_path / "runs.db", train="20d", test="5d")
    assert len(found) > 30
    assert len(list(DESCRIPTORS.iterdir())) - before < 10


class Stakes(tb.Strategy):
    """Puts forty times what it began with on one side, and does so again every twenty days."""

    side: int = 1

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if bar.index % 20 == 0:
            ctx.target(bar.symbol, self.side * 4_000_000 / bar.close)


def test_who_has_lost_everything_does_not_go_on() -> None:
    found = tb.walk_forward(
        Stakes,
        MARKET,
        {"side": [1, -1]},
        tb.BacktestConfig(leverage=50),
        train="40d",
        test="40d",
        select="final_equity",
        mode="interpreted",
    )
    ends = [each.result.ending_value for each in found.walked if each.result is not None]
    place = next(place for place, end in enumerate(ends) if end <= 0)
    assert place < len(ends) - 1  # or there is nothing to see
    curve = found.curve.to_pylist()
    after = [row["equity"] for row in curve if row["window"] > found.walked[place].window.number]
    assert after
    assert set(after) == {[row["equity"] for row in curve if row["window"] == found.walked[place].window.number][-1]}
    assert found.verdict.kind == "no edge shown"
    assert found.verdict.reasons[0].startswith("nothing was left of the stitched curve on 20")
    assert np.all(np.isfinite(found.stitched.daily_returns))


def test_a_walk_that_chose_nothing_is_a_mapping_too() -> None:
    found = tb.walk_forward(Stakes, MARKET, {"side": [0]}, **LENGTHS)
    assert all(each.chosen is None for each in found.walked)
    mapping = found.to_mapping()
    assert (mapping["metrics"], mapping["verdict"], len(mapping["windows"])) == ({}, None, len(found))
