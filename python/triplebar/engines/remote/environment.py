"""Where a guest runs: a Python of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, UnknownEngineError
from triplebar.contracts.run_request import FIDELITIES
from triplebar.contracts.suggest import hint
from triplebar.engines.places import ENGINES, GUESTS
from triplebar.engines.remote.engine import RemoteEngine


@dataclass(frozen=True)
class EngineEnvironment:
    """Another Python with a guest engine in it, in which a run is a process of its own.

    - `python`: the interpreter, of an environment that has the guest, NumPy and pyarrow; triplebar itself is taken from
      here.
    - `timeout_seconds`: how long a run may take, None for ever; `start_seconds`: how long the guest may take to start.
    - `variables`: of the process, beside those of this one.

    >>> import sys, triplebar as tb
    >>> guest = EngineEnvironment(sys.executable).engine("backtrader")
    >>> tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=20, seed=1), engine=guest).metadata.engine
    'backtrader'
    """

    python: str | Path
    timeout_seconds: float | None = None
    start_seconds: float = 120.0
    variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the times; whether the interpreter is there is seen when it is started."""
        for name in ("timeout_seconds", "start_seconds"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and value > 0):
                raise ConfigError.of(name, value, "must be above 0", fix="give seconds, or None for no limit")

    def engine(self, name: str, *, fidelity: str = "strict") -> RemoteEngine:
        """The guest of this name, over there; an engine for `triplebar.run(..., engine=...)`."""
        checks.choice("fidelity", fidelity, FIDELITIES)
        if name not in GUESTS:
            raise UnknownEngineError(f"engine {name!r} is not a guest", fix=hint(name, GUESTS))
        return RemoteEngine(name, ENGINES[name], self, fidelity=fidelity)
