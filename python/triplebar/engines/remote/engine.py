"""A guest in another Python behind the same door as every other engine."""

from __future__ import annotations

import importlib
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts import errors
from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.contracts.errors import AdapterError, EngineCrashedError, EngineNotAvailableError, TradingError
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.remote.frames import Frame
from triplebar.engines.remote.parcels import pack_job, unpack_facts
from triplebar.engines.remote.process import GuestProcess

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.remote.environment import EngineEnvironment

BUILT_IN: Final = (ImportError, ModuleNotFoundError)
MISSING: Final = "ModuleNotFoundError"


class RemoteEngine:
    """Runs a strategy on a guest in its own process; made by `EngineEnvironment.engine`."""

    def __init__(self, name: str, place: str, environment: EngineEnvironment, *, fidelity: str = "strict") -> None:
        """`place` is `module:Class` of the engine over there."""
        self.name = name
        self.place = place
        self.environment = environment
        self.fidelity = fidelity

    @cached_property
    def greeting(self) -> Frame:
        """What the guest says of itself; asked once, in a process of its own."""
        with self._process() as process:
            return self._greet(process)

    @property
    def version(self) -> str:
        """The version of the guest's package over there."""
        return str(self.greeting.values["version"])

    def capabilities(self) -> Capabilities:
        """What orders the guest takes."""
        rows = self.greeting.values["capabilities"]
        return Capabilities(frozenset((OrderKind(kind), TimeInForce(tif)) for kind, tif in rows))

    def run(self, strategy: Any, market: Market, settings: Settings, hooks: Hooks | None = None) -> TableFacts:  # noqa: ANN401
        """Run once, over there; the strategy is copied, and what it becomes stays there."""
        hooks = hooks or Hooks()
        job = pack_job(strategy, market, settings)
        with self._process() as process:
            self.__dict__["greeting"] = self._greet(process)
            process.say("job", *job)
            deadline = _after(self.environment.timeout_seconds)
            asked_to_stop = False
            while True:
                frame = process.hear(deadline, "the run")
                if frame is not None and frame.kind == "facts":
                    return unpack_facts(frame)
                self._attend(frame, hooks, process)
                if not asked_to_stop and hooks.interrupted():
                    asked_to_stop = True
                    process.say("interrupt")

    def _process(self) -> GuestProcess:
        return GuestProcess(self.environment.python, self.name, self.environment.variables)

    def _greet(self, process: GuestProcess) -> Frame:
        process.say("hello", {"engine": self.place, "options": {"fidelity": self.fidelity}})
        deadline = _after(self.environment.start_seconds)
        try:
            while (frame := process.hear(deadline, "its start")) is None:
                pass
        except EngineCrashedError as crash:
            if MISSING in crash.last_words:  # NumPy or pyarrow: the guest's Python cannot even answer
                raise self._not_installed(crash.last_words.splitlines()[-1]) from crash
            raise
        self._attend(frame, Hooks(), process)
        return frame

    def _attend(self, frame: Frame | None, hooks: Hooks, process: GuestProcess) -> None:
        if frame is not None and frame.kind == "progress":
            hooks.progress(frame.values["done"], frame.values["total"])
        if frame is not None and frame.kind == "error":
            raise self._error(frame.values, process.last_words())

    def _not_installed(self, text: str) -> EngineNotAvailableError:
        where = f"engine {self.name!r} in {self.environment.python}"
        return EngineNotAvailableError(
            text, where=where, fix=f"install it there, or: triplebar engines add {self.name}"
        )

    def _error(self, values: Any, words: str) -> Exception:  # noqa: ANN401 - plain values
        """The error that was raised over there, as the same kind of error if it is one of ours."""
        where = f"engine {self.name!r} in {self.environment.python}"
        if values["module"] == "builtins" and values["kind"] in {each.__name__ for each in BUILT_IN}:
            return self._not_installed(values["text"])
        if values["ours"]:
            found = _our_error(values)
            if found is not None:
                found.add_note(f"raised in {self.environment.python}:\n{values['traceback']}")
                return found
        lines = "\n".join(part for part in (values["traceback"], words) if part)
        return AdapterError(f"it failed: {values['text']}", where=where, fix=f"its last words:\n{lines}")


def _our_error(values: Any) -> TradingError | None:  # noqa: ANN401 - plain values
    kind = getattr(errors, values["kind"], None)
    if kind is None and str(values["module"]).startswith("triplebar."):
        kind = getattr(importlib.import_module(values["module"]), values["kind"], None)
    if not (isinstance(kind, type) and issubclass(kind, TradingError)):
        return None
    found: TradingError = kind.__new__(kind)
    TradingError.__init__(found, values["text"])
    for name, value in values["attributes"].items():
        setattr(found, name, value)
    if values["cause"]:
        found.__cause__ = RuntimeError(values["cause"])
    return found


def _after(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
