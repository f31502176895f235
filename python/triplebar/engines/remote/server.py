"""The other side: what runs in the guest's Python.

It reads one job from its standard input, runs it, and writes what happens to what was its standard output; whatever
packages print goes to standard error. When the pipe from the host ends, the host is gone, and so is this process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import IO, Any

from triplebar.contracts.errors import TradingError
from triplebar.engines.base import Hooks
from triplebar.engines.remote.frames import Frame, read_frame, write_frame
from triplebar.engines.remote.parcels import pack_facts, unpack_job

PR_SET_PDEATHSIG = 1


class Server:
    """One job for the host."""

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        """Talk through these pipes."""
        self.source, self.sink = source, sink
        self.lock = threading.Lock()
        self.interrupted = threading.Event()
        self.told = -1.0

    def say(self, kind: str, values: dict[str, Any] | None = None, blocks: list[bytes] | None = None) -> None:
        """Send a message to the host."""
        with self.lock:
            write_frame(self.sink, kind, values, blocks or [])

    def serve(self) -> None:
        """Say who is here; then run the job that comes, if one comes."""
        hello = read_frame(self.source)
        if hello is None:
            return
        try:
            engine = self.engine(hello)
            table = [[int(kind), int(tif)] for kind, tif in sorted(engine.capabilities().table)]
            self.say("ready", {"version": str(getattr(engine, "version", "")), "capabilities": table})
            job = read_frame(self.source)
            if job is None:
                return
            strategy, market, settings = unpack_job(job)
            threading.Thread(target=self.listen, daemon=True).start()
            hooks = Hooks(progress=self.progress, interrupted=self.interrupted.is_set)
            self.say("facts", *pack_facts(engine.run(strategy, market, settings, hooks)))
        except BaseException as problem:  # noqa: BLE001 - the host raises it
            self.say("error", error_values(problem))

    def engine(self, hello: Frame) -> Any:  # noqa: ANN401 - an engine
        """The engine that the host wants."""
        import importlib

        module, _, attribute = str(hello.values["engine"]).partition(":")
        return getattr(importlib.import_module(module), attribute)(**hello.values["options"])

    def listen(self) -> None:
        """Hear an interruption; without a host there is nobody to work for."""
        while (frame := read_frame(self.source)) is not None:
            if frame.kind == "interrupt":
                self.interrupted.set()
        os._exit(1)

    def progress(self, done: int, total: int) -> None:
        """Tell it now and then: at most a few hundred times."""
        if done == total or done >= self.told + max(1, total / 200):
            self.told = done
            self.say("progress", {"done": done, "total": total})


def error_values(problem: BaseException) -> dict[str, Any]:
    """An error as plain values; the host makes the same kind of it if it is one of ours."""
    plain = {name: value for name, value in vars(problem).items() if isinstance(value, (str, int, float, type(None)))}
    cause = problem.__cause__
    return {
        "kind": type(problem).__name__,
        "module": type(problem).__module__,
        "ours": isinstance(problem, TradingError),
        "text": problem.message if isinstance(problem, TradingError) else f"{type(problem).__name__}: {problem}",
        "attributes": plain,
        "cause": None if cause is None else f"{type(cause).__name__}: {cause}",
        "traceback": "".join(traceback.format_exception(problem)),
    }


def end_with_the_host() -> None:
    """Where the system can do it, be ended when the host dies, even while a package holds the interpreter."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the host, which says so through the pipe


def main() -> None:
    """Serve, and leave without waiting for what packages have left running."""
    end_with_the_host()
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Server(sys.stdin.buffer, sink).serve()
    sink.flush()
    sys.stderr.flush()
    os._exit(0)
