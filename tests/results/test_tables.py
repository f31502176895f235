"""The tables that people read say exactly what the integers say."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from tests.results.runs import MARKET, quiet_run, random_run, rich_run
from triplebar.contracts.arrow import texts_to_arrow, to_arrow, to_numpy
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import decimal_floats, product_share, rates_at, scale
from triplebar.contracts.tables import SCHEMAS

COLUMNS = {
    "equity": {"time", "equity", "cash", "stale", "equity_minor"},
    "orders": {"order", "symbol", "side", "kind", "tif", "quantity", "filled", "average_price", "limit", "stop"}
    | {"status", "reason", "sent_time", "arrived_time", "ended_time", "tag", "id"},
    "fills": {"time", "bar", "order", "symbol", "side", "quantity", "price", "fee", "role", "moment", "cause"}
    | {"slippage", "tag"},
    "trades": {
        "symbol",
        "side",
        "quantity",
        "opened_time",
        "closed_time",
        "entry_price",
        "exit_price",
        "fees",
        "profit",
    },
    "positions": {"time", "symbol", "position", "average_price", "realised"},
    "postings": {"source", "row", "account", "symbol", "currency", "amount"},
    "events": {"time", "bar", "moment", "kind", "order", "reason", "symbol"},
    "flows": {"time", "bar", "kind", "symbol", "currency", "amount"},
    "costs": {"time", "symbol", "type", "amount", "basis"},
}
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("name", COLUMNS)
def test_schema_of_each_table(name: str) -> None:
    for result in (rich_run(), quiet_run(), random_run(1)):
        table: pa.Table = getattr(result, name)
        assert set(table.column_names) >= COLUMNS[name]
        times = [field.type for field in table.schema if pa.types.is_timestamp(field.type)]
        assert all(kind == pa.timestamp("ns", "UTC") for kind in times)
        if name in SCHEMAS:
            assert result.canonical(name).schema == SCHEMAS[name]
            assert table.num_rows == result.canonical(name).num_rows


@pytest.mark.feature("F-090", "F-002")
@given(st.lists(INT64), st.integers(0, 12))
def test_numbers_are_the_doubles_nearest_to_the_exact_quotients(values: list[int], precision: int) -> None:
    found = decimal_floats(np.array(values, dtype=np.int64), precision)
    assert found.tolist() == [value / 10**precision for value in values]


@pytest.mark.rule("S-01")
@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.integers(0, 2**40)), min_size=1))
def test_scaling_is_to_the_nearest_half_away_from_zero(pairs: list[tuple[int, int]]) -> None:
    pairs = [(amount, ppb) for amount, ppb in pairs if abs(amount) * ppb < 10**9 * 2**62] or [(5, 1)]
    amounts, rates = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    expected = [(1 if a >= 0 else -1) * ((abs(a) * ppb + 5 * 10**8) // 10**9) for a, ppb in pairs]
    assert scale(amounts, rates).tolist() == expected


@pytest.mark.rule("S-51", "S-52")
@given(st.lists(st.integers(0, 2**50), min_size=1), st.integers(0, 2**33))
def test_shares_of_prices_are_rounded_up(values: list[int], ppb: int) -> None:
    small = [value for value in values if value * ppb < 10**9 * 2**62] or [1]
    found = product_share(np.array(small, dtype=np.int64), ppb)
    assert found.tolist() == [-(-value * ppb // 10**9) for value in small]


@pytest.mark.rule("S-74")
def test_a_rate_is_the_last_one_at_or_before_the_time() -> None:
    rates = ((10, 7), (20, 9))
    assert rates_at(rates, np.array([5, 10, 19, 20, 99])).tolist() == [7, 7, 7, 9, 9]


@pytest.mark.feature("F-090")
def test_fills_say_what_the_integers_say() -> None:
    result = rich_run()
    shown, exact = result.fills.to_pylist(), result.canonical("fills").to_pylist()
    assert len(shown) == len(exact) > 5
    orders = result.orders
    for row, raw in zip(shown, exact, strict=True):
        instrument = result.settings.instruments[raw["instrument"]]
        assert row["symbol"] == instrument.symbol
        assert row["side"] == ("buy" if raw["side"] > 0 else "sell")
        assert Decimal(str(row["price"])) == Decimal(raw["price"]).scaleb(-instrument.price_precision)
        assert row["quantity"] == raw["quantity"] / 10**instrument.size_precision
        assert row["fee"] == raw["fee"] / 10**result.settings.cash_precision
        assert row["tag"] == orders["tag"][raw["order"] - 1].as_py()
    times = to_numpy(result.fills.column("time"))
    assert times.tolist() == [int(result.clock[raw["clock"]]) for raw in exact]


@pytest.mark.feature("F-090")
def test_orders_have_the_mean_price_of_their_fills() -> None:
    result = rich_run()
    fills = result.fills.to_pylist()
    for order in result.orders.drop_columns(["sent_time", "arrived_time", "ended_time", "expire_time"]).to_pylist():
        own = [fill for fill in fills if fill["order"] == order["order"]]
        size = sum(fill["quantity"] for fill in own)
        assert order["filled"] == size
        if own:
            mean = sum(fill["quantity"] * fill["price"] for fill in own) / size
            assert order["average_price"] == pytest.approx(mean, rel=1e-12)
        else:
            assert order["average_price"] is None


@pytest.mark.feature("F-090")
def test_times_before_the_first_bar_and_prices_that_are_not_there_are_null() -> None:
    first = tb.run(tb.Script([(-1, "buy", {"symbol": "AA", "quantity": 1})]), MARKET).orders
    assert first["sent_time"][0].as_py() is None
    assert first["sent"][0].as_py() == -1
    assert first["limit"][0].as_py() is None
    assert first["stop"][0].as_py() is None


@pytest.mark.feature("F-009", "F-090")
@pytest.mark.parametrize("seed", range(12))
def test_the_profit_of_a_trade_follows_from_its_prices(seed: int) -> None:
    for row in random_run(seed).trades.drop_columns(["opened_time", "closed_time"]).to_pylist():
        side = 1 if row["side"] == "long" else -1
        gross = side * (row["exit_price"] - row["entry_price"]) * row["quantity"] * row["multiplier"]
        assert row["profit"] == pytest.approx(gross - row["fees"], abs=0.01)


@pytest.mark.feature("F-052", "F-090")
@pytest.mark.parametrize("seed", range(12))
def test_postings_of_each_fact_sum_to_zero(seed: int) -> None:
    result = random_run(seed)
    sums: dict[tuple[int, int, int], int] = {}
    for row in result.canonical("postings").to_pylist():
        key = (row["source"], row["row"], row["currency"])
        sums[key] = sums.get(key, 0) + row["amount"]
    assert sums
    assert not any(sums.values())


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("seed", range(12))
def test_position_per_bar_adds_up_the_fills(seed: int) -> None:
    result = random_run(seed)
    fills = result.canonical("fills").to_pylist()
    bars = result.canonical("equity").column("clock").to_pylist()
    for number, symbol in enumerate(result.scales.symbols):
        own = [fill for fill in fills if fill["instrument"] == number]
        power = 10 ** result.settings.instruments[number].size_precision
        expected = [sum(f["side"] * f["quantity"] for f in own if f["clock"] <= bar) / power for bar in bars]
        assert result.position_per_bar(symbol).tolist() == expected


@pytest.mark.feature("F-090")
def test_an_unknown_symbol_is_named() -> None:
    with pytest.raises(tb.UnknownSymbolError, match="'AAA'; did you mean 'AA'"):
        rich_run().position_per_bar("AAA")


@pytest.mark.feature("F-090", "F-070")
def test_both_engines_give_the_same_result() -> None:
    one, two = rich_run("custom"), rich_run("reference")
    assert one.result_hash == two.result_hash
    assert one.run_id != two.run_id
    assert dict(one.metrics) == dict(two.metrics)
    for name in COLUMNS:
        assert getattr(one, name).equals(getattr(two, name))


@pytest.mark.feature("F-090")
def test_a_result_says_what_it_is() -> None:
    result = rich_run()
    assert repr(result).startswith("RunResult(Script on custom: 400 bars, ")
    assert result.schema_version == "1.0.0"
    assert result.provenance["engine_name"] == result.provenance["requested_engine"] == "custom"


ARRAYS = st.lists(st.one_of(st.none(), st.floats(allow_nan=False)))


@given(ARRAYS, st.integers(0, 5), st.integers(0, 5))
def test_arrays_go_to_arrow_and_back(values: list[float | None], skip: int, drop: int) -> None:
    numbers = np.array([0.0 if each is None else each for each in values], dtype=np.float64)
    none = np.array([each is None for each in values], dtype=bool)
    array = to_arrow(numbers, none)
    assert array.to_pylist() == values
    part = array.slice(skip, max(0, len(values) - skip - drop))
    assert to_numpy(part)[~none[skip : skip + len(part)]].tolist() == [
        each for each in part.to_pylist() if each is not None
    ]
    assert to_numpy(pa.chunked_array([to_arrow(none), to_arrow(none)])).tolist() == [*none.tolist(), *none.tolist()]


@given(st.lists(st.one_of(st.none(), st.text())))
def test_texts_go_to_arrow(texts: list[str | None]) -> None:
    assert texts_to_arrow(texts).to_pylist() == texts


def test_reading_tables_does_not_load_pandas() -> None:
    import subprocess
    import sys

    code = (
        "import sys, triplebar as tb\n"
        "from triplebar.contracts.arrow import to_arrow\n"
        "import tests.results.plain_facts as facts\n"
        "before = 'pandas' in sys.modules\n"
        "facts.read_everything()\n"
        "assert not before, 'the test itself loaded pandas'\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_result_type_is_public() -> None:
    assert isinstance(rich_run(), RunResult)
    assert tb.RunResult is RunResult
