"""One engine's result against another's: divergence, the ladder, pairing, the first difference, the causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from triplebar.contracts.result import RunResult
from triplebar.research.tolerances import PROFIT_FLOOR, RUNGS, Check, checks
from triplebar.research.verify import direct
from triplebar.research.verify.explaining import Explainer, Explanation
from triplebar.research.verify.first import first_difference
from triplebar.research.verify.pairing import pair_orders
from triplebar.research.verify.pieces import Match, matches
from triplebar.research.verify.report import Agreement, Pairing
from triplebar.research.verify.rerun import Reruns
from triplebar.research.verify.side import Side

ALERT: Final = 1e-3
"""A divergence above this is worth a word even where it is no failure."""


class Comparing:
    """Two results, the first one being what the other is measured by."""

    def __init__(self, left: RunResult, right: RunResult, rung: int, label: str) -> None:
        """Compare; nothing is explained yet."""
        self.label = label
        self.left, self.right = Side.of(left), replace(Side.of(right), name=label)
        self.identical = left.result_hash == right.result_hash
        self.checks: tuple[Check, ...] = () if self.identical else tuple(checks(left, right, RUNGS[rung]))
        self.found: Sequence[Match] = () if self.identical else self._matches()
        self.paired = left.canonical("orders").num_rows
        self.explanation: Explanation | None = None

    @property
    def agree(self) -> bool:
        """Whether everything is within the rung."""
        return all(each.passed for each in self.checks)

    @property
    def differs(self) -> bool:
        """Whether there is anything to explain."""
        profits = self.left.profit_minor != self.right.profit_minor
        return not self.identical and (profits or any(not match.quiet for match in self.found))

    def explain(self, reruns: Reruns | None) -> None:
        """Find the causes of what differs."""
        self.explanation = Explainer(self.left, self.right, reruns).explanation()

    def agreement(self) -> Agreement:
        """Everything that was found."""
        gap = abs(self.left.profit_minor - self.right.profit_minor)
        capital = abs(self.left.initial_minor)
        divergence = gap / max(abs(self.left.profit_minor), PROFIT_FLOOR * capital, 1e-300)
        rows = direct.parts(self.left, self.right, self.found) if self.found else []
        return Agreement(
            self.label,
            self.agree,
            divergence,
            gap / max(capital, 1e-300),
            self.checks,
            self._pairing(),
            first_difference(self.left, self.right, self.found, rows),
            self.explanation,
            alert=divergence > ALERT,
        )

    def _matches(self) -> list[Match]:
        return list(matches(self.left, self.right, pair_orders(self.left, self.right)))

    def _pairing(self) -> Pairing:
        if self.identical:
            return Pairing(self.paired, self.paired, (), ())
        both = [match for match in self.found if match.left is not None and match.right is not None]
        return Pairing(
            len(both),
            sum(match.quiet for match in both),
            tuple(match.left.number for match in self.found if match.left is not None and match.right is None),
            tuple(match.right.number for match in self.found if match.right is not None and match.left is None),
        )
