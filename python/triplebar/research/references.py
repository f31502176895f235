"""Strategies by reference: `path/to/file.py:Class`, a file with one strategy in it, or `package.module:Class`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from triplebar.contracts.errors import ConfigError, StrategyError
from triplebar.contracts.suggest import hint
from triplebar.strategy.base import Strategy
from triplebar.strategy.rules import Rule


def strategy_class(reference: str) -> type[Strategy]:
    """Find the strategy class that a text refers to.

    >>> strategy_class("no_such_file.py")
    Traceback (most recent call last):
    triplebar.contracts.errors.ConfigError: no_such_file.py: there is no such file; ...
    """
    place, _, name = reference.partition(":") if not _is_windows_path(reference) else reference.rpartition(":")
    if place.endswith(".py"):
        module = _from_file(Path(place))
    else:
        module, name = _from_module(place, name)
    return _named(module, name, reference) if name else _only(module, reference)


def swept(reference: str) -> Any:  # noqa: ANN401 - a class, a rule or a function
    """Find what a text refers to: a strategy class, a rule of signals, or a function that makes a strategy.

    >>> swept("triplebar.strategy.samples:BuyAndHold").__name__
    'BuyAndHold'
    """
    place, _, name = reference.partition(":") if not _is_windows_path(reference) else reference.rpartition(":")
    if not name:
        return strategy_class(reference)
    module = _from_file(Path(place)) if place.endswith(".py") else _from_module(place, name)[0]
    found = getattr(module, name, None)
    if isinstance(found, (Rule, FunctionType)):
        return found
    return _named(module, name, reference)


def _is_windows_path(reference: str) -> bool:
    return len(reference) > 2 and reference[1] == ":" and reference.count(":") > 1


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ConfigError("there is no such file", where=str(path), fix="give the path of a Python file")
    name = f"triplebar_strategy_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StrategyError("cannot be imported", where=str(path), fix="give the path of a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        del sys.modules[name]
        raise StrategyError(
            f"cannot be imported: {type(problem).__name__}: {problem}", where=str(path), fix="run it with python first"
        ) from problem
    return module


def _from_module(place: str, name: str) -> tuple[ModuleType, str]:
    """`package.module:Class`, `package.module.Class`, or `package.module` with one strategy."""
    try:
        return importlib.import_module(place), name
    except ImportError as problem:
        parent, _, last = place.rpartition(".")
        if name or not parent:
            raise _not_found(place, problem) from problem
        try:
            return importlib.import_module(parent), last
        except ImportError as deeper:
            raise _not_found(place, deeper) from deeper


def _not_found(place: str, problem: ImportError) -> ConfigError:
    return ConfigError(f"cannot be imported: {problem}", where=place, fix="write file.py:Class or package.module:Class")


def _own(module: ModuleType) -> dict[str, type[Strategy]]:
    """The strategies that a module defines itself."""
    return {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, Strategy) and each is not Strategy and not name.startswith("_")
    }


def _named(module: ModuleType, name: str, reference: str) -> type[Strategy]:
    found = getattr(module, name, None)
    if not isinstance(found, type) or not issubclass(found, Strategy):
        known = list(_own(module))
        fix = hint(name, known) or "write a class that derives from triplebar.Strategy"
        raise ConfigError(f"has no strategy {name!r}", where=reference.rpartition(":")[0] or reference, fix=fix)
    return found


def _only(module: ModuleType, reference: str) -> type[Strategy]:
    found = _own(module)
    own = {name: each for name, each in found.items() if each.__module__ == module.__name__} or found
    if len(own) == 1:
        return next(iter(own.values()))
    if not own:
        raise StrategyError(
            "has no strategy", where=reference, fix="write a class that derives from triplebar.Strategy"
        )
    fix = f"say which: {', '.join(f'{reference}:{name}' for name in sorted(own))}"
    raise ConfigError(f"has {len(own)} strategies", where=reference, fix=fix)
