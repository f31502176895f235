"""What a `for` goes over, as it is written."""

from __future__ import annotations

import ast
from typing import Final

from triplebar.strategy.compile.errors import CompileError

NATIVE: Final = frozenset({"range"})
"""What Numba goes over by itself."""


def sources_of(node: ast.For, file: str) -> tuple[list[ast.expr] | None, ast.expr | None]:
    """What a loop goes over: one thing, or several for `zip`; with a start for `enumerate`; nothing if Numba can."""
    call = node.iter
    name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
    if name in NATIVE:
        return None, None
    if name not in {"enumerate", "zip"} or not isinstance(call, ast.Call):
        return [call], None
    targets = node.target.elts if isinstance(node.target, (ast.Tuple, ast.List)) else []
    given = {each.arg: each.value for each in call.keywords}
    if name == "enumerate" and len(targets) == 2 and not given.keys() - {"start"} and call.args:
        starts = [*call.args[1:], *given.values(), ast.Constant(value=0)]
        return [call.args[0]], starts[0]
    if name == "zip" and len(targets) == len(call.args) > 1 and not given:
        return list(call.args), None
    instead = "for place, each in enumerate(over, start)" if name == "enumerate" else "for a, b in zip(one, other)"
    raise CompileError(
        f"this form of {name}(...) cannot be compiled",
        where=f"{file}, line {node.lineno}",
        fix=f"write {instead}",
    )
