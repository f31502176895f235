"""The market as the Rust core gets it."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest

from tests.data.tables import good, two
from triplebar.data.market import Market

NUMBERS = ("open", "high", "low", "close", "volume")


def test_the_core_reads_the_callers_own_memory() -> None:
    table = good(1_000)
    native = Market.from_table(table).native()
    assert len(native) == 1_000
    for name in NUMBERS:
        chunk = table[name].chunk(0)
        assert native.address(0, name) == chunk.buffers()[1].address + 8 * chunk.offset


def test_parts_of_a_market_share_memory_with_the_core_too() -> None:
    table = pa.concat_tables([good(50, "A"), good(40, "B")]).combine_chunks()
    market = Market.from_table(table)
    part = market.between(int(market.clock[10]))
    begin = table["close"].chunk(0).buffers()[1].address
    assert part.native().address(1, "close") == begin + 8 * (50 + 10)
    assert len(part.native()) == 40


def test_it_is_handed_over_once() -> None:
    market = Market.from_table(two())
    assert market.native() is market.native()


@pytest.mark.parametrize("module", ["pandas", "pyarrow.compute", "polars", "duckdb", "exchange_calendars", "numba"])
def test_a_plain_market_imports_nothing_heavy(module: str) -> None:
    """What is not needed is not imported: pandas alone would take longer than a run over a thousand bars."""
    program = (
        "import sys; from triplebar.data.market import Market; "
        "m = Market.from_table(Market.synthetic(symbols=('A', 'B'), bars=100).table()); m.native(); m.digest; "
        f"sys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
