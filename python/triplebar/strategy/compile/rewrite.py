"""From the source of a handler to a function that Numba understands.

Four things are written differently, everything else stays as it is, on the lines where it was: texts become constants
that compare as numbers; `self.name = value` becomes a call that checks the slot; `for` goes over places, so that it can
go over symbols, tables and lists of orders; functions of the strategy's own module are compiled with it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from contextlib import suppress
from types import FunctionType
from typing import Any, Final

import numpy as np

from triplebar.strategy.compile.allowed import PAIRS, REPLACED
from triplebar.strategy.compile.assigned import refuse_unset
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.forbidden import is_log, is_of_super, refuse
from triplebar.strategy.compile.loops import sources_of
from triplebar.strategy.compile.names import UNKNOWN, Names, next_method, outer_names
from triplebar.strategy.compile.raising import peeked, raising_of
from triplebar.strategy.compile.saying import Recipe
from triplebar.strategy.compile.source import Source
from triplebar.strategy.compile.texts import Text

BY_NAME: Final = frozenset({"buy", "sell", "target"})
"""What `ctx` takes two arguments of by place, the others by name."""
OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "__plus__",
    ast.Sub: "__minus__",
    ast.Mult: "__times__",
    ast.Pow: "__power__",
    ast.LShift: "__left__",
    ast.RShift: "__right__",
}
"""Operators that are functions of ours."""
IN_PLACE: Final[dict[type[ast.operator], str]] = {
    ast.Add: "__more__",
    ast.Sub: "__less__",
    ast.Mult: "__multiplied__",
}
"""Those that change an array itself: `+=` and the like."""
FORMS: Final[dict[tuple[str, int], tuple[str, bool]]] = {
    **{(name, 1): (name, True) for name in REPLACED.values()},
    **{(f"__math_{name}__", 1): ("", False) for name in PAIRS},
    **{(f"__math_{name}__", 2): (f"__math_{name}__", True) for name in PAIRS},
    ("__power__", 1): ("", False),
    ("__power__", 2): ("__power__", True),
    ("__math_log__", 2): ("__math_log_base__", True),
    ("__round__", 2): ("__round_to__", True),
}
"""The helper for a function with so many arguments."""


def rewritten(
    source: Source,
    compiled: Callable[[FunctionType], object],
    helpers: dict[str, Any],
    owners: tuple[type, ...] = (),
) -> FunctionType:
    """The function as Numba shall see it; `compiled` makes what it calls, `helpers` are what the new code calls.

    `owners` are the classes of the strategy and of the objects that it keeps: whose methods `super()` can be in.
    """
    tree = source.tree
    names = Names(tree, outer_names(source.function))
    refuse(tree, source.file, names)
    refuse_unset(tree, source.file)
    rewriter = _Rewriter(source.file, names, owners)
    body = rewriter.statements(_without_doc(tree.body))
    plain = ast.FunctionDef(
        name=tree.name,
        args=_plain_arguments(tree.args),
        body=body or [ast.Pass()],
        decorator_list=[],
        returns=None,
        type_comment=None,
        lineno=tree.lineno,
        col_offset=tree.col_offset,
    )
    if "type_params" in plain._fields:  # since Python 3.12
        setattr(plain, "type_params", [])  # noqa: B010 - not there in the oldest Python that we check types for
    module = _located(ast.Module(body=[plain], type_ignores=[]))
    methods = {name: compiled(method) for name, method in rewriter.methods.items()}
    visible = {
        **_visible(source.function, tree, compiled),
        **helpers,
        **rewriter.constants,
        **rewriter.recipes,
        **methods,
    }
    exec(compile(module, source.file, "exec"), visible)  # noqa: S102 - the user's own code, rearranged
    made: FunctionType = visible[tree.name]
    made.__defaults__ = tuple(_text(value) for value in source.function.__defaults__ or ())
    return made


def _located(module: ast.Module) -> ast.Module:
    """Every node on one line, that of the code it stands for: errors then name the user's line."""
    ast.fix_missing_locations(module)
    for node in ast.walk(module):
        if hasattr(node, "lineno"):
            node.end_lineno, node.end_col_offset = node.lineno, node.col_offset  # type: ignore[attr-defined]
    return module


def _text(value: object) -> object:
    return Text(value) if isinstance(value, str) else value


def _without_doc(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def _plain_arguments(arguments: ast.arguments) -> ast.arguments:
    """The arguments without annotations; the values of defaults are put back from the function itself."""
    names = [*arguments.posonlyargs, *arguments.args]
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=each.arg, lineno=each.lineno, col_offset=each.col_offset) for each in names],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[ast.Constant(value=None) for _ in arguments.defaults],
    )


def _visible(
    function: FunctionType, tree: ast.FunctionDef, compiled: Callable[[FunctionType], object]
) -> dict[str, Any]:
    """The globals and closure that the function uses; plain functions among them compiled."""
    closure = inspect.getclosurevars(function)
    local = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    found = {}
    for name, value in {**closure.globals, **closure.nonlocals}.items():
        if name in local:
            found[name] = compiled(value) if type(value) is FunctionType else _text(value)
    return found


class _Rewriter(ast.NodeTransformer):
    """Rewrites one function."""

    def __init__(self, file: str, names: Names, owners: tuple[type, ...]) -> None:
        self.file = file
        self.names = names
        self.owners = owners
        self.methods: dict[str, FunctionType] = {}
        """Methods of classes that are called as functions."""
        self.constants: dict[str, Text] = {}
        self.recipes: dict[str, Recipe] = {}
        """How exceptions are made."""
        self.loops = 0

    # ------------------------------------------------------------------------------------------------------- texts

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Every text becomes a named constant."""
        if not isinstance(node.value, str):
            return node
        name = f"__text_{len(self.constants)}__"
        self.constants[name] = Text(node.value)
        return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)

    def visit_Raise(self, node: ast.Raise) -> Any:  # noqa: ANN401 - one statement or several
        """The text is put together in Python, of values that are left there; what has none keeps its text."""
        node.cause = None  # None, which changes nothing of what is told
        raising = raising_of(node, self.names, self.file)
        if raising is not None and isinstance(node.exc, ast.Call):
            places = [self._name("said") for _ in raising.values]
            name = f"__recipe_{len(self.recipes)}__"
            self.recipes[name] = raising.recipe
            given = [
                _at(node, ast.Assign(targets=[_name(place, ast.Store())], value=peeked(value, self.visit)))
                for place, value in zip(places, raising.values, strict=True)
            ]
            values = ast.Tuple(elts=[_name(place) for place in places], ctx=ast.Load())
            node.exc = node.exc.func
            return [*given, _at(node, ast.Expr(value=_call("__fail__", _name(name), values))), node]
        if isinstance(node.exc, ast.Call):
            node.exc.args = [self._written(each) for each in node.exc.args]
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:  # noqa: ANN401 - one statement or several
        """So is the message of an assertion."""
        test = self.visit(node.test)
        if node.msg is None:
            node.test = test
            return node
        said = ast.copy_location(_call("AssertionError", node.msg), node)
        failure = _at(node, ast.Raise(exc=said, cause=None))
        fails = ast.UnaryOp(op=ast.Not(), operand=test)
        return _at(node, ast.If(test=fails, body=self.statements([failure]), orelse=[]))

    # ------------------------------------------------------------------------------------------------- assignments

    def visit_Assign(self, node: ast.Assign) -> Any:  # noqa: ANN401 - one statement or several
        """`self.a = value`, `self.a = self.b = value`, `self.a, b = value`."""
        value = self.visit(node.value)
        if not any(_stores(target) for target in node.targets):
            node.targets = [self.visit(target) for target in node.targets]
            node.value = value
            return node
        name = self._name("value")
        made: list[ast.stmt] = [_at(node, ast.Assign(targets=[_name(name, ast.Store())], value=value))]
        for target in node.targets:
            made += self._assign(target, _name(name), node)
        return made

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:  # noqa: ANN401 - one statement or several
        """Annotations are for readers."""
        if node.value is None:
            return _at(node, ast.Pass())
        return self.visit(_at(node, ast.Assign(targets=[node.target], value=node.value)))

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:  # noqa: ANN401 - one statement or several
        """`self.count += 1`."""
        if isinstance(node.target, ast.Attribute):
            return self._aug_attribute(node, node.target)
        if type(node.op) not in OPERATORS:
            node.value = self.visit(node.value)
            if isinstance(node.target, ast.Subscript):
                node.target = self.visit(node.target)
            return node
        before: list[ast.stmt] = []
        if isinstance(node.target, ast.Subscript):
            owner, before = self._once(node.target.value, node)
            place, more = self._once(node.target.slice, node)
            old: ast.expr = ast.Subscript(value=owner, slice=place, ctx=ast.Load())
            target: ast.expr = ast.Subscript(value=owner, slice=place, ctx=ast.Store())
            before += more
        else:
            old, target = ast.Name(id=node.target.id, ctx=ast.Load()), node.target
        value, name = self.visit(node.value), IN_PLACE.get(type(node.op))
        made = _binary(old, node.op, value) if name is None else _call(name, old, value)
        return [*before, _at(node, ast.Assign(targets=[target], value=made))]

    def _aug_attribute(self, node: ast.AugAssign, target: ast.Attribute) -> list[ast.stmt]:
        owner, before = self._once(target.value, node)
        old = ast.Attribute(value=owner, attr=target.attr, ctx=ast.Load())
        made = _binary(old, node.op, self.visit(node.value))
        return [*before, _at(node, ast.Expr(value=_call("__put__", owner, ast.Constant(value=target.attr), made)))]

    def _once(self, value: ast.expr, node: ast.stmt) -> tuple[ast.expr, list[ast.stmt]]:
        """Something to read as often as one likes, and what must be done before: the value is worked out once."""
        if isinstance(value, ast.Name):
            return value, []
        name = self._name("once")
        return _name(name), [_at(node, ast.Assign(targets=[_name(name, ast.Store())], value=self.visit(value)))]

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(target, (ast.Tuple, ast.List)) and _stores(target):
            fits = _call("__fits__", value, ast.Constant(value=len(target.elts)))
            made: list[ast.stmt] = [_at(node, ast.Expr(value=fits))]
            for place, each in enumerate(target.elts):
                item = ast.Subscript(value=value, slice=ast.Constant(value=place), ctx=ast.Load())
                made += self._assign(each, item, node)
            return made
        if isinstance(target, ast.Attribute):
            arguments = [self.visit(target.value), ast.Constant(value=target.attr), value]
            return [_at(node, ast.Expr(value=_call("__put__", *arguments)))]
        return [_at(node, ast.Assign(targets=[self.visit(target)], value=value))]

    def visit_Expr(self, node: ast.Expr) -> Any:  # noqa: ANN401 - one statement or several
        """`ctx.log(message, name=value)`: a call that begins the line, and one a field."""
        call = node.value
        if not (is_log(call, self.names) and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            node.value = self.visit(node.value)
            return node
        named = [each.arg for each in call.keywords if each.arg in {"message", "self"}]
        if named:
            raise CompileError(
                f"a field called {named[0]} cannot be logged",
                where=f"{self.file}, line {node.lineno}",
                fix="give it another name",
            )
        values = [(self.visit(ast.Constant(value=each.arg)), self.visit(each.value)) for each in call.keywords]
        places = [self._name("field") for _ in values]
        given = [
            _at(node, ast.Assign(targets=[_name(place, ast.Store())], value=value))
            for place, (_, value) in zip(places, values, strict=True)
        ]
        desk, count = self.visit(call.func.value), ast.Constant(value=len(values))
        lines = [_call("__note__", desk, self.visit(call.args[0]), count)]
        lines += [_call("__field__", desk, key, _name(place)) for place, (key, _) in zip(places, values, strict=True)]
        return [*given, *(_at(node, ast.Expr(value=line)) for line in lines)]

    # ------------------------------------------------------------------------------------------------------- loops

    def visit_For(self, node: ast.For) -> Any:  # noqa: ANN401 - several statements
        """Goes over places."""
        sources, counted = sources_of(node, self.file)
        if sources is None:
            taken, node.target = self._target(node)
            node.iter = self.visit(node.iter)
            node.body = [*taken, *self.statements(node.body)]
            node.orelse = self.statements(node.orelse)
            return node
        place = self._name("place")
        names = [self._name("over") for _ in sources]
        before: list[ast.stmt] = [
            _at(node, ast.Assign(targets=[_name(name, ast.Store())], value=_call("__over__", self.visit(each))))
            for name, each in zip(names, sources, strict=True)
        ]
        items: list[ast.expr] = [_call("__item__", _name(name), _name(place)) for name in names]
        if counted is not None:
            start, once = self._once(counted, node)
            before += once
            items.insert(0, ast.BinOp(left=_name(place), op=ast.Add(), right=start))
        first: list[ast.stmt] = []
        targets = (
            node.target.elts if len(items) > 1 and isinstance(node.target, (ast.Tuple, ast.List)) else [node.target]
        )
        for target, item in zip(targets, items, strict=True):
            first += self._assign(target, item, node)
        lengths = [_call("__count__", _name(name)) for name in names]
        length = lengths[0] if len(lengths) == 1 else _call("min", *lengths)
        loop = ast.For(
            target=_name(place, ast.Store()),
            iter=_call("range", length),
            body=first + self.statements(node.body),
            orelse=self.statements(node.orelse),
            type_comment=None,
        )
        return [*before, _at(node, loop)]

    def _target(self, node: ast.For) -> tuple[list[ast.stmt], ast.expr]:
        """A name for Numba to count with, and what gives its value to anything else."""
        if isinstance(node.target, ast.Name):
            return [], node.target
        name = self._name("each")
        return self._assign(node.target, _name(name), node), _name(name, ast.Store())

    def statements(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in statements:
            found = self.visit(statement)
            made += found if isinstance(found, list) else [found]
        return made

    # ------------------------------------------------------------------------------------------------------- others

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Attributes of attributes."""
        node.value = self.visit(node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Sums, products, powers and shifts are functions of ours, which raise what Python raises or cannot."""
        return ast.copy_location(_binary(self.visit(node.left), node.op, self.visit(node.right)), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`~` of a bool is something else in Numba."""
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Invert):
            return ast.copy_location(_call("__inverted__", operand), node)
        node.operand = operand
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """`==` and `!=` are functions of ours, which know None."""
        node.left = self.visit(node.left)
        node.comparators = [self.visit(each) for each in node.comparators]
        name = {ast.Eq: "__equal__", ast.NotEq: "__unequal__"}.get(type(node.ops[0])) if len(node.ops) == 1 else None
        return node if name is None else ast.copy_location(_call(name, node.left, *node.comparators), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Arguments may be texts; `len` and `bool` work on our own containers by themselves."""
        found = self.names.value(node.func)
        number = _number_of_text(found, node)
        if number is not None:
            return ast.copy_location(ast.Constant(value=number), node)
        name = REPLACED.get(found) if found.__hash__ is not None else None
        if name is not None:
            node.func = _name(self._form(name, node))
        elif is_of_super(node.func):
            node.args.insert(0, _name(self.names.parameters[0]))
            node.func = self._method(self._next(node.func))
        elif isinstance(node.func, ast.Attribute) and isinstance(self.names.value(node.func.value), type):
            node.func = self._method(found) if isinstance(found, FunctionType) else node.func
        elif isinstance(node.func, ast.Attribute) and found is UNKNOWN and hasattr(np.ndarray, node.func.attr):
            owned = _call("__owned__", self.visit(node.func.value), ast.Constant(value=node.func.attr))
            node.func = ast.Attribute(value=owned, attr=node.func.attr, ctx=ast.Load())
        else:
            node.func = self.visit(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in BY_NAME and len(node.args) > 2:
            node.func.value = _call("__by_name__", node.func.value)
        node.args = [self.visit(each) for each in node.args]
        if found is range:
            node.args = [_call("__counted__", each) for each in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return node

    def _next(self, called: ast.Attribute) -> FunctionType:
        found = next_method(self.names, called.attr, self.owners)
        if found is None:
            raise CompileError(
                f"{ast.unparse(called)}(...) cannot be compiled: no class has it, or which one depends on the object",
                where=f"{self.file}, line {called.lineno}",
                fix=f"call it by its class, e.g. Base.{called.attr}(self, ...)",
            )
        return found

    def _method(self, function: FunctionType) -> ast.expr:
        name = f"__method_{len(self.methods)}__"
        self.methods[name] = function
        return _name(name)

    def _form(self, name: str, node: ast.Call) -> str:
        """The helper for so many arguments, which are then given by place."""
        given = {each.arg: each.value for each in node.keywords}
        if name == "__round__" and given.keys() <= {"ndigits"}:
            node.args, node.keywords = [*node.args, *given.values()], []
        name, fits = FORMS.get((name, len(node.args)), (name, False))
        if node.keywords or not fits:
            raise CompileError(
                f"{ast.unparse(node)} cannot be compiled",
                where=f"{self.file}, line {node.lineno}",
                fix="give it the usual arguments, without names",
            )
        return name

    def _written(self, node: ast.expr) -> ast.expr:
        """A constant as it is, of everything else the source."""
        known = self.names.value(node)
        try:
            value = known if isinstance(known, (str, int, float)) else ast.literal_eval(node)
        except ValueError:
            source = ast.unparse(node)
            value = source[2:-1] if isinstance(node, ast.JoinedStr) else source
        return ast.copy_location(ast.Constant(value=value), node)

    def _name(self, what: str) -> str:
        self.loops += 1
        return f"__{what}_{self.loops}__"


def _number_of_text(found: object, node: ast.Call) -> float | None:
    """What `float("inf")` is."""
    if found is float and len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Constant):
        text = node.args[0].value
        with suppress(ValueError):
            return float(text) if isinstance(text, str) else None
    return None


def _binary(one: ast.expr, operator: ast.operator, other: ast.expr) -> ast.expr:
    name = OPERATORS.get(type(operator))
    return ast.BinOp(left=one, op=operator, right=other) if name is None else _call(name, one, other)


def _stores(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(_stores(each) for each in target.elts)
    return isinstance(target, ast.Attribute)


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(id=name, ctx=context or ast.Load())


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=_name(name), args=list(arguments), keywords=[])


def _at(node: ast.stmt, made: Any) -> Any:  # noqa: ANN401 - the same kind comes back
    return ast.copy_location(made, node)
