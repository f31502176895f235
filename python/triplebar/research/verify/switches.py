"""Rules of our own engine that can be switched to the other side's: their causes, and the settings they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from triplebar.contracts.settings import Settings
from triplebar.research.verify import causes

Change = Callable[[Settings], Settings]

WHOLE: Final[dict[str, tuple[str, ...]]] = {
    causes.FILL_TIME: ("fill",),
    causes.PATH: ("path",),
    causes.ROUNDING: ("off_grid", "cash_precision"),
    causes.WARM_UP: ("start_ns", "warmup_bars"),
    causes.END: ("close_at_end",),
    causes.CAPITAL: ("cash",),
    causes.RATES: ("rates",),
    causes.LATENCY: ("latency_min_ns", "latency_max_ns"),
    causes.MISSES: ("miss_ppb", "partial_ppb", "partial_low_ppb", "partial_high_ppb"),
    causes.DRAWS: ("seed",),
    causes.RISK: ("risk",),
}
"""Settings of a whole run, by the cause they are."""
ACCOUNT: Final[dict[str, tuple[str, ...]]] = {
    causes.CASH: ("kind", "leverage_milli"),
    causes.LIQUIDATION: ("maintenance_ppb",),
}
"""Settings of the account."""
INSTRUMENT: Final[dict[str, tuple[str, ...]]] = {
    causes.ROUNDING: ("price_step", "size_step", "quantity_min", "quantity_max", "notional_min"),
    causes.VOLUME: ("participation_ppb",),
    causes.SPREAD: ("half_spread_ticks", "half_spread_ppb"),
    causes.SLIPPAGE: ("slippage_ticks", "slippage_ppb", "impact_ppb", "root_coefficient", "root_free"),
    causes.COMMISSION: ("commission",),
    causes.FUNDING: ("funding",),
    causes.BORROW: ("borrow_ppb",),
    causes.RISK: ("position_limit_lots", "position_limit_minor"),
}
"""Settings of each instrument."""

NEEDS: Final[dict[str, frozenset[str]]] = {
    causes.FILL_TIME: frozenset({"time", "price"}),
    causes.PATH: frozenset({"time", "price", "one side"}),
    causes.ROUNDING: frozenset({"time", "price", "one side", "orders"}),
    causes.WARM_UP: frozenset({"one side", "orders", "rows"}),
    causes.END: frozenset({"one side", "orders"}),
    causes.LATENCY: frozenset({"time", "price", "one side"}),
    causes.MISSES: frozenset({"time", "price", "one side"}),
    causes.RISK: frozenset({"one side", "orders"}),
    causes.CASH: frozenset({"one side", "orders"}),
    causes.LIQUIDATION: frozenset({"one side", "orders"}),
    causes.VOLUME: frozenset({"time", "price", "one side"}),
    causes.SPREAD: frozenset({"time", "price", "one side"}),
    causes.SLIPPAGE: frozenset({"price", "one side"}),
    causes.COMMISSION: frozenset({"fee"}),
    causes.FUNDING: frozenset({"flows"}),
    causes.BORROW: frozenset({"flows"}),
}
"""What must have been seen for a cause to be worth a try: see `evidence`."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One rule, switched to what the other side may be doing."""

    cause: str
    text: str
    change: Change
    known: bool = False
    """Whether the other side says that this is its rule; else it is a guess."""

    def worth(self, seen: frozenset[str]) -> bool:
        """Whether what was seen makes the switch worth a try."""
        return self.known or bool(NEEDS[self.cause] & seen)


def switched(cause: str, text: str, **values: Any) -> Switch:  # noqa: ANN401 - values of settings
    """A switch that sets fields of the whole run, of the account, or of all instruments, told by their names.

    >>> switched("fill time", "fill = same_close", fill="same_close").cause
    'fill time'
    """
    return Switch(cause, text, lambda settings: changed(settings, values))


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with other values; a mapping from number to value is for single instruments."""
    account = {name: value for name, value in values.items() if name in _ACCOUNT_FIELDS}
    single = {name: value for name, value in values.items() if name in _INSTRUMENT_FIELDS}
    whole = {name: value for name, value in values.items() if name not in account and name not in single}
    instruments = tuple(
        replace(each, **{name: _of(value, number, getattr(each, name)) for name, value in single.items()})
        for number, each in enumerate(settings.instruments)
    )
    return replace(settings, **whole, account=replace(settings.account, **account), instruments=instruments)


_ACCOUNT_FIELDS: Final = frozenset(name for names in ACCOUNT.values() for name in names)
_INSTRUMENT_FIELDS: Final = frozenset(name for names in INSTRUMENT.values() for name in names)


def _of(value: Any, number: int, otherwise: Any) -> Any:  # noqa: ANN401 - values of settings
    return value.get(number, otherwise) if isinstance(value, dict) else value


def known_switches(ours: Settings, theirs: Settings) -> Iterator[Switch]:
    """One switch for each cause in which two settings differ."""
    if [each.symbol for each in ours.instruments] != [each.symbol for each in theirs.instruments]:
        return
    for cause in {**WHOLE, **ACCOUNT, **INSTRUMENT}:
        values = _differing(cause, ours, theirs)
        if values:
            yield replace(switched(cause, _told(values, ours, theirs), **values), known=True)


def _differing(cause: str, ours: Settings, theirs: Settings) -> dict[str, Any]:
    found = {
        name: getattr(theirs, name) for name in WHOLE.get(cause, ()) if getattr(ours, name) != getattr(theirs, name)
    }
    for name in ACCOUNT.get(cause, ()):
        if getattr(ours.account, name) != getattr(theirs.account, name):
            found[name] = getattr(theirs.account, name)
    for name in INSTRUMENT.get(cause, ()):
        values = {number: getattr(each, name) for number, each in enumerate(theirs.instruments)}
        if any(getattr(each, name) != values[number] for number, each in enumerate(ours.instruments)):
            found[name] = values
    return found


def _told(values: Mapping[str, Any], ours: Settings, theirs: Settings) -> str:
    """What changes, in words: `path: adaptive instead of pessimistic`."""
    parts = []
    for name in values:
        one, other = (_first_differing(name, ours, theirs, each) for each in (ours, theirs))
        parts.append(f"{name}: {_short(other)} instead of {_short(one)}")
    return "; ".join(parts)


def _first_differing(name: str, ours: Settings, theirs: Settings, chosen: Settings) -> Any:  # noqa: ANN401 - a value
    if name in _ACCOUNT_FIELDS:
        return getattr(chosen.account, name)
    if name not in _INSTRUMENT_FIELDS:
        return getattr(chosen, name)
    pairs = zip(ours.instruments, theirs.instruments, strict=True)
    place = next(number for number, (one, two) in enumerate(pairs) if getattr(one, name) != getattr(two, name))
    return getattr(chosen.instruments[place], name)


def _short(value: Any, most: int = 80) -> str:  # noqa: ANN401 - a value of settings
    if hasattr(value, "__dataclass_fields__"):
        value = ", ".join(f"{each.name}={getattr(value, each.name)}" for each in fields(value))
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"
