"""A run as one value that can be written down: strategy, data, configuration, engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError

MODES: Final = ("interpreted", "compiled", "auto", "columns")
FIDELITIES: Final = ("strict", "native")


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What to run on what; `triplebar.run(request)` runs it.

    - `strategy`: a class, or a reference to one: `path/to/file.py:Class` or `package.module:Class`.
    - `data`: a Parquet or CSV file; not needed if `run` is given a market.
    - `symbols`: the part of the data to run on; None for all. `interval`: resample to that first.
    - `fidelity`: `strict` forces one fill model on every engine, `native` leaves each its own.

    >>> request = RunRequest(strategy="strategies.py:Cross", parameters={"fast": 5}, data="prices.parquet")
    >>> RunRequest.from_mapping(request.to_mapping()) == request
    True
    """

    strategy: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: str | None = None
    symbols: tuple[str, ...] | None = None
    interval: str | None = None
    config: BacktestConfig = field(default_factory=BacktestConfig)
    snapshot_id: str | None = None
    engine: str = "custom"
    mode: str = "interpreted"
    fidelity: str = "strict"

    def __post_init__(self) -> None:
        """Check the names; the strategy and the data are looked for when the request is run."""
        if not isinstance(self.strategy, (str, type)) or not self.strategy:
            fix = "give a class, or a text such as 'strategies.py:Cross'"
            raise ConfigError.of("strategy", self.strategy, "must be a strategy class or a reference to one", fix=fix)
        checks.mapping("parameters", self.parameters)
        checks.choice("mode", self.mode, MODES)
        checks.choice("fidelity", self.fidelity, FIDELITIES)
        checks.text("engine", self.engine)
        checks.instance("config", self.config, BacktestConfig)
        if self.symbols is not None:
            self._check_symbols()

    def _check_symbols(self) -> None:
        symbols: object = self.symbols
        if not isinstance(symbols, (list, tuple)) or not symbols:
            raise ConfigError.of("symbols", symbols, "must be a list of symbols", fix="write e.g. ('AAPL',)")
        object.__setattr__(self, "symbols", tuple(checks.text("symbols", each) for each in symbols))

    @property
    def data_snapshot_id(self) -> str | None:
        """Another name of `snapshot_id`."""
        return self.snapshot_id

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values; a class becomes its `module:Class`."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if isinstance(self.strategy, type):
            values["strategy"] = f"{self.strategy.__module__}:{self.strategy.__qualname__}"
        values["parameters"] = dict(self.parameters)
        values["symbols"] = None if self.symbols is None else list(self.symbols)
        values["config"] = self.config.to_mapping()
        return values

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> RunRequest:
        """Build from names and plain values; an unknown name is a `ConfigError` with a suggestion."""
        given = checks.mapping("request", values)
        if "data_snapshot_id" in given:
            given = {"snapshot_id": given.pop("data_snapshot_id"), **given}
        checks.known_names("request", given, [each.name for each in fields(cls)])
        if "strategy" not in given:
            raise ConfigError("strategy is missing", where="request", fix="add strategy = 'strategies.py:Cross'")
        made: dict[str, Any] = dict(given)
        if isinstance(made.get("config"), Mapping):
            made["config"] = BacktestConfig.from_mapping(made["config"])
        return cls(**made)
