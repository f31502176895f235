"""A run that was stopped, as bytes: everything that is needed to go on with it."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import atomic
from triplebar.contracts.config import RULES_VERSION, BacktestConfig
from triplebar.contracts.errors import ConfigError, DataQualityError, SnapshotMismatchError, StrategyError
from triplebar.contracts.metadata import plain_values

VERSION: Final = "2.0.0"
BYTES: Final = ("strategy_state", "engine_state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a run after one tick of the clock.

    >>> point = Checkpoint(
    ...     version="2.0.0", rules_version=1, engine="custom", mode="interpreted", strategy="m:C", parameters={},
    ...     strategy_state=b"", config={}, data_digest="aa", clock_index=3, engine_state=b"x", snapshot_id=None)
    >>> Checkpoint.read(point.to_bytes()) == point
    True
    """

    version: str
    rules_version: int
    engine: str
    mode: str
    strategy: str
    parameters: Mapping[str, Any]
    strategy_state: bytes
    config: Mapping[str, Any]
    data_digest: str
    clock_index: int
    engine_state: bytes
    snapshot_id: str | None

    @classmethod
    def of(
        cls,
        strategy: Any,  # noqa: ANN401 - a strategy
        *,
        engine: str,
        mode: str,
        config: BacktestConfig,
        data_digest: str,
        clock_index: int,
        engine_state: bytes,
        snapshot_id: str | None,
    ) -> Checkpoint:
        """Keep the state of a strategy beside the state of its engine."""
        kind = type(strategy)
        return cls(
            version=VERSION,
            rules_version=RULES_VERSION,
            engine=engine,
            mode=mode,
            strategy=f"{kind.__module__}:{kind.__qualname__}",
            parameters=plain_values(strategy.parameters()),
            strategy_state=strategy.state(),
            config=config.to_mapping(),
            data_digest=data_digest,
            clock_index=clock_index,
            engine_state=engine_state,
            snapshot_id=snapshot_id,
        )

    def to_bytes(self) -> bytes:
        """Write as JSON, states in base64."""
        values = asdict(self)
        values |= {name: base64.b64encode(values[name]).decode() for name in BYTES}
        return json.dumps(values, sort_keys=True).encode()

    def save(self, path: str | Path) -> Path:
        """Write into a file, whole or not at all."""
        return atomic.write_text(Path(path), self.to_bytes().decode())

    @classmethod
    def read(cls, source: Checkpoint | bytes | str | Path) -> Checkpoint:
        """Read what `to_bytes` or `save` wrote; `DataQualityError` (a `ValueError`) if it is something else."""
        if isinstance(source, Checkpoint):
            return source
        where = "checkpoint" if isinstance(source, bytes) else str(source)
        raw = source if isinstance(source, bytes) else Path(source).read_bytes()
        try:
            values = json.loads(raw)
            values |= {name: base64.b64decode(values[name], validate=True) for name in BYTES}
            found = cls(**{each.name: values[each.name] for each in fields(cls)})
        except (ValueError, TypeError, KeyError) as problem:
            raise DataQualityError(f"is not a checkpoint: {problem}", where=where, fix="write it again") from problem
        if found.version.split(".")[0] != VERSION.split(".", maxsplit=1)[0] or found.rules_version != RULES_VERSION:
            raise DataQualityError(
                f"was written by version {found.version} of checkpoints, version {found.rules_version} of the rules",
                where=where,
                fix="run from the start",
            )
        return found

    def restored(self, strategy: Any = None) -> Any:  # noqa: ANN401 - a strategy
        """Give the strategy as it was: of the class that is given, or of the one that is named in here."""
        from triplebar.strategy.base import Strategy

        kind = self._class() if strategy is None else strategy if isinstance(strategy, type) else type(strategy)
        if not (isinstance(kind, type) and issubclass(kind, Strategy)):
            raise StrategyError(f"{strategy!r} is not a strategy", where="resume", fix="pass the class of the run")
        if kind.__qualname__ != self.strategy.partition(":")[2]:
            raise ConfigError(
                f"{kind.__qualname__} is not the strategy of the checkpoint",
                where="resume",
                fix=f"pass {self.strategy.partition(':')[2]}",
            )
        made = kind.__new__(kind)
        made.restore(self.strategy_state)
        return made

    def _class(self) -> Any:  # noqa: ANN401 - whatever is found
        module, _, name = self.strategy.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            raise StrategyError(
                f"{self.strategy} cannot be imported", where="resume", fix="pass the class: resume(..., strategy=Class)"
            ) from None
        return found

    def check(self, data_digest: str) -> None:
        """Refuse another market than that of the run."""
        if data_digest != self.data_digest:
            raise SnapshotMismatchError(
                "the market is not that of the checkpoint", where="resume", fix="load the data that the run began with"
            )
