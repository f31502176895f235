"""Everything that a user may get wrong: what is done, the error, and the words that it must have.

Each row names the thing that is wrong, the place of it and the fix; the words of all three must stand in the message.
"""
# ruff: noqa: ARG005 - handlers have fixed arguments

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import parquet

import triplebar as tb
from tests.data.tables import changed, columns, good, two
from triplebar.contracts.errors import DataQualityError, EngineNotAvailableError, TradingError, UnsupportedSettingError

HEADER = "time,symbol,open,high,low,close,volume\n"
LINE = "2024-01-01T00:0{}:00Z,X,1,2,0.5,1.5,10\n"
NAIVE = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - the fault under test
MARKET = tb.Market.synthetic(symbols=("AA", "BB"), bars=20, interval="1h", seed=1)
NAN = float("nan")


class Bad(NamedTuple):
    """One way to be wrong."""

    name: str
    act: Callable[[Path], object]
    error: type[TradingError]
    thing: str
    place: str
    fix: str


class Quiet(tb.Strategy):
    """Does nothing."""

    fast: int = 3


def made(**methods: Any) -> tb.Strategy:
    """A strategy of a class with these attributes."""
    kind: type[tb.Strategy] = type("Made", (tb.Strategy,), methods)
    return kind()


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def csv(folder: Path, content: str | bytes) -> tb.Market:
    """A market from a CSV file of this content."""
    return tb.Market.from_csv(written(folder, "prices.csv", content))


def cut_short(folder: Path) -> tb.Market:
    """A market from a Parquet file whose end is missing."""
    whole = folder / "whole.parquet"
    parquet.write_table(good(200), whole)
    return tb.Market.from_parquet(written(folder, "cut.parquet", whole.read_bytes()[:-30]))


def naive() -> pa.Table:
    """A table whose times have no zone."""
    return good().set_column(0, "time", good()["time"].cast(pa.int64()).cast(pa.timestamp("ns")))


def run(config: dict[str, Any] | None = None, strategy: Any = None, **keywords: Any) -> tb.RunResult:
    """A run of a quiet strategy."""
    return tb.run(Quiet() if strategy is None else strategy, MARKET, tb.BacktestConfig(**config or {}), **keywords)


def table(source: object, *instruments: Any, **options: Any) -> tb.Market:
    """A market from a table."""
    return tb.Market.from_table(source, list(instruments) or None, **options)


FILES = [
    Bad("no such CSV file", lambda folder: tb.Market.from_csv(folder / "none.csv"), tb.DataError,
        "there is no such file", "none.csv", "check the path"),
    Bad("no such Parquet file", lambda folder: tb.Market.from_parquet(folder / "none.parquet"), tb.DataError,
        "there is no such file", "none.parquet", "check the path"),
    Bad("a folder", tb.Market.from_parquet, tb.DataError,
        "is a folder", "the folder", "name the files in it"),
    Bad("text called Parquet", lambda folder: tb.Market.from_parquet(written(folder, "a.parquet", "hello")),
        tb.DataError, "cannot be read as Parquet", "a.parquet", "whole Parquet file"),
    Bad("a Parquet file cut short", cut_short, tb.DataError,
        "cannot be read as Parquet", "cut.parquet", "whole Parquet file"),
    Bad("an empty CSV file", lambda folder: csv(folder, ""), tb.DataError,
        "cannot be read as CSV", "prices.csv", "whole CSV file"),
    Bad("bytes called CSV", lambda folder: csv(folder, bytes(range(256))), tb.DataError,
        "is not text in UTF-8", "prices.csv, line 1", "save the file in UTF-8"),
    Bad("a CSV header without lines", lambda folder: csv(folder, HEADER), DataQualityError,
        "there are no rows", "prices.csv", "load a range that has bars"),
    Bad("a CSV line with fields missing", lambda folder: csv(folder, HEADER + LINE.format(1) + "2024-01-01,X,1\n"),
        DataQualityError, "has 3 fields instead of 7", "prices.csv, line 3", "mend the line"),
    Bad("a word for a price",
        lambda folder: csv(folder, HEADER + LINE.format(1) + "2024-01-01T00:02:00Z,X,1,two,0.5,1.5,10\n"),
        DataQualityError, "'two' is not a number", "line 3, column high", "write a number"),
    Bad("an empty cell", lambda folder: csv(folder, HEADER + "2024-01-01T00:02:00Z,X,1,2,,1.5,10\n" + LINE.format(3)),
        DataQualityError, "there is no value", "line 2, column low", "fill it in or remove the row"),
    Bad("CSV times without a zone", lambda folder: csv(folder, HEADER + "2024-01-01T00:02:00,X,1,2,1,1.5,10\n"),
        DataQualityError, "have no time zone", "prices.csv, column time", "time_zone='UTC'"),
    Bad("no file", lambda _: tb.Market.from_csv([]), tb.DataError,
        "no file was given", "path", "name at least one file"),
    Bad("a number for a path", lambda _: tb.Market.from_csv(5),  # type: ignore[arg-type]
        tb.DataError, "5 is not a path", "path", "give a text, a Path"),
]  # fmt: skip

TABLES = [
    Bad("a number for a table", lambda _: table(5), tb.DataError, "int is not a table", "source", "pass a pyarrow"),
    Bad("a path for a table", lambda _: table("prices.csv"), tb.DataError,
        "str is not a table", "source", "pass a pyarrow"),
    Bad("columns of unequal length", lambda _: table({**columns(), "close": [1.0]}), tb.DataError,
        "cannot become a table", "close", "pass columns of equal length"),
    Bad("an unknown option of the import", lambda _: table(good(), calender="24/7"), tb.ConfigError,
        "is not an option of the import", "calender", "did you mean 'calendar'?"),
    Bad("an unknown calendar", lambda _: table(good(), calendar="NYSE2"), tb.ConfigError,
        "'NYSE2'", "calendar", "did you mean 'NYSE'?"),
    Bad("a text for an instrument", lambda _: table(good(), "X"), tb.ConfigError,
        "is not an Instrument", "instruments = 'X'", "pass triplebar.Instrument("),
    Bad("an instrument twice", lambda _: table(good(), tb.Instrument("X"), tb.Instrument("X")), tb.ConfigError,
        "is given twice", "instruments = 'X'", "keep one of them"),
    Bad("an instrument without rows", lambda _: table(good(symbol="AAPL"), tb.Instrument("APPL")), DataQualityError,
        "instrument 'APPL' has no rows", "column symbol", "did you mean 'AAPL'?"),
    Bad("a negative tolerance", lambda _: table(good(), tolerance=-1), tb.ConfigError,
        "must not be negative", "tolerance = -1", "use 0.5"),
    Bad("a price off the grid, strictly",
        lambda _: table(changed(close={2: 100.251}), tb.Instrument("X", 2), strict=True), DataQualityError,
        "100.251 of X is 0.1 ticks off the grid", "row 3, column close", "raise the price_precision"),
    Bad("a price too large for the grid",
        lambda _: table(changed(close={2: 1e15}, high={2: 1e15}), tb.Instrument("X", 4)), DataQualityError,
        "too large for 4 decimals", "row 3, column high", "lower the price_precision"),
    Bad("a column that is missing", lambda _: table(changed(close=None)), DataQualityError,
        "there is no column 'close'", "column close", "add it"),
    Bad("a column of another type", lambda _: table(changed(close=pa.array(["1.5"] * 6))), DataQualityError,
        "not numbers", "column close", "cast it to float64"),
    Bad("times without a zone", lambda _: table(naive()), DataQualityError,
        "have no time zone", "column time", "store the time with a zone"),
    Bad("NaN for a price", lambda _: table(changed(open={1: NAN})), DataQualityError,
        "nan is not a number", "row 2, column open", "fill it in or remove the row"),
    Bad("a negative price", lambda _: table(changed(low={2: -1.0})), DataQualityError,
        "-1.0 is not above 0", "row 3, column low", "remove the row, or mend the price"),
    Bad("crossed prices", lambda _: table(changed(high={2: 90.0})), DataQualityError,
        "90.0 is below the low 100.0", "row 3, column high", "exchange the two or remove the row"),
    Bad("a close outside its bar", lambda _: table(changed(close={0: 101.0})), DataQualityError,
        "101.0 is outside", "row 1, column close", "mend the price"),
    Bad("a negative volume", lambda _: table(changed(volume={3: -1.0})), DataQualityError,
        "-1.0 is negative", "row 4, column volume", "use 0"),
    Bad("rows out of order", lambda _: table(good().take([0, 2, 1, 3])), DataQualityError,
        "comes after a later bar", "row 3, column time", "pass sort=True"),
    Bad("a bar twice", lambda _: table(good().take([0, 1, 1, 2])), DataQualityError,
        "is there twice", "row 3, column time", "keep one of the rows"),
    Bad("no rows", lambda _: table(good().slice(0, 0)), DataQualityError,
        "there are no rows", "table", "load a range that has bars"),
]  # fmt: skip

MARKETS = [
    Bad("too many decimals", lambda _: tb.Instrument("X", price_precision=30), tb.ConfigError,
        "must be a whole number from 0 to 12", "X.price_precision = 30", "write e.g."),
    Bad("a text for decimals", lambda _: tb.Instrument("X", price_precision="2"),  # type: ignore[arg-type]
        tb.ConfigError, "must be a whole number", "X.price_precision = '2'", "write e.g."),
    Bad("no symbol", lambda _: tb.Instrument(""), tb.ConfigError, "text without blanks", "symbol = ''", "'AAPL'"),
    Bad("a step between ticks", lambda _: tb.Instrument("X", price_step="0.015"), tb.ConfigError,
        "is not a multiple of 10^-2", "X.price_step = 0.015", "raise the precision or the step"),
    Bad("a multiplier of zero", lambda _: tb.Instrument("X", multiplier=0), tb.ConfigError,
        "must be above 0", "X.multiplier = 0", "give a number above 0"),
    Bad("an unknown field", lambda _: tb.Instrument("X", tick=3),  # type: ignore[call-arg]
        tb.ConfigError, "unknown field 'tick'", "Instrument", "known: calendar"),
    Bad("a currency in small letters", lambda _: tb.Instrument("X", currency="dollar"), tb.ConfigError,
        "must be a code in capitals", "X.currency = 'dollar'", "write e.g. 'USD'"),
    Bad("the bars of an unknown symbol", lambda _: MARKET.series("AC"), tb.UnknownSymbolError,
        "Unknown instrument", "'AC'", "known: AA, BB"),
    Bad("a time without a zone", lambda _: MARKET.between(NAIVE), tb.DataError,
        "has no time zone", "start", "add tzinfo=timezone.utc"),
    Bad("a range without bars", lambda _: MARKET.between("2030-01-01T00:00:00Z"), tb.DataError,
        "no data available", "[2030-01-01T00:00:00Z, ...)", "the data reach from"),
    Bad("an interval that is none", lambda _: tb.Market.synthetic(interval="soon"), tb.ConfigError,
        "is not an interval", "interval = 'soon'", "such as '5m'"),
]  # fmt: skip

SETTINGS = [
    Bad("an unknown key", lambda _: run({"comission_bps": 1}), tb.ConfigError,
        "unknown field 'comission_bps'", "BacktestConfig", "did you mean 'commission_bps'?"),
    Bad("negative cash", lambda _: run({"initial_cash": -1}), tb.ConfigError,
        "must be at least 0", "initial_cash = -1", "give a number at least 0"),
    Bad("a word for cash", lambda _: run({"initial_cash": "lots"}), tb.ConfigError,
        "'lots' is not a number", "initial_cash", "give a plain number"),
    Bad("NaN for a cost", lambda _: run({"commission_bps": NAN}), tb.ConfigError,
        "nan is not a finite number", "commission_bps", "give a plain number"),
    Bad("a start without a zone", lambda _: run({"start": NAIVE}), tb.ConfigError,
        "has no time zone", "start", "give a time with its zone"),
    Bad("the end before the start",
        lambda _: run({"start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}), tb.ConfigError,
        "is not after start", "end = ", "swap them"),
    Bad("a misspelt choice", lambda _: run({"fill": "next_opne"}), tb.ConfigError,
        "must be one of next_open, same_close", "fill = 'next_opne'", "did you mean 'next_open'?"),
    Bad("costs of an unknown symbol", lambda _: run({"per_symbol": {"ZZ": tb.SymbolCosts(participation="0.1")}}),
        tb.ConfigError, "the market has no such symbol", "per_symbol['ZZ']", "known: AA, BB"),
    Bad("an end before the data", lambda _: run({"end": "2020-01-01T00:00:00Z"}), tb.DataError,
        "no data available", "2020-01-01T00:00:00Z)", "the data reach from"),
    Bad("a currency without a rate",
        lambda _: tb.run(Quiet(), table(good(), tb.Instrument("X", 2, currency="EUR"))), tb.ConfigError,
        "EUR, which has no rate", "rates", "add rates={'EUR'"),
    Bad("a table for a market", lambda _: tb.run(Quiet(), two()), tb.DataError,
        "Table is not a Market", "market", "use Market.from_table"),
    Bad("no market", lambda _: tb.run(Quiet()), tb.ConfigError, "market is missing", "run", "run(strategy, market)"),
    Bad("a dict for a configuration", lambda _: tb.run(Quiet(), MARKET, {"seed": 1}),  # type: ignore[arg-type]
        tb.ConfigError, "must be a BacktestConfig", "config = {'seed': 1}", "write BacktestConfig"),
    Bad("an unknown engine", lambda _: run(engine="costum"), EngineNotAvailableError,
        "is not known", "'costum'", "did you mean 'custom'?"),
    Bad("a mode that the engine has not", lambda _: run(mode="compiled", engine="reference"), UnsupportedSettingError,
        "does not run compiled strategies", "engine 'reference'", "mode='interpreted'"),
    Bad("a stop outside the market", lambda _: run(until=99), tb.ConfigError,
        "is outside the market", "until = 99", "from 0 to 19"),
    Bad("bytes that are no checkpoint", lambda _: tb.resume(b"junk", MARKET), tb.DataError,
        "is not a checkpoint", "checkpoint", "write it again"),
]  # fmt: skip

STRATEGIES = [
    Bad("not a strategy", lambda _: run(strategy=5), tb.StrategyError,
        "is not a strategy", "int", "derive it from triplebar.Strategy"),
    Bad("an unknown parameter", lambda _: Quiet(fats=3), tb.StrategyError,  # type: ignore[call-arg]
        "no parameter 'fats'", "Quiet", "did you mean 'fast'?"),
    Bad("a parameter of another type", lambda _: Quiet(fast="three"),  # type: ignore[arg-type]
        tb.StrategyError, "must be int", "Quiet.fast = 'three'", "write e.g. fast=3"),
    Bad("a handler with too few arguments", lambda _: made(on_bar=lambda self, ctx: None), tb.StrategyError,
        "cannot be called with (ctx, bar)", "Made.on_bar", "write def on_bar(self, ctx, bar)"),
    Bad("a handler with too many arguments", lambda _: made(on_fill=lambda self, ctx, fill, more: None),
        tb.StrategyError, "cannot be called with (ctx, fill)", "Made.on_fill", "write def on_fill(self, ctx, fill)"),
    Bad("a misspelt handler", lambda _: made(on_bars=lambda self, ctx, bar: None), tb.StrategyError,
        "no engine calls this method", "Made.on_bars", "did you mean 'on_bar'?"),
    Bad("a number for a handler", lambda _: made(on_bar=5), tb.StrategyError,
        "must be a method, not int", "Made.on_bar", "write def on_bar(self, ctx, bar)"),
    Bad("a warm-up of minus one", lambda _: run(strategy=made(warmup=-1)), tb.StrategyError,
        "warmup = -1 is not a number of bars", "Made", "set it to a whole number"),
]  # fmt: skip
