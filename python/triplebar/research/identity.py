"""What makes a run the run it is: digests of the strategy, the configuration and the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.metadata import RunIdentity
from triplebar.contracts.settings import Settings
from triplebar.data.market import Market
from triplebar.research.source import strategy_digest


def identify_later(
    strategy: type,
    parameters: Mapping[str, Any],
    config: BacktestConfig,
    market: Market,
    settings: Settings,
    engine: str,
) -> Callable[[], RunIdentity]:
    """Give a function that computes the identity: hashing waits until somebody asks for it."""

    def identify() -> RunIdentity:
        return RunIdentity(
            strategy_digest(strategy),
            parameters,
            config.digest(),
            market.digest,
            engine,
            settings.rules_version,
            settings.seed,
        )

    return identify
