"""A workload that becomes a fifth slower is noticed. Ratios to a limit beside it are compared, never times (F-140)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benches import gate
from benches.workloads import PYTHON, WORKLOADS
from tests.house.repository import ROOT

ALONE = {name: text for name, text in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
"""Without a tracer, which would be measured too, and without what switches pytest-benchmark off beside workers."""

PLANTED = """
from benches import gate
from benches.contestants import market, triplebar_run
from benches.markets import random_walk

ours, limit = gate.runs_of("W2")
kept = gate.ratio(ours, limit, enough=0.0, rounds_max=20)
more = triplebar_run("W2", market(random_walk(round(gate.BARS["W2"] * 0.45))))
same = gate.ratio(ours, limit, enough=kept * gate.ALLOWED)
planted = gate.ratio(lambda: (ours(), more()), limit, enough=kept * gate.ALLOWED, rounds_max=12)
print(sorted(gate.slower({"same": same, "planted": planted}, {"same": kept, "planted": kept})))
"""


def alone(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    variables = {**ALONE, "PYTHONPATH": f"{ROOT / 'python'}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *words], check=False, cwd=ROOT, env=variables, capture_output=True, text=True
    )


@pytest.mark.feature("F-140", "U-30")
def test_a_third_more_work_is_noticed_and_the_same_work_is_not() -> None:
    done = alone("-c", PLANTED)
    assert done.stdout.strip() == "['planted']", done.stdout + done.stderr


@pytest.mark.feature("F-140", "U-30")
def test_rounds_go_on_only_while_the_answer_is_too_large() -> None:
    done: list[str] = []

    def work(name: str, turns: int) -> None:
        done.append(name)
        sum(range(turns))

    found = gate.ratio(lambda: work("ours", 6_000), lambda: work("limit", 2_000), enough=100.0, rounds=2)
    few = len(done)
    assert 1.5 < found < 6
    assert gate.ratio(lambda: work("ours", 6_000), lambda: work("limit", 2_000), 0.01, rounds=2, rounds_max=6) > 0.01
    assert len(done) - few > few


@pytest.mark.parametrize("kept", [{}, {"W1": 2.0}, {"W1": 2.0, "W2": 1.0, "W9": 1.0}])
def test_baselines_of_other_workloads_are_refused(kept: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not of the same workloads"):
        gate.slower({"W1": 2.0, "W2": 1.0}, kept)


@pytest.mark.feature("F-140", "U-30")
def test_what_pytest_benchmark_records_can_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "benchmarks.json"
    words = ["-m", "pytest", "benches/test_benches.py", "-q", "-p", "no:cacheprovider", f"--benchmark-json={file}"]
    short = ["--benchmark-max-time=0.05", "--benchmark-min-rounds=3", "--benchmark-calibration-precision=1"]
    done = alone(*words, *short)
    assert done.returncode == 0, done.stdout + done.stderr
    found = gate.recorded(file)
    assert set(found) == set(WORKLOADS)
    # A handful of rounds say nothing of the code, so they are set against themselves; a planted fifth is not missed.
    kept = tmp_path / "baselines.json"
    kept.write_text(json.dumps({gate.interpreter(): found}))
    monkeypatch.setattr(gate, "BASELINES", kept)
    assert gate.main(["--recorded", str(file)]) == 0
    slow = json.loads(file.read_text())
    for each in slow["benchmarks"]:
        each["stats"]["min"] *= 1.25 if each["params"] == {"workload": "W3", "name": PYTHON} else 1.0
    file.write_text(json.dumps(slow))
    capsys.readouterr()
    assert gate.main(["--recorded", str(file)]) == 1
    told = capsys.readouterr().out
    assert [line[:2] for line in told.splitlines() if line.endswith("SLOWER")] == ["W3"]


def test_baselines_are_written_for_the_python_that_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "baselines.json"
    kept.write_text(json.dumps({"cpython-9.9": {"W1": 1.0}}))
    monkeypatch.setattr(gate, "BASELINES", kept)
    monkeypatch.setattr(gate, "measured", lambda _: dict.fromkeys(WORKLOADS, 2.345))
    assert gate.main(["--update"]) == 0
    assert json.loads(kept.read_text()) == {
        "cpython-9.9": {"W1": 1.0},
        gate.interpreter(): dict.fromkeys(WORKLOADS, 2.35),
    }
    assert capsys.readouterr().out.count("2.35") == 4
