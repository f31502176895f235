"""A real Chromium without a window, and what a page does in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """Where the browser is; the test is skipped, by name, where there is none."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


@dataclass
class Visit:
    """A page that was opened: what it said, and what it asked for."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def heard(self, message: Any) -> None:
        """Note what the page says; that tests read pixels is not its fault."""
        if "getImageData" not in message.text:
            self.said.append(message.text)

    def run(self, script: str) -> Any:
        """The value of an expression on the page, once what is waiting to be drawn has been drawn."""
        self.page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
        return self.page.evaluate(script)


@contextmanager
def browser() -> Iterator[Any]:
    """Start the browser."""
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def visit(started: Any, file: Path, *, width: int = 1280, dark: bool = False) -> Visit:
    """Open a file, and wait until the page says that it is ready."""
    context = started.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", offline=True
    )
    found = Visit(context.new_page())
    found.page.on("console", found.heard)
    found.page.on("pageerror", lambda problem: found.said.append(str(problem)))
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.goto(file.resolve().as_uri())
    found.page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
    return found
