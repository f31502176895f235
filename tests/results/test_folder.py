"""The folder of a run has all its files, with their columns, and they agree with the result."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.results.runs import MARKET, quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.report import folder as folder_module
from triplebar.report.files import TABLES, write_reports
from triplebar.report.folder import FILES, write_run_folder

DAILY = [
    "date", "portfolio_value", "daily_pnl", "daily_return_pct", "cumulative_pnl", "cumulative_return_pct",
    "peak_value", "drawdown", "drawdown_pct", "open_positions",
]  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.feature("F-097")
def test_layout(tmp_path: Path) -> None:
    place = write_run_folder(rich_run(), tmp_path)
    day, second = place.parent.parent.name, place.parent.name
    created = rich_run().metadata.created_at
    assert day == created[:10].replace("-", "")
    assert second == created[11:19].replace(":", "")
    assert place.name == "Script_backtest"
    assert {each.name for each in place.iterdir()} == {*FILES, "result.json", "tables"}
    assert RunResult.load(place).result_hash == rich_run().result_hash
    assert write_run_folder(rich_run(), tmp_path).name == "Script_backtest_2"


@pytest.mark.feature("F-097", "F-098")
def test_metadata_blocks(tmp_path: Path) -> None:
    place = write_run_folder(rich_run(), tmp_path)
    found, known = json.loads((place / "backtest_metadata.json").read_text()), rich_run().metadata
    assert set(found["backtest_run"]) == {
        "run_id", "timestamp", "name", "duration", "status", "error_message", "framework",
    }  # fmt: skip
    assert found["backtest_run"]["run_id"] == known.run_id
    assert found["backtest_run"]["framework"] == "custom"
    assert found["configuration"]["config_hash"] == known.config_hash
    assert found["configuration"]["config_version"] == "1.0.0"
    assert found["performance"]["peak_memory_bytes"] == known.peak_memory_bytes
    assert found["system_environment"] == known.system
    assert found["data_source"]["data_digest"] == known.data_digest
    assert found["results_summary"]["ending_value"] == rich_run().ending_value


TRADES = [
    "symbol", "entry_date", "exit_date", "entry_price", "exit_price", "commission", "exit_reason", "side", "quantity",
    "profit", "order", "tag",
]  # fmt: skip
ENRICHED = [
    *TRADES, "profit_pct", "duration_days", "cumulative_profit", "multiplier", "currency", "strategy_id",
]  # fmt: skip


@pytest.mark.feature("F-097")
@pytest.mark.parametrize("result", [rich_run(), quiet_run(), random_run(4)], ids=repr)
def test_the_headers_of_exports(result: RunResult, tmp_path: Path) -> None:
    """The columns and their order, of runs with and without trades."""
    place = write_run_folder(result, tmp_path)
    headers = {
        path.name: path.read_text().splitlines()[0].replace('"', "").split(",") for path in sorted(place.glob("*.csv"))
    }
    assert headers == {"daily_pnl.csv": DAILY, "enriched_trade_log.csv": ENRICHED, "trade_log.csv": TRADES}


@pytest.mark.feature("F-097", "F-096")
def test_the_headers_of_reports(tmp_path: Path) -> None:
    write_reports(rich_run(), tmp_path, html=False)
    found = {path.stem: path.read_text().splitlines()[0].replace('"', "").split(",") for path in tmp_path.glob("*.csv")}
    assert set(found) == set(TABLES)
    for name in TABLES:
        assert found[name] == getattr(rich_run(), name).column_names


@pytest.mark.feature("F-097")
@pytest.mark.parametrize("result", [rich_run(), quiet_run(), random_run(4)], ids=repr)
def test_trade_logs(result: RunResult, tmp_path: Path) -> None:
    place = write_run_folder(result, tmp_path)
    plain, rich = rows_of(place / "trade_log.csv"), rows_of(place / "enriched_trade_log.csv")
    assert [float(row["profit"]) for row in plain] == result.trades["profit"].to_pylist()
    assert [row["symbol"] for row in plain] == result.trades["symbol"].to_pylist()
    assert len(rich) == len(plain)
    for row, more in zip(plain, rich, strict=True):
        assert row.items() <= more.items()
        assert more["strategy_id"] == "Script"
    if rich:
        assert float(rich[-1]["cumulative_profit"]) == pytest.approx(sum(float(row["profit"]) for row in plain))


@pytest.mark.feature("F-097")
@pytest.mark.parametrize("result", [rich_run(), quiet_run(), random_run(4)], ids=repr)
def test_daily_profit(result: RunResult, tmp_path: Path) -> None:
    rows = rows_of(write_run_folder(result, tmp_path) / "daily_pnl.csv")
    assert list(rows[0]) == DAILY
    assert float(rows[-1]["portfolio_value"]) == result.ending_value
    assert float(rows[-1]["cumulative_pnl"]) == pytest.approx(result.ending_value - result.starting_value)
    assert sum(float(row["daily_pnl"]) for row in rows) == pytest.approx(result.ending_value - result.starting_value)
    assert [row["date"] for row in rows] == sorted({row["date"] for row in rows})
    for row in rows:
        peak, value = float(row["peak_value"]), float(row["portfolio_value"])
        assert float(row["drawdown"]) == pytest.approx(peak - value)
        assert 0 <= int(row["open_positions"]) <= len(result.scales.symbols)


@pytest.mark.feature("F-097")
def test_days_by_hand(tmp_path: Path) -> None:
    market = tb.Market.synthetic(symbols=("AA",), bars=72, interval="1h", volatility=0.01, seed=2)
    result = tb.run(tb.Script([(0, "buy", {"symbol": "AA", "quantity": 100}), (50, "close", {"symbol": "AA"})]), market)
    rows = rows_of(write_run_folder(result, tmp_path) / "daily_pnl.csv")
    equity = result.equity["equity"].to_pylist()
    assert [row["date"] for row in rows] == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert [float(row["portfolio_value"]) for row in rows] == [equity[23], equity[47], equity[71]]
    assert float(rows[1]["daily_pnl"]) == equity[47] - equity[23]
    assert float(rows[1]["daily_return_pct"]) == pytest.approx(100 * (equity[47] / equity[23] - 1))
    assert float(rows[2]["peak_value"]) == max(100_000.0, *equity)
    assert [row["open_positions"] for row in rows] == ["1", "1", "0"]


@pytest.mark.feature("F-097")
def test_statistics(tmp_path: Path) -> None:
    place = write_run_folder(rich_run(), tmp_path)
    found = json.loads((place / "statistics.json").read_text())
    assert set(found) == {"summary", "by_direction", "by_exit_reason", "execution"}
    assert found["summary"] == dict(rich_run().metrics)
    for group in ("by_direction", "by_exit_reason"):
        assert sum(each["trades"] for each in found[group].values()) == rich_run().metrics["trades"]
        profit = sum(each["profit"] for each in found[group].values())
        assert profit == pytest.approx(rich_run().metrics["realised_profit"])
    assert found["execution"]["fills"] == rich_run().fills.num_rows
    assert sum(found["execution"]["orders_by_status"].values()) == rich_run().orders.num_rows


@pytest.mark.feature("F-097", "F-017")
def test_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Talker(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index == 3:
                ctx.buy(bar.symbol, 1)
                ctx.log("bought", price=bar.close)

    result = tb.run(Talker(), tb.Market.synthetic(bars=30, seed=1))
    place = write_run_folder(result, tmp_path)
    run, engine = lines_of(place / "backtest.log"), lines_of(place / "engine.log")
    assert [line["event"] for line in run] == ["run_started", "strategy_log", "run_completed"]
    assert run[1]["message"] == "bought"
    assert run[-1]["result_hash"] == result.result_hash
    assert [line["kind"] for line in engine] == result.events["kind"].to_pylist()
    monkeypatch.setattr(folder_module, "EVENTS_LOGGED_MAX", 0)
    assert lines_of(write_run_folder(result, tmp_path) / "engine.log")[-1]["events"] == len(engine)


@pytest.mark.feature("F-097")
def test_overrides(tmp_path: Path) -> None:
    result = tb.run(tb.Script([]), MARKET, tb.BacktestConfig(seed=3, commission_bps=1))
    found = json.loads((write_run_folder(result, tmp_path) / "runner_overrides.json").read_text())
    assert found["config"] == {"seed": 3, "commission_bps": 1}
    assert found["engine"] == "custom"
