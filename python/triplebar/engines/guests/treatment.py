"""What a guest does with every setting: applied, unable to matter, or refused. Nothing is ignored in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final

from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.contracts.run_request import RunRequest
from triplebar.contracts.settings import (
    AccountSettings,
    CommissionSettings,
    InstrumentSettings,
    RiskSettings,
    Settings,
)

PARTS: Final = (Settings, AccountSettings, RiskSettings, InstrumentSettings, CommissionSettings, RunRequest)
"""Everything that a run can be told; each field needs a treatment."""


class Way(Enum):
    """How a guest treats a setting."""

    GUEST = "the guest applies it"
    ADAPTER = "the adapter applies it, around the guest"
    NO_MATTER = "it cannot matter here"
    REFUSED = "refused unless it is left at its neutral value"


Refuses = Callable[[Any, Settings], str | None]
"""Looks at a value (and at all settings) and says what is wrong with it, or None."""


@dataclass(frozen=True)
class Treatment:
    """What becomes of one setting, and why."""

    way: Way
    note: str
    refuses: Refuses | None = None


Plan = Mapping[str, Treatment]
"""Treatments by `Class.field`."""


def setting_names() -> list[str]:
    """Give the names of all settings there are, by reflection.

    >>> "InstrumentSettings.participation_ppb" in setting_names()
    True
    """
    return [f"{part.__name__}.{each.name}" for part in PARTS for each in fields(part)]


def gaps(plan: Plan) -> tuple[list[str], list[str]]:
    """Name the settings without a treatment, and the treatments without a setting.

    >>> gaps({"Settings.colour": Treatment(Way.NO_MATTER, "")})[1]
    ['Settings.colour']
    """
    names = setting_names()
    return [name for name in names if name not in plan], [name for name in plan if name not in names]


def values_of(settings: Settings) -> Iterator[tuple[str, str, Any]]:
    """Every value in the settings: its name, where it stands, the value."""
    yield from _values(settings, "")
    yield from _values(settings.account, "account")
    yield from _values(settings.risk, "risk")
    for instrument in settings.instruments:
        yield from _values(instrument, instrument.symbol)
        yield from _values(instrument.commission, instrument.symbol)


def _values(part: Any, where: str) -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401 - one of PARTS
    for each in fields(part):
        yield f"{type(part).__name__}.{each.name}", where, getattr(part, each.name)


def apply_plan(engine: str, plan: Plan, settings: Settings) -> None:
    """Refuse what the guest cannot honour: an `UnsupportedSettingError` names the setting and the engine."""
    for name, where, value in values_of(settings):
        treatment = plan[name]
        problem = None if treatment.refuses is None else treatment.refuses(value, settings)
        if problem is not None:
            field = name.partition(".")[2]
            place = f"{field} ({where})" if where else field
            raise UnsupportedSettingError(
                f"engine {engine!r} refuses it: {problem}", where=place, fix="change it, or use engine='custom'"
            )
