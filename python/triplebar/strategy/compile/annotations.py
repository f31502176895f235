"""What the sources of a class say about the kinds of its attributes."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Final

from triplebar.strategy.compile.slots import Many, Maybe, Real, Row, Slot, Table, Truth, Whole, Word

SIMPLE: Final = {"int": Whole(), "float": Real(), "bool": Truth(), "str": Word()}
_known: dict[type, dict[str, Slot]] = {}


def annotations_of(owner: type) -> dict[str, Slot]:
    """The slots that a class and its bases annotate.

    >>> annotations_of(int)
    {}
    """
    if owner not in _known:
        _known[owner] = annotated_slots(_trees(owner))
    return _known[owner]


def _trees(owner: type) -> list[ast.AST]:
    """The sources of a class and its bases, as far as they can be read."""
    found: list[ast.AST] = []
    for each in owner.__mro__:
        if each is object or each.__module__ == "triplebar.strategy.base":
            continue
        try:
            found.append(ast.parse(textwrap.dedent(inspect.getsource(each))))
        except (OSError, TypeError, SyntaxError):
            continue
    return found


def annotated_slots(trees: list[ast.AST]) -> dict[str, Slot]:
    """What `self.name: kind = ...` says in the sources of a class.

    >>> annotated_slots([ast.parse("self.stop: float | None = None")])
    {'stop': Maybe(inner=Real())}
    """
    found = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, (ast.Attribute, ast.Name)):
                name = node.target.attr if isinstance(node.target, ast.Attribute) else node.target.id
                slot = _of_annotation(node.annotation)
                if slot is not None:
                    found[name] = slot
    return found


def _of_annotation(node: ast.expr) -> Slot | None:  # noqa: PLR0911 - one arm a form
    match node:
        case ast.Constant(value=str(text)):
            return _of_annotation(ast.parse(text, mode="eval").body)
        case ast.Name(id=name):
            return SIMPLE.get(name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            inner = _of_annotation(left)
            return None if inner is None else Maybe(inner)
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[item, ast.Constant(value=end)])):
            inner = _of_annotation(item)
            return Many(inner) if end is ... and inner is not None else None
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, item])):
            return _holding(Table, item)
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return _holding(Row, item)
    return None


def _holding(kind: type[Table | Row], item: ast.expr) -> Slot | None:
    inner = _of_annotation(item)
    return None if inner is None else kind(inner)
