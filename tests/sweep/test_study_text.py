"""A study that is printed: how much, the best sets, the verdict; a short line where it is only mentioned."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError, ParameterError, StrategyError
from triplebar.research.sweeping.study import Study

MARKET = tb.Market.synthetic(bars=120, seed=6, interval="1d")
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
GRID = {"fast": [2, 3, 4], "slow": [9, 20]}
STUDY = tb.sweep(RULE, MARKET, GRID)


def swept(**options: Any) -> Study:
    return tb.sweep(RULE, MARKET, GRID, **options)


def test_a_study_prints_its_best_sets_and_its_verdict() -> None:
    study = swept(by="final_equity", smallest=True)
    first, head, *rest = str(study).splitlines()
    assert first == "rule: 6 of 6 sets, completed; best by final_equity, the smallest"
    assert head.split("  ")[1:4] == ["set", "fast", "slow"]
    best = study.best(5).to_pylist()
    assert [row.split()[0] for row in rest[:5]] == [str(row["set"]) for row in best]
    assert rest[0].split()[3] == f"{best[0]['final_equity']:,.6g}"
    assert "\n".join(rest[5:]) == f"verdict: {study.verdict}"
    assert study._repr_html_().startswith("<pre>rule: 6 of 6 sets")


def test_a_study_is_mentioned_in_a_line_that_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    study = swept()
    for name in ("verdict", "best", "results", "id", "tables"):
        monkeypatch.setattr(Study, name, property(lambda _: pytest.fail("computed")), raising=False)
    assert repr(study) == "Study(rule: 6 of 6 sets, completed)"


class Moody(tb.Strategy):
    """Runs once, and then no more."""

    length: int = 3
    ran = 0

    def on_start(self, ctx: Any) -> None:
        type(self).ran += 1
        if type(self).ran > 2:
            raise ValueError("not again")

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, float(bar.index % self.length))


def test_why_there_is_no_verdict() -> None:
    study = tb.sweep(Moody, MARKET, {"length": [3, 5]}, mode="interpreted", threads=1)
    Moody.ran = 2
    with pytest.raises(StrategyError, match="not again"):
        _ = study.verdict
    assert "verdict: none, since " in str(study)
    assert "not again" in str(study)
    halted = replace(swept(), metadata={"finished": 4, "failed": 1, "status": "interrupted"})
    assert repr(halted) == "Study(rule: 4 of 6 sets, 1 failed, interrupted)"
    assert str(halted).endswith("verdict: none yet, since the sweep was interrupted; go on with it")


def test_nothing_to_show() -> None:
    flat = tb.sweep(RULE, MARKET, {"fast": [2], "slow": [500]})
    assert str(flat).splitlines()[1:3] == ["no set has a value of sharpe", "verdict: too little data"]


@pytest.mark.parametrize("count", ["3", -1, True, 1.0])
def test_a_number_of_best_sets_that_is_none(count: Any) -> None:
    with pytest.raises(ConfigError, match="count = "):
        STUDY.best(count)
    with pytest.raises(ConfigError, match="count = "):
        STUDY.winners(count)
    assert STUDY.best(0).num_rows == 0


@pytest.mark.parametrize("value", [[3], {}, {3}, np.array([3])])
def test_a_value_that_no_indicator_takes_is_told_with_its_parameter(value: Any) -> None:
    with pytest.raises(ParameterError, match=r"fast: .* is no parameter of SMA; give a number"):
        tb.sweep(RULE, MARKET, {"fast": [value], "slow": [9]})
    beside = tb.sweep(RULE, MARKET, {"fast": [value, 3], "slow": [9]})
    assert beside.table["fast"].to_pylist() in ([3], ["3"])
    assert beside.failures["error"].to_pylist() == ["ParameterError"]


def test_walking_forward_prints_its_verdict() -> None:
    walk = tb.walk_forward(RULE, MARKET, GRID, train="40d", test="20d")
    first, *rest = str(walk).splitlines()
    assert first.startswith("4 windows, sharpe ")
    assert "\n".join(rest) == f"verdict: {walk.verdict}"
    assert walk._repr_html_().startswith("<pre>4 windows")
    flat = tb.walk_forward(RULE, MARKET, {"fast": [2], "slow": [500]}, train="40d", test="20d")
    assert str(flat).splitlines()[1].startswith("verdict: none, since ")
