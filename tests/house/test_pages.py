"""Every code block of the README and the documentation runs and shows what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.pages import INSTALLS, PageError, blocks_of, commands_of, read
from tests.house.repository import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNNABLE = {"python", "console"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path) -> None:
    wanted = sum(block.language in RUNNABLE for block in blocks_of(page))
    assert read(page, tmp_path) >= wanted


def test_there_are_blocks_to_run() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page) if block.language in RUNNABLE]
    assert len(PAGES) >= 10
    assert len(blocks) >= 20


def test_the_readme_shows_the_two_commands_that_ci_runs() -> None:
    consoles = [block for block in blocks_of(ROOT / "README.md") if block.language == "console"]
    commands = [command for block in consoles for command, _ in commands_of(block) if command.startswith(INSTALLS)]
    assert len(commands) == 2
    assert "triplebar demo" in commands[0]
    assert "tests/everything.py" in commands[1]


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "benches" / "README.md"], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, example], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "an example shows something"


def test_there_are_examples() -> None:
    assert len(list((ROOT / "examples").glob("*.py"))) >= 3


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```python\nassert 1 == 2\n```", None),
        ("```python\nprint(1)\n```\n\n```text\n2\n```", "but what comes is"),
        ("```console\n$ false\n```", r"page.md:1: \$ false"),
        ("```console\n$ echo one\ntwo\n```", "but what comes is"),
        ("```\nwhat is this\n```", "no known language"),
    ],
)
def test_a_wrong_block_is_noticed(tmp_path: Path, page: str, complaint: str | None) -> None:
    (tmp_path / "page.md").write_text(page + "\n")
    with pytest.raises(PageError if complaint else AssertionError, match=complaint):
        read(tmp_path / "page.md", tmp_path)


def test_a_right_page_is_read_to_its_end(tmp_path: Path) -> None:
    blocks = [
        "```python\n# own.py\nimport inspect\nclass Own:\n    price = 2\n```",
        "```python\nprint(inspect.getsource(Own))\n```",
        "```text\nclass Own:\n    price = ...\n```",
        "```console\n$ cat own.py | grep price\n    price = 2\n$ pip install nothing\n```",
        "```toml\n# config.toml\nprice = 2\n```",
        "```console\n$ grep price config.toml\n```",
    ]
    (tmp_path / "page.md").write_text("\n\n".join(blocks) + "\n")
    assert read(tmp_path / "page.md", tmp_path) == 5
