"""What is known about a run beside its numbers: who ran what on which data, when, and how long it took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np

from triplebar.contracts.canonical import digest
from triplebar.contracts.exact import plain
from triplebar.contracts.time import to_ns, to_text


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Everything that can change a result, as digests; equal identities give equal results.

    >>> RunIdentity("aa", {"fast": 5}, "bb", "cc", "custom", 1, 0).run_id
    'tb-763ebec7ed99b749'
    """

    strategy_digest: str
    parameters: Mapping[str, Any]
    config_hash: str
    data_digest: str
    engine: str
    rules_version: int
    seed: int

    @property
    def run_id(self) -> str:
        """`tb-` and the first 16 hexadecimal digits of the SHA-256 of all fields."""
        return f"tb-{digest([getattr(self, each.name) for each in fields(self)])[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What is noted while a run goes on; nothing in here but `engine` takes part in an identity."""

    engine: str
    engine_version: str
    requested_engine: str
    mode: str
    strategy: str
    parameters: Mapping[str, Any]
    config: Mapping[str, Any]
    data: Mapping[str, Any]
    calendar: str
    created_at: str
    status: str = "completed"
    error: str | None = None
    snapshot_id: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    peak_memory_bytes: int | None = None
    system: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetadata:
    """The complete description of a run, as it is stored with its result."""

    run_id: str
    result_hash: str
    engine: str
    engine_version: str
    requested_engine: str
    mode: str
    rules_version: int
    strategy: str
    strategy_digest: str
    parameters: Mapping[str, Any]
    config: Mapping[str, Any]
    config_hash: str
    data: Mapping[str, Any]
    data_digest: str
    snapshot_id: str | None
    seed: int
    calendar: str
    created_at: str
    status: str
    error: str | None
    timings: Mapping[str, float]
    peak_memory_bytes: int | None
    system: Mapping[str, Any]
    provenance: Mapping[str, str]

    @classmethod
    def of(cls, record: RunRecord, identity: RunIdentity, result_hash: str) -> RunMetadata:
        """Put the parts together."""
        parts = {each.name: getattr(record, each.name) for each in fields(record)}
        parts |= {each.name: getattr(identity, each.name) for each in fields(identity)}
        return cls(run_id=identity.run_id, result_hash=result_hash, **parts)

    @property
    def record(self) -> RunRecord:
        """The part that was noted while the run went on."""
        return RunRecord(**{each.name: getattr(self, each.name) for each in fields(RunRecord)})

    @property
    def identity(self) -> RunIdentity:
        """The part that can change a result."""
        return RunIdentity(**{each.name: getattr(self, each.name) for each in fields(RunIdentity)})

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> RunMetadata:
        """Read what `to_mapping` wrote; names that a later minor version has added are passed over."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def plain_values(value: Any) -> Any:  # noqa: ANN401 - any parameter
    """Turn parameters into values that JSON keeps as they are, so that an identity survives being stored.

    >>> plain_values({"size": Decimal("0.10"), "steps": (1, 2)})
    {'size': '0.1', 'steps': [1, 2]}
    """
    if isinstance(value, (np.ndarray, np.bool_)):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain_values(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_values(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain_values(each) for each in value), key=repr)
    if value is None or isinstance(value, (bool, str)):
        return value
    return _plain_object(value)


def _plain_object(value: Any) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return to_text(to_ns(value))
    if hasattr(value, "__index__"):
        return value.__index__()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    text = repr(value)
    return type(value).__qualname__ if " at 0x" in text else text  # an address would differ from run to run
