"""The specification stays short, plain, and independent of what it specifies."""

import ast
from pathlib import Path

import pytest

from triplebar.engines.reference import engine

FOLDER = Path(engine.__file__).parent
LINES_MOST = 500


def imported(source: str) -> set[str]:
    """The top-level names of all modules that a source imports, and `triplebar._native` in full."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return {name if name.startswith("triplebar._native") else name.partition(".")[0] for name in found}


def foreign(source: str) -> set[str]:
    """What the engine may not lean on: the Rust core, and arrays where plain integers do."""
    return {name for name in imported(source) if name.startswith("triplebar._native") or name == "numpy"}


@pytest.mark.feature("F-070")
def test_the_reference_engine_is_plain_python() -> None:
    sources = {path.name: path.read_text() for path in FOLDER.glob("*.py")}
    assert len(sources) > 10
    assert {name: foreign(text) for name, text in sources.items() if foreign(text)} == {}
    assert len(sources["engine.py"].splitlines()) < LINES_MOST


def test_the_guard_notices_a_foreign_import() -> None:
    assert foreign("from triplebar import _native\nimport numpy as np") == {"triplebar._native", "numpy"}
    assert foreign("import math") == set()
