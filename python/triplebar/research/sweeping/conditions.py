"""Conditions on parameter sets: `lambda p: p["fast"] < p["slow"]`, or the text `"fast < slow"`.

A condition is asked for a block of sets at once, with arrays in the place of values; one that cannot answer so (it
says `and`, or calls a function of numbers) is asked set by set. Nothing is written out for the whole space.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.different import different
from triplebar.contracts.errors import ConfigError, ParameterError
from triplebar.contracts.sets import Sets
from triplebar.contracts.suggest import hint

Given = Callable[[Mapping[str, Any]], Any]
Flags = npt.NDArray[np.bool_]
CHECKED: Final = 8
"""So many sets of a block are asked alone too: an answer by arrays that differs from theirs is not used."""

UNARY: Final[Mapping[type, Callable[[Any], Any]]] = {ast.USub: operator.neg, ast.Not: np.logical_not}
BINARY: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
COMPARING: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Text:
    """A condition that was written as a text; it can be sent anywhere, and is what it says.

    >>> condition = Text("2 * fast < slow and slow <= 50", ["fast", "slow"])
    >>> bool(condition({"fast": 5, "slow": 20})), bool(condition({"fast": 5, "slow": 60}))
    (True, False)
    """

    def __init__(self, text: str, names: list[str]) -> None:
        """Read it; numbers, texts, names of parameters, arithmetic, comparisons, `and`, `or` and `not` are known."""
        self.text = text
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError) as problem:
            told = getattr(problem, "msg", problem)
            raise ConfigError.of("where", text, f"is no condition: {told}", fix="write 'fast < slow'") from None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id not in names:
                raise ConfigError.of("where", text, f"there is no parameter {node.id!r}", fix=hint(node.id, names))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and not _is_known(node):
                fix = "use names, numbers, + - * / // % **, comparisons, and, or, not"
                raise ConfigError.of("where", text, f"{ast.unparse(node)} is not understood", fix=fix)

    def __call__(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - truth values, one or many
        """Whether it holds."""
        with np.errstate(all="ignore"):
            return self._value(self.tree, values)

    def _value(self, node: ast.expr, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of any kind
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return values[node.id]
            case ast.UnaryOp():
                return UNARY[type(node.op)](self._value(node.operand, values))
            case ast.BinOp():
                return BINARY[type(node.op)](self._value(node.left, values), self._value(node.right, values))
            case ast.BoolOp():
                return self._joined(node, values)
            case ast.Compare():
                return self._compared(node, values)
        raise TypeError(node)

    def _joined(self, node: ast.BoolOp, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - truth values
        """Join truth values with `and` or `or`; of a single set, what does not matter any more is not looked at."""
        both = isinstance(node.op, ast.And)
        found: list[Any] = []
        for each in node.values:
            found.append(self._value(each, values))
            if not isinstance(found[-1], np.ndarray) and bool(found[-1]) is not both:
                return not both
        return (np.logical_and if both else np.logical_or).reduce(found)

    def _compared(self, node: ast.Compare, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - truth values
        terms = [self._value(each, values) for each in (node.left, *node.comparators)]
        pairs = zip(node.ops, terms, terms[1:], strict=False)
        return np.logical_and.reduce([COMPARING[type(how)](left, right) for how, left, right in pairs])


def _is_known(node: ast.expr) -> bool:
    """Whether a part of a condition is one that can be computed."""
    match node:
        case ast.Constant():
            return isinstance(node.value, (bool, int, float, str))
        case ast.UnaryOp():
            return type(node.op) in UNARY
        case ast.BinOp():
            return type(node.op) in BINARY
        case ast.Compare():
            return all(type(each) in COMPARING for each in node.ops)
    return isinstance(node, (ast.Name, ast.BoolOp))


def condition_of(given: object, names: list[str]) -> Given | None:
    """Take a function, or read a text."""
    if given is None or callable(given):
        return given
    if isinstance(given, str):
        return Text(given, names)
    fix = "give a function of the parameters, or a text such as 'fast < slow'"
    raise ConfigError.of("where", given, "is no condition", fix=fix)


def holds(condition: Given, sets: Sets) -> Flags:
    """For which of the sets a condition holds.

    >>> from triplebar.research.sweeping.space import grid
    >>> sets = grid({"fast": [1, 2], "slow": [1, 2]}).sets(range(4))
    >>> holds(lambda p: p["fast"] < p["slow"], sets).tolist()
    [False, True, False, False]
    """
    if not len(sets):
        return np.zeros(0, dtype=np.bool_)
    found = _at_once(condition, sets)
    if found is not None:
        places = different(np.linspace(0, len(sets) - 1, CHECKED).astype(np.int64)).tolist()
        if all(found[place] == _alone(condition, sets, place) for place in places):
            return found
    return np.array([_alone(condition, sets, place) for place in range(len(sets))], dtype=np.bool_)


def _at_once(condition: Given, sets: Sets) -> Flags | None:
    try:
        found = condition({name: values.plain() for name, values in sets.columns.items()})
    except Exception:  # noqa: BLE001 - it is asked set by set then, and what is wrong is said there
        return None
    fits = isinstance(found, np.ndarray) and found.dtype == np.bool_ and found.shape == (len(sets),)
    return found if fits else None


def _alone(condition: Given, sets: Sets, place: int) -> bool:
    values = sets[place]
    try:
        return bool(condition(values))
    except Exception as problem:
        where = f"set {int(sets.numbers[place])}, {values}"
        raise ParameterError(f"the condition raised {type(problem).__name__}: {problem}", where=where) from problem
