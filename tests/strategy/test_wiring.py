"""Ports: given as one object, as a mapping, by name, or set as attributes — always the same objects."""

import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from triplebar.contracts.clock import SimulatedClock
from triplebar.contracts.errors import StrategyError
from triplebar.strategy.base import Strategy
from triplebar.strategy.wiring import PORT_NAMES


class Wired(Strategy):
    """Uses its clock."""

    fast: int = 3


def ports() -> dict[str, Any]:
    return {name: SimulatedClock(0) if name == "clock" else object() for name in PORT_NAMES}


@pytest.mark.feature("F-075")
def test_both_styles_give_the_same_objects() -> None:
    given = ports()
    by_object = Wired().wire(SimpleNamespace(**given))
    by_mapping = Wired().wire(given)
    by_name = Wired().wire(**given)
    by_attribute = Wired()
    for name, port in given.items():
        setattr(by_attribute, name, port)
    for strategy in (by_object, by_mapping, by_name, by_attribute):
        assert strategy.ports() == given
        for name, port in given.items():
            assert getattr(strategy, name) is port
            assert strategy.ports()[name] is port


@pytest.mark.feature("F-075")
def test_some_ports_are_enough() -> None:
    clock = SimulatedClock(0)
    strategy = Wired().wire(SimpleNamespace(clock=clock, execution=None, other=5))
    assert strategy.ports() == {"clock": clock}
    with pytest.raises(AttributeError, match="execution"):
        _ = strategy.execution


@pytest.mark.feature("F-075")
def test_a_later_port_replaces_an_earlier_one() -> None:
    first, second = SimulatedClock(0), SimulatedClock(1)
    strategy = Wired().wire(clock=first)
    assert strategy.wire({"clock": second}).clock is second
    assert strategy.wire({"clock": first}, clock=second).clock is second


@pytest.mark.feature("F-075")
def test_a_clone_keeps_its_ports() -> None:
    given = ports()
    assert Wired().wire(given).clone().ports() == given


@pytest.mark.feature("F-075", "F-083")
def test_ports_are_linked_again_after_a_checkpoint() -> None:
    clock = SimulatedClock(0)
    strategy = Wired().wire(clock=clock)
    strategy.also = clock  # type: ignore[attr-defined]
    fresh = Wired().wire(clock=clock)
    fresh.restore(strategy.state())
    assert fresh.clock is clock
    assert fresh.also is clock  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"clok": 1}, "Wired.wire: no port 'clok'; did you mean 'clock'"),
        (SimpleNamespace(time=1), "holds no port"),
        ({}, "holds no port"),
    ],
)
def test_what_is_no_port_is_refused(given: object, words: str) -> None:
    with pytest.raises(StrategyError) as caught:
        Wired().wire(given)
    assert words in str(caught.value)


def test_ports_are_not_parameters() -> None:
    assert Wired().wire(ports()).parameters() == {"fast": 3}


def test_a_strategy_can_be_sent_to_another_process() -> None:
    twin = pickle.loads(pickle.dumps(Wired(fast=9)))  # noqa: S301 - our own bytes
    assert twin.parameters() == {"fast": 9}
    assert twin.clone().fast == 9
