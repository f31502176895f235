"""The source of a function that is compiled: its syntax tree, and where it stands."""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import FunctionType

from triplebar.strategy.compile.errors import CompileError


class Source:
    """A function's syntax tree, with where it stands.

    >>> def twice(x):
    ...     return 2 * x
    >>> Source(twice).tree.name
    'twice'
    """

    def __init__(self, function: FunctionType) -> None:
        """Read and parse it."""
        self.function = function
        self.file = inspect.getsourcefile(function) or function.__code__.co_filename
        if hasattr(function, "__wrapped__"):
            raise self._decorated(function.__code__.co_firstlineno)
        try:
            lines, first = inspect.getsourcelines(function)
            parsed = ast.parse(textwrap.dedent("".join(lines)))
        except (OSError, SyntaxError, TypeError) as problem:
            raise CompileError(
                "its source cannot be read, so it cannot be compiled",
                where=function.__qualname__,
                fix="keep the strategy in a file, or run it interpreted",
            ) from problem
        ast.increment_lineno(parsed, first - 1)
        tree = parsed.body[0]
        if not isinstance(tree, ast.FunctionDef):
            raise CompileError(
                "only plain functions can be compiled",
                where=f"{self.file}, line {first}",
                fix="write it with def",
            )
        if tree.decorator_list:
            raise self._decorated(tree.lineno)
        self.tree = tree

    def _decorated(self, line: int) -> CompileError:
        return CompileError(
            "a decorated function cannot be compiled",
            where=f"{self.file}, line {line}, {self.function.__name__}",
            fix="write what the decorator does into the function",
        )
