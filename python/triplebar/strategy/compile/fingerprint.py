"""What decides the machine code of a strategy: sources, constants, kinds of attributes, versions and processor."""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from importlib.metadata import version
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from triplebar._native import COMPILED_LAYOUT_VERSION, compiled_gauges
from triplebar.strategy.compile.slots import Thing, all_slots

CODE_VERSION: Final = 9
"""Changes whenever the compiler makes other code of the same source."""
_sources: dict[CodeType, str] = {}


def fingerprint(strategy: type, layout: Thing, handlers: tuple[str, ...]) -> str:
    """The name of the machine code in the cache: 64 hexadecimal digits.

    Every function that handlers call is followed, in whatever module it is, up to libraries.

    >>> class Quiet:
    ...     def on_bar(self, ctx, bar): ...
    >>> layout = Thing("Quiet", ())
    >>> fingerprint(Quiet, layout, ("on_bar",)) == fingerprint(Quiet, layout, ("on_bar",))
    True
    """
    sha = hashlib.sha256(f"{CODE_VERSION} {COMPILED_LAYOUT_VERSION} {_machine()} {handlers} {layout!r}".encode())
    seen: dict[object, None] = {}
    for owner in (strategy, *_owners(layout)):
        for each in owner.__mro__:
            for name, value in sorted(vars(each).items()):
                if isinstance(value, FunctionType) and each.__module__ != "triplebar.strategy.base":
                    _follow(name, value, seen, sha)
    return sha.hexdigest()


@cache
def _machine() -> str:
    import platform

    import llvmlite.binding as llvm

    versions = [version(name) for name in ("numba", "llvmlite", "numpy")]
    features = llvm.get_host_cpu_features().flatten()
    machine = f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {features}"
    return f"{platform.python_version()} {versions} {compiled_gauges()} {machine}"


def _owners(layout: Thing) -> list[type]:
    from triplebar.strategy.compile.owners import owner_of

    return [owner_of(slot.owner) for slot in all_slots(layout) if isinstance(slot, Thing) and slot is not layout]


def _source(function: FunctionType) -> str:
    """The text of a function, read once: a sweep asks for it with every set."""
    found = _sources.get(function.__code__)
    if found is None:
        try:
            found = inspect.getsource(function)
        except (OSError, TypeError):
            found = function.__code__.co_code.hex()
        _sources[function.__code__] = found
    return found


def _follow(name: str, value: Any, seen: dict[object, None], sha: Any) -> None:  # noqa: ANN401 - whatever a name stands for
    if isinstance(value, FunctionType):
        if value in seen:
            return
        seen[value] = None
        wrapped = hasattr(value, "__wrapped__")
        sha.update(f"def {name} {value.__defaults__!r} {value.__kwdefaults__!r} {wrapped}\n{_source(value)}".encode())
        try:
            used = inspect.getclosurevars(value)
        except (TypeError, ValueError):
            return
        for each, found in sorted({**used.globals, **used.nonlocals}.items()):
            _follow(each, found, seen, sha)
    elif isinstance(value, ModuleType):
        sha.update(f"{name} = module {value.__name__}".encode())
    else:
        sha.update(f"{name} = {value!r}".encode() if type(value) in (bool, int, float, str, tuple) else name.encode())
