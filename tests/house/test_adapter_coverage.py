"""The gate on the coverage of adapters counts every adapter by itself, and fails when one has too little (F-142)."""

from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.house import adapter_coverage as gate
from triplebar.engines.places import GUESTS


def measured(file: Path, *, without: str = "") -> Path:
    """The data of a run in which every line of every adapter has run but every second one of `without`."""
    data, empty = CoverageData(str(file)), Coverage(data_file=None)
    for name in gate.FOLDERS:
        for source in (gate.ENGINES / name).rglob("*.py"):
            _, lines, *_ = empty.analysis2(str(source))
            data.add_lines({str(source): lines[::2] if name == without else lines})
    data.write()
    return file


@pytest.mark.feature("F-142")
def test_covered_adapters_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(measured(tmp_path / "data")) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == list(gate.FOLDERS)
    assert set(GUESTS) < set(gate.FOLDERS)
    assert all(line.endswith(" 100.0 %") for line in told)


@pytest.mark.feature("F-142")
@pytest.mark.parametrize("name", GUESTS)
def test_one_adapter_with_too_little_fails(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(measured(tmp_path / "data", without=name)) == 1
    bad = [line for line in capsys.readouterr().out.splitlines() if "less than 90 %" in line]
    assert [line.partition(":")[0] for line in bad] == [name]


@pytest.mark.feature("F-142")
def test_nothing_measured_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(tmp_path / "missing") == 1
    assert "run pytest --cov first" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="there is nothing in"):
        gate.percent(Coverage(data_file=None), tmp_path)
