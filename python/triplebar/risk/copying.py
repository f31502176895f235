"""What following others comes to: copy sizes, and one portfolio of many traders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from triplebar import _native
from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.contracts.exact import Number, scaled
from triplebar.risk.tables import grouping, one_batch

PPB_DECIMALS: Final = 9


def copy_size(
    account_value: Any,  # noqa: ANN401 - a number or a column
    trader_account: Any,  # noqa: ANN401
    position_usd: Any,  # noqa: ANN401
    *,
    ratio: Number = 0.5,
    decimals: int = 2,
) -> pa.Array | float:
    """Scale somebody's position to one's own account: mine · position ÷ theirs · ratio, rounded down (R-20).

    Takes numbers or columns; an account worth nothing copies nothing.

    >>> copy_size(10_000.0, 100_000.0, 20_000.0)
    1000.0
    >>> copy_size([10_000.0, 10_000.0], [100_000.0, 0.0], [20_000.0, 20_000.0]).to_pylist()
    [1000.0, 0.0]
    """
    given = {"account_value": account_value, "trader_account": trader_account, "position_usd": position_usd}
    mine, theirs, positions = columns = [_column(name, value) for name, value in given.items()]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise DataQualityError(f"columns of {sorted(lengths)} rows", where="copy_size", fix="give equal lengths")
    sizes = pa.array(_native.copy_sizes(mine, theirs, positions, parts("ratio", ratio), decimals))
    return sizes if _is_column(position_usd) else float(sizes[0].as_py())


def _is_column(value: object) -> bool:
    return not isinstance(value, (int, float)) and hasattr(value, "__len__")


def _column(name: str, value: Any) -> pa.Array:  # noqa: ANN401 - a number or a column
    array = value if isinstance(value, pa.Array) else None
    if isinstance(value, pa.ChunkedArray):
        array = value.combine_chunks()
    if array is None:
        array = pa.array(value if _is_column(value) else [value], pa.float64())
    if array.null_count:
        raise DataQualityError("a value is missing", where=f"column {name}", fix="fill it in or drop the row")
    return array


def parts(name: str, value: Number) -> int:
    """Return a share in whole parts per billion.

    >>> parts("band", 0.1)
    100000000
    """
    number = checks.number(name, value, low=0)
    if number > 1_000:
        raise ConfigError.of(name, value, "must be at most 1000", fix="write 0.1 for 10 %")
    return int(scaled(number, PPB_DECIMALS))


def weigh_targets(copies: Any, *, by: str | Sequence[str] | None = None, decimals: int = 2) -> pa.Table:  # noqa: ANN401
    """Put the positions of many traders together by score: Σ score · copy ÷ Σ score, by token and side (R-27).

    In: `trader`, `score` (0 or more, one a trader and group), `symbol`, `side`, `copy_usd`, and the columns `by`. A
    trader who holds nothing still counts: give him one row of size 0. Out: the columns `by`, `symbol`, `side`,
    `target_usd`, and `account_value` if it is there, ready for `apply_caps`; nobody with a score gives no rows.

    >>> copies = {
    ...     "trader": ["a", "b", "c"], "score": [0.6, 0.2, 0.0], "symbol": ["BTC", "BTC", "ETH"],
    ...     "side": [1, 1, -1], "copy_usd": [1_000.0, 500.0, 800.0],
    ... }
    >>> weigh_targets(copies).to_pylist()
    [{'symbol': 'BTC', 'side': 1, 'target_usd': 875.0}]
    """
    batch = one_batch(copies)
    names = grouping(batch, by)
    found = pa.record_batch(_native.weigh_targets(batch, list(names), decimals))
    kept = [*names, "symbol", "side", *(["account_value"] if "account_value" in batch.schema.names else [])]
    table = pa.Table.from_batches([batch.select(kept)]).take(found.column("row"))
    table = table.append_column("target_usd", found.column("target_usd"))
    return table.filter(pa.compute.greater(table.column("target_usd"), 0.0))
