"""Which names have a value wherever they are read."""

import ast

import pytest

from triplebar.strategy.compile.assigned import refuse_unset
from triplebar.strategy.compile.errors import CompileError

KNOWN = (
    "if a: b = 1\nelse: b = 2\nreturn b",
    "if a: b = 1\nelif a > 1: b = 2\nelse: return 0\nreturn b",
    "if a: raise ValueError\nelse: b = 2\nreturn b",
    "for b in (1, 2): c = b\nreturn b + c",
    "for b in range(3):\n    c = b\nelse:\n    c = 2\nreturn c",
    "for b in range(3):\n    c = b\n    if c: break\nreturn c",
    "while True:\n    b = 1\n    if a: break\nreturn b",
    "b, (c, d) = a\nb += c + d\nreturn b",
    "b: int = 1\nassert b, b\nreturn b if a else abs(b)",
    "b = 1 if a else 2\nreturn a and b or len(b)",
    "while a: return 1\nreturn a",
)
UNSET = {
    "if a: b = 1\nreturn b": "b",
    "for b in a: c = 1\nreturn c": "c",
    "for b in a: pass\nreturn b": "b",
    "for b in (1, 2):\n    if a: continue\n    c = 1\nreturn c": "c",
    "for b in (1, 2):\n    if a: break\n    c = 1\nreturn c": "c",
    "while a: b = 1\nreturn b": "b",
    "while True:\n    if a: break\n    b = 1\nreturn b": "b",
    "b += 1": "b",
    "b: int\nreturn b": "b",
    "return b + a\nb = 1": "b",
    "a.x = b\nb = 1": "b",
    "if a:\n    b = 1\nelse:\n    for c in a: b = c\nreturn b": "b",
}


def function(body: str) -> ast.FunctionDef:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    tree = ast.parse(f"def f(a):\n{lines}").body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


@pytest.mark.parametrize("body", KNOWN)
def test_a_name_with_a_value_on_every_way_is_read(body: str) -> None:
    refuse_unset(function(body), "x.py")


@pytest.mark.parametrize("body", UNSET)
def test_a_name_without_one_on_some_way_is_refused(body: str) -> None:
    with pytest.raises(CompileError, match=f"f: {UNSET[body]} may be unset here"):
        refuse_unset(function(body), "x.py")
