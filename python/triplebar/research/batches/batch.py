"""A batch on its way, item by item: each is recorded as it ends, and what has ended is never run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import Any

from triplebar.contracts.errors import ConfigError, DuplicateId, IllegalTransition
from triplebar.research.batches.axes import Items
from triplebar.research.batches.item import ItemRunner
from triplebar.research.batches.keeping import Keeping
from triplebar.research.batches.result import BatchResult
from triplebar.research.batches.spread import Workers, spread
from triplebar.research.interruption import stoppable
from triplebar.store.batch_records import BatchItemResult
from triplebar.store.batch_states import BatchStatus, outcome
from triplebar.store.trials import TrialLedger


class Batch:
    """One batch on its way."""

    def __init__(
        self, items: Items, keeping: Keeping, configuration: Mapping[str, Any], workers: Workers | None = None
    ) -> None:
        """Find what has ended already, if this goes on with an earlier one."""
        self.items, self.keeping, self.registry, self.workers = items, keeping, keeping.batch_registry, workers
        self.ended: dict[int, BatchItemResult] = {}
        self.batch_id: str | None = None
        if keeping.tracked and self.registry is not None:
            self.batch_id = keeping.resume or self.registry.create_batch(len(items), configuration)
            found = self.registry.get_batch(self.batch_id)
            if found.configuration.get("digest") != configuration["digest"]:
                fix = "give the arguments of the batch, or begin a new one without resume"
                raise ConfigError.of("resume", self.batch_id, "was a batch of other arguments", fix=fix)
            self.ended = {each.item_id: each for each in found.item_results}
            for market in items.values("market"):  # which other processes do not know
                TrialLedger(self.registry.database).relate(market)

    def run(self) -> BatchResult:
        """Run what has not ended; Ctrl-C leaves the rest for later."""
        if self._status() in {None, BatchStatus.PENDING} and self.registry is not None and self.batch_id is not None:
            with suppress(IllegalTransition):  # another process was quicker
                self.registry.update_status(self.batch_id, BatchStatus.RUNNING)
        if self.workers is None:
            self._one_after_another()
        else:
            self._at_once(self.workers)
        return self._result()

    def _one_after_another(self) -> None:
        runner = ItemRunner(self.items, self.keeping)
        with suppress(KeyboardInterrupt):  # what has ended is kept, the rest is for later
            for number in self._left():
                if self._is_over():
                    break
                self._end(runner.run(number))

    def _at_once(self, workers: Workers) -> None:
        """What is being run when somebody presses Ctrl-C is waited for and kept; a second one does not wait."""
        with stoppable() as stopped, closing(spread(self.items, self.keeping, workers)) as running:
            try:
                for result in running.run(self._left(), lambda: stopped() or self._is_over()):
                    self._end(result)
            except KeyboardInterrupt:
                for result in () if stopped() else running.rest():
                    self._keep(result)

    def _left(self) -> Iterator[int]:
        return (number for number in range(len(self.items)) if number not in self.ended)

    def _end(self, result: BatchItemResult) -> None:
        self._keep(result)
        if self.keeping.progress is not None:
            self.keeping.progress(len(self.ended), len(self.items))

    def _status(self) -> BatchStatus | None:
        return None if self.registry is None or self.batch_id is None else self.registry.status(self.batch_id)

    def _is_over(self) -> bool:
        """Whether somebody has cancelled the batch, or ended it."""
        status = self._status()
        return status is not None and status.final

    def _keep(self, result: BatchItemResult) -> None:
        self.ended[result.item_id] = result
        if self.registry is not None and self.batch_id is not None and not self._is_over():
            with suppress(DuplicateId, IllegalTransition):  # another process goes on with the same batch, or ended it
                self.registry.add_item_result(self.batch_id, result)

    def _result(self) -> BatchResult:
        items = tuple(self.ended[number] for number in sorted(self.ended))
        status = self._status()
        if len(items) == len(self.items) and (status is None or not status.final):
            status = outcome(sum(each.success for each in items), len(items))
            if self.registry is not None and self.batch_id is not None:
                with suppress(IllegalTransition):
                    self.registry.complete_batch(self.batch_id)
                status = self.registry.status(self.batch_id)
        return BatchResult(self.batch_id, status or BatchStatus.RUNNING, len(self.items), items)
