"""What is stored comes back the same, or not at all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.results.plain_facts import result_of
from tests.results.runs import quiet_run, random_run, rich_run
from triplebar.contracts import atomic
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_schema import SCHEMA_VERSION, current
from triplebar.contracts.tables import SCHEMAS

RESULTS = [rich_run(), quiet_run(), random_run(3), random_run(11), result_of()]


def assert_same(one: RunResult, two: RunResult) -> None:
    for name in SCHEMAS:
        assert one.canonical(name).equals(two.canonical(name)), name
    assert one.labels == two.labels
    assert one.settings == two.settings
    assert one.clock.tolist() == two.clock.tolist()
    assert one.metadata == two.metadata
    assert (one.run_id, one.result_hash) == (two.run_id, two.result_hash)
    assert dict(one.metrics) == dict(two.metrics)
    assert dict(one.metric_reasons) == dict(two.metric_reasons)
    assert (one.warnings, one.data_warnings, dict(one.assumptions)) == (
        two.warnings,
        two.data_warnings,
        two.assumptions,
    )
    assert [dict(line) for line in one.logs] == [dict(line) for line in two.logs]
    assert one.costs.equals(two.costs)
    assert one.start_ns == two.start_ns


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_json_round_trip(result: RunResult) -> None:
    text = result.to_json()
    again = RunResult.from_json(text)
    assert_same(result, again)
    assert again.to_json() == text


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_folder_round_trip(result: RunResult, tmp_path: Path) -> None:
    place = result.save(tmp_path / "run")
    again = RunResult.load(place)
    assert_same(result, again)
    assert again.market is None


@pytest.mark.feature("F-090")
def test_logs_are_kept() -> None:
    class Talker(tb.Strategy):
        def on_stop(self, ctx: Any) -> None:
            ctx.log("done", equity=ctx.equity, kinds=("a", "b"))

    result = tb.run(Talker(), tb.Market.synthetic(bars=5, seed=1))
    again = RunResult.from_json(result.to_json())
    line = {"time": "2024-01-01T00:05:00Z", "message": "done", "equity": 100_000.0, "kinds": ["a", "b"]}
    assert [dict(each) for each in again.logs] == [line]


# ------------------------------------------------------------------------------------------------------- versions


def older() -> dict[str, Any]:
    """The payload as version 0.9 wrote it."""
    payload: dict[str, Any] = json.loads(rich_run().to_json())
    metadata = payload.pop("metadata")
    for new, old in {
        "engine": "engine_name",
        "strategy": "strategy_name",
        "seed": "random_seed",
        "snapshot_id": "data_snapshot_id",
        "data_digest": "data_hash",
        "config_hash": "config_digest",
    }.items():
        metadata[old] = metadata.pop(new)
    for name in ("requested_engine", "mode", "status", "error", "timings", "peak_memory_bytes", "system", "provenance"):
        del metadata[name]
    tables = payload["tables"]
    for new, old in {"equity": "equity_curve", "fills": "executions", "flows": "cash_flows"}.items():
        tables[old] = tables.pop(new)
    for name in ("metric_reasons", "logs", "assumptions"):
        del payload[name]
    payload |= {"schema_version": "0.9", "meta": metadata, "statistics": payload.pop("metrics")}
    return payload


@pytest.mark.feature("F-092")
def test_version_0_9_is_brought_up() -> None:
    found = RunResult.from_json(json.dumps(older()))
    assert found.result_hash == rich_run().result_hash
    assert found.run_id == rich_run().run_id
    assert found.metadata.requested_engine == found.metadata.engine == "custom"
    assert dict(found.metrics) == dict(rich_run().metrics)
    assert json.loads(found.to_json())["schema_version"] == SCHEMA_VERSION


@pytest.mark.feature("F-092")
def test_a_later_minor_version_is_read_and_its_additions_passed_over() -> None:
    payload = json.loads(rich_run().to_json()) | {"schema_version": "1.7.0", "novelty": 1}
    payload["metadata"]["novelty"] = 2
    assert RunResult.from_json(json.dumps(payload)).result_hash == rich_run().result_hash


@pytest.mark.feature("F-092")
@pytest.mark.parametrize("version", ["2.0.0", "10.1", "", "x", None, 1, ["1.0.0"]])
def test_another_major_version_is_refused(version: object) -> None:
    with pytest.raises(ValueError, match=r"schema_version is .*this triplebar reads 1.x and 0.x"):
        current({"schema_version": version})


@pytest.mark.feature("F-092")
def test_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="schema_version is None"):
        RunResult.from_json("{}")


# ------------------------------------------------------------------------------------------------------ bad input


def without(*path: str) -> str:
    payload = json.loads(rich_run().to_json())
    place = payload
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return json.dumps(payload)


def with_value(value: object, *path: str) -> str:
    payload = json.loads(rich_run().to_json())
    place = payload
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(payload)


BAD = {
    "not json": ("{", "result: is not JSON"),
    "a list": ("[]", "is not a stored result"),
    "no settings": (without("settings"), "settings missing"),
    "no tables": (without("tables"), "tables or clock missing"),
    "a table less": (without("tables", "fills"), "table 'fills': columns are missing"),
    "a column less": (without("tables", "fills", "price"), "table 'fills': columns are missing"),
    "a column too long": (with_value([1], "tables", "fills", "price"), "table 'fills': .*length"),
    "a number too large": (with_value([2**70], "tables", "flows", "amount"), "table 'flows'"),
    "a setting less": (without("settings", "seed"), "seed missing"),
    "no engine": (without("metadata", "engine"), "engine"),
}


@pytest.mark.feature("F-090")
@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_bad_payloads_name_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RunResult.from_json(text)


@pytest.mark.feature("F-090")
def test_a_changed_number_is_noticed() -> None:
    payload = json.loads(rich_run().to_json())
    payload["tables"]["fills"]["price"][0] += 1
    with pytest.raises(tb.DataError, match="the tables have the hash"):
        RunResult.from_json(json.dumps(payload))


@pytest.mark.feature("F-090")
def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    place = rich_run().save(tmp_path / "run")
    file = place / "tables" / "fills.parquet"
    pq.write_table(pq.read_table(file).slice(1), file)
    with pytest.raises(tb.DataError, match="the files were changed"):
        RunResult.load(place)


@pytest.mark.feature("F-090")
def test_missing_folders_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        RunResult.load(tmp_path / "nowhere")
    place = rich_run().save(tmp_path / "run")
    (place / "tables" / "fills.parquet").write_bytes(b"no parquet")
    with pytest.raises(tb.DataError, match="tables"):
        RunResult.load(place)
    (place / "tables" / "fills.parquet").unlink()
    with pytest.raises(tb.DataError, match="tables"):
        RunResult.load(place)


# --------------------------------------------------------------------------------------------------- whole or not


@pytest.mark.feature("F-090")
def test_saving_does_not_overwrite_unless_told(tmp_path: Path) -> None:
    place = rich_run().save(tmp_path / "run")
    with pytest.raises(ValueError, match="is there already; choose another folder or say overwrite=True"):
        quiet_run().save(place)
    assert RunResult.load(place).result_hash == rich_run().result_hash
    quiet_run().save(place, overwrite=True)
    assert RunResult.load(place).result_hash == quiet_run().result_hash
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "run"
    rich_run().save(place)

    def write_half() -> None:
        with atomic.new_folder(place, overwrite=True) as fresh:
            (fresh / "half").write_text("x")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert RunResult.load(place).result_hash == rich_run().result_hash
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    atomic.write_text(file, "old")
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from triplebar.contracts import atomic\n"
        "os.fsync = lambda number: os._exit(9)\n"  # killed when the new text is written, but not yet in its place
        "atomic.write_text(Path(sys.argv[1]), 'new' * 100_000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert done.returncode == 9
    assert file.read_text() == "old"


def test_files_have_the_usual_permissions(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert atomic.write_text(tmp_path / "atomic", "x").stat().st_mode == plain.stat().st_mode
