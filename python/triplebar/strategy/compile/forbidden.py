"""Constructs that have no place in compiled code, each with what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from triplebar.strategy.compile.errors import CompileError

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
    ast.Match: ("match", "write if ... elif"),
}
LATER: Final = "keep the numbers in a NumPy array on self and {} them in on_stop, which runs in Python"
CALLS: Final = {
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
    "super": "call the method of the class by name",
    "sum": "add in a loop",
    "any": "write a loop",
    "all": "write a loop",
    "map": "write a loop",
    "filter": "write a loop",
}
METHODS: Final = {
    "append": "keep a NumPy array and a count on self, or an indicator",
    "extend": "keep a NumPy array and a count on self",
    "pop": "keep a NumPy array and a count on self",
    "format": "give a text that stands in the code",
    "instrument": "look instruments up in on_start and keep their numbers on self",
    "shuffle": "draw with ctx.random.integer",
    "choice": "draw a place with ctx.random.integer and use it",
}
ORDERED: Final = frozenset({"sum", "mean", "std", "var", "dot", "average", "nansum", "nanmean", "nanstd", "cumsum"})
"""What NumPy adds up in an order of its own: compiled code would add in another one, and the last bit would differ."""
WAVY: Final = frozenset({"exp", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "tanh", "power", "cbrt"})
"""What NumPy computes with routines of its own, whose last bit differs from those of `math`."""
NUMPY: Final = frozenset({"np", "numpy"})


def refuse(tree: ast.FunctionDef, file: str) -> None:
    """Refuse a function that uses any of it.

    >>> refuse(ast.parse("def on_bar(self, ctx, bar): print(bar)").body[0], "cross.py")
    Traceback (most recent call last):
    triplebar.strategy.compile.errors.CompileError: cross.py, line 1, on_bar: print(...) cannot be compiled; \
keep the numbers in a NumPy array on self and print them in on_stop, which runs in Python
    """
    for node, what, instead in _found(tree):
        line = getattr(node, "lineno", tree.lineno)
        raise CompileError(f"{what} cannot be compiled", where=f"{file}, line {line}, {tree.name}", fix=instead)


def _found(tree: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, str]]:
    if tree.args.vararg or tree.args.kwarg:
        yield tree, "*args or **kwargs", "name the arguments"
    if tree.args.kwonlyargs:
        yield tree, "an argument after *", "leave out the *"
    raised = {id(inner) for node in ast.walk(tree) for said in _said(node) for inner in ast.walk(said)}
    noted = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and is_log(node.value)}
    for node in ast.walk(tree):
        if node is tree:
            continue
        if type(node) in NODES and id(node) not in raised:
            if isinstance(node, ast.List) and isinstance(node.ctx, ast.Store):
                continue
            what, instead = NODES[type(node)]
            yield node, what, instead
        if isinstance(node, ast.Call) and id(node) not in raised:
            yield from _found_call(node, noted=id(node) in noted)
        if isinstance(node, ast.Attribute) and node.attr == "time":
            yield node, ".time (a datetime)", "use .time_ns, in nanoseconds since 1970"


def _said(node: ast.AST) -> list[ast.AST]:
    """What is said to people when the code fails: it is shown as it is written."""
    if isinstance(node, ast.Raise):
        return [node]
    return [node.msg] if isinstance(node, ast.Assert) and node.msg is not None else []


def is_log(node: ast.AST) -> bool:
    """Whether it is `ctx.log(...)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr="log")):
            return False
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr="log"), args=args):
            return len(args) == 1
    return False


def _found_call(node: ast.Call, *, noted: bool) -> Iterator[tuple[ast.AST, str, str]]:
    if any(keyword.arg is None for keyword in node.keywords):
        yield node, "**keywords", "write the keywords one by one"
    match node.func:
        case ast.Name(id=name) if name in CALLS:
            yield node, f"{name}(...)", CALLS[name]
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in NUMPY and name in WAVY:
            yield node, f"{module}.{name}(...)", f"use math.{name}, whose last bit is the same compiled and interpreted"
        case ast.Attribute(value=ast.Name(id=owner), attr="log") if owner != "math" and not noted:
            yield node, ".log(...) here", 'write ctx.log("a text", name=value) as a line of its own'
        case ast.Attribute(attr=name) if name in ORDERED:
            yield node, f".{name}(...)", "use an indicator, or add in a loop: NumPy adds in an order of its own"
        case ast.Attribute(attr=name) if name in METHODS:
            yield node, f".{name}(...)", METHODS[name]
