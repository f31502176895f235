"""The market as a configuration wants it: its window and its policy for missing bars."""

from __future__ import annotations

from triplebar.contracts.config import BacktestConfig
from triplebar.data.market import Market


def prepared_market(market: Market, config: BacktestConfig) -> tuple[Market, tuple[str, ...]]:
    """Return the bars that a run sees, and what has to be said about them.

    >>> market = Market.synthetic(bars=10, seed=1)
    >>> prepared_market(market, BacktestConfig())[0] is market
    True
    """
    part = market if config.end is None else market.between(end=config.end)
    treated, warnings = (part, ()) if config.missing_data == "skip" else _treated(part, config)
    moved = (str(market.report),) if market.report else ()
    return treated, (*market.warnings, *moved, *warnings, *_prices(config))


def _treated(market: Market, config: BacktestConfig) -> tuple[Market, tuple[str, ...]]:
    from triplebar.data.policies import treat_missing  # few runs need it

    interval_ns = min(each.interval_ns for each in map(market.series, market.symbols))
    found = treat_missing(market.table(), config.missing_data, sessions=market.calendar, interval_ns=interval_ns)
    warnings = found.warnings
    if found.uses_future:
        warnings = (*warnings, f"look_ahead: missing_data={config.missing_data!r} makes bars from later ones")
    if not found.filled and not found.removed:
        return market, warnings
    return Market.from_table(found.table, market.instruments, calendar=market.calendar), warnings


def _prices(config: BacktestConfig) -> tuple[str, ...]:
    if config.price_policy == "raw":
        return ()
    return (f"price_policy={config.price_policy!r}: the prices are taken to be adjusted already, the run leaves them",)
