"""A guest's process: started, spoken to, given up in time, and always ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from triplebar.contracts.errors import EngineCrashedError, EngineNotAvailableError, EngineTimeoutError
from triplebar.engines.remote.frames import Frame, read_frame, write_frame

PACKAGE: Final = Path(__file__).resolve().parents[2]
BOOT: Final = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("triplebar", {init!r}, submodule_search_locations=[{folder!r}])
sys.modules["triplebar"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from triplebar.engines.remote.server import main
main()
"""
"""Loads this very triplebar, and nothing else of this Python's packages, in the other one."""
LAST_LINES: Final = 20
LOOK_SECONDS: Final = 0.05
PARTING_SECONDS: Final = 2.0


class GuestProcess:
    """A context: inside of it the guest lives, after it the guest is gone."""

    def __init__(self, python: str | Path, engine: str, environment: Mapping[str, str] | None = None) -> None:
        """Nothing is started yet; `engine` is for messages."""
        self.python, self.engine = str(python), engine
        self.environment = {**os.environ, **(environment or {})}
        self.frames: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self.words: deque[str] = deque(maxlen=LAST_LINES)

    def __enter__(self) -> Self:
        """Start it."""
        boot = BOOT.format(init=str(PACKAGE / "__init__.py"), folder=str(PACKAGE))
        try:
            self.child = subprocess.Popen(  # noqa: S603 - the interpreter is the caller's own
                [self.python, "-c", boot],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={
                    name: value for name, value in self.environment.items() if name not in {"PYTHONPATH", "PYTHONHOME"}
                },
            )
        except OSError as problem:
            raise EngineNotAvailableError(
                f"{self.python} cannot be started: {problem}",
                where=f"engine {self.engine!r}",
                fix="give another python",
            ) from problem
        self.threads = [threading.Thread(target=each, daemon=True) for each in (self._hear, self._note)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it: one that has said what it had to say goes by itself, any other is killed."""
        if self.child.stdin is not None:
            with contextlib.suppress(OSError):
                self.child.stdin.close()
        if kind is None or (issubclass(kind, Exception) and not issubclass(kind, EngineTimeoutError)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=PARTING_SECONDS)
        self.child.kill()
        self.child.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.child.stdin, self.child.stdout, self.child.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def say(self, kind: str, values: Mapping[str, Any] | None = None, blocks: Sequence[bytes] = ()) -> None:
        """Send a message; one that cannot be delivered is found out by `hear`."""
        if self.child.stdin is not None:
            with contextlib.suppress(OSError):
                write_frame(self.child.stdin, kind, values, blocks)

    def hear(self, deadline: float | None, doing: str) -> Frame | None:
        """The next message; None if there is none for a moment.

        `EngineTimeoutError` after the deadline, `EngineCrashedError` if the process is gone.
        """
        try:
            frame = self.frames.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            if deadline is not None and time.monotonic() > deadline:
                raise EngineTimeoutError.of(self.engine, doing, self.last_words()) from None
            return None
        if frame is None:
            raise EngineCrashedError.of(self.engine, self._how_it_ended(), self.last_words())
        return frame

    def last_words(self) -> str:
        """What it has written to its standard error, the last lines."""
        return "\n".join(self.words)

    def _hear(self) -> None:
        with contextlib.suppress(EOFError, OSError, ValueError):
            while (frame := read_frame(self.child.stdout)) is not None:  # type: ignore[arg-type] # it is a pipe
                self.frames.put(frame)
        self.frames.put(None)

    def _note(self) -> None:
        for line in self.child.stderr or ():
            self.words.append(line.decode(errors="replace").rstrip())

    def _how_it_ended(self) -> str:
        code = self.child.wait(timeout=10)
        self.threads[1].join(timeout=1)
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended with code {code}"


def this_python() -> str:
    """The interpreter that runs now."""
    return sys.executable
