"""`ctx` of the Rust core: its desk, and the tools that all engines share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from triplebar._native import Desk
from triplebar.strategy.context import ContextTools

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.context import LogLine


class NativeContext(ContextTools, Desk):
    """Orders, positions and money come from the core; windows of bars, random numbers and notes from `ContextTools`.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> market = Market.synthetic(bars=3, seed=1)
    >>> NativeContext(market, resolve(BacktestConfig(), market)).equity
    100000.0
    """

    _market: Market
    _seed: int
    _settings: Settings
    _logs: list[LogLine]

    def __new__(cls, market: Market, settings: Settings, checkpoint: bytes | None = None) -> Self:
        """Hand market and settings over to the core."""
        self = super().__new__(cls, market.native(), settings.to_json(), checkpoint)
        self._market = market
        self._seed = settings.seed
        self._settings = settings
        self._logs = []
        return self
