"""What `verify` found: who agrees, where they part first, and what the difference is due to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from triplebar.contracts.result import RunResult
from triplebar.contracts.tables import TIME
from triplebar.contracts.time import to_text
from triplebar.research.tolerances import RUNGS, Check
from triplebar.research.verify.explaining import Explanation
from triplebar.research.verify.first import FirstDifference


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the orders of two engines correspond."""

    paired: int
    equal: int
    """Paired, and filled at the same ticks, prices, sizes and fees."""
    first_only: tuple[int, ...]
    """Orders that only the first engine sent."""
    second_only: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One engine against the first one."""

    engine: str
    agree: bool
    divergence: float
    """The difference of profits, as a share of the first engine's (of 1 % of the capital, if that is more)."""
    of_capital: float
    """The same difference as a share of the initial capital."""
    checks: tuple[Check, ...]
    pairing: Pairing
    first: FirstDifference | None
    explanation: Explanation | None
    alert: bool = False
    """Whether the divergence is above 0.1 %."""


@dataclass(frozen=True)
class VerifyReport:
    """What `verify` found; it is true if all engines agree.

    - `divergence`: by engine, the difference of profits as a fraction; `first_difference`: the earliest of all.
    - `causes`: a table with one row for each engine and cause; `unexplained` stands first.
    - `agreements`: everything about one engine against the first one; `results`: what each engine gave.

    >>> import triplebar as tb
    >>> report = tb.verify(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
    >>> bool(report), report.causes.num_rows
    (True, 0)
    """

    mode: str
    rung: int
    base: str
    results: Mapping[str, RunResult]
    agreements: tuple[Agreement, ...]
    failures: Mapping[str, str] = field(default_factory=dict)
    """Engines that did not run to the end, and why."""
    interrupted: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each engine took, and `comparing` and `explaining`."""

    @property
    def agree(self) -> bool:
        """Whether every engine ran and agrees with the first within the rung."""
        return not self.failures and not self.interrupted and all(each.agree for each in self.agreements)

    def __bool__(self) -> bool:
        return self.agree

    @property
    def divergence(self) -> dict[str, float]:
        """By engine, the difference of profits as a fraction of the first engine's."""
        return {each.engine: each.divergence for each in self.agreements}

    @property
    def first_difference(self) -> FirstDifference | None:
        """The earliest difference of all engines; None if there is none."""
        found = [each.first for each in self.agreements if each.first is not None]
        return min(found, key=lambda each: each.clock) if found else None

    @cached_property
    def causes(self) -> pa.Table:
        """One row for each engine and cause: the amount, its share of the difference, how it was found."""
        rows = [row for each in self.agreements for row in self._cause_rows(each)]
        return pa.Table.from_pylist(rows, schema=CAUSES)

    def _cause_rows(self, agreement: Agreement) -> Iterator[dict[str, Any]]:
        if agreement.explanation is None:
            return
        whole, base = agreement.explanation.difference_minor, self.results[self.base]
        power = 10**base.settings.cash_precision
        for each in agreement.explanation.shares:
            clock = each.first_clock
            known = clock is not None and 0 <= clock < base.clock.size
            yield {
                "engine": agreement.engine,
                "cause": each.cause,
                "amount": each.amount_minor / power,
                "amount_minor": each.amount_minor,
                "share": each.amount_minor / whole if whole else 0.0,
                "how": each.how,
                "rule": each.rule or None,
                "places": each.places,
                "first_time": int(base.clock[clock]) if known else None,
                "text": each.text,
            }

    @property
    def overhead(self) -> float:
        """The share of the time that was spent on comparing, not on engines; explaining is counted apart."""
        return self.seconds.get("comparing", 0.0) / max(sum(self.seconds.values()), 1e-9)

    def to_mapping(self) -> dict[str, Any]:
        """Everything but the results as plain values, for JSON."""
        return {
            "agree": self.agree,
            "mode": self.mode,
            "rung": self.rung,
            "rung_use": RUNGS[self.rung].use,
            "base": self.base,
            "interrupted": self.interrupted,
            "failures": dict(self.failures),
            "engines": {name: _run(result) for name, result in self.results.items()},
            "agreements": [self._agreement(each) for each in self.agreements],
            "causes": [_plain(row) for row in self.causes.to_pylist()],
            "seconds": dict(self.seconds),
        }

    def _agreement(self, each: Agreement) -> dict[str, Any]:
        power = 10 ** self.results[self.base].settings.cash_precision
        explained = each.explanation
        return {
            "engine": each.engine,
            "agree": each.agree,
            "divergence": each.divergence,
            "of_capital": each.of_capital,
            "alert": each.alert,
            "checks": [asdict(check) for check in each.checks],
            "pairing": asdict(each.pairing),
            "first_difference": None if each.first is None else each.first.to_mapping(),
            "difference": None if explained is None else explained.difference_minor / power,
            "unexplained": None if explained is None else explained.unexplained_minor / power,
            "main_cause": None if explained is None else explained.main,
            "switched": [] if explained is None else list(explained.switched),
            "runs_to_explain": 0 if explained is None else explained.runs,
        }

    def __str__(self) -> str:
        from triplebar.research.verify.text import text_report

        return text_report(self)


CAUSES = pa.schema(
    {
        "engine": pa.string(),
        "cause": pa.string(),
        "amount": pa.float64(),
        "amount_minor": pa.int64(),
        "share": pa.float64(),
        "how": pa.string(),
        "rule": pa.string(),
        "places": pa.int64(),
        "first_time": TIME,
        "text": pa.string(),
    }
)
"""The columns of `VerifyReport.causes`."""


def _run(result: RunResult) -> dict[str, Any]:
    return {
        "engine": result.record.engine,
        "engine_version": result.record.engine_version,
        "ending_value": result.ending_value,
        "orders": result.canonical("orders").num_rows,
        "fills": result.canonical("fills").num_rows,
        "result_hash": result.result_hash,
        "provenance": dict(result.provenance),
        "warnings": list(result.warnings),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    time = row["first_time"]
    return row | {"first_time": None if time is None else to_text(time.value)}
