"""Limits that an account must not break (S-65, S-66)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from triplebar.contracts import checks
from triplebar.contracts.exact import Number
from triplebar.contracts.model import FrozenMapping, Model, number_by_name, strict


@strict
@dataclass(frozen=True)
class RiskLimits(Model):
    """Limits on new risk; orders that only reduce a position always pass. None is no limit.

    `gross_exposure`, `net_exposure`, `long_exposure`, `short_exposure` and, of each position, `position_share` are
    multiples of equity; `positions` is how many may be held at once; the drawdowns shares of the peak and of the
    day's first equity; `position_quantity` (units) and `position_value` (base currency) bound each position,
    by one number for all instruments or by symbol. `trading_enabled=False` is the kill switch.

    >>> RiskLimits(gross_exposure=2, position_value={"AAPL": 10_000}).gross_exposure
    Decimal('2')
    """

    trading_enabled: bool = True
    gross_exposure: Number | None = None
    net_exposure: Number | None = None
    drawdown_total: Number | None = None
    drawdown_daily: Number | None = None
    position_quantity: Number | Mapping[str, Number] | None = None
    position_value: Number | Mapping[str, Number] | None = None
    position_share: Number | None = None
    long_exposure: Number | None = None
    short_exposure: Number | None = None
    positions: int | None = None

    def __post_init__(self) -> None:
        """Check everything."""
        checks.flag(self._named("trading_enabled"), self.trading_enabled)
        for name in ("gross_exposure", "net_exposure", "position_share", "long_exposure", "short_exposure"):
            self._optional_number(name)
        for name in ("drawdown_total", "drawdown_daily"):
            self._optional_number(name, above=0)
            if getattr(self, name) is not None:
                checks.share(self._named(name), getattr(self, name))
        if self.positions is not None:
            self._set("positions", checks.integer(self._named("positions"), self.positions, high=2**32 - 1))
        for name in ("position_quantity", "position_value"):
            self._set(name, self._by_symbol(name))

    def _by_symbol(self, name: str) -> Decimal | FrozenMapping[Decimal] | None:
        value = getattr(self, name)
        return None if value is None else number_by_name(self._named(name), value)
