"""The page of benchmarks comes from engines that agree."""

import re
from pathlib import Path

import pytest

from benches import engines as bench
from benches.contestants import DisagreementError
from triplebar.engines.places import ENGINES

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ROW = re.compile(r"^\| ([^|]+) \| [\d.,]+ \| [\d.,]+ \| ([\d,]+) \| ([0-9a-f]{8}) \|$", re.MULTILINE)


@pytest.mark.feature("F-140")
def test_the_page_shows_every_engine_and_workload_with_one_answer() -> None:
    sections = PAGE.read_text().split("## W")[1:]
    assert len(sections) == len(bench.BARS) == 4
    for section in sections:
        rows = {name: answer for name, *answer in ROW.findall(section)}
        assert {name.partition(",")[0] for name in rows} == set(ENGINES)
        by_our_rules = [answer for name, answer in rows.items() if not name.endswith("its own")]
        assert len(by_our_rules) == len(ENGINES)
        assert all(answer == rows["custom"] for answer in by_our_rules)


@pytest.mark.feature("F-140")
def test_the_bench_runs_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "BARS", {"W1": 120})
    text = bench.section("W1", rounds=1)
    assert {name.partition(",")[0] for name, *_ in ROW.findall(text)} == set(ENGINES)


@pytest.mark.feature("F-140")
def test_engines_that_disagree_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "BARS", {"W2": 60})
    monkeypatch.setattr(bench, "engines", lambda: [("custom", "custom", "strict"), ("odd", "nautilus", "native")])
    assert "odd" in bench.section("W2", rounds=1)  # a stranger may differ
    monkeypatch.setattr(bench, "engines", lambda: [("custom", "custom", "strict"), ("odd", "backtrader", "strict")])
    prepared = bench.prepared

    def with_other_bars(workload, bars, engine, fidelity):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        return prepared("W1" if engine == "backtrader" else workload, bars, engine, fidelity)

    monkeypatch.setattr(bench, "prepared", with_other_bars)
    with pytest.raises(DisagreementError):
        bench.section("W2", rounds=1)
