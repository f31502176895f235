"""Engines by name, imported when they are asked for."""

from __future__ import annotations

import importlib
import importlib.util

from triplebar.contracts.errors import EngineNotAvailableError, UnknownEngineError
from triplebar.contracts.suggest import hint
from triplebar.engines.base import Engine
from triplebar.engines.places import ENGINES, GUESTS

__all__ = ["ENGINES", "GUESTS", "available_engines", "create_engine"]


def available_engines() -> tuple[str, ...]:
    """Give the names of the engines that can be used here.

    >>> "reference" in available_engines()
    True
    """
    return tuple(name for name in ENGINES if _problem(name) is None)


def create_engine(name: str, *, fidelity: str = "strict") -> Engine:
    """Make an engine; `EngineNotAvailableError` says which there are, or how to install it.

    `"nautilus@1.231"` is a guest in an environment that `triplebar engines add` has made, in a process of its own.
    `fidelity` is for guests: `strict` forces our conventions on them, `native` leaves them their own.

    >>> create_engine("refrence")
    Traceback (most recent call last):
    triplebar.contracts.errors.UnknownEngineError: engine 'refrence' is not known; did you mean 'reference'? ...
    """
    if "@" in name:
        return _elsewhere(name, fidelity)
    if name not in ENGINES:
        names = available_engines()
        fix = f"{hint(name, names)} (available: {', '.join(names)})"
        raise UnknownEngineError(f"engine {name!r} is not known", fix=fix)
    problem = _problem(name)
    if problem is not None:
        others = f"(available: {', '.join(available_engines())})"
        if name in GUESTS:
            raise EngineNotAvailableError(
                f"engine {name!r} needs a package that is not installed: {problem}",
                fix=f"pip install 'triplebar[{name}]' {others}",
            ) from problem
        fix = f"install triplebar from a wheel or build it with maturin {others}"
        raise EngineNotAvailableError(f"engine {name!r} cannot be loaded: {problem}", fix=fix) from problem
    module, _, attribute = ENGINES[name].partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    engine: Engine = kind(fidelity=fidelity) if name in GUESTS else kind()
    return engine


def _elsewhere(name: str, fidelity: str) -> Engine:
    from triplebar.engines.remote import EngineEnvironment, store

    engine, _, version = name.partition("@")
    found: Engine = EngineEnvironment(store.find(engine, version).python).engine(engine, fidelity=fidelity)
    return found


def _problem(name: str) -> Exception | None:
    if name in GUESTS and not _is_installed(GUESTS[name]):  # loading a guest takes its time, so look before
        return ImportError(f"No module named {GUESTS[name]!r}")
    module, _, attribute = ENGINES[name].partition(":")
    if name in GUESTS:
        return None
    try:
        getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as problem:
        return problem
    return None


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # what `sys.modules[package] = None` makes of it
        return False
