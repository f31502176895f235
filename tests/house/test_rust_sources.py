"""Rust that ships does not give up: no unwrap, few panics, unsafe only with a reason and never in the core."""

import re
from pathlib import Path

import pytest

from tests.house.repository import ROOT, files

SHIPPED = ("rust/core/src", "rust/columns/src", "rust/py/src")
TESTS_BEGIN = re.compile(r"^ *#\[cfg\(test\)\]", re.MULTILINE)
UNWRAP = re.compile(r"\.unwrap\(\)")
GIVES_UP = re.compile(r"\.expect\(|\bpanic!|\bunreachable!|\btodo!|\bunimplemented!")
UNSAFE = re.compile(r"\bunsafe (?:\{|fn|impl)")
PANICS_PER_THOUSAND_LINES_MAX = 2


def shipped(text: str) -> str:
    """Leave out the unit tests, which stand at the end of a file, and what is said in comments."""
    found = TESTS_BEGIN.search(text)
    code = text[: found.start()] if found else text
    return "\n".join(line.split("//")[0] for line in code.splitlines())


def unreasoned_unsafe(text: str) -> list[int]:
    """Find the lines of unsafe code without a SAFETY sentence (for a function: a Safety section) just above."""
    lines = text.splitlines()
    return [
        number + 1
        for number, line in enumerate(lines)
        if UNSAFE.search(line.split("//")[0])
        and not any("SAFETY:" in above or "# Safety" in above for above in lines[max(0, number - 4) : number])
    ]


def sources() -> dict[str, str]:
    """Read the Rust that ends up in the wheel, tests beside it left out."""
    paths = {path.relative_to(ROOT).as_posix(): path for path in files(".rs")}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in paths.items()
        if name.startswith(SHIPPED) and not _is_test_file(path)
    }


def _is_test_file(path: Path) -> bool:
    return path.stem.endswith("tests") or "tests" in path.parent.parts


def test_nothing_is_unwrapped() -> None:
    found = sources()
    assert len(found) >= 20
    assert not [name for name, text in found.items() if UNWRAP.search(shipped(text))]


def test_panics_are_few() -> None:
    code = [shipped(text) for text in sources().values()]
    lines = sum(len(text.splitlines()) for text in code)
    panics = sum(len(GIVES_UP.findall(text)) for text in code)
    assert lines >= 2_000
    assert panics * 1_000 <= PANICS_PER_THOUSAND_LINES_MAX * lines, f"{panics} panics in {lines} lines"


def test_unsafe_code_says_why_it_is_safe() -> None:
    found = sources()
    assert len(found) >= 20
    assert not {name: lines for name, text in found.items() if (lines := unreasoned_unsafe(text))}


def test_the_core_forbids_unsafe_code() -> None:
    assert "#![forbid(unsafe_code)]" in (ROOT / "rust/core/src/lib.rs").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "unwraps", "panics"),
    [
        ("fn a() { b().unwrap(); }", 1, 0),
        ('fn a() { b().expect("there is one"); panic!("no"); }', 0, 2),
        ("// never .unwrap()\nfn a() {}", 0, 0),
        ("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { c().unwrap(); } }", 0, 0),
    ],
)
def test_giving_up_is_noticed(text: str, unwraps: int, panics: int) -> None:
    assert len(UNWRAP.findall(shipped(text))) == unwraps
    assert len(GIVES_UP.findall(shipped(text))) == panics


def test_unsafe_code_without_a_reason_is_noticed() -> None:
    assert unreasoned_unsafe("fn a() {\n    unsafe { b() }\n}") == [2]
    assert unreasoned_unsafe("// SAFETY: b is always there\nunsafe { b() }") == []
