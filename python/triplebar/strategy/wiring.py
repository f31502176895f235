"""Ports on a strategy: given as one object, as a mapping, by name, or set as attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplebar.contracts.errors import StrategyError
from triplebar.contracts.suggest import hint

PORT_NAMES: Final = ("clock", "market_data", "execution", "portfolio", "telemetry")
"""The attributes under which a strategy finds its ports."""


def ports_given(owner: str, ports: object, named: Mapping[str, object]) -> dict[str, Any]:
    """Collect ports from an object or mapping, and by name; an unknown name is refused.

    >>> ports_given("Cross", {"clock": 1}, {"execution": 2})
    {'clock': 1, 'execution': 2}
    """
    if isinstance(ports, Mapping):
        found = dict(ports)
    else:
        found = {name: getattr(ports, name) for name in PORT_NAMES if getattr(ports, name, None) is not None}
    if ports is not None and not found:
        raise StrategyError(f"{ports!r} holds no port", where=f"{owner}.wire", fix=f"give {', '.join(PORT_NAMES)}")
    found.update(named)
    for name in found:
        if name not in PORT_NAMES:
            raise StrategyError(f"no port {name!r}", where=f"{owner}.wire", fix=hint(name, PORT_NAMES))
    return found
