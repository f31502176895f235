"""`run`: what it takes, what it refuses, and that the caller's things stay as they are."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.results.runs import CONFIG, MARKET, rich_run, script
from triplebar.engines.reference import ReferenceEngine
from triplebar.research.factory import ENGINES, create_engine
from triplebar.research.interruption import stoppable


class Hold(tb.Strategy):
    """Buy at the first bar."""

    symbol: str = "AA"
    size: float = 1.0

    def on_start(self, ctx: Any) -> None:
        self.bought = False

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if not self.bought:
            ctx.buy(self.symbol, self.size)
            self.bought = True


SOURCE = "import triplebar as tb\n\n\nclass Mine(tb.Strategy):\n    size: int = 1\n"


@pytest.mark.feature("F-090")
def test_a_strategy_its_class_and_a_request_give_the_same_run(tmp_path: Path) -> None:
    pq.write_table(MARKET.table(), tmp_path / "bars.parquet")
    request = tb.RunRequest(
        strategy=f"{__file__}:Hold", parameters={"size": 3.0}, data=str(tmp_path / "bars.parquet"), config=CONFIG
    )
    found = [
        tb.run(Hold(size=3.0), MARKET, CONFIG),
        tb.run(Hold, MARKET, CONFIG, parameters={"size": 3.0}),
        tb.run(Hold(), MARKET, CONFIG, parameters={"size": 3.0}),
        tb.run(tb.RunRequest(strategy=Hold, parameters={"size": 3.0}, config=CONFIG), MARKET),
        tb.run_backtest(Hold(size=3.0), MARKET, CONFIG),
        tb.run(request),
        tb.run(tb.RunRequest.from_mapping(request.to_mapping())),
    ]
    assert len({each.result_hash for each in found}) == 1
    assert len({each.run_id for each in found}) == 1


@pytest.mark.feature("F-090", "F-026")
def test_a_request_takes_a_part_of_the_data(tmp_path: Path) -> None:
    pq.write_table(MARKET.table(), tmp_path / "bars.parquet")
    request = tb.RunRequest(strategy=Hold, data=str(tmp_path / "bars.parquet"), symbols=("AA",), interval="4h")
    result = tb.run(request)
    assert result.metadata.data["symbols"] == ["AA"]
    assert result.equity.num_rows == 100


def test_the_strategy_of_the_caller_stays_as_it_is() -> None:
    mine = Hold()
    first, second = tb.run(mine, MARKET), tb.run(mine, MARKET)
    assert not hasattr(mine, "bought")
    assert first.result_hash == second.result_hash
    assert first.fills.num_rows == 1


def test_an_istrategy_runs_as_it_is() -> None:
    class Always:
        def should_enter(self, bars: Any) -> bool:
            return len(bars) == 5

        def should_exit(self, position: Any, bars: Any) -> bool:
            return len(bars) == 9

    result = tb.run(Always(), MARKET.select(["AA"]))
    assert result.trades.num_rows == 1
    assert result.metadata.strategy == "Always"


MAPPING: Any = {"seed": 1}
LONG_AGO: Any = "1999-01-01T00:00:00Z"
UNSUPPORTED = tb.errors.UnsupportedSettingError

BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "no market": (lambda: tb.run(Hold()), tb.ConfigError, "market is missing; write run"),
    "a table for a market": (
        lambda: tb.run(Hold(), MARKET.table()),
        tb.DataError,
        "Table is not a Market; use Market.from_table",
    ),
    "a mapping for a config": (lambda: tb.run(Hold(), MARKET, MAPPING), tb.ConfigError, "must be a BacktestConfig"),
    "an unknown engine": (
        lambda: tb.run(Hold(), MARKET, engine="refrence"),
        tb.EngineNotAvailableError,
        "did you mean 'reference'.*available: custom, reference",
    ),
    "an unknown mode": (lambda: tb.run(Hold(), MARKET, mode="fast"), tb.ConfigError, "must be one of interpreted"),
    "a mode of another engine": (
        lambda: tb.run(Hold(), MARKET, mode="compiled", engine="reference"),
        UNSUPPORTED,
        "use engine='custom'",
    ),
    "no strategy": (lambda: tb.run(object(), MARKET), tb.StrategyError, "is not a strategy"),
    "a number": (lambda: tb.run(1, MARKET), tb.StrategyError, "int is not a strategy"),
    "another class": (lambda: tb.run(dict, MARKET), tb.StrategyError, "dict"),
    "an unknown parameter": (lambda: tb.run(Hold, MARKET, parameters={"sise": 1}), tb.StrategyError, "mean 'size'"),
    "an until outside": (lambda: tb.run(Hold(), MARKET, until=400), tb.ConfigError, "until = 400: is outside"),
    "an until before": (
        lambda: tb.run(Hold(), MARKET, until=LONG_AGO),
        tb.ConfigError,
        "is outside the market; give a tick from 0 to 399",
    ),
    "an until on the other engine": (
        lambda: tb.run(Hold(), MARKET, until=3, engine="reference"),
        UNSUPPORTED,
        "use engine='custom'",
    ),
    "an end before the data": (
        lambda: tb.run(Hold(), MARKET, tb.BacktestConfig(end=LONG_AGO)),
        tb.DataError,
        "no data available",
    ),
    "two configs": (
        lambda: tb.run(tb.RunRequest(strategy=Hold), MARKET, CONFIG),
        tb.ConfigError,
        "config is given twice",
    ),
    "fidelity": (lambda: tb.run(Hold(), MARKET, fidelity="loose"), tb.ConfigError, "must be one of strict, native"),
    "a request without data": (lambda: tb.run(tb.RunRequest(strategy=Hold)), tb.ConfigError, "data is missing"),
    "data of another kind": (
        lambda: tb.run(tb.RunRequest(strategy=Hold, data="prices.xlsx")),
        tb.ConfigError,
        "is neither Parquet nor CSV",
    ),
    "a negative warm-up": (lambda: tb.run(type("W", (Hold,), {"warmup": -1}), MARKET), tb.StrategyError, "warmup = -1"),
}


@pytest.mark.feature("F-018", "F-090")
@pytest.mark.parametrize(("call", "kind", "message"), BAD.values(), ids=BAD)
def test_what_cannot_run_is_refused_with_a_fix(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "no strategy": ({}, "strategy is missing"),
    "a number for a strategy": ({"strategy": 5}, "must be a strategy class or a reference"),
    "an unknown name": ({"strategy": "a.py", "paramters": {}}, "did you mean 'parameters'"),
    "an unknown mode": ({"strategy": "a.py", "mode": "x"}, "mode = 'x'"),
    "an unknown fidelity": ({"strategy": "a.py", "fidelity": "x"}, "fidelity = 'x'"),
    "a text for symbols": ({"strategy": "a.py", "symbols": "AA"}, "must be a list of symbols"),
    "no symbols": ({"strategy": "a.py", "symbols": []}, "must be a list of symbols"),
    "an empty symbol": ({"strategy": "a.py", "symbols": [""]}, "symbols = ''"),
    "a number for a config": ({"strategy": "a.py", "config": 5}, "must be a BacktestConfig"),
    "an unknown setting": ({"strategy": "a.py", "config": {"sede": 1}}, "did you mean 'seed'"),
    "a list of parameters": ({"strategy": "a.py", "parameters": [1]}, "must be a mapping"),
    "an empty engine": ({"strategy": "a.py", "engine": ""}, "engine = ''"),
}


@pytest.mark.feature("F-018")
@pytest.mark.parametrize(("values", "message"), REQUESTS.values(), ids=REQUESTS)
def test_a_bad_request_is_refused_before_any_data_are_read(values: dict[str, Any], message: str) -> None:
    with pytest.raises(tb.ConfigError, match=message):
        tb.RunRequest.from_mapping(values)


STRATEGIES: dict[str, tuple[str | None, str, str]] = {
    "no file": (None, "", "there is no such file"),
    "a broken file": ("import nothing_like_this", "", "cannot be imported: ModuleNotFoundError"),
    "a file that is no Python": ("class", "", "cannot be imported: SyntaxError"),
    "no strategy in it": ("x = 1", "", "has no strategy; write a class"),
    "two of them": (SOURCE + SOURCE.split("\n\n\n")[1].replace("Mine", "Yours"), "", "has 2 strategies; say which"),
    "another name": (SOURCE, ":Min", "has no strategy 'Min'; did you mean 'Mine'"),
    "not a strategy": (SOURCE + "\nvalue = 1\n", ":value", "has no strategy 'value'"),
}


@pytest.mark.feature("F-090")
@pytest.mark.parametrize(("source", "name", "message"), STRATEGIES.values(), ids=STRATEGIES)
def test_a_reference_that_leads_nowhere(source: str | None, name: str, message: str, tmp_path: Path) -> None:
    from triplebar.research.references import strategy_class

    file = tmp_path / "mine.py"
    if source is not None:
        file.write_text(source)
    with pytest.raises(tb.TradingError, match=message):
        strategy_class(f"{file}{name}")


@pytest.mark.feature("F-090")
def test_references(tmp_path: Path) -> None:
    from triplebar.research.references import strategy_class

    file = tmp_path / "mine.py"
    file.write_text(SOURCE)
    assert strategy_class(str(file)).__name__ == "Mine"
    assert strategy_class(f"{file}:Mine")().parameters() == {"size": 1}
    for text in ("triplebar.strategy.samples:BuyAndHold", "triplebar.strategy.samples.BuyAndHold"):
        assert strategy_class(text) is tb.samples.BuyAndHold
    for text in ("no.such.module", "no.such.module:Class", "nothing"):
        with pytest.raises(tb.ConfigError, match="cannot be imported"):
            strategy_class(text)


def test_engines_are_made_on_demand() -> None:
    assert tb.available_engines() == tuple(ENGINES)
    assert create_engine("reference").name == "reference"
    assert tb.run(Hold(), MARKET, engine=ReferenceEngine()).metadata.engine == "reference"


def test_an_engine_that_cannot_be_loaded_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "broken", "triplebar.no_such_module:Engine")
    assert "broken" not in tb.available_engines()
    with pytest.raises(tb.EngineNotAvailableError, match=r"'broken' cannot be loaded.*install"):
        create_engine("broken")


@pytest.mark.feature("F-041")
def test_same_close_is_labelled() -> None:
    plain, labelled = tb.run(Hold(), MARKET), tb.run(Hold(), MARKET, tb.BacktestConfig(fill="same_close"))
    assert plain.assumptions["fill"] == "next_open"
    assert labelled.assumptions["fill"] == "same_close"
    assert any("SAME CLOSE" in note for note in labelled.assumptions["notes"])
    assert not any("SAME CLOSE" in note for note in plain.assumptions["notes"])


@pytest.mark.feature("F-086")
def test_the_warm_up_of_a_strategy_counts() -> None:
    class Warm(Hold):
        warmup = 7

    result = tb.run(Warm(), MARKET.select(["AA"]))
    assert result.orders["reason"].to_pylist() == ["warm_up"]
    assert result.settings.warmup_bars == 7
    assert tb.run(Warm(), MARKET, tb.BacktestConfig(warmup_bars=9)).settings.warmup_bars == 9


@pytest.mark.feature("F-024")
def test_the_policy_for_missing_bars_is_applied() -> None:
    holes = tb.Market.synthetic(symbols=("AA", "BB"), bars=100, missing_chance=0.2, seed=1)
    rows = {}
    for name in ("skip", "forward_fill", "drop"):
        rows[name] = tb.run(Hold(), holes, tb.BacktestConfig(missing_data=name)).metadata.data["rows"]
    assert rows["drop"] < rows["skip"] < rows["forward_fill"]
    with pytest.raises(tb.DataError, match="missing"):
        tb.run(Hold(), holes, tb.BacktestConfig(missing_data="error"))
    whole = tb.Market.synthetic(symbols=("AA",), bars=100, seed=1)
    assert tb.run(Hold(), whole, tb.BacktestConfig(missing_data="error")).equity.num_rows == 100


@pytest.mark.feature("F-081")
def test_a_strategy_that_raises_ends_the_run_or_is_halted() -> None:
    class Broken(Hold):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            super().on_bar(ctx, bar)
            if bar.index == 20:
                raise ZeroDivisionError("ouch")

    for engine in tb.available_engines():
        with pytest.raises(tb.StrategyError, match=r"Broken.on_bar, AA, tick 20 .*ZeroDivisionError: ouch"):
            tb.run(Broken(), MARKET, engine=engine)
        halted = tb.run(Broken(), MARKET, tb.BacktestConfig(on_error="isolate"), engine=engine)
        assert halted.warnings == ("strategy_halted: Broken.on_bar: ZeroDivisionError: ouch",)
        assert halted.equity.num_rows == 400
        assert halted.fills.num_rows == 1


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    market = tb.Market.synthetic(symbols=("AA",), bars=50_000, seed=1)
    tb.run(Hold(), market, progress=lambda done, total: told.append((done, total)))
    assert told
    assert told == sorted(told)
    assert told[-1] == (50_000, 50_000)


@pytest.mark.feature("F-081")
@pytest.mark.parametrize("engine", tb.available_engines())
def test_ctrl_c_keeps_what_was_done(engine: str) -> None:
    class Pressed(Hold):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            super().on_bar(ctx, bar)
            if bar.index == 100 and bar.symbol == "BB":
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    result = tb.run(Pressed(), MARKET, engine=engine)
    assert result.interrupted
    assert result.metadata.status == "interrupted"
    assert 100 <= result.equity.num_rows < 400
    assert result.metrics["fills"] == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_is_an_interrupt_as_usual() -> None:
    def press_twice() -> None:
        with stoppable() as stopped:
            signal.raise_signal(signal.SIGINT)
            assert stopped()
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        press_twice()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_works_in_another_thread() -> None:
    found: list[str] = []
    worker = threading.Thread(target=lambda: found.append(tb.run(script(), MARKET, CONFIG).result_hash))
    worker.start()
    worker.join()
    assert found == [rich_run().result_hash]


def test_handlers_of_others_are_left_alone() -> None:
    def mine(number: int, frame: Any) -> None: ...

    before = signal.signal(signal.SIGINT, mine)
    try:
        with stoppable() as stopped:
            assert signal.getsignal(signal.SIGINT) is mine
            assert not stopped()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.feature("F-082", "F-095")
def test_a_window_without_bars_gives_an_empty_result(tmp_path: Path) -> None:
    later: Any = "2030-01-01T00:00:00Z"
    result = tb.run(Hold(), MARKET, tb.BacktestConfig(start=later))
    assert result.equity.num_rows == 0
    assert result.metrics["total_return"] == 0.0
    assert result.metric_reasons["sharpe"] == "no day has a value"
    assert result.starting_value == result.ending_value == 100_000.0
    assert len(result.as_backtest_result().equity_curve) == 1
    assert tb.RunResult.load(result.save(tmp_path / "run")).result_hash == result.result_hash
    assert tb.explain(result, 1).reason == "warm_up"
