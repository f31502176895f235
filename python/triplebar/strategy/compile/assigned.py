"""Whether every name has a value where it is read: compiled code would read whatever was there."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from triplebar.strategy.compile.errors import CompileError

Known = frozenset[str] | None
"""The names that have a value for sure; None where the code never comes."""


def refuse_unset(tree: ast.FunctionDef, file: str) -> None:
    r"""Refuse a function that may read a name that has no value yet.

    >>> refuse_unset(ast.parse("def f(a):\n if a: b = 1\n return b").body[0], "x.py")
    Traceback (most recent call last):
    triplebar.strategy.compile.errors.CompileError: x.py, line 3, f: b may be unset here; give it a value before
    """
    arguments = [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]
    _Flow(tree, file).block(tree.body, frozenset(each.arg for each in arguments))


class _Flow:
    """Goes through one function."""

    def __init__(self, tree: ast.FunctionDef, file: str) -> None:
        self.where: Final = f"{file}, line {{}}, {tree.name}"
        self.own: Final = {
            each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        self.leaving: list[Known] = []
        """What is known where the loop at hand is left by `break`."""
        self.skipping: list[Known] = []
        """And where `continue` skips the rest of a round."""

    def block(self, statements: Iterable[ast.stmt], known: Known) -> Known:
        for statement in statements:
            if known is None:
                return None
            known = self.statement(statement, known)
        return known

    def statement(self, node: ast.stmt, known: frozenset[str]) -> Known:  # noqa: PLR0911 - one arm a kind
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                known = self.read(test, known)
                return _both(self.block(body, known), self.block(orelse, known))
            case ast.While():
                return self.loop(node, self.read(node.test, known), ends=not _is_true(node.test))
            case ast.For():
                return self.over(node, self.read(node.iter, known))
            case ast.Return() | ast.Raise():
                self.read(node, known)
                return None
            case ast.Break():
                self.leaving.append(known)
                return None
            case ast.Continue():
                self.skipping.append(known)
                return None
            case ast.AugAssign(target=ast.Name(id=name)):
                self.refuse_unless(name, node, known)
            case ast.Assert(test=test):
                return self.read(test, known)
        return self.read(node, known)

    def over(self, node: ast.For, known: frozenset[str]) -> Known:
        targets = frozenset(each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))
        once = _goes_once(node.iter)
        return self.loop(node, known, inside=known | targets, once=once)

    def loop(
        self,
        node: ast.For | ast.While,
        known: frozenset[str],
        *,
        inside: frozenset[str] | None = None,
        ends: bool = True,
        once: bool = False,
    ) -> Known:
        """The body may never run, unless it is known to; what it gives a value to has none after it."""
        outside = self.leaving, self.skipping
        self.leaving, self.skipping = [], []
        done = self.block(node.body, known if inside is None else inside)
        for each in self.skipping:
            done = _both(done, each)
        left = self.leaving
        self.leaving, self.skipping = outside
        after: Known = None
        if ends:
            after = self.block(node.orelse, done if once and done is not None else known)
        for each in left:
            after = _both(after, each)
        return after

    def read(self, node: ast.AST, known: frozenset[str]) -> frozenset[str]:  # noqa: PLR0911 - one arm a kind
        """Every name that is read has a value; what is given one is known from then on."""
        match node:
            case ast.BoolOp(values=[first, *others]):
                after = self.read(first, known)
                seen = after
                for each in others:
                    seen = self.read(each, seen)
                return after
            case ast.IfExp(test=test, body=body, orelse=orelse):
                known = self.read(test, known)
                return self.read(body, known) & self.read(orelse, known)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                return self.read(value, known) | {name}
            case ast.Assign(targets=targets, value=value):
                known = self.read(value, known)
                for target in targets:
                    known = self.read(target, known)
                return known
            case ast.AnnAssign(target=target, value=value):
                return known if value is None else self.read(target, self.read(value, known))
            case ast.Name(id=name, ctx=ast.Store()):
                return known | {name}
            case ast.Name(id=name):
                self.refuse_unless(name, node, known)
                return known
        for child in ast.iter_child_nodes(node):
            known = self.read(child, known)
        return known

    def refuse_unless(self, name: str, node: ast.AST, known: frozenset[str]) -> None:
        if name in self.own and name not in known:
            where = self.where.format(getattr(node, "lineno", 0))
            raise CompileError(f"{name} may be unset here", where=where, fix="give it a value before")


def _both(one: Known, other: Known) -> Known:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _goes_once(over: ast.expr) -> bool:
    """Whether a loop runs at least once, as far as one can see."""
    match over:
        case ast.Tuple(elts=[_, *_]):
            return True
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            return count > 0
    return False
