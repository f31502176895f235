"""Names and hashes of runs: what changes them, what does not, and what is written down."""

import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

import triplebar as tb
from tests.results.runs import CONFIG, MARKET, rich_run, run_with, script
from triplebar.contracts.config import OBSERVABILITY
from triplebar.contracts.metadata import RunMetadata, plain_values
from triplebar.research.source import strategy_digest

AT = datetime(2024, 1, 2, tzinfo=UTC)
CHANGES: dict[str, Any] = {
    "initial_cash": 100_001,
    "currency": "EUR",
    "account": "isolated",
    "leverage": 3,
    "maintenance_margin": "0.01",
    "fill": "same_close",
    "path": "adaptive",
    "off_grid": "reject",
    "commission_bps": 3,
    "commission": tb.Commission(fixed=1),
    "slippage_bps": 1,
    "slippage": tb.Slippage(bps=4),
    "spread": tb.Spread(half_ticks=1),
    "participation": "0.5",
    "misses": tb.Misses(),
    "latency": tb.Latency.FAST,
    "funding": {"AA": tb.Funding(rate="0.0002")},
    "borrow_rate": "0.2",
    "rates": {"EUR": "1.1"},
    "risk": tb.RiskLimits(drawdown_total="0.5"),
    "per_symbol": {"AA": tb.SymbolCosts(participation="0.1")},
    "start": AT,
    "end": AT,
    "warmup_bars": 1,
    "close_at_end": True,
    "seed": 12,
    "cash_precision": 9,
    "calendar": "XNYS",
    "price_policy": "split",
    "missing_data": "drop",
    "on_error": "isolate",
}
EXCLUSIVE: dict[str, dict[str, Any]] = {"commission": {"commission_bps": 0}, "slippage_bps": {"slippage": None}}


@pytest.mark.feature("F-099")
@pytest.mark.parametrize("name", CHANGES)
def test_every_field_that_can_change_a_result_changes_the_config_hash(name: str) -> None:
    changed = CONFIG.replace(**{name: CHANGES[name]}, **EXCLUSIVE.get(name, {}))
    same = CONFIG.replace(**EXCLUSIVE.get(name, {}))
    assert changed.digest() != same.digest()


@pytest.mark.feature("F-099")
def test_the_table_of_changes_is_complete() -> None:
    assert set(CHANGES) | OBSERVABILITY == {each.name for each in fields(tb.BacktestConfig)}


@pytest.mark.feature("F-099")
def test_observability_changes_neither_hash_nor_name() -> None:
    loud = run_with(log_level="DEBUG")
    assert loud.metadata.config_hash == rich_run().metadata.config_hash
    assert loud.run_id == rich_run().run_id


@pytest.mark.feature("F-099")
def test_the_name_of_a_run_depends_on_everything_that_can_change_it() -> None:
    class One(tb.Strategy):
        size: int = 1

        def on_start(self, ctx: Any) -> None:
            ctx.buy("AA", self.size)

    class Two(tb.Strategy):
        size: int = 1

        def on_start(self, ctx: Any) -> None:
            ctx.buy("AA", self.size + 0)

    other = tb.Market.synthetic(symbols=("AA", "BB"), bars=400, interval="1h", volatility=0.004, seed=4)
    runs = [
        tb.run(One(), MARKET, CONFIG),
        tb.run(Two(), MARKET, CONFIG),
        tb.run(One(size=2), MARKET, CONFIG),
        tb.run(One(), other, CONFIG),
        tb.run(One(), MARKET, CONFIG.replace(seed=1)),
        tb.run(One(), MARKET, CONFIG, engine="reference"),
        tb.run(One(), MARKET.select(["AA"]), CONFIG),
    ]
    assert len({each.run_id for each in runs}) == len(runs)
    assert tb.run(One(), MARKET, CONFIG).run_id == runs[0].run_id
    assert all(each.run_id.startswith("tb-") and len(each.run_id) == 19 for each in runs)


@pytest.mark.feature("F-077")
def test_name_and_hash_are_equal_in_another_process() -> None:
    code = "from tests.results.runs import rich_run as run; print(run().run_id, run().result_hash)"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        assert done.stdout.split() == [rich_run().run_id, rich_run().result_hash]


HOLDS = """
from triplebar.research.machine import peak_memory_bytes as peak
import numpy as np
before = peak()
held = np.ones(10_000_000)
print(before, peak() - before)
"""


@pytest.mark.feature("F-098")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_peak_of_memory_is_that_of_this_process_alone() -> None:
    """Not that of the process it was forked from, and it grows with what is held."""
    ballast = bytearray(400_000_000)
    done = subprocess.run([sys.executable, "-c", HOLDS], capture_output=True, text=True, check=True)
    before, grown = map(int, done.stdout.split())
    assert 5_000_000 < before < len(ballast)
    assert grown > 60_000_000


@pytest.mark.feature("F-098")
def test_metadata_is_complete() -> None:
    result = tb.run(script(), MARKET, CONFIG, snapshot_id="snap-1")
    known = result.metadata
    assert known.engine == known.requested_engine == "custom"
    assert known.engine_version == tb.__version__
    assert known.rules_version == 1
    assert known.strategy == "Script"
    assert len(known.config_hash) == len(known.data_digest) == len(known.strategy_digest) == 64
    assert known.snapshot_id == "snap-1"
    assert known.seed == 11
    assert datetime.fromisoformat(known.created_at).utcoffset() is not None
    assert set(known.timings) == {"prepare_seconds", "run_seconds", "total_seconds"}
    assert all(seconds > 0 for seconds in known.timings.values())
    assert known.peak_memory_bytes is not None or sys.platform == "win32"
    assert known.peak_memory_bytes is None or known.peak_memory_bytes > 10_000_000
    assert set(known.system["versions"]) == {"python", "numpy", "pyarrow", "triplebar"}
    assert known.data["rows"] == 800
    assert known.data["symbols"] == ["AA", "BB"]
    assert known.status == "completed"
    assert RunMetadata.from_mapping(known.to_mapping()) == known


def test_parameters_are_kept_as_values_that_json_keeps() -> None:
    class Color(Enum):
        RED = 1

    values = {"a": (1, 2.5), "b": Decimal("1.50"), "c": Color.RED, "d": {3, 1}, "e": AT, "f": float("inf"), "g": None}
    assert plain_values(values) == {
        "a": [1, 2.5], "b": "1.5", "c": "RED", "d": [1, 3], "e": "2024-01-02T00:00:00Z", "f": "inf", "g": None,
    }  # fmt: skip
    assert plain_values(object()) == "object"  # its address would differ from run to run
    assert plain_values(complex(1, 2)) == "(1+2j)"


def test_a_class_without_source_is_told_apart_by_its_code() -> None:
    def made(body: str) -> type:
        space: dict[str, Any] = {}
        exec(f"class Made:\n    def on_bar(self, ctx, bar):\n        {body}", space)  # noqa: S102
        found: type = space["Made"]
        return found

    digests = {strategy_digest(made(body)) for body in ("return 1", "return 2", "return ctx.a", "return ctx.b")}
    assert len(digests) == 4
    assert strategy_digest(made("return 1")) == strategy_digest(made("return 1"))


def test_a_base_class_counts() -> None:
    class Base(tb.Strategy):
        def size(self) -> int:
            return 1

    class Child(Base):
        pass

    first = strategy_digest(Child)

    class Base(tb.Strategy):  # type: ignore[no-redef]
        def size(self) -> int:
            return 2

    class Child(Base):  # type: ignore[no-redef]
        pass

    assert strategy_digest(Child) != first


RATE = 1


def helper() -> int:
    return RATE


def test_closures_defaults_globals_and_helpers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(captured: int, default: int) -> type:
        class Made(tb.Strategy):
            def size(self, plus: int = default) -> int:
                return captured + plus + helper()

        return Made

    digests = {strategy_digest(made(*each)) for each in ((1, 1), (2, 1), (1, 2))}
    assert len(digests) == 3
    before = strategy_digest(made(1, 1))
    assert before in digests
    monkeypatch.setitem(helper.__globals__, "RATE", 2)
    assert strategy_digest(made(1, 1)) != before


def test_class_attributes_and_properties_count() -> None:
    def made(value: object, step: int) -> type:
        class Made(tb.Strategy):
            table = value

            @property
            def size(self) -> int:
                return step

            @staticmethod
            def twice() -> int:
                return 2 * step

        return Made

    values = ((1, 1), ([1, 2], 1), ({"a": 1}, 1), (1, 2))
    assert len({strategy_digest(made(*each)) for each in values}) == 4
