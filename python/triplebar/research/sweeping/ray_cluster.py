"""Ray: blocks as tasks, the recipe once in the object store, where the workers of a node read it without a copy."""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np

from triplebar.contracts.errors import EngineNotAvailableError
from triplebar.research.sweeping.packing import Packed
from triplebar.research.sweeping.pool import TRIES_MAX, Pool
from triplebar.research.sweeping.worker import Answer, Missing, Parcel, Sent, Work, run_block


class RayCluster(Pool):
    """A cluster that is there (an address, or one that this process has joined), or one of our own on this machine.

    A worker that is lost costs its block: Ray runs it again on another one.
    """

    name = "ray"

    def __init__(self, workers: int | None = None, address: str | None = None, mode: str = "auto") -> None:
        """Join the cluster, or begin one."""
        self.ray = _ray()
        address = address or os.environ.get("RAY_ADDRESS")
        self.ours = not self.ray.is_initialized()
        if self.ours:
            local = {} if address else {"num_cpus": workers or len(os.sched_getaffinity(0)), "include_dashboard": False}
            try:
                self.ray.init(address=address or "local", log_to_driver=False, logging_level="error", **local)
            except (ConnectionError, ImportError, RuntimeError, ValueError) as problem:
                fix = "check the address; ray://host:10001 needs pip install 'ray[client]' here as well"
                raise EngineNotAvailableError(
                    f"no Ray cluster at {address or 'local'}: {problem}", fix=fix
                ) from problem
        self.workers = workers or max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        self.mode, self.trips = mode, {}
        self.task = self.ray.remote(num_cpus=1, max_retries=TRIES_MAX)(run_in_ray)
        self.recipes: dict[str, Any] = {}

    def parcel(self, packed: Packed, key: str) -> Parcel | None:
        """Put the recipe into the object store, once."""
        if key not in self.recipes:
            arrays = [np.frombuffer(each, dtype=np.uint8) for each in packed.buffers]
            self.recipes[key] = self.ray.put((packed.head, packed.origin, arrays))
        return None

    def submit(self, work: Work) -> Future[Answer]:
        """Send a block to whoever is free."""
        found: Future[Answer] = self.task.remote([self.recipes[work.key]], work).future()
        return found

    def present(self) -> int | None:
        """Ray begins workers itself."""
        return None

    def is_lost(self, problem: Exception) -> bool:
        """Ray has tried on its own then."""
        return isinstance(problem, self.ray.exceptions.RayError) and not hasattr(problem, "cause_cls")

    def close(self) -> None:
        """Leave a cluster that was there, end one of our own."""
        self.recipes.clear()
        if self.ours:
            self.ray.shutdown()


def run_in_ray(recipe: list[Any], work: Work) -> Answer:
    """Run a block in a worker of Ray; the recipe is fetched by the first block that needs it."""
    answer = run_block(work)
    if isinstance(answer, Missing):
        head, origin, arrays = _ray().get(recipe[0])
        return run_block(replace(work, parcel=Sent(Packed(head, origin, arrays))))
    return answer


def _ray() -> Any:  # noqa: ANN401 - a module
    try:
        import ray
    except ImportError as problem:
        raise EngineNotAvailableError("ray is not installed", fix="pip install 'triplebar[ray]'") from problem
    return ray
