"""Load machine code into the process, next to the functions of the core that it calls."""

from __future__ import annotations

import ctypes
import pickle
import sys
from dataclasses import replace
from functools import cache
from typing import Any, Final

from triplebar._native import COMPILED_LAYOUT_VERSION, compiled_functions
from triplebar.strategy.compile import libm
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.program import Program
from triplebar.strategy.compile.saying import Recipe, UnsaidError, placed

_linked: Final[dict[Program, dict[str, int]]] = {}
_engines: Final[list[Any]] = []
"""Code that was loaded stays: nobody can know who still holds its address."""


@cache
def _machine() -> Any:  # noqa: ANN401 - llvmlite's
    """The machine that we are on, with the functions of the core known to the linker."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    for name, address in {**compiled_functions(), **libm.addresses()}.items():
        llvm.add_symbol(f"triplebar{COMPILED_LAYOUT_VERSION}_{name}", address)
    return llvm


def prepare() -> None:
    """Make the functions of the core known, before anything is compiled or linked."""
    _machine()


def link(program: Program) -> dict[str, int]:
    """The address of each handler."""
    if program not in _linked:
        _linked[program] = _addresses(program)
    return _linked[program]


def _addresses(program: Program) -> dict[str, int]:
    """Load a program into an engine of its own: another one may have functions of the same names."""
    llvm = _machine()
    if program.needs_numba:
        import numba  # noqa: F401 - its runtime is what the code calls
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    for code in program.objects:
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    addresses = {name: engine.get_function_address(symbol) for name, symbol in program.symbols.items()}
    if not all(addresses.values()):
        raise CompileError("a compiled handler was not found after linking", fix="remove the cache of compiled code")
    return addresses


def raised(address: int) -> Exception:
    """The exception that a handler raised, from the address that it left; `Compiled.said` makes it the user's."""
    if address == 0:
        return RuntimeError("the compiled handler stopped without a reason")
    pickled = ctypes.c_void_p.from_address(address).value or 0
    length = ctypes.c_int32.from_address(address + 8).value
    kind, arguments, place = pickle.loads(ctypes.string_at(pickled, length))  # noqa: S301 - written by our own code
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return RuntimeError(f"the compiled handler raised {kind!r}")
    kind = _known(kind)
    if arguments and isinstance(arguments[0], Recipe):
        return UnsaidError(replace(arguments[0], kind=kind), address)
    problem: Exception = kind(*(arguments or ()))
    return problem if place is None else placed(problem, place[1], place[2])


def _known(kind: type[Exception]) -> type[Exception]:
    """The class of that name: one of a script or a notebook, which another process has stored, comes as a copy."""
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else kind
