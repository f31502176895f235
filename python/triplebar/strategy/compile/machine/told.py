"""What Numba refuses, told as the user wrote it: the line of the source, and what is known about why."""

from __future__ import annotations

import ast
import linecache
import re
from typing import Final

from numba.core.errors import NumbaError

from triplebar.strategy.compile.errors import MARK, CompileError, failed

PLACE: Final = re.compile(r"(?:at |File \"?)([^\s\"]+\.py)\"?(?:, line | \()(\d+)")
USUAL: Final = "write it with numbers, arrays, indicators and ctx (see docs/how-to/compile.md), or run it interpreted"
TELLING: Final = ("unexpected keyword", "missing a required", "too many positional", "Untyped global")
UNKNOWN: Final = re.compile(r"Unknown attribute '(\w+)'")
BODIES: Final = (ast.If, ast.For, ast.While, ast.FunctionDef)
HINTS: Final = (
    ("Tuple(", "a tuple has no names in compiled code, also if it is a named one: take its items by place"),
    ("slice<", "take the items by place, in a loop"),
    ("unicode_type", "texts are compared and passed on, but not taken apart"),
)
"""What Numba's words point at, and what to write."""


def told(problem: NumbaError, owner: type) -> CompileError:
    """The line of the user's code, and the essence of what Numba says."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    file, line = _place(lines)
    function, source = _source(file, line)
    where = owner.__name__ if not file else f"{file}, line {line}" + (f", {function}" if function else "")
    marked = next((each[each.index(MARK) + len(MARK) :] for each in lines if MARK in each), None)
    if marked is not None:
        what, _, instead = marked.partition("; ")
        return CompileError(what, where=where, fix=instead or USUAL)
    what = f"`{source}` does not compile" if source else "it does not compile"
    telling = next((said for each in lines if (said := _essence(each))), None)
    about = [each for each in lines if UNKNOWN.search(each)] or lines
    hint = next((hint for word, hint in HINTS if any(word in each for each in about)), USUAL)
    return CompileError(f"{what}: {telling}" if telling else what, where=where, fix=hint)


def unfinished(problem: Exception, where: str) -> CompileError:
    """What is told when the compiler itself fails: Numba knows the types of something, say, and not how it is done."""
    if any("static_getitem(OptionalType" in str(each) for each in (problem, problem.__context__)):
        what = "an item of a tuple that may be None cannot be compiled"
        return CompileError(what, where=where, fix="take it apart: one, other = it")
    return failed(problem, where)


def _essence(line: str) -> str | None:
    """What a line of Numba's says to a user, if it does."""
    unknown = UNKNOWN.search(line)
    if unknown:
        return f".{unknown.group(1)} is not known in compiled code"
    return line if any(each in line for each in TELLING) and "Thing(" not in line else None


def _place(lines: list[str]) -> tuple[str, int]:
    """The innermost line outside of the compiler."""
    found = (match.groups() for line in lines for match in PLACE.finditer(line))
    for path, number in found:
        if "triplebar/strategy/compile/" not in path and "numba/" not in path:
            return _whole_path(path), int(number)
    return "", 0


def _whole_path(path: str) -> str:
    """Numba shortens paths; the file is the one that was compiled."""
    known = (name for name in linecache.cache if name.endswith(path.replace("../", "")))
    return next(known, path) if path.startswith("..") else path


def _source(file: str, line: int) -> tuple[str, str]:
    """The function that a line is in, and the line's statement without its body."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return "", ""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    functions = [node.name for node in around if isinstance(node, ast.FunctionDef)]
    if not around:
        return "", ""
    inner = max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)))
    if isinstance(inner, BODIES):
        inner.body = []
        if not isinstance(inner, ast.FunctionDef):
            inner.orelse = []
    return functions[-1] if functions else "", ast.unparse(inner).splitlines()[0].rstrip(":")
