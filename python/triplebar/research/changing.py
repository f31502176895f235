"""What code changes outside of itself: variables of classes and modules that hold a state."""

from __future__ import annotations

import ast
import linecache
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Final

MUTATORS: Final = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "difference_update",
        "discard",
        "extend",
        "insert",
        "intersection_update",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "symmetric_difference_update",
        "update",
    }
)
"""Methods of lists, sets and dicts that change them."""
MAKERS: Final = ("__init__", "__post_init__", "__setstate__")
"""Methods that make an object what it is."""


@dataclass(frozen=True)
class Changed:
    """Names that some code changes for all who use them."""

    attributes: frozenset[str] = frozenset()
    """Of classes: those that are set on anything but `self`, and those whose content is changed."""
    variables: frozenset[str] = frozenset()
    """Of the module, or of the function around."""
    own: frozenset[str] = frozenset()
    """Of the object itself, after it was made."""

    def union(self, other: Changed) -> Changed:
        """The names of both."""
        return Changed(self.attributes | other.attributes, self.variables | other.variables, self.own | other.own)


@lru_cache(maxsize=512)
def changed_by(source: str) -> Changed:
    """The names that a function changes, by its text; none, if the text cannot be read.

    >>> found = changed_by("def on_bar(self, ctx, bar): Cross.seen += 1; self.last = bar; self.kept.append(bar)")
    >>> sorted(found.attributes)
    ['kept', 'seen']
    """
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:  # a lambda inside a call, or no text at all
        return Changed()
    name, me = _method(tree)
    outside = {name for node in ast.walk(tree) if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    local = _local(tree) - outside
    attributes, variables, own = set[str](), set[str](), set[str]()
    for place, whole in _changes(tree):
        if isinstance(place, ast.Attribute):
            mine = isinstance(place.value, ast.Name) and place.value.id == me
            if mine and name not in MAKERS:
                own.add(place.attr)
            if not (mine and whole):
                attributes.add(place.attr)
        elif isinstance(place, ast.Name) and place.id not in local:
            variables.add(place.id)
    return Changed(frozenset(attributes), frozenset(variables), frozenset(own))


def _method(tree: ast.Module) -> tuple[str, str | None]:
    """What a method is called, and what it calls its object; a class method has none."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            of_class = any(isinstance(each, ast.Name) and each.id == "classmethod" for each in node.decorator_list)
            arguments = [*node.args.posonlyargs, *node.args.args]
            return node.name, arguments[0].arg if arguments and not of_class else None
    return "", None


def _local(tree: ast.Module) -> set[str]:
    """The arguments and variables of a function."""
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _changes(tree: ast.Module) -> Iterator[tuple[ast.expr, bool]]:
    """Places that are written to: true if they get another value, false if what they hold is changed."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node, True
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.value, False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            yield node.func.value, False


def declared(name: str, code: CodeType, owner: type | None = None) -> str | None:
    """What the file of some code says a variable of the file is, or one of the class that the code stands in.

    As it is written; None if that is not to be found.

    >>> declared("MAKERS", changed_by.__wrapped__.__code__)
    "('__init__', '__post_init__', '__setstate__')"
    """
    tree = _tree("".join(linecache.getlines(code.co_filename)))
    body = tree.body
    if owner is not None:
        inside = (each for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and each.name == owner.__name__)
        line = code.co_firstlineno
        body = next((each.body for each in inside if each.lineno <= line <= (each.end_lineno or 0)), [])
    found = None
    for each in body:
        if not isinstance(each, (ast.Assign, ast.AnnAssign)) or each.value is None:
            continue
        targets = each.targets if isinstance(each, ast.Assign) else [each.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found = ast.unparse(each.value)
    return found


@lru_cache(maxsize=16)
def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:  # it was edited meanwhile
        return ast.Module([], [])
