"""Which engine runs, and what a result says about it."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.checks import choice
from triplebar.contracts.errors import EngineNotAvailableError
from triplebar.contracts.run_request import FIDELITIES
from triplebar.engines.base import Engine
from triplebar.research.factory import GUESTS, create_engine

PROVENANCE: Final = {
    "adapter_mode": ("native", "guest_strict", "guest_native"),
    "execution_fidelity": ("full_native", "mapped_native"),
    "valuation_fidelity": ("native_mark_to_market",),
}
"""The closed sets of what a result says about its engine.

`adapter_mode`: one of our engines, a guest held to our rules, or a guest with its own. `execution_fidelity`: the engine
filled by its own rules, or by rules that were mapped onto it. `valuation_fidelity`: the curve is the engine's own.
"""


def choose_engine(asked: str | Engine, fidelity: str, fallback: str | None) -> tuple[Engine, tuple[str, ...]]:
    """The engine that runs, and a warning if it is not the one that was asked for.

    >>> choose_engine("reference", "strict", None)[0].name
    'reference'
    """
    choice("fidelity", fidelity, FIDELITIES)
    if not isinstance(asked, str):
        return asked, ()
    try:
        return create_engine(asked, fidelity=fidelity), ()
    except EngineNotAvailableError as problem:
        if fallback is None:
            raise
        engine = create_engine(fallback, fidelity=fidelity)
        return engine, (f"engine {asked!r} is not available, {engine.name!r} ran instead: {problem}",)


def is_native_guest(engine: Engine) -> bool:
    """Whether this is a guest that fills by its own rules."""
    return engine.name in GUESTS and getattr(engine, "fidelity", "strict") == "native"


def engine_id(engine: Engine) -> str:
    """What identifies an engine in a `run_id`: a guest with its own rules is another engine than one with ours."""
    return f"{engine.name}:native" if is_native_guest(engine) else engine.name


def provenance_of(engine: Engine, requested: str) -> dict[str, str]:
    """What a result says about its engine."""
    guest = engine.name in GUESTS
    native = is_native_guest(engine)
    return {
        "requested_engine": requested,
        "engine_name": engine.name,
        "adapter_mode": ("guest_native" if native else "guest_strict") if guest else "native",
        "execution_fidelity": "mapped_native" if guest and not native else "full_native",
        "valuation_fidelity": "native_mark_to_market",
    }
