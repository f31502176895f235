"""Constructs that have no place in compiled code, each with what to write instead."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any, Final, TypeGuard

from triplebar.strategy.compile.allowed import ALLOWED, instead_of, is_librarys
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.names import UNKNOWN, Names

NODES: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.JoinedStr: ("a text is built while the strategy runs", "give a text that stands in the code"),
    ast.Try: ("try ... except", "ask before you act, e.g. ctx.position(symbol) or order in ctx.open_orders()"),
    ast.With: ("with ...", "leave it out"),
    ast.Lambda: ("a lambda", "write a function, or a loop"),
    ast.FunctionDef: ("a function inside a function", "move it into the module or make it a method"),
    ast.ClassDef: ("a class inside a function", "move it into the module"),
    ast.ListComp: ("a list made while the strategy runs", "keep a NumPy array on self and fill it in a loop"),
    ast.SetComp: ("a set", "keep a bool for each symbol: dict.fromkeys(ctx.symbols, False)"),
    ast.DictComp: ("a dict made while the strategy runs", "make it in on_start and change its values in a loop"),
    ast.GeneratorExp: ("a generator", "write a loop"),
    ast.Dict: ("a dict made while the strategy runs", "make it in on_start and change its values"),
    ast.List: ("a list made while the strategy runs", "use a tuple, or keep a NumPy array on self"),
    ast.Set: ("a set", "keep a bool for each symbol: dict.fromkeys(ctx.symbols, False)"),
    ast.Await: ("await", "leave it out"),
    ast.Yield: ("yield", "leave it out"),
    ast.YieldFrom: ("yield from", "leave it out"),
    ast.Global: ("global", "keep it on self"),
    ast.Nonlocal: ("nonlocal", "keep it on self"),
    ast.Delete: ("del", "assign None"),
    ast.Import: ("import", "import at the top of the file"),
    ast.ImportFrom: ("import", "import at the top of the file"),
    ast.Starred: ("* in a call or tuple", "write the items one by one"),
    ast.NamedExpr: (":= in an expression", "assign in a line of its own before"),
    ast.Match: ("match", "write if ... elif"),
}
INT_MAX: Final = 2**63 - 1
LATER: Final = "keep the numbers in a NumPy array on self and {} them in on_stop, which runs in Python"
SAYS: Final = {
    "print": LATER.format("print"),
    "isinstance": "keep values of one kind",
    "getattr": "write the attribute's name",
    "setattr": "write the attribute's name",
    "hasattr": "begin the attribute in on_start",
    "sorted": "compare in a loop, or keep a NumPy array on self",
    "list": "use a tuple, or keep a NumPy array on self",
    "dict": "make it in on_start",
    "set": "keep a bool for each symbol: dict.fromkeys(ctx.symbols, False)",
    "str": "give a text that stands in the code",
    "repr": "give a text that stands in the code",
    "open": "read files before the run",
    "input": "leave it out",
    "super": "write super().name(...)",
    "sum": "add in a loop",
    "any": "write a loop",
    "all": "write a loop",
    "map": "write a loop",
    "filter": "write a loop",
}
BUILTINS: Final[dict[str, Any]] = {name: getattr(builtins, name) for name in SAYS}
"""As they are here; libraries may put others in their place, as Ray does with `print`."""


def refuse(tree: ast.FunctionDef, file: str, names: Names | None = None) -> None:
    """Refuse a function that uses any of it; `names` say what its names stand for.

    >>> refuse(ast.parse("def on_bar(self, ctx, bar): print(bar)").body[0], "cross.py")
    Traceback (most recent call last):
    triplebar.strategy.compile.errors.CompileError: cross.py, line 1, on_bar: print(...) cannot be compiled; \
keep the numbers in a NumPy array on self and print them in on_stop, which runs in Python
    """
    for node, what, instead in _found(tree, names or Names(tree)):
        line = getattr(node, "lineno", tree.lineno)
        raise CompileError(f"{what} cannot be compiled", where=f"{file}, line {line}, {tree.name}", fix=instead)


def _found(tree: ast.FunctionDef, names: Names) -> Iterator[tuple[ast.AST, str, str]]:
    if tree.args.vararg or tree.args.kwarg:
        yield tree, "*args or **kwargs", "name the arguments"
    if tree.args.kwonlyargs:
        yield tree, "an argument after *", "leave out the *"
    raised = {id(inner) for node in ast.walk(tree) for said in _said(node) for inner in ast.walk(said)}
    raised |= {id(node.func.value) for node in ast.walk(tree) if isinstance(node, ast.Call) and is_of_super(node.func)}
    for node in ast.walk(tree):
        if node is tree:
            continue
        if type(node) in NODES and id(node) not in raised:
            if isinstance(node, ast.List) and isinstance(node.ctx, ast.Store):
                continue
            what, instead = NODES[type(node)]
            yield node, what, instead
        if isinstance(node, ast.Call) and id(node) not in raised:
            yield from _found_call(node, names)
        if isinstance(node, ast.MatMult):
            yield tree, "@", "add in a loop: NumPy adds in an order of its own"
        if id(node) not in raised:
            yield from _found_value(node, names)
        if isinstance(node, ast.Raise):
            yield from _found_raise(node)


def is_allowed(node: ast.AST, names: Names) -> bool:
    """Whether compiled code may have an expression.

    >>> tree = ast.parse("def f(x): return str(x), x + 1").body[0]
    >>> [is_allowed(each, Names(tree)) for each in tree.body[0].value.elts]
    [False, True]
    """
    for each in ast.walk(node):
        called = _found_call(each, names) if isinstance(each, ast.Call) else ()
        if type(each) in NODES or next(iter(called), None) or next(_found_value(each, names), None):
            return False
    return True


def is_beyond(value: object) -> bool:
    """Whether it is a whole number that compiled code cannot hold.

    >>> is_beyond(2**63), is_beyond(2.0**63)
    (True, False)
    """
    return isinstance(value, int) and not -INT_MAX <= value <= INT_MAX


def _found_value(node: ast.AST, names: Names) -> Iterator[tuple[ast.AST, str, str]]:
    """Numbers that do not fit; `is` between anything but None, True and False: compiled values have no identity."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for place, operation in enumerate(node.ops):
            plain = any(_is_single(names.value(each)) for each in sides[place : place + 2])
            if isinstance(operation, (ast.Is, ast.IsNot)) and not plain:
                yield node, f"`{ast.unparse(node)}`", "compare with == or !="
    elif isinstance(node, (ast.Constant, ast.Name, ast.Attribute)) and is_beyond(names.value(node)):
        yield node, "a whole number beyond 64 bits", "write it as a float, e.g. 1e19"


def _is_single(value: object) -> bool:
    return value is None or isinstance(value, (bool, Enum))


def _found_raise(node: ast.Raise) -> Iterator[tuple[ast.AST, str, str]]:
    if node.exc is None:
        yield node, "raise without an exception", "say which one, e.g. raise ValueError(...)"
    if node.cause is not None and not (isinstance(node.cause, ast.Constant) and node.cause.value is None):
        yield node, "raise ... from ...", "leave out what follows from"
    call = node.exc if isinstance(node.exc, ast.Call) else None
    if call and (
        any(isinstance(each, ast.Starred) for each in call.args) or any(not each.arg for each in call.keywords)
    ):
        yield node, "* in what is raised", "write the arguments one by one"


def _said(node: ast.AST) -> list[ast.AST]:
    """What is said to people when the code fails: it is shown as it is written."""
    if isinstance(node, ast.Raise):
        return [node]
    return [node.msg] if isinstance(node, ast.Assert) and node.msg is not None else []


def is_of_super(node: ast.expr) -> TypeGuard[ast.Attribute]:
    """Whether it is `super().name`."""
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[], keywords=[])):
            return True
    return False


def is_log(node: ast.AST, names: Names) -> bool:
    """Whether it is `ctx.log(...)`, whatever the parameter is called."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="log"), args=[_]):
            return owner in names.parameters and owner != "self"
    return False


def _found_call(node: ast.Call, names: Names) -> Iterator[tuple[ast.AST, str, str]]:
    if any(keyword.arg is None for keyword in node.keywords):
        yield node, "**keywords", "write the keywords one by one"
    found = names.value(node.func)
    if found is UNKNOWN:
        return
    written = f"{ast.unparse(node.func)}(...)"
    said = next((name for name in SAYS if found is BUILTINS[name] or found is getattr(builtins, name)), None)
    if said is not None:
        yield node, written, SAYS[said]
    elif is_librarys(found) and not _is_among(found, ALLOWED):
        yield node, written, instead_of(found)


def _is_among(found: Any, those: Collection[Any]) -> bool:  # noqa: ANN401 - whatever a name stands for
    try:
        return found in those
    except TypeError:
        return False
