"""The ports: our implementations have all members; a broken one is found out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.clock import Callback, SimulatedClock
from triplebar.contracts.ports import (
    PORTS,
    ClockPort,
    ExecutionPort,
    HistoricalDataProvider,
    MarketDataPort,
    PortfolioPort,
    TelemetryPort,
    faults,
)
from triplebar.contracts.telemetry.logging import LoggingTelemetry
from triplebar.data.cache import CachedProvider
from triplebar.data.fallback import FallbackProvider
from triplebar.data.market import Market
from triplebar.data.providers import MemoryProvider


class Keeps(tb.Strategy):
    """Keeps the ports that its run has given it."""

    def on_start(self, ctx: Any) -> None:
        KEPT.append(ctx.ports)


KEPT: list[Any] = []
for engine in ("custom", "reference"):
    tb.run(Keeps(), tb.Market.synthetic(bars=3), engine=engine)

MEMORY = MemoryProvider(Market.synthetic(bars=5))
IMPLEMENTATIONS = [
    (ClockPort, SimulatedClock(0)),
    (TelemetryPort, LoggingTelemetry()),
    (HistoricalDataProvider, MEMORY),
    (HistoricalDataProvider, CachedProvider(MEMORY)),
    (HistoricalDataProvider, FallbackProvider(MEMORY, MEMORY)),
    *((MarketDataPort, ports.market_data) for ports in KEPT),
    *((ExecutionPort, ports.execution) for ports in KEPT),
    *((PortfolioPort, ports.portfolio) for ports in KEPT),
]


class BrokenClock:
    """Has no `cancel_schedule`, cannot be asked for the time, and forgets the callback."""

    mode = None
    now = 5

    def schedule_once(self, delay: timedelta) -> int:
        return delay.seconds

    def schedule_interval(self, every: timedelta, callback: Callback) -> int:
        return int(every.seconds + len(str(callback)))

    def schedule_at(self, when: datetime, callback: Callback, urgent: bool) -> int:
        return int(when.second + len(str(callback)) + urgent)

    def next_market_open(self, calendar: str) -> datetime:
        return datetime.fromisoformat(calendar)


@pytest.mark.feature("F-013")
@pytest.mark.parametrize(("port", "implementation"), IMPLEMENTATIONS)
def test_an_implementation_has_what_its_port_asks_for(port: type, implementation: object) -> None:
    assert isinstance(implementation, port)
    assert faults(port, implementation) == []


@pytest.mark.feature("F-013")
def test_a_broken_implementation_is_found_out() -> None:
    assert not isinstance(BrokenClock(), ClockPort)
    found = faults(ClockPort, BrokenClock())
    assert [each.split(" ")[0].split("(")[0] for each in found] == [
        "cancel_schedule", "mode", "now", "schedule_at", "schedule_once",
    ]  # fmt: skip


@pytest.mark.feature("F-013")
def test_every_port_has_an_implementation() -> None:
    assert {port for port, _ in IMPLEMENTATIONS} == set(PORTS)


@pytest.mark.feature("F-013")
@pytest.mark.parametrize("port", PORTS)
def test_every_port_can_be_checked_at_run_time(port: type) -> None:
    assert not isinstance(object(), port)
    assert len(faults(port, object())) >= 3
