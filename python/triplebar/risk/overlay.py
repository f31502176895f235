"""Targets under caps: the face of the overlay kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import pyarrow as pa

from triplebar import _native
from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.risk.caps import Caps
from triplebar.risk.tables import grouping, one_batch

STEPS: Final[tuple[str, ...]] = tuple(_native.Overlay.steps())
"""The steps of the overlay, in the order in which they are always taken (R-10)."""


class ArrowBatch(Protocol):
    """Anything that hands one record batch over by the Arrow capsule."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> object:
        """The capsules of schema and data."""


class Overlay:
    """Caps made ready once, for many tables.

    Calling it takes a record batch and returns one that speaks Arrow by capsule, without a detour through Python
    objects: the fast way for small tables. `apply` takes any table and returns a `pyarrow.Table`.

    >>> overlay = Overlay(Caps(total=0.5), by=())
    >>> batch = pa.record_batch({"symbol": ["X"], "side": [1], "target_usd": [80.0], "account_value": [100.0]})
    >>> pa.record_batch(overlay(batch)).column("capped_usd").to_pylist()
    [50.0]
    """

    __slots__ = ("_kernel", "by", "caps", "steps")

    def __init__(self, caps: Caps, *, by: str | Sequence[str] = ("group",), steps: Iterable[str] | None = None) -> None:
        """`steps` takes some of `STEPS` only, for example `["per_token"]`; their order is always the same."""
        checks.instance("caps", caps, Caps)
        self.caps = caps
        self.by = (by,) if isinstance(by, str) else tuple(by)
        self.steps = STEPS if steps is None else _known(steps)
        self._kernel = _native.Overlay(caps.units(), list(self.steps), caps.decimals, list(self.by))

    def __call__(self, targets: ArrowBatch) -> ArrowBatch:
        """Cap a record batch; the answer is one that any Arrow library takes."""
        return self._kernel.apply(targets)

    def apply(self, targets: Any) -> pa.Table:  # noqa: ANN401 - whatever speaks Arrow
        """Cap a table."""
        return pa.Table.from_batches([pa.record_batch(self._kernel.apply(one_batch(targets)))])

    def rank(self, targets: Any) -> pa.Array:  # noqa: ANN401 - whatever speaks Arrow
        """Rank the positions of each group after netting."""
        return pa.array(self._kernel.rank(one_batch(targets)))


def apply_caps(
    targets: Any,  # noqa: ANN401 - whatever speaks Arrow
    caps: Caps,
    *,
    by: str | Sequence[str] | None = None,
    steps: Iterable[str] | None = None,
) -> pa.Table:
    """Cap the targets of each group; no output breaks a cap by even one unit of money.

    In: `symbol`, `side` (+1 long, -1 short), `target_usd` (not negative), `account_value` (one value a group), and the
    columns `by` that tell groups apart (default `group`, if it is there). Out: the same rows and `capped_usd`,
    `bound_by` (the cap that fixed the amount, or `none`) and `cut_usd`. `steps` takes some steps only.

    >>> targets = {
    ...     "symbol": ["BTC", "BTC", "ETH"], "side": [1, -1, 1],
    ...     "target_usd": [9_000.0, 3_000.0, 20_000.0], "account_value": [100_000.0] * 3,
    ... }
    >>> capped = apply_caps(targets, Caps(per_position=0.10))
    >>> capped.column("capped_usd").to_pylist(), capped.column("bound_by").to_pylist()
    ([6000.0, 0.0, 10000.0], ['net', 'net', 'per_position'])
    """
    batch = one_batch(targets)
    return Overlay(caps, by=grouping(batch, by), steps=steps).apply(batch)


def rank_targets(targets: Any, *, by: str | Sequence[str] | None = None) -> pa.Array:  # noqa: ANN401
    """Rank the positions of each group by size after netting: 1 is the largest, 0 stands where nothing is left (R-12).

    >>> targets = {"symbol": ["A", "B"], "side": [1, 1], "target_usd": [5.0, 7.0], "account_value": [1.0, 1.0]}
    >>> rank_targets(targets).to_pylist()
    [2, 1]
    """
    batch = one_batch(targets)
    return Overlay(Caps(), by=grouping(batch, by), steps=["net"]).rank(batch)


def _known(steps: Iterable[str]) -> tuple[str, ...]:
    if isinstance(steps, str):
        raise ConfigError.of("steps", steps, "must be a list of steps", fix=f"write steps=[{steps!r}]")
    wanted = [checks.choice("steps", each, STEPS) for each in steps]
    return tuple(each for each in STEPS if each in wanted)
