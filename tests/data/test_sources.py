"""One market from every kind of table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from tests.data.tables import columns, good, two
from triplebar.contracts.errors import DataError
from triplebar.data.market import Market


def retyped(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def cast(table: pa.Table) -> pa.Table:
        return table.set_column(table.column_names.index(name), name, table[name].cast(kind))

    return cast


def sliced(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 1), table]).combine_chunks().slice(1)


def chunked(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 3), table.slice(3, 0), table.slice(3)])


def with_different_dictionaries(table: pa.Table) -> pa.Table:
    parts = [retyped("symbol", pa.dictionary(pa.int8(), pa.string()))(table.slice(n, 1)) for n in range(table.num_rows)]
    return pa.concat_tables(parts)


def with_unused_dictionary_entries(table: pa.Table) -> pa.Table:
    names = ["zzz", "B", "unused", "A", "bad name"]
    places = [names.index(symbol) for symbol in table["symbol"].to_pylist()]
    symbols = pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(names))
    return table.set_column(1, "symbol", symbols)


def prices_as(kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def cast(table: pa.Table) -> pa.Table:
        for name in ("open", "high", "low", "close"):
            table = retyped(name, kind)(table)
        return table

    return cast


def duck(table: pa.Table) -> Any:
    bars = table  # noqa: F841 - the query finds it by its name
    return duckdb.sql("select * from bars order by time, symbol")


FORMS: dict[str, Callable[[pa.Table], Any]] = {
    "arrow": lambda table: table,
    "reader": lambda table: table.to_reader(max_chunksize=2),
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "dict of arrays": lambda table: {name: table[name].combine_chunks() for name in table.column_names},
    "dict of lists": lambda table: {
        name: (table[name].cast(pa.int64()) if name == "time" else table[name]).to_pylist()
        for name in table.column_names
    },
    "polars": pl.DataFrame,
    "polars categorical": lambda table: pl.DataFrame(table).with_columns(pl.col("symbol").cast(pl.Categorical)),
    "polars milliseconds": lambda table: pl.DataFrame(table).with_columns(pl.col("time").dt.cast_time_unit("ms")),
    "pandas": lambda table: table.to_pandas(),
    "pandas with times as index": lambda table: table.to_pandas().set_index("time"),
    "pandas categorical": lambda table: table.to_pandas().astype({"symbol": "category"}),
    "duckdb relation": duck,
    "duckdb arrow": lambda table: duck(table).to_arrow_table(),
    "chunked": chunked,
    "sliced": sliced,
    "dictionary": retyped("symbol", pa.dictionary(pa.int32(), pa.string())),
    "dictionary of large strings": retyped("symbol", pa.dictionary(pa.int16(), pa.large_string())),
    "dictionaries that differ": with_different_dictionaries,
    "dictionary with unused entries": with_unused_dictionary_entries,
    "large strings": retyped("symbol", pa.large_string()),
    "string views": retyped("symbol", pa.string_view()),
    "seconds": retyped("time", pa.timestamp("s", "UTC")),
    "milliseconds": retyped("time", pa.timestamp("ms", "UTC")),
    "microseconds": retyped("time", pa.timestamp("us", "UTC")),
    "another zone": retyped("time", pa.timestamp("us", "America/New_York")),
    "nanoseconds as integers": retyped("time", pa.int64()),
    "unsigned times": lambda table: retyped("time", pa.uint64())(retyped("time", pa.int64())(table)),
    "single floats": prices_as(pa.float32()),
    "decimals": prices_as(pa.decimal128(12, 4)),
    "integer volume": retyped("volume", pa.int32()),
    "more columns": lambda table: table.append_column("note", pa.array(["!"] * table.num_rows)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_table_gives_the_same_market(form: str) -> None:
    expected = Market.from_table(two())
    found = Market.from_table(FORMS[form](two()))
    assert found.digest == expected.digest
    assert found.series("B").close.tobytes() == expected.series("B").close.tobytes()


def test_pandas_numpy_and_polars_numbers_are_not_copied() -> None:
    frame = pl.DataFrame(good(64))
    shown = Market.from_table(frame).series("X").close
    assert np.shares_memory(shown, frame["close"].to_numpy())
    arrays = {**columns(64), "close": np.linspace(100.0, 115.75, 64)}
    assert np.shares_memory(Market.from_table(arrays).series("X").close, arrays["close"])


def test_times_without_a_zone_can_be_given_one() -> None:
    table = retyped("time", pa.timestamp("ns"))(retyped("time", pa.int64())(good()))
    assert Market.from_table(table, time_zone="UTC").digest == Market.from_table(good()).digest
    new_york = Market.from_table(table, time_zone="America/New_York")
    assert new_york.clock[0] - Market.from_table(good()).clock[0] == 5 * 3_600 * 10**9


def test_daylight_saving_is_kept_when_a_zone_is_given() -> None:
    """New York changes its clocks on 10 March 2024: 16:00 is 21:00 UTC before and 20:00 UTC after."""
    local = pa.array(["2024-03-08T16:00", "2024-03-11T16:00"]).cast(pa.timestamp("ns"))
    table = pa.table({**columns(2), "time": local})
    clock = Market.from_table(table, time_zone="America/New_York").clock
    assert clock.tolist() == [int(np.datetime64(t, "ns").astype(int)) for t in ("2024-03-08T21:00", "2024-03-11T20:00")]


def test_decimals_keep_their_exact_ticks() -> None:
    price = pa.array([Decimal("0.07"), Decimal("1.10")], pa.decimal128(5, 2))
    prices = dict.fromkeys(("open", "high", "low", "close"), price)
    market = Market.from_table({**columns(2), **prices})
    assert market.series("X").ticks.close.tolist() == [7, 110]


@pytest.mark.feature("F-021")
def test_parquet_and_csv_give_the_market_of_the_table(tmp_path: Path) -> None:
    parquet.write_table(two(), tmp_path / "bars.parquet")
    csv.write_csv(two(), tmp_path / "bars.csv")
    expected = Market.from_table(two())
    assert Market.from_parquet(tmp_path / "bars.parquet").digest == expected.digest
    assert Market.from_csv(str(tmp_path / "bars.csv")).digest == expected.digest


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for number, (first, last) in enumerate([(0, 4), (4, 8)]):
        parquet.write_table(two().slice(first, last - first), tmp_path / f"{number}.parquet")
        csv.write_csv(two().slice(first, last - first), tmp_path / f"{number}.csv")
    expected = Market.from_table(two()).digest
    assert Market.from_parquet([tmp_path / "0.parquet", tmp_path / "1.parquet"]).digest == expected
    assert Market.from_csv([tmp_path / "0.csv", tmp_path / "1.csv"]).digest == expected


def test_parquet_reads_only_the_columns_that_matter(tmp_path: Path) -> None:
    table = (
        good()
        .append_column("note", pa.array(["x" * 100] * 6))
        .rename_columns(["time", "symbol", "open", "high", "low", "last price", "volume", "note"])
    )
    parquet.write_table(table, tmp_path / "bars.parquet")
    market = Market.from_parquet(tmp_path / "bars.parquet", columns={"close": "last price"})
    assert market.digest == Market.from_table(good()).digest


@pytest.mark.parametrize("source", [None, 3, "prices.csv", [1, 2], object()])
def test_what_is_no_table_is_refused(source: object) -> None:
    with pytest.raises(DataError, match="is not a table; pass a pyarrow, polars or pandas table"):
        Market.from_table(source)


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(DataError, match="dict cannot become a table"):
        Market.from_table({**columns(3), "close": [1.0]})


def test_pandas_missing_values_are_nulls() -> None:
    frame = good().to_pandas()
    frame.loc[2, "close"] = float("nan")
    assert isinstance(frame, pd.DataFrame)
    with pytest.raises(DataError, match="row 3, column close: there is no value"):
        Market.from_table(frame)
