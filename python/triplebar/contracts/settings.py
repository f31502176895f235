"""What an engine is given: a configuration turned into whole numbers.

Money is in minor units, prices in ticks, sizes in lots, rates in parts per billion, times in nanoseconds
since 1970. Instruments stand in the order of the market, currencies with the base first. Both engines
read the same settings, the Rust core as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from triplebar.contracts.checks import known_names
from triplebar.contracts.errors import ConfigError

Row = TypeVar("Row")

BEGINNING_NS = -(2**63)
"""The time of a rate that has always been."""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The account: `cash`, `margin` or `isolated`."""

    kind: str
    leverage_milli: int
    maintenance_ppb: int


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """Limits of the whole account (S-65, S-66); None is no limit."""

    trading_enabled: bool
    gross_ppb: int | None
    net_ppb: int | None
    drawdown_total_ppb: int | None
    drawdown_daily_ppb: int | None
    position_ppb: int | None = None
    long_ppb: int | None = None
    short_ppb: int | None = None
    positions: int | None = None


@dataclass(frozen=True, slots=True)
class CommissionSettings:
    """The commission of one instrument (S-53); tiers are (threshold_minor, maker_ppb, taker_ppb)."""

    fixed: int
    maker_ppb: int
    taker_ppb: int
    per_unit_minor: int
    minimum: int
    maximum_ppb: int | None
    tiers: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class InstrumentSettings:
    """One instrument's grid, costs and limits; funding is (time_ns, ppb)."""

    symbol: str
    price_precision: int
    size_precision: int
    price_step: int
    size_step: int
    unit: int
    currency: int
    quantity_min: int
    quantity_max: int | None
    notional_min: int
    participation_ppb: int | None
    half_spread_ticks: int
    half_spread_ppb: int
    slippage_ticks: int
    slippage_ppb: int
    impact_ppb: int
    root_coefficient: float
    root_free: float
    commission: CommissionSettings
    funding: tuple[tuple[int, int], ...]
    borrow_ppb: int
    position_limit_lots: int | None
    position_limit_minor: int | None
    interval_ns: int


_written: tuple[object, str] = (None, "")
"""The settings that were written last, and their text."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an engine needs to know beside the market and the strategy."""

    rules_version: int
    seed: int
    fill: str
    path: str
    off_grid: str
    start_ns: int | None
    warmup_bars: int
    close_at_end: bool
    cash_precision: int
    currencies: tuple[str, ...]
    cash: tuple[int, ...]
    rates: tuple[tuple[tuple[int, int], ...], ...]
    account: AccountSettings
    latency_min_ns: int
    latency_max_ns: int
    miss_ppb: int
    partial_ppb: int
    partial_low_ppb: int
    partial_high_ppb: int
    risk: RiskSettings
    instruments: tuple[InstrumentSettings, ...]

    def to_json(self) -> str:
        """Write canonical JSON: names in alphabetical order, no blanks; equal settings give equal text."""
        global _written  # noqa: PLW0603 - a sweep asks the same settings for every set
        settings, text = _written
        if settings is not self:
            text = json.dumps(
                self, default=_row, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
            )
            _written = (self, text)
        return text

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what `to_json` wrote; `ConfigError` for unknown or missing names."""
        raw = json.loads(text)
        values = _values(cls, raw)
        values["account"] = _build(AccountSettings, values["account"])
        values["risk"] = _build(RiskSettings, values["risk"])
        values["instruments"] = tuple(_instrument(each) for each in values["instruments"])
        return cls(**values)


def _row(settings: Any) -> dict[str, Any]:  # noqa: ANN401 - one of the classes above
    """The fields of settings by name; `dataclasses.asdict` copies whatever they hold, which takes ten times as long."""
    return {name: getattr(settings, name) for name in settings.__slots__}


def _instrument(raw: Mapping[str, Any]) -> InstrumentSettings:
    values = _values(InstrumentSettings, raw)
    values["commission"] = _build(CommissionSettings, values["commission"])
    return InstrumentSettings(**values)


def _build(kind: type[Row], raw: Mapping[str, Any]) -> Row:
    return kind(**_values(kind, raw))


def _values(kind: type[Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The values for `kind`, lists as tuples, with the names that it has; what has come later may be missing."""
    names = [each.name for each in fields(kind)]
    known_names(kind.__name__, raw, names)
    missing = [each.name for each in fields(kind) if each.default is MISSING and each.name not in raw]
    if missing:
        raise ConfigError(f"{', '.join(missing)} missing", where=kind.__name__, fix="write settings with to_json()")
    return {name: _frozen(raw[name]) for name in names if name in raw}


def _frozen(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
