"""Read the code blocks of a page and run them in order, as a reader who types them would.

- ```python blocks of a page share one module. A block whose first line is a comment that names a file (`# cross.py`)
  is also saved under that name, so are ```toml, ```yaml, ```json and ```csv blocks that name one.
- ```console blocks are run by bash, line by line after the prompt `$ `. The lines between are expected output.
- A ```text block that follows a ```python block is what that block prints.

Expected output may leave parts out with `...`.
"""

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"^# ([\w-]+\.(?:py|toml|yaml|json|csv))\n")
LANGUAGES = {"python", "console", "text", "toml", "yaml", "json", "csv", "rust", "mermaid"}
INSTALLS = "pip install"  # these are the two commands of the README, which .ci/run runs


class PageError(AssertionError):
    """A block of a page does not do what the page says."""


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    line: int
    text: str


@dataclass
class Reader:
    """Somebody who types the blocks of one page in an empty folder."""

    page: Path
    folder: Path
    module: ModuleType = field(init=False)
    printed: str | None = None

    def __post_init__(self) -> None:
        name = re.sub(r"\W", "_", self.page.stem)
        self.module = ModuleType(f"page_{name}")
        # Strategies are identified by their source: let inspect find it, at the lines of the page.
        self.module.__file__ = str(self.folder / f"page_{name}.py")

    def type(self, block: Block) -> bool:
        """Do what a block says; tell whether there was something to do."""
        if named := NAMED_FILE.match(block.text):
            (self.folder / named[1]).write_text(block.text, encoding="utf-8")
        match block.language:
            case "python":
                self.printed = self._run_python(block)
            case "console":
                self._run_console(block)
            case "text" if self.printed is not None:
                self._compare(block, block.text, self.printed)
                self.printed = None
            case _:
                return False
        return True

    def _run_python(self, block: Block) -> str:
        source = "\n" * block.line + block.text
        code = compile(source, str(self.module.__file__), "exec")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(code, self.module.__dict__)  # noqa: S102 - running the page is the point
        return output.getvalue()

    def _run_console(self, block: Block) -> None:
        for command, expected in commands_of(block):
            if command.startswith(INSTALLS):
                continue
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command],
                cwd=self.folder,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "120"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                message = f"{self.page.name}:{block.line}: $ {command}\n{done.stdout}"
                raise PageError(message)
            if expected.strip():
                self._compare(block, expected, done.stdout)

    def _compare(self, block: Block, expected: str, found: str) -> None:
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(expected, found, flags):
            message = f"{self.page.name}:{block.line} shows\n{expected}\nbut what comes is\n{found}"
            raise PageError(message)


def blocks_of(page: Path) -> list[Block]:
    """List the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [Block(m[1], text[: m.start()].count("\n") + 1, m[2]) for m in FENCE.finditer(text)]


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Split a console block into commands and the output shown after each."""
    command, expected = "", ""
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, expected
            command, expected = line[2:], ""
        elif line.startswith("> ") and not expected:
            command += "\n" + line[2:]
        else:
            expected += line + "\n"
    if command:
        yield command, expected


def read(page: Path, folder: Path) -> int:
    """Type all blocks of a page in order; return how many there were to run."""
    reader = Reader(page, folder)
    blocks = blocks_of(page)
    unknown = [f"{page.name}:{block.line}: {block.language!r}" for block in blocks if block.language not in LANGUAGES]
    if unknown:
        message = f"blocks in no known language: {', '.join(unknown)}"
        raise PageError(message)
    source = _source_at_its_lines(blocks)
    Path(str(reader.module.__file__)).write_text(source, encoding="utf-8")
    sys.modules[reader.module.__name__] = reader.module
    try:
        with contextlib.chdir(folder):
            return sum(reader.type(block) for block in blocks)
    finally:
        del sys.modules[reader.module.__name__]


def _source_at_its_lines(blocks: list[Block]) -> str:
    lines: list[str] = []
    for block in blocks:
        if block.language == "python":
            lines.extend([""] * (block.line - len(lines)))
            lines.extend(block.text.splitlines())
    return "\n".join(lines) + "\n"
