"""Engines by name, imported when they are asked for."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Final

from triplebar.contracts.errors import EngineNotAvailableError
from triplebar.contracts.suggest import hint
from triplebar.engines.base import Engine

ENGINES: Final = {
    "custom": "triplebar.engines.custom:CustomEngine",
    "reference": "triplebar.engines.reference:ReferenceEngine",
}
"""Where each engine is found."""


def available_engines() -> tuple[str, ...]:
    """Give the names of the engines that can be used here.

    >>> "reference" in available_engines()
    True
    """
    return tuple(name for name in ENGINES if _problem(name) is None)


def create_engine(name: str) -> Engine:
    """Make an engine; `EngineNotAvailableError` names those there are.

    >>> create_engine("refrence")
    Traceback (most recent call last):
    triplebar.contracts.errors.EngineNotAvailableError: engine 'refrence' is not known; did you mean 'reference'? ...
    """
    if name not in ENGINES:
        names = available_engines()
        fix = f"{hint(name, names)} (available: {', '.join(names)})"
        raise EngineNotAvailableError(f"engine {name!r} is not known", fix=fix)
    problem = _problem(name)
    if problem is not None:
        fix = f"install triplebar from a wheel or build it with maturin (available: {', '.join(available_engines())})"
        raise EngineNotAvailableError(f"engine {name!r} cannot be loaded: {problem}", fix=fix) from problem
    module, _, attribute = ENGINES[name].partition(":")
    engine: Engine = getattr(importlib.import_module(module), attribute)()
    return engine


def _problem(name: str) -> Exception | None:
    module, _, attribute = ENGINES[name].partition(":")
    try:
        getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as problem:
        return problem
    return None
