"""Studies: what is kept, gone on with and told; the same numbers in every way."""

import os
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from triplebar import signals
from triplebar.contracts.errors import ConfigError, RegistryError
from triplebar.research.sweeping import standing
from triplebar.research.sweeping.standing import Standing
from triplebar.store.studies import StudyStore

MARKET = tb.Market.synthetic(bars=300, seed=6, interval="1d")
RULE = signals.crossover(fast="SMA", slow="SMA")
SPACE = tb.spaces.grid({"fast": range(2, 12), "slow": range(5, 15)}, where="fast < slow")


class Steps(tb.Strategy):
    """Long every other stretch of bars; some lengths are refused, some raise."""

    length: int = 5

    def validate(self) -> None:
        if self.length == 7:
            raise ValueError("seven is unlucky")

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if self.length == 9 and bar.index == 50:
            ctx.buy("no such symbol", 1)
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


class Counted(Steps):
    """Writes down every start: which sets were really run."""

    def on_start(self, ctx: Any) -> None:
        with Path(os.environ["COUNTED"]).open("a", encoding="utf-8") as file:
            file.write(f"{self.length}\n")


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    file = tmp_path / "counted.txt"
    file.touch()
    monkeypatch.setenv("COUNTED", str(file))
    return lambda: [int(line) for line in file.read_text(encoding="utf-8").split()]


def test_conditions_leave_out_rows_and_keep_numbers() -> None:
    study = tb.sweep(RULE, MARKET, SPACE)
    assert study.table.num_rows == len(study) == sum(fast < slow for fast in range(2, 12) for slow in range(5, 15))
    for row in study.table.slice(20, 5).to_pylist():
        assert study.space[row["set"]] == {"fast": row["fast"], "slow": row["slow"]}
        assert row["fast"] < row["slow"]
        assert study.row(row["set"]) == row


@pytest.mark.feature("F-260")
def test_the_best_set_of_a_planted_optimum_is_found() -> None:
    market = tb.Market.synthetic(bars=400, seed=3)
    study = tb.sweep(
        lambda hold: tb.Signals(target=[float(row > hold) for row in range(400)]), market, {"hold": range(1, 398)}
    )
    close = market.series(0).close
    opened = market.series(0).open
    gains = [close[-1] - opened[hold + 2] for hold in range(1, 398)]
    best = study.best(1, by="final_equity")
    assert study.parameters(best.column("set")[0].as_py()) == {"hold": 1 + gains.index(max(gains))}


def test_a_space_may_be_random_or_a_function() -> None:
    drawn = tb.spaces.random({"fast": tb.spaces.integers(2, 9), "slow": tb.spaces.integers(10, 40)}, count=50, seed=4)
    made = tb.spaces.indexed(lambda number: drawn[number], count=50)
    one, other = tb.sweep(RULE, MARKET, drawn), tb.sweep(RULE, MARKET, made)
    assert one.table.equals(other.table)
    assert one.digest == other.digest
    assert one.id != other.id
    assert (
        tb.sweep(RULE, MARKET, {"fast": [drawn[7]["fast"]], "slow": [drawn[7]["slow"]]}).table.column("final_equity")[0]
        == one.table.column("final_equity")[7]
    )


def test_numbers_of_a_random_space_may_be_of_any_size() -> None:
    rule = signals.reversal(period="RSI", low="low", high="high")
    space = tb.spaces.random(
        {"period": [5, 9], "low": tb.spaces.uniform(20, 45), "high": tb.spaces.uniform(55, 80)}, count=10_000, seed=1
    )
    study = tb.sweep(rule, tb.Market.synthetic(bars=60, seed=2), space)
    assert study.table.num_rows == 10_000
    assert study.run(9_999).ending_value == study.row(9_999)["final_equity"]


def test_markets_and_seeds_are_axes() -> None:
    markets = {"calm": MARKET, "wild": tb.Market.synthetic(bars=200, seed=9, volatility=0.03)}
    configs = {"calm": tb.BacktestConfig(), "wild": tb.BacktestConfig(initial_cash=5_000)}
    latency = tb.Latency(min_seconds=0, max_seconds=5 * 86_400)
    configs = {name: each.replace(latency=latency) for name, each in configs.items()}
    study = tb.sweep(Steps, markets, {"length": [3, 4]}, configs, seeds=[1, 2, 3])
    assert study.table.select(["set", "market", "seed", "length"]).slice(5, 3).to_pylist() == [
        {"set": 5, "market": "calm", "seed": 3, "length": 4},
        {"set": 6, "market": "wild", "seed": 1, "length": 3},
        {"set": 7, "market": "wild", "seed": 1, "length": 4},
    ]
    for number in (0, 5, 7, 11):
        row = study.row(number)
        config = configs[row["market"]].replace(seed=row["seed"])
        alone = tb.run(Steps(length=row["length"]), markets[row["market"]], config)
        assert alone.ending_value == row["final_equity"] == study.run(number).ending_value
    assert len(set(study.table.column("final_equity").to_pylist()[0:6:2])) > 1


@pytest.mark.feature("F-109", "U-18")
def test_the_same_number_has_the_same_hash_alone_and_in_a_batch() -> None:
    one, three = (tb.sweep(RULE, MARKET, SPACE, threads=threads) for threads in (1, 3))
    assert one.digest == three.digest
    number = 57
    alone = tb.sweep(RULE, MARKET, tb.spaces.indexed(lambda _: SPACE[number], count=number + 1, where=None))
    assert alone.hash(number) == one.hash(number)
    assert one.hash(number) != one.hash(number + 1)
    assert tb.sweep(RULE, MARKET, SPACE, tb.BacktestConfig(commission_bps=1)).digest != one.digest


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_a_set_that_raises_is_written_down(mode: str) -> None:
    study = tb.sweep(Steps, MARKET, {"length": range(3, 12)}, mode=mode)
    assert study.table.column("length").to_pylist() == [3, 4, 5, 6, 8, 10, 11]
    assert study.table.column("set").to_pylist() == [0, 1, 2, 3, 5, 7, 8]
    assert study.failures.select(["set", "error"]).to_pylist() == [
        {"set": 4, "error": "ParameterError"},
        {"set": 6, "error": "HandlerError"},
    ]
    assert "seven is unlucky" in study.failures.column("message")[0].as_py()
    assert study.metadata["failed"] == 2
    with pytest.raises(tb.ConfigError, match=r"set = 4: failed: .*unlucky"):
        study.row(4)


def test_failures_are_part_of_the_digest() -> None:
    studies = [tb.sweep(Steps, MARKET, {"length": range(3, 12)}, mode=mode) for mode in ("interpreted", "compiled")]
    assert studies[0].digest == studies[1].digest
    assert studies[0].digest != tb.sweep(Steps, MARKET, {"length": [3, 4, 5, 6, 8, 10, 11]}).digest


def test_bad_values_of_a_rule_fail_alone() -> None:
    study = tb.sweep(RULE, MARKET, {"fast": [2, 0], "slow": [9, 0, 12]})
    assert study.table.column("set").to_pylist() == [0, 2]
    assert study.failures.column("error").to_pylist() == ["ParameterError"] * 4
    sized = signals.crossover(fast="SMA", slow="SMA", size="size")
    study = tb.sweep(sized, MARKET, {"fast": [2], "slow": [9], "size": [1.0, -1.0, 2.0]})
    assert study.table.column("set").to_pylist() == [0, 2]


def test_further_metrics() -> None:
    study = tb.sweep(RULE, MARKET, {"fast": [2, 3], "slow": [9]}, metrics=["calmar", "sharpe", "profit_factor"])
    assert study.table.column_names[-2:] == ["calmar", "profit_factor"]
    assert study.table.column("calmar")[1].as_py() == study.run(1).metrics["calmar"]
    plain = tb.sweep(RULE, MARKET, {"fast": [2, 3], "slow": [9]})
    assert study.table.drop(["calmar", "profit_factor"]).equals(plain.table)
    assert study.best(1, by="calmar").num_rows == 1
    compiled = tb.sweep(tb.samples.MovingAverageCross, MARKET, {"fast": [2, 3], "slow": [9]}, metrics=["calmar"])
    assert compiled.metadata["evaluator"] == "compiled"


def test_a_store_keeps_what_was_finished(tmp_path: Path, counted: Any) -> None:
    space = {"length": range(10, 40)}
    first = tb.sweep(Counted, MARKET, space, store=tmp_path / "runs.db", mode="interpreted")
    assert sorted(counted()) == list(range(10, 40))
    again = tb.sweep(Counted, MARKET, space, store=tmp_path / "runs.db", mode="interpreted")
    assert len(counted()) == 30
    assert again.metadata["resumed"] == 30
    assert again.metadata["evaluated"] == 0
    assert again.table.equals(first.table)
    assert again.digest == first.digest == tb.sweep(Steps, MARKET, space).digest
    tb.sweep(Counted, MARKET, space, store=tmp_path / "runs.db", mode="interpreted", resume=False)
    assert len(counted()) == 60


def test_what_was_interrupted_is_gone_on_with(tmp_path: Path, counted: Any) -> None:
    import signal

    market = tb.Market.synthetic(bars=100_000, seed=1)
    market = market.between(end=int(market.clock[60_000]))
    space = {"length": range(1_000, 1_060)}

    def stop(standing: Standing) -> None:
        if standing.done >= 25 and not pressed:
            pressed.append(standing.done)
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[int] = []

    class Few(Counted):
        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            if bar.index == self.length:
                ctx.target(bar.symbol, 1)

    first = tb.sweep(Few, market, space, store=tmp_path / "runs.db", watch=stop, mode="interpreted", block=17)
    assert first.metadata["status"] == "interrupted"
    finished = len(first)
    assert 0 < finished < 60  # the block that was being run is not kept
    with StudyStore(tmp_path / "runs.db") as store:
        assert store.study(first.id).state == "interrupted"
    second = tb.sweep(Few, market, space, store=tmp_path / "runs.db", mode="interpreted")
    assert second.metadata["resumed"] == finished
    assert second.metadata["status"] == "completed"
    assert 60 <= len(counted()) <= 60 + 17  # one block at most was begun twice
    assert second.table.num_rows == 60


def test_another_strategy_market_or_configuration_is_another_study(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    space = {"length": [3, 4]}
    base = tb.sweep(Steps, MARKET, space, store=store, name="mine")
    others = [
        tb.sweep(Counted.__base__, MARKET, {"length": [3, 5]}, store=store),
        tb.sweep(Steps, tb.Market.synthetic(bars=300, seed=7), space, store=store),
        tb.sweep(Steps, MARKET, space, tb.BacktestConfig(commission_bps=1), store=store),
        tb.sweep(Steps, MARKET, space, seeds=[1], store=store),
        tb.sweep(Steps, MARKET, space, engine="reference", store=store),
        tb.sweep(Steps, MARKET, space, metrics=["calmar"], store=store),
    ]
    assert len({base.id, *(each.id for each in others)}) == 7
    with StudyStore(store) as kept:
        assert {each.id for each in kept.studies()} == {base.id, *(each.id for each in others)}
        assert kept.study("mine").id == base.id
    with pytest.raises(tb.errors.DuplicateId, match="'mine' is there already, with another scenes"):
        tb.sweep(Steps, MARKET, space, tb.BacktestConfig(commission_bps=2), store=store, name="mine")


def test_lost_and_damaged_blocks_are_run_again(tmp_path: Path) -> None:
    space = {"fast": range(2, 6), "slow": range(10, 400)}
    market = tb.Market.synthetic(bars=1_000, seed=3)
    first = tb.sweep(RULE, market, space, store=tmp_path / "runs.db")
    table = first.table
    (file, *_) = sorted((tmp_path / "runs.db.tables").rglob("*.parquet"))
    content = file.read_bytes()
    file.write_bytes(content[:-10])
    again = tb.sweep(RULE, market, space, store=tmp_path / "runs.db")
    assert again.metadata["evaluated"] > 0
    assert again.table.equals(table)
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 255
    file.write_bytes(bytes(flipped))
    with pytest.raises(tb.errors.RegistryError, match="the table of block 0 cannot be read"):
        _ = again.table
    file.unlink()
    assert tb.sweep(RULE, market, space, store=tmp_path / "runs.db").table.equals(table)


def test_with_a_store_nothing_stays_in_memory(tmp_path: Path) -> None:
    study = tb.sweep(RULE, MARKET, SPACE, store=tmp_path / "runs.db")
    assert not any(hasattr(value, "num_rows") for value in vars(study).values())
    assert study.best(3).num_rows == 3
    assert study.best(3).equals(tb.sweep(RULE, MARKET, SPACE).best(3))


def test_a_block_without_a_column_is_told(tmp_path: Path) -> None:
    study = tb.sweep(RULE, MARKET, SPACE, store=tmp_path / "runs.db")
    (file,) = (tmp_path / "runs.db.tables").rglob("*.parquet")
    content = file.read_bytes()
    assert content.count(b"total_return") > 0
    file.write_bytes(content.replace(b"total_return", b"total_retirn"))
    with pytest.raises(tb.errors.RegistryError, match="has no column 'total_return'; delete the damaged file"):
        _ = study.table


def test_a_study_is_watched(tmp_path: Path) -> None:
    standings: list[Standing] = []
    market = tb.Market.synthetic(bars=2_000_000 // 4, seed=1)
    tb.sweep(Steps, market, {"length": [40_000, 50_000, 60_000, 70_000]}, mode="interpreted", watch=standings.append)
    assert [each.done for each in standings][-1] == 4
    assert len(standings) > 1
    last = standings[-1]
    assert last.total == 4
    assert last.left_seconds == 0
    assert (last.resident_bytes or 1) > 0
    assert "4 of 4 sets" in str(last)


def test_a_block_that_is_being_run_is_watched_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "WATCH_SECONDS", 0.0)
    standings: list[Standing] = []
    grid = {"fast": [2, 3, 4], "slow": [9, 20]}
    samples = tb.samples.MovingAverageCross
    tb.sweep(samples, MARKET, grid, mode="interpreted", block=3, threads=1, watch=standings.append)
    assert [each.done for each in standings] == [1, 2, 3, 3, 4, 5, 6, 6]
    assert [each.best is None for each in standings] == [True] * 3 + [False] * 5


def test_a_stale_name_is_told() -> None:
    with pytest.raises(tb.ConfigError, match=r"market .*: must be a Market"):
        tb.sweep(RULE, {"a": 5}, SPACE)  # type: ignore[dict-item]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"by": "sharp"}, "is no metric of this sweep; did you mean 'sharpe'"),
    ({"metrics": ["calmra"]}, "is no metric; did you mean 'calmar'"),
    ({"on_error": "ignore"}, "on_error = 'ignore'"),
    ({"executor": "thread"}, "executor = 'thread'"),
    ({"seeds": []}, "seeds = "),
    ({"seeds": [-1]}, "seeds = -1"),
    ({"config": {"b": tb.BacktestConfig()}}, "there is none for the market"),
    ({"config": 5}, "must be a BacktestConfig"),
    ({"market": {}}, "there is no market"),
    ({"parameters": {"fast": [2], "slow": [9], "sharpe": [1]}}, "no parameter 'sharpe'"),
    ({"parameters": tb.spaces.grid({"fast": [2], "slow": [9]}, where="fast > slow")}, "no set meets the condition"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=[message for _, message in BAD])
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    given = {"market": MARKET, "parameters": {"fast": [2], "slow": [9]}, **options}
    with pytest.raises(tb.TradingError, match=message):
        tb.sweep(RULE, **given)


def test_names_of_columns_are_taken() -> None:
    with pytest.raises(tb.ConfigError, match="is a column of the study itself"):
        tb.sweep(lambda **_: tb.Signals(target=[0.0] * 300), MARKET, {"trades": [1]})


def test_a_study_that_is_begun_anew_is_not_written_into(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    options: dict[str, Any] = {"store": store, "mode": "interpreted"}
    again: list[tb.Study] = []

    def begin_anew(standing: Standing) -> None:
        if standing.done == 4:
            again.append(tb.sweep(Steps, MARKET, {"length": range(10, 22)}, **options, block=3, resume=False))

    with pytest.raises(RegistryError, match=r"was begun anew, or forgotten, while this sweep ran; let the other"):
        tb.sweep(Steps, MARKET, {"length": range(10, 22)}, **options, block=2, watch=begin_anew)
    alone = tb.sweep(Steps, MARKET, {"length": range(10, 22)}, mode="interpreted")
    assert (again[0].table.num_rows, again[0].digest) == (12, alone.digest)
    with StudyStore(store) as kept:
        assert [(each.block, each.state, each.reason) for each in kept.studies()] == [(3, "completed", None)]
        kept.forget(alone.id)
        with pytest.raises(RegistryError, match="was begun anew, or forgotten"):
            kept.put(alone.id, 0, alone.table, [], seconds=0.1)
        assert not list(tmp_path.rglob("*.parquet")) + list(tmp_path.rglob("*.new"))


def test_a_store_keeps_the_digest_that_was_asked_for_and_one_line_of_what_ended_a_study(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"

    def fail(standing: Standing) -> None:
        raise OSError(f"no\nroom for {standing.total} " + "x" * 9_999)

    space = {"length": [3, 4]}
    with pytest.raises(OSError, match=r"no\nroom"):
        tb.sweep(Steps, MARKET, space, store=store, mode="interpreted", watch=fail)
    with StudyStore(store) as kept:
        (study,) = kept.studies()
        assert (study.state, study.digest) == ("failed", None)
        assert str(study.reason).startswith("OSError: no room for 2 xx")
        assert len(str(study.reason)) == 500
        found = tb.sweep(Steps, MARKET, space, store=store, mode="interpreted")
        assert found.digest == kept.study(study.id).digest
        assert kept.study(study.id).reason is None


@pytest.mark.parametrize("place", [3, "runs\0.db"])
def test_a_store_is_a_path(place: Any) -> None:
    with pytest.raises(ConfigError, match=r"store = .*: is no path; give a file such as"):
        tb.sweep(Steps, MARKET, {"length": [3]}, store=place)
