"""Processes of this machine, for strategies that run in Python: the market lies in a file that all of them map."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.process import BaseProcess

from triplebar.research.scratch import Scratch
from triplebar.research.sweeping.packing import Packed, write_arrow
from triplebar.research.sweeping.pool import Pool
from triplebar.research.sweeping.worker import Mapped, Parcel


class Processes(Pool):
    """New processes of our own; one that dies is replaced, and only its block is run again."""

    name = "processes"
    after_loss = (
        "if a script sweeps, let it do so under `if __name__ == '__main__':`, since each process reads the script"
        " first; otherwise a set kills its process, or takes too much memory. What is in a store is kept"
    )

    def __init__(self, workers: int, mode: str = "auto") -> None:
        """Begin when the first block is there."""
        self.scratch = Scratch()
        self.mapped: dict[str, Mapped] = {}
        super().__init__(self._begun(workers), workers, mode)

    @staticmethod
    def _begun(workers: int) -> ProcessPoolExecutor:
        # Forked processes would inherit threads of the core in whatever state they are.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=leave_control_c_to_the_parent)

    def parcel(self, packed: Packed, key: str) -> Parcel | None:
        """The name of the file."""
        if key not in self.mapped:
            path = self.scratch.folder / f"{key}.arrow"
            write_arrow(packed, path)
            self.mapped[key] = Mapped(str(path), packed.origin)
        return self.mapped[key]

    def renew(self) -> bool:
        """Begin new processes; whoever came first has done it already."""
        if getattr(self.executor, "_broken", False):
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self._begun(self.workers)
        return True

    def close(self) -> None:
        """End the processes, and remove the file; what still runs when nobody wants it any more is not waited for."""
        if any(not future.done() for future in self.trips):
            kill_processes(self.executor)
        self.executor.shutdown(wait=True, cancel_futures=True)
        self.scratch.close()


def kill_processes(executor: Executor) -> None:
    """Kill the processes of a pool in the middle of their work."""
    processes: Mapping[int, BaseProcess] = getattr(executor, "_processes", None) or {}
    for process in list(processes.values()):
        process.kill()


def leave_control_c_to_the_parent() -> None:
    """Let Ctrl-C, which a terminal sends to all, end the sweep in one place."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
