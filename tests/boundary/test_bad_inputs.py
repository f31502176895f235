"""What is wrong is refused with one typed error: the thing, the place and the fix."""

from pathlib import Path

import pytest

import triplebar as tb
from tests.boundary.bad_commands import COMMANDS, BadCommand
from tests.boundary.bad_inputs import FILES, MARKETS, SETTINGS, STRATEGIES, TABLES, Bad
from tests.boundary.bad_orders import CALLS, ORDERS, BadCall, careless_run
from triplebar.cli.app import run_app
from triplebar.contracts.errors import ExecutionError, OrderError, TradingError
from triplebar.strategy.failures import HandlerError

INPUTS = [*FILES, *TABLES, *MARKETS, *SETTINGS, *STRATEGIES]


def test_the_table_has_at_least_sixty_rows_each_with_a_name_of_its_own() -> None:
    names = [each.name for each in INPUTS] + [each.name for each in (*ORDERS, *CALLS)]
    names += [each.name for each in COMMANDS]
    assert len(names) >= 120
    assert len(INPUTS) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.feature("F-018", "F-022")
@pytest.mark.parametrize("bad", INPUTS, ids=lambda bad: bad.name)
def test_bad_input_is_refused_with_thing_place_and_fix(bad: Bad, tmp_path: Path) -> None:
    with pytest.raises(bad.error) as caught:
        bad.act(tmp_path)
    assert isinstance(caught.value, TradingError)
    text = str(caught.value)
    assert bad.thing in text
    assert (tmp_path.name if bad.place == "the folder" else bad.place) in text
    assert bad.fix in text


@pytest.mark.feature("F-081")
@pytest.mark.parametrize("bad", [*ORDERS, *CALLS], ids=lambda bad: bad.name)
def test_a_bad_call_ends_the_run_with_thing_place_and_fix(bad: BadCall) -> None:
    text, cause = ended(bad, "custom")
    assert isinstance(cause, bad.error)
    assert bad.thing in text
    assert bad.fix in text


@pytest.mark.feature("F-081")
@pytest.mark.parametrize("bad", [bad for bad in (*ORDERS, *CALLS) if not bad.only_native], ids=lambda bad: bad.name)
def test_the_reference_engine_refuses_the_same_calls(bad: BadCall) -> None:
    _, cause = ended(bad, "reference")
    assert isinstance(cause, (bad.error, OrderError))  # it says OrderError where Rust finds the type wrong


def ended(bad: BadCall, engine: str) -> tuple[str, BaseException | None]:
    """How a run with this call ends: the place is the same for all, the text and the cause are given back."""
    with pytest.raises(HandlerError) as caught:
        careless_run(bad.call, engine)
    assert (caught.value.handler, caught.value.index, caught.value.symbol) == ("on_bar", 3, "AA")
    text = str(caught.value)
    assert text.startswith("Careless.on_bar, AA, tick 3 at 2024-01-01T04:00:00Z: ")
    assert "bad_orders.py, line" in text
    return text, caught.value.__cause__


@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_an_order_that_no_account_can_hold_is_refused_and_the_run_goes_on(engine: str) -> None:
    class Huge(tb.Strategy):
        def on_start(self, ctx: tb.Context) -> None:
            ctx.buy(ctx.symbols[0], 9e14)
            ctx.buy(ctx.symbols[0], 9e14, limit=50.0)
            ctx.buy(ctx.symbols[0], 1)

    result = tb.run(Huge(), tb.Market.synthetic(bars=5, seed=1), engine=engine)
    assert result.orders["reason"].to_pylist() == ["notional_above_maximum"] * 2 + ["none"]
    assert (result.fills.num_rows, result.equity.num_rows) == (1, 5)


@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_an_amount_that_no_account_can_hold_names_the_tick(engine: str) -> None:
    class Rich(tb.Strategy):
        def on_start(self, ctx: tb.Context) -> None:
            ctx.buy(ctx.symbols[0], 1e8)

    times = [hour * 3_600 * 10**9 for hour in (1, 2, 3)]
    prices = [100.0, 100.0, 100_000.0]
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    market = tb.Market.from_table({"time": times, "symbol": ["AA"] * 3, **columns, "volume": [1.0] * 3})
    config = tb.BacktestConfig(initial_cash=10**10, cash_precision=8)
    with pytest.raises(ExecutionError, match=r"tick 2 at 1970-01-01T03:00:00Z.* 64-bit .*; lower"):
        tb.run(Rich(), market, config, engine=engine)


@pytest.mark.parametrize("bad", COMMANDS, ids=lambda bad: bad.name)
def test_a_bad_command_says_what_is_wrong_and_ends_with_its_code(
    bad: BadCommand, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    code = run_app(bad.arguments(tmp_path))
    printed = capsys.readouterr()
    text = printed.err + printed.out
    assert code == bad.code
    assert bad.thing in text
    assert bad.fix in text
    assert "Traceback" not in text
