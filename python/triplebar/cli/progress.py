"""What a patient user sees: nothing for two seconds, then a bar with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

PATIENCE_SECONDS: Final = 2.0
STEP_SECONDS: Final = 0.1


class LateBar:
    """A progress bar that shows itself only if there is something to wait for; call it with (done, total)."""

    def __init__(self, title: str, console: Console, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Begin to count the seconds."""
        self.title = title
        self.console = console
        self.shown_at = time.monotonic() + patience_seconds
        self.next_at = self.shown_at
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.note = ""
        """What there is to say beside, such as the best so far."""

    def __call__(self, done: int, total: int) -> None:
        """Take note of the progress."""
        now = time.monotonic()
        if now < self.next_at:
            return
        self.next_at = now + STEP_SECONDS
        if self.bar is None:
            self._show(total)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done, total=total, note=self.note)

    def _show(self, total: int) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self.console,
            transient=True,
        )
        self.bar.start()
        self.task = self.bar.add_task(self.title, total=total, note=self.note)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self.bar is not None:
            self.bar.stop()


@contextmanager
def waiting(title: str, console: Console) -> Iterator[None]:
    """Say what is going on if it takes longer than two seconds, where nobody can tell how long it will take."""
    status = console.status(f"{title} …")
    timer = Timer(PATIENCE_SECONDS, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        status.stop()
