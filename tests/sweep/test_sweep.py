"""`sweep`: the front for all kinds of strategies."""

import itertools
import os
import signal
import threading
from typing import Any

import pytest

import triplebar as tb
from triplebar import signals
from triplebar.research.sweeping.evaluators import Evaluator, OneByOne, RuleEvaluator, Task
from triplebar.research.sweeping.space import grid

MARKET = tb.Market.synthetic(bars=300, seed=6)
RULE = signals.crossover(fast="SMA", slow="SMA")
GRID = {"fast": range(2, 6), "slow": [9, 15, 30]}


def _quiet(done: int, total: int) -> None:
    del done, total


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5
    size: float = 1.0

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, self.size * ((bar.index // self.length) % 2))


def steps(length: int, size: float) -> tb.Signals:
    return tb.Signals(target=[size * ((row // length) % 2) for row in range(len(MARKET))])


def test_one_row_a_set_with_its_parameters() -> None:
    study = tb.sweep(RULE, MARKET, GRID)
    assert len(study) == study.table.num_rows == 12
    assert study.table.column("fast").to_pylist() == [fast for fast in range(2, 6) for _ in range(3)]
    assert study.parameters(7) == {"fast": 4, "slow": 15}
    assert study.metadata["status"] == "completed"
    assert study.metadata["evaluator"] == "lanes"
    assert study.metadata["by_engine"] == {}


def test_all_evaluators_give_the_same_columns_and_numbers() -> None:
    grid: dict[str, Any] = {"length": [3, 8], "size": [1.0, 2.0]}
    classes, objects, columns = (tb.sweep(each, MARKET, grid, mode="interpreted") for each in (Steps, Steps(), steps))
    assert classes.table.equals(tb.sweep(Steps, MARKET, grid).table)
    assert classes.table.equals(objects.table)
    assert classes.table.equals(columns.table)
    assert [each.metadata["evaluator"] for each in (classes, columns)] == ["interpreted", "signals"]
    reference = tb.sweep(Steps, MARKET, grid, engine="reference")
    assert classes.table.equals(reference.table)


def test_a_rule_on_another_engine_is_the_same_rule() -> None:
    grid = {"fast": [2], "slow": [9, 20]}
    assert tb.sweep(RULE, MARKET, grid, engine="reference").table.equals(tb.sweep(RULE, MARKET, grid).table)


def test_a_set_can_be_run_again_with_all_its_tables() -> None:
    config = tb.BacktestConfig(commission_bps=2)
    study = tb.sweep(RULE, MARKET, GRID, config)
    for number in (0, 5, 11):
        result = study.run(number)
        row = study.table.slice(number, 1).to_pylist()[0]
        assert result.ending_value == row["final_equity"]
        assert result.fills.num_rows == row["fills"]
        assert result.metrics["max_drawdown"] == pytest.approx(row["max_drawdown"], rel=1e-12)


def test_the_best_sets() -> None:
    study = tb.sweep(RULE, MARKET, GRID)
    best = study.best(3, by="final_equity")
    values = study.table.column("final_equity").to_pylist()
    assert best.column("final_equity").to_pylist() == sorted(values, reverse=True)[:3]
    assert values[best.column("set")[0].as_py()] == max(values)
    assert study.best(1, by="max_drawdown", smallest=True).column("max_drawdown")[0].as_py() == min(
        study.table.column("max_drawdown").to_pylist()
    )
    with pytest.raises(tb.ConfigError, match="did you mean 'sharpe'"):
        study.best(by="sharp")


def test_threads_change_nothing() -> None:
    grid = {"fast": range(2, 20), "slow": range(20, 60, 3)}
    one, three = (tb.sweep(RULE, MARKET, grid, threads=threads).table for threads in (1, 3))
    assert one.equals(three)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    tb.sweep(Steps, MARKET, {"length": [2, 3, 4]}, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_control_c_keeps_what_was_finished() -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    study = tb.sweep(Steps, MARKET, {"length": range(2, 30)}, progress=stop, mode="interpreted")
    assert study.metadata["status"] == "interrupted"
    assert 2 <= len(study) < 28
    whole = tb.sweep(Steps, MARKET, {"length": range(2, 30)}).table
    assert study.table.equals(whole.slice(0, len(study)))


def test_lanes_stop_when_they_are_told() -> None:
    market = tb.Market.synthetic(bars=20_000, seed=6)
    space = grid({"fast": range(2, 60), "slow": range(60, 200)})
    evaluator = RuleEvaluator(RULE, Task(market, tb.BacktestConfig(), threads=1), space.names, by_engine=True)
    asked = itertools.count()
    found = evaluator.evaluate(space.block(0, len(space)), _quiet, lambda: next(asked) > 5)
    assert found.seen == found.rows.num_rows == len(found.numbers) < len(space)
    assert found.seen % 128 == 0


def test_other_threads_run_while_lanes_do() -> None:
    turns = 0
    done = threading.Event()

    def count() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1

    other = threading.Thread(target=count)
    space = grid({"fast": range(2, 40), "slow": range(60, 100)})
    evaluator = RuleEvaluator(RULE, Task(MARKET, tb.BacktestConfig(), threads=1), space.names, by_engine=True)
    other.start()
    before = turns
    evaluator.evaluate(space.block(0, len(space)), _quiet, lambda: False)
    gained = turns - before
    done.set()
    other.join()
    assert gained > 100


def test_a_failing_set_says_which_it_was() -> None:
    class Fails(tb.Strategy):
        length: int = 1

        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            if self.length == 3:
                raise ValueError("no")

    with pytest.raises(tb.StrategyError) as caught:
        tb.sweep(Fails, MARKET, {"length": [1, 3]}, on_error="raise")
    assert caught.value.__notes__ == ["in set 1 of the sweep: {'length': 3}"]


def test_an_evaluator_of_ones_own() -> None:
    own = OneByOne(Steps, Task(MARKET, tb.BacktestConfig()), "own")
    assert isinstance(own, Evaluator)
    study = tb.sweep(own, MARKET, {"length": [3, 8]})
    assert study.metadata["evaluator"] == "own"
    assert study.table.equals(tb.sweep(Steps, MARKET, {"length": [3, 8]}).table)


BAD: list[tuple[Any, Any, dict[str, Any], str]] = [
    (RULE, {"fsat": [1], "slow": [2]}, {}, r"no parameter 'fsat'; did you mean 'fast'"),
    (RULE, {"fast": [1]}, {}, r"slow is missing"),
    (RULE, {"fast": [0], "slow": [2]}, {}, r"SMA\(period = 0\)"),
    (RULE, {"fast": ["a"], "slow": [2]}, {}, r"SMA\(period = 'a'\)"),
    (Steps, {"lenght": [1]}, {}, r"no parameter 'lenght'; did you mean 'length'"),
    (Steps, {"length": []}, {}, r"length has no values"),
    (Steps, {"length": 5}, {}, r"length = 5: is no list of values"),
    (Steps, {}, {}, r"is no grid"),
    (Steps, {"length": range(20_000_000)}, {}, r"20,000,000 sets, more than 10,000,000"),
    (Steps, {"length": [1]}, {"mode": "fast"}, r"mode = 'fast'"),
    (Steps, {"length": [1]}, {"threads": 0}, r"threads = 0"),
    (5, {"length": [1]}, {}, r"int cannot be swept"),
    (tb.Signals(target=[1.0]), {"length": [1]}, {}, r"no parameter 'length'"),
    (lambda length: length, {"length": [1]}, {}, r"gave int; return Signals"),
]


@pytest.mark.parametrize(("strategy", "grid", "options", "message"), BAD, ids=[row[3] for row in BAD])
def test_what_cannot_be_swept_is_named(strategy: Any, grid: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(tb.TradingError, match=message):
        tb.sweep(strategy, MARKET, grid, **options)


def test_a_market_is_needed() -> None:
    with pytest.raises(tb.ConfigError, match="must be a Market"):
        tb.sweep(RULE, [1.0], GRID)  # type: ignore[arg-type]
