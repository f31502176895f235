"""What decides the machine code of a strategy: sources, constants, kinds of attributes, versions and processor."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

from triplebar._native import COMPILED_LAYOUT_VERSION, compiled_gauges
from triplebar.contracts import codes, random
from triplebar.strategy.compile.outside import outside, python_function, told
from triplebar.strategy.compile.slots import Thing, all_slots
from triplebar.strategy.compile.surroundings import Surroundings

COMPILER: Final = Path(__file__).parent
_sources: dict[CodeType, str] = {}


def fingerprint(
    strategy: type, layout: Thing, handlers: tuple[str, ...], surroundings: Surroundings | None = None
) -> str:
    """The name of the machine code in the cache: 64 hexadecimal digits.

    Every function that handlers call is followed, in whatever module it is, up to libraries; what they take from
    outside is written into `surroundings`.

    >>> class Quiet:
    ...     def on_bar(self, ctx, bar): ...
    >>> layout = Thing("Quiet", ())
    >>> fingerprint(Quiet, layout, ("on_bar",)) == fingerprint(Quiet, layout, ("on_bar",))
    True
    """
    sha = hashlib.sha256(f"{compiler()} {COMPILED_LAYOUT_VERSION} {_machine()} {handlers} {layout!r}".encode())
    reader = _Reader([strategy, *_owners(layout)], sha.update, surroundings or Surroundings())
    for name in handlers:
        reader.follow(name, getattr(strategy, name))
    return sha.hexdigest()


@cache
def compiler() -> str:
    """What may make other machine code of the same source: the compiler's files, and those whose numbers it takes."""
    sha = hashlib.sha256()
    for file in (*sorted(COMPILER.rglob("*.py")), *(Path(str(each.__file__)) for each in (codes, random))):
        sha.update(file.read_bytes())
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


class _Reader:
    """Goes from functions to all that they call and name."""

    def __init__(self, owners: list[type], write: Callable[[bytes], None], surroundings: Surroundings) -> None:
        self.write = write
        self.surroundings = surroundings
        self.seen: set[FunctionType] = set()
        self.methods: dict[str, list[FunctionType]] = {}
        for each in dict.fromkeys(each for owner in owners for each in owner.__mro__):
            for name, value in vars(each).items():
                if isinstance(value, FunctionType) and each.__module__ != "triplebar.strategy.base":
                    self.methods.setdefault(name, []).append(value)

    def follow(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever a name stands for
        """Write down what a name stands for."""
        function = python_function(value)
        if function is None:
            self.write(f"{name} = {told(value) or type(value)}\n".encode())
        else:
            options = getattr(value, "targetoptions", hasattr(function, "__wrapped__"))
            self.write(f"{name} = def {function.__qualname__} {options}\n".encode())
            self._read(function)

    def _read(self, function: FunctionType) -> None:
        if function in self.seen:
            return
        self.seen.add(function)
        code = function.__code__
        # The code knows its lines, for what it says when it fails.
        self.write(f"{code.co_filename} {code.co_firstlineno} {_source(function)}".encode())
        for place, value in enumerate(function.__defaults__ or ()):
            self.follow(f"argument {place}", value)
        for name, value in sorted((function.__kwdefaults__ or {}).items()):
            self.follow(f"argument {name}", value)
        found = list(outside(function))
        self.surroundings.take(function, found)
        for name, value, _ in found:
            self.follow(name, value)
        for name in _names(function.__code__):
            for method in self.methods.get(name, ()):
                self.follow(f"method {name}", method)


def _names(code: CodeType) -> tuple[str, ...]:
    """Every name in a function: one of them may be that of a method."""
    inner = [name for each in code.co_consts if isinstance(each, CodeType) for name in _names(each)]
    return (*code.co_names, *inner)
