"""From a request to the things it names: the strategy class and the market."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.run_request import RunRequest
from triplebar.data.market import Market
from triplebar.data.resample import resample_market
from triplebar.research.references import strategy_class

PARQUET: Final = (".parquet", ".pq")
CSV: Final = (".csv", ".csv.gz", ".txt")


def strategy_of(request: RunRequest) -> Any:  # noqa: ANN401 - a strategy class
    """Give the class that a request names."""
    return strategy_class(request.strategy) if isinstance(request.strategy, str) else request.strategy


def market_of(request: RunRequest) -> Market:
    """Load the data that a request names, and take the symbols and the interval it wants."""
    if request.data is None:
        fix = "set data='prices.parquet', or give run a market"
        raise ConfigError("data is missing", where="request", fix=fix)
    market = load_market(request.data, calendar=request.config.calendar)
    return prepared(market, request)


def prepared(market: Market, request: RunRequest) -> Market:
    """Take the symbols and the interval that a request wants."""
    if request.symbols is not None:
        market = market.select(request.symbols)
    if request.interval is not None:
        market = resample_market(market, request.interval)
    return market


def load_market(path: str | Path, **options: Any) -> Market:  # noqa: ANN401 - options of the import
    """Load a market from a Parquet or CSV file, told apart by the end of the name.

    >>> load_market("prices.xlsx")
    Traceback (most recent call last):
    triplebar.contracts.errors.ConfigError: data = 'prices.xlsx': is neither Parquet nor CSV; ...
    """
    name = str(path).lower()
    if name.endswith(PARQUET):
        return Market.from_parquet(path, **options)
    if name.endswith(CSV):
        return Market.from_csv(path, **options)
    raise ConfigError.of("data", str(path), "is neither Parquet nor CSV", fix="name it .parquet or .csv")


def load_markets(
    paths: Sequence[Path],
    *,
    instruments: Iterable[Instrument] | None = None,
    calendar: str = "24/7",
    **options: Any,  # noqa: ANN401 - options of the import
) -> Market:
    """Load one file, or several with other instruments each, onto one clock.

    >>> load_markets([Path("prices.xlsx")])
    Traceback (most recent call last):
    triplebar.contracts.errors.ConfigError: data = 'prices.xlsx': is neither Parquet nor CSV; ...
    """
    if len(paths) == 1:
        return load_market(paths[0], instruments=instruments, calendar=calendar, **options)
    joined = Market.joined(*(load_market(path, calendar=calendar, **options) for path in paths))
    return joined if instruments is None else Market.from_table(joined.table(), instruments, calendar=calendar)
