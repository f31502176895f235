"""Guests in a process of their own: the same facts, and whatever goes wrong stays over there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.contracts.errors import EngineCrashedError, EngineTimeoutError, TranslationError
from triplebar.engines.remote import EngineEnvironment
from triplebar.research.adapter import create_backtest_adapter

MARKET = tb.Market.synthetic(bars=120, seed=5, symbols=("A", "B"))
CONFIG = tb.BacktestConfig(commission_bps=5)
HERE = EngineEnvironment(sys.executable)


class Talker(tb.Strategy):
    """Buys once, logs, and keeps a parameter."""

    size: int = 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 2:
            ctx.buy(bar.symbol, self.size, tag="entry")
            ctx.log("bought", symbol=bar.symbol)


class Mishap(tb.Strategy):
    """Does something terrible at the third bar."""

    what: str = "raise"

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index < 3:
            return
        if self.what == "raise":
            raise ZeroDivisionError("the strategy's own")
        if self.what == "die":
            print("these are my last words", flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.what == "leave":
            os._exit(7)
        time.sleep(60)


def run(strategy: Any, environment: EngineEnvironment = HERE, **options: Any) -> tb.RunResult:
    return tb.run(strategy, MARKET, CONFIG, engine=environment.engine("backtrader"), **options)


@pytest.mark.feature("F-139")
def test_facts_are_those_of_a_run_in_here() -> None:
    seen: list[int] = []
    there = run(Talker(size=3), progress=lambda done, _: seen.append(done))
    here = tb.run(Talker(size=3), MARKET, CONFIG, engine="backtrader")
    assert there.result_hash == here.result_hash
    assert there.run_id == here.run_id
    assert there.metadata.engine == "backtrader"
    assert there.metadata.engine_version == here.metadata.engine_version
    assert [line["message"] for line in there.logs] == ["bought", "bought"]
    assert seen[-1] == len(MARKET)
    assert len(seen) > 10


def test_adapters_take_engines_of_other_processes() -> None:
    adapter = create_backtest_adapter(HERE.engine("backtrader", fidelity="native"), CONFIG, MARKET)
    assert adapter.supports_feature("limit:day")
    assert not adapter.supports_feature("limit:ioc")
    assert adapter.run(Talker()).provenance["adapter_mode"] == "guest_native"


def test_capabilities_come_from_over_there() -> None:
    assert HERE.engine("backtrader").capabilities().supports(OrderKind.STOP, TimeInForce.DAY)


def test_an_error_of_the_strategy_is_the_error_it_is_here() -> None:
    with pytest.raises(
        tb.StrategyError, match=r"Mishap\.on_bar, A, tick 3 .*ZeroDivisionError: the strategy's own"
    ) as there:
        run(Mishap())
    with pytest.raises(tb.StrategyError) as here:
        tb.run(Mishap(), MARKET, CONFIG, engine="backtrader")
    assert type(there.value) is type(here.value)
    assert str(there.value) == str(here.value)
    assert there.value.handler == "on_bar"  # type: ignore[attr-defined]
    assert "ZeroDivisionError" in str(there.value.__cause__)


def test_a_setting_that_is_refused_over_there_is_refused() -> None:
    config = tb.BacktestConfig(initial_cash={"USD": 1000, "EUR": 1}, rates={"EUR": "1.1"})
    with pytest.raises(tb.errors.UnsupportedSettingError, match=r"^currencies: engine 'backtrader' refuses it"):
        tb.run(Talker(), MARKET, config, engine=HERE.engine("backtrader"))


class Broken(tb.Strategy):
    """Breaks when it is made, over there only."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        raise ZeroDivisionError("over there")


def test_what_fails_outside_of_the_strategy_is_told_with_its_traceback() -> None:
    with pytest.raises(
        tb.errors.AdapterError, match=r"(?s)it failed: ZeroDivisionError: over there.*Traceback.*__setstate__"
    ):
        run(Broken())


def test_a_guest_that_breaks_before_it_answers_says_why(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    python.chmod(0o755)
    with pytest.raises(EngineCrashedError, match=r"it ended with code 3; its last words: no such luck"):
        run(Talker(), EngineEnvironment(python))


def test_a_crash_is_an_error_with_the_last_words() -> None:
    with pytest.raises(
        EngineCrashedError, match=r"'backtrader': it was ended by SIGSEGV.*these are my last words"
    ) as error:
        run(Mishap(what="die"))
    assert "these are my last words" in error.value.last_words
    with pytest.raises(EngineCrashedError, match="it ended with code 7"):
        run(Mishap(what="leave"))


def test_a_hang_is_given_up() -> None:
    with pytest.raises(EngineTimeoutError, match=r"'backtrader': the run took too long; give it more timeout_seconds"):
        run(Mishap(what="hang"), EngineEnvironment(sys.executable, timeout_seconds=3))


def test_an_interpreter_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(tb.EngineNotAvailableError, match=r"cannot be started.*give another python"):
        run(Talker(), EngineEnvironment(tmp_path / "python"))
    empty = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(empty)], check=True)
    with pytest.raises(tb.EngineNotAvailableError, match=r"No module named .*triplebar engines add"):
        run(Talker(), EngineEnvironment(empty / "bin" / "python"))


def test_what_cannot_be_sent_says_so() -> None:
    class Local(tb.Strategy):
        """A class that only this function knows."""

    with pytest.raises(TranslationError, match=r"Local: it cannot be sent to another process.*top of a file"):
        run(Local())


def test_environments_are_checked() -> None:
    with pytest.raises(tb.ConfigError, match="timeout_seconds = 0: must be above 0"):
        EngineEnvironment(sys.executable, timeout_seconds=0)
    with pytest.raises(ValueError, match="'custom' is not a guest"):
        HERE.engine("custom")


SCRIPT = """
import sys, time
import triplebar as tb
from triplebar.engines.remote import EngineEnvironment

class Slow(tb.Strategy):
    def on_bar(self, ctx, bar):
        if bar.index == 0:
            ctx.buy(bar.symbol, 1)
        time.sleep(0.05)

if __name__ == "__main__":
    guest = EngineEnvironment(sys.executable).engine("backtrader")
    def progress(done, total):
        print("progress", done, flush=True)
    result = tb.run(Slow(), tb.Market.synthetic(bars=2000, seed=1), engine=guest, progress=progress)
    print("ended", result.interrupted, len(result.equity), flush=True)
"""


def script(folder: Path) -> "subprocess.Popen[str]":
    """A script whose strategy stands in the script itself, running."""
    file = folder / "slow.py"
    file.write_text(SCRIPT)
    return subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, text=True)


def children_of(parent: int) -> list[int]:
    """The processes that this one has started."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(each) for each in text.split()]


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def first_progress(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline().startswith("progress")


def test_ctrl_c_ends_the_run_and_keeps_what_was_done(tmp_path: Path) -> None:
    with script(tmp_path) as process:
        first_progress(process)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=60)[0].splitlines()[-1]
    assert text.startswith("ended True ")
    assert 0 < int(text.split()[-1]) < 2000


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the processes")
def test_a_host_that_is_killed_leaves_no_orphan(tmp_path: Path) -> None:
    with script(tmp_path) as process:
        first_progress(process)
        (child,) = children_of(process.pid)
        assert is_alive(child)
        process.kill()
        process.wait()
        for _ in range(200):
            if not is_alive(child):
                break
            time.sleep(0.05)
        assert not is_alive(child)
