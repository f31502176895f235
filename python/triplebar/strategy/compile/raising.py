"""`raise` in the source of a handler: which values its message takes, and how it is put together of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final

from triplebar.strategy.compile.forbidden import is_allowed
from triplebar.strategy.compile.names import UNKNOWN, Names
from triplebar.strategy.compile.saying import Joined, Known, Recipe, Value, formatted

PLAIN: Final = (type(None), bool, int, float, str)
OF_TEXTS: Final = frozenset({*dir(str), *dir(list), *dir(dict)})
"""Methods that make texts, or belong to what compiled code does not have: their calls are shown as they are written."""


class Raising:
    """One `raise` of an exception that is made from values.

    >>> tree = ast.parse("def f(x): raise ValueError(f'bad {x:.1f}', 2)").body[0]
    >>> raising = Raising(tree.body[0].exc, ValueError, Names(tree))
    >>> raising.recipe.arguments[1], [ast.unparse(value) for value in raising.values]
    (Known(value=2), ['x'])
    """

    def __init__(self, call: ast.Call, kind: type[Exception], names: Names, file: str = "") -> None:
        """Take it apart."""
        self.names = names
        self.values: list[ast.expr] = []
        arguments = tuple(self._part(each) for each in call.args)
        keywords = tuple((str(each.arg), self._part(each.value)) for each in call.keywords)
        self.recipe = Recipe(kind, arguments, keywords, len(self.values), file, call.lineno)

    def _part(self, node: ast.expr) -> Known | Value | Joined:
        known, value = self._constant(node)
        if known:
            return Known(value)
        if isinstance(node, ast.JoinedStr):
            return Joined(tuple(self._joined(node)))
        return self._value(node) if self._can_be_told(node) else Known(ast.unparse(node))

    def _constant(self, node: ast.expr) -> tuple[bool, object]:
        found = self.names.value(node)
        if isinstance(found, PLAIN):
            return True, found
        try:
            return True, ast.literal_eval(node)
        except ValueError:
            return False, None

    def _joined(self, node: ast.JoinedStr) -> Iterator[str | Value]:
        for each in node.values:
            if isinstance(each, ast.Constant):
                yield str(each.value)
            elif isinstance(each, ast.FormattedValue):
                yield self._formatted(each)

    def _formatted(self, node: ast.FormattedValue) -> str | Value:
        conversion = "" if node.conversion < 0 else chr(node.conversion)
        wanted = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
        is_known = self._constant(node.value)[0] or self._can_be_told(node.value)
        if not is_known or not all(isinstance(each, ast.Constant) for each in wanted):
            return ast.unparse(ast.JoinedStr(values=[node]))[2:-1]
        shown = "".join(str(each.value) for each in wanted if isinstance(each, ast.Constant))
        known, value = self._constant(node.value)
        if known:
            return formatted(value, conversion, shown)
        return self._value(node.value, conversion, shown)

    def _value(self, node: ast.expr, conversion: str = "", shown: str = "") -> Value:
        self.values.append(node)
        return Value(len(self.values) - 1, ast.unparse(node), conversion, shown)

    def _can_be_told(self, node: ast.expr) -> bool:
        """Whether compiled code can work it out: it is no text that is put together, and nothing of another module."""
        return is_allowed(node, self.names) and all(map(self._is_simple, ast.walk(node)))

    def _is_simple(self, node: ast.AST) -> bool:
        match node:
            case ast.BinOp(left=left, right=right):
                return not any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in (left, right))
            case ast.Call(func=ast.Attribute(attr=name)):
                return name not in OF_TEXTS
            case ast.Attribute(attr=name):
                return not name.startswith("__")
            case ast.Name(id=name) if name not in self.names.own:
                found = self.names.value(node)
                return found is UNKNOWN or isinstance(found, PLAIN) or callable(found)
        return True


def raising_of(node: ast.Raise, names: Names, file: str) -> Raising | None:
    """What a `raise` says, if it takes values or keywords; None if Numba does it as it is written."""
    kind: Any = names.value(node.exc.func) if isinstance(node.exc, ast.Call) else None
    if not (isinstance(node.exc, ast.Call) and isinstance(kind, type) and issubclass(kind, Exception)):
        return None
    raising = Raising(node.exc, kind, names, file)
    return raising if raising.values or raising.recipe.keywords else None


Visit = Callable[[ast.expr], ast.expr]


def peeked(value: ast.expr, visit: Visit) -> ast.expr:
    """A value as it is worked out: an attribute may be one that compiled code does not have."""
    if not isinstance(value, ast.Attribute):
        return visit(value)
    arguments = [visit(value.value), ast.Constant(value=value.attr)]
    return ast.Call(func=ast.Name(id="__peek__", ctx=ast.Load()), args=arguments, keywords=[])
