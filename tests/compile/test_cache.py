"""What was compiled once is taken again, and never for another program."""

import hashlib
import linecache
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from triplebar.strategy.compile import cache, fingerprint, program_for

MARKET = tb.Market.synthetic(bars=30, seed=4)

SOURCE = """
import sys, triplebar as tb
MARKET = tb.Market.synthetic(bars=30, seed=4)

def make(q):
    class S(tb.Strategy):
        def on_bar(self, ctx, bar):
            if bar.index == 3:
                ctx.buy(bar.symbol, q)
    return S

for q in map(int, sys.argv[1:]):
    print(tb.run(make(q)(), MARKET, mode="compiled").orders["quantity"].to_pylist())
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIPLEBAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "two.py"
    path.write_text(SOURCE)
    return path


def test_programs_of_two_processes_do_not_take_each_others_code(script: Path) -> None:
    def said(*arguments: str) -> list[str]:
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]

    assert said("1") == ["[1.0]"]
    assert said("2") == ["[2.0]"]
    assert said("1", "2") == ["[1.0]", "[2.0]"]


CELL = """
import triplebar as tb

class Box:
    def size(self): return {q}

class Boxes(tb.Strategy):
    def on_start(self, ctx):
        self.box, self.row = Box(), [Box()]
        self.boxes = {{symbol: Box() for symbol in ctx.symbols}}

    def on_bar(self, ctx, bar):
        if bar.index == 3:
            ctx.buy(bar.symbol, self.box.size())
            ctx.buy(bar.symbol, self.row[0].size())
            ctx.buy(bar.symbol, self.boxes[bar.symbol].size())
"""


def cell(name: str, text: str) -> dict[str, Any]:
    """What a cell of a notebook defines."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names: dict[str, Any] = {"__name__": "cells"}
    exec(compile(text, name, "exec"), names)  # noqa: S102 - as a notebook does
    return names


def test_a_helper_that_was_edited_is_compiled_anew() -> None:
    for place, q in enumerate((1, 2)):
        strategy = cell(f"<cell {place}>", CELL.format(q=q))["Boxes"]
        for mode in ("interpreted", "compiled"):
            assert tb.run(strategy(), MARKET, mode=mode).orders["quantity"].to_pylist() == [q, q, q]


class Once(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, 3)


def test_another_compiler_does_not_take_the_code_of_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = fingerprint.compiler()
    other = Path(shutil.copytree(fingerprint.COMPILER, tmp_path / "compile"))
    monkeypatch.setattr(fingerprint, "COMPILER", other)
    fingerprint.compiler.cache_clear()
    assert fingerprint.compiler() == here
    (other / "machine" / "mean.py").write_text("pass\n", encoding="utf-8")
    fingerprint.compiler.cache_clear()
    assert fingerprint.compiler() != here
    monkeypatch.undo()
    fingerprint.compiler.cache_clear()
    assert fingerprint.compiler() == here


def test_a_file_that_cannot_be_read_is_compiled_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triplebar.strategy.compile.compiler._recent", {})
    whole = program_for(Once(), ("A",))
    (file,) = (folder / "compiled").iterdir()
    for body in (b"no pickle", b"cno_such_module\nname\n."):
        file.write_bytes(hashlib.sha256(body).digest() + body)
        assert cache.stored(file.name) is None
        monkeypatch.setattr("triplebar.strategy.compile.compiler._recent", {})
        assert program_for(Once(), ("A",)).symbols.keys() == whole.symbols.keys()
        assert cache.stored(file.name) is not None
