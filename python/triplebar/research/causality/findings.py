"""What a check found: the bar, the order, and what it should not have depended on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from triplebar.contracts.errors import LookAheadError, StrategyError
from triplebar.contracts.time import to_text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that moved although it should not have."""

    check: str
    """What was changed: `future mirrored`, `data end`, `unrelated instrument`, ..."""
    text: str
    clock: int | None = None
    time: str | None = None
    symbol: str | None = None
    order: int | None = None
    source: str | None = None
    """Where the strategy reads it, if that was found out."""

    def __str__(self) -> str:
        when = f" at {self.time} (bar {self.clock})" if self.clock is not None else ""
        source = f"; read from {self.source}" if self.source else ""
        return f"{self.check}: {self.text}{when}{source}"


@dataclass(frozen=True)
class CheckReport:
    """What the checks of one kind found; it is true if they found nothing.

    `tried` counts what was looked at, by check; `skipped` says what could not be, and why.
    """

    kind: str
    strategy: str
    engine: str
    findings: tuple[Finding, ...]
    tried: Mapping[str, int]
    skipped: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and not self.interrupted

    def __bool__(self) -> bool:
        return self.ok

    def require(self) -> None:
        """Raise for the first finding: `LookAheadError` for causality, `StrategyError` for irrelevance."""
        if self.findings:
            kind = LookAheadError if self.kind == "causality" else StrategyError
            first = self.findings[0]
            raise kind(str(first), where=f"{self.strategy} on {self.engine}", fix="use only what ctx and bars show")

    def to_mapping(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "kind": self.kind,
            "ok": self.ok,
            "strategy": self.strategy,
            "engine": self.engine,
            "interrupted": self.interrupted,
            "findings": [asdict(each) for each in self.findings],
            "tried": dict(self.tried),
            "skipped": dict(self.skipped),
        }

    def __str__(self) -> str:
        word = "interrupted" if self.interrupted else "ok" if self.ok else "FAULTS FOUND"
        lines = [f"{self.kind}: {word} ({self.strategy} on {self.engine})"]
        lines += [f"  {finding}" for finding in self.findings]
        lines += [f"  tried {name}: {count}" for name, count in self.tried.items()]
        lines += [f"  skipped {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join(lines)


def moment_text(clock_ns: Any, clock: int) -> str | None:  # noqa: ANN401 - an array of nanoseconds
    """The time of a tick of the clock; None before the first and after the last."""
    return to_text(int(clock_ns[clock])) if 0 <= clock < len(clock_ns) else None
