"""A run that was stopped and resumed is the same run."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

import triplebar as tb
from tests.generators import random_case
from tests.results.runs import CONFIG, MARKET, rich_run, script
from triplebar.research.checkpoint import Checkpoint


class Drawing(tb.Strategy):
    """Remembers, draws at random, sets timers, logs, and holds an indicator."""

    period: int = 5

    def on_start(self, ctx: Any) -> None:
        self.mean = tb.indicators.SMA(self.period)
        self.seen: dict[str, int] = {}
        ctx.timer("again", every=7_200)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.seen[bar.symbol] = self.seen.get(bar.symbol, 0) + 1
        if bar.symbol == "AA" and self.mean.update(bar.close) > bar.close and ctx.random.chance(0.3):
            ctx.buy("AA", ctx.random.integer(1, 5), limit=round(bar.close * 0.999, 2), tif="day")
            ctx.log("tried", seen=dict(self.seen))

    def on_timer(self, ctx: Any, timer: Any) -> None:
        if ctx.position("AA") > 20:
            ctx.close("AA")


def whole(strategy: Any) -> tb.RunResult:
    return tb.run(strategy, MARKET, CONFIG)


@pytest.mark.feature("F-083")
@pytest.mark.parametrize("until", sorted({0, 1, 397, 398, *(Random(83).sample(range(399), 16))}))
def test_resuming_anywhere_gives_the_same_hash(until: int) -> None:
    for strategy in (Drawing(), script()):
        first = tb.run(strategy, MARKET, CONFIG, until=until)
        assert first.checkpoint is not None
        assert first.equity.num_rows == until + 1
        assert first.metadata.status == "paused"
        second = tb.resume(first.checkpoint, MARKET, type(strategy))
        expected = whole(strategy)
        assert second.result_hash == expected.result_hash
        assert second.run_id == expected.run_id
        assert second.metadata.status == "completed"
        assert [dict(each) for each in second.logs] == [dict(each) for each in expected.logs]


@pytest.mark.feature("F-083")
@pytest.mark.parametrize("seed", range(25))
def test_resuming_a_random_case_gives_the_same_hash(seed: int) -> None:
    case = random_case(seed)
    until = Random(seed).randrange(len(case.market) - 1)
    first = tb.run(case.script(), case.market, case.config, until=until)
    assert first.checkpoint is not None
    second = tb.resume(first.checkpoint, case.market)
    assert second.result_hash == tb.run(case.script(), case.market, case.config).result_hash


@pytest.mark.feature("F-083")
def test_several_stops() -> None:
    result = tb.run(Drawing(), MARKET, CONFIG, until=50)
    for until in (51, 200, 333):
        assert result.checkpoint is not None
        result = tb.resume(result.checkpoint, MARKET, Drawing, until=until)
        assert result.equity.num_rows == until + 1
    assert result.checkpoint is not None
    assert tb.resume(result.checkpoint, MARKET, Drawing).result_hash == whole(Drawing()).result_hash


@pytest.mark.feature("F-083")
def test_stopping_by_time_and_keeping_in_a_file(tmp_path: Path) -> None:
    result = tb.run(script(), MARKET, CONFIG, until="2024-01-05T12:30:00Z")
    assert result.equity.num_rows == 108  # the bar of 12:00 is the last at or before that time
    assert result.checkpoint is not None
    file = Checkpoint.read(result.checkpoint).save(tmp_path / "stopped.checkpoint")
    assert tb.resume(file, MARKET).result_hash == rich_run().result_hash
    assert tb.resume(str(file), MARKET).result_hash == rich_run().result_hash


@pytest.mark.feature("F-083")
def test_a_whole_run_has_no_checkpoint() -> None:
    assert rich_run().checkpoint is None
    last = tb.run(script(), MARKET, CONFIG, until=399)
    assert last.checkpoint is None
    assert last.metadata.status == "completed"
    assert last.result_hash == rich_run().result_hash


def checkpoint() -> bytes:
    found = tb.run(script(), MARKET, CONFIG, until=9).checkpoint
    assert found is not None
    return found


@pytest.mark.feature("F-083")
def test_what_cannot_be_resumed_is_refused() -> None:
    other = tb.Market.synthetic(symbols=("AA", "BB"), bars=400, seed=4)
    with pytest.raises(tb.DataError, match="the market is not that of the checkpoint"):
        tb.resume(checkpoint(), other)
    with pytest.raises(tb.ConfigError, match="Drawing is not the strategy of the checkpoint; pass Script"):
        tb.resume(checkpoint(), MARKET, Drawing)
    with pytest.raises(tb.StrategyError, match="is not a strategy; pass the class of the run"):
        tb.resume(checkpoint(), MARKET, 5)


@pytest.mark.feature("F-083")
def test_a_class_that_cannot_be_imported_has_to_be_given() -> None:
    class Local(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.count = 0

    part = tb.run(Local(), MARKET, until=9).checkpoint
    assert part is not None
    with pytest.raises(tb.StrategyError, match="cannot be imported; pass the class"):
        tb.resume(part, MARKET)
    assert tb.resume(part, MARKET, Local).equity.num_rows == 400


@pytest.mark.feature("F-083")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: b"no json", "is not a checkpoint"),
        (lambda _: b"[]", "is not a checkpoint"),
        (lambda _: b"{}", "is not a checkpoint"),
        (lambda raw: raw.replace(b'"engine_state": "', b'"engine_state": "%'), "is not a checkpoint"),
        (lambda raw: raw.replace(b'"version": "2.0.0"', b'"version": "1.0.0"'), "was written by version 1.0.0"),
        (lambda raw: raw.replace(b'"rules_version": 1', b'"rules_version": 2'), "version 2 of the rules"),
    ],
)
def test_bytes_that_are_no_checkpoint(change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tb.resume(change(checkpoint()), MARKET)


@pytest.mark.feature("F-083")
def test_state_that_cannot_be_kept_is_named() -> None:
    class Holder(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.bad = lambda: 1

    with pytest.raises(tb.StrategyError, match=r"Holder.bad: cannot be stored"):
        tb.run(Holder(), MARKET, until=3)
