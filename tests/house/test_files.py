"""Files stay small, and free of what belongs to one machine."""

import re
from pathlib import Path

import pytest

from tests.house.repository import ROOT, files

LINES_MAX = 500
LONGER_FOR_A_REASON = {"python/triplebar/_native.pyi": "one extension module has one stub"}

# Written in pieces so that this file does not contain what it forbids.
REGISTRIES = (r"pypi\." + "org", r"pythonhosted\." + "org", r"crates\." + "io")
FORBIDDEN = {
    "a package registry's host": re.compile("|".join(REGISTRIES)),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home|Users)/"),
}
MAY_NAME_A_REGISTRY = {"Cargo.lock"}  # cargo writes it so


def too_long(root: Path, paths: list[Path]) -> list[str]:
    """Name the files with more lines than a reader wants, exceptions left out."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [
        f"{path.relative_to(root)}: {length} lines"
        for path, length in lengths.items()
        if length > LINES_MAX and path.relative_to(root).as_posix() not in LONGER_FOR_A_REASON
    ]


def forbidden_words(text: str) -> list[str]:
    """Say what a text contains that it should not."""
    return [f"{what}: {match[0]}" for what, pattern in FORBIDDEN.items() if (match := pattern.search(text))]


def test_files_are_short_enough_to_read() -> None:
    sources = files(".py", ".rs", ".c", ".pyi")
    assert len(sources) >= 50
    assert not too_long(ROOT, sources)


def test_a_long_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * (LINES_MAX + 1))
    (tmp_path / "short.py").write_text("x = 1\n" * LINES_MAX)
    assert too_long(tmp_path, sorted(tmp_path.iterdir())) == ["long.py: 501 lines"]


def test_exceptions_from_the_length_are_still_needed() -> None:
    needless = [
        name
        for name in LONGER_FOR_A_REASON
        if not (ROOT / name).is_file() or len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= LINES_MAX
    ]
    assert not needless


def test_no_file_names_a_machine_or_a_registry() -> None:
    texts = files(".py", ".rs", ".c", ".pyi", ".md", ".toml", ".yaml", ".json", ".txt", ".lock", "")
    assert len(texts) >= 50
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in texts
        if path.name not in MAY_NAME_A_REGISTRY and (words := forbidden_words(path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("see https://py" + "pi.org/project/x", False),
        ("open('/ro" + "ot/data.csv')", False),
        ("/ho" + "me/me/x.parquet", False),
        ("a route/home/page and ./root/x", True),
        ("rust/core/src", True),
    ],
)
def test_a_forbidden_word_is_noticed(text: str, clean: bool) -> None:
    assert (forbidden_words(text) == []) is clean
