"""From what is held to what is wanted: the orders of one rebalance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar import _native
from triplebar.contracts import checks
from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.exact import Number, exact
from triplebar.contracts.model import FrozenMapping, Model, number_by_name, strict
from triplebar.risk.copying import parts
from triplebar.risk.tables import grouping, one_batch

BPS_PPB: Final = 100_000
DEFAULT: Final = "default"


@strict
@dataclass(frozen=True)
class Rebalance(Model):
    """How to trade the difference.

    Changes smaller than `band` of what is held are left alone; an increase above `market_above` of it goes at market, a
    smaller one at a limit, `slippage_bps` away from the mark. `slippage_bps`, `price_decimals` and `size_decimals` are
    one number, or numbers by symbol with `"default"` for the rest.

    >>> Rebalance(slippage_bps={"BTC": 3, "default": 15}).of("slippage_bps", "ETH")
    Decimal('15')
    """

    band: Number = 0.10
    market_above: Number = 0.20
    slippage_bps: Number | Mapping[str, Number] = 15
    price_decimals: int | Mapping[str, int] = 8
    size_decimals: int | Mapping[str, int] = 8
    decimals: int = 2

    def __post_init__(self) -> None:
        """Check everything."""
        for name in ("band", "market_above"):
            self._number(name)
            parts(self._named(name), getattr(self, name))
        for name in ("slippage_bps", "price_decimals", "size_decimals"):
            self._set(name, number_by_name(self._named(name), getattr(self, name)))
        self._set("decimals", checks.integer(self._named("decimals"), self.decimals, high=9))
        for name in ("price_decimals", "size_decimals"):
            value = getattr(self, name)
            for each in value.values() if isinstance(value, FrozenMapping) else (value,):
                checks.integer(self._named(name), int(each) if each == int(each) else each, high=9)

    def of(self, name: str, symbol: str) -> Any:  # noqa: ANN401 - the number of a setting
        """Return the setting of one symbol; what is not listed has the default."""
        value = getattr(self, name)
        if not isinstance(value, FrozenMapping):
            return value
        found = value.get(symbol, value.get(DEFAULT))
        if found is None:
            fix = f"add {name}[{symbol!r}] or {name}['default']"
            raise DataQualityError(f"no {name}", where=symbol, fix=fix)
        return found


ORDER_COLUMNS: Final = ("action", "side", "delta_usd", "order_type", "limit_price", "quantity", "reduce_only")


def rebalance(
    held: Any,  # noqa: ANN401 - whatever speaks Arrow
    targets: Any,  # noqa: ANN401
    marks: Mapping[str, float],
    rules: Rebalance | None = None,
    *,
    by: str | Sequence[str] | None = None,
) -> pa.Table:
    """Give the orders that lead from what is held to what is wanted, in the order of sending (R-21 to R-26).

    `held` has `symbol`, `side`, `current_usd` (at the mark); `targets` has `symbol`, `side`, `target_usd` or, if it was
    capped, `capped_usd`; both the columns `by`. At most one row a symbol and group in each. Out, a row an order: the
    columns `by`, `symbol`, `action` (close, decrease, increase, open, in this order), `side` (+1 buy), `current_usd`,
    `target_usd` (with a sign), `delta_usd`, `order_type`, `limit_price`, `quantity`, `reduce_only`. A flip is a close
    and an open.

    >>> orders = rebalance(
    ...     {"symbol": ["BTC", "ETH"], "side": [1, 1], "current_usd": [10_000.0, 5_000.0]},
    ...     {"symbol": ["BTC"], "side": [1], "target_usd": [11_500.0]},
    ...     {"BTC": 50_000.0, "ETH": 2_500.0}, Rebalance(slippage_bps={"BTC": 3, "default": 5}),
    ... )
    >>> orders.select(["symbol", "action", "side", "limit_price", "quantity"]).to_pylist()
    [{'symbol': 'ETH', 'action': 'close', 'side': -1, 'limit_price': None, 'quantity': 2.0},
     {'symbol': 'BTC', 'action': 'increase', 'side': 1, 'limit_price': 50015.0, 'quantity': 0.03}]
    """
    rules = rules or Rebalance()
    batches = one_batch(held), one_batch(targets)
    names = grouping(batches[0] if batches[0].num_rows else batches[1], by)
    wanted = "capped_usd" if "capped_usd" in batches[1].schema.names else "target_usd"
    current = _signed("held", batches[0], (*names, "symbol"), "current_usd")
    target = _signed("targets", batches[1], (*names, "symbol"), wanted)
    keys = sorted(current.keys() | target.keys())
    values = [np.array([side.get(key, 0.0) for key in keys], dtype=np.float64) for side in (current, target)]
    found = _orders(keys, values, marks, rules)
    return _table(names, keys, values, found, batches[0] if batches[0].num_rows else batches[1])


Key = tuple[Any, ...]


def _signed(what: str, batch: pa.RecordBatch, keys: Sequence[str], amount: str) -> dict[Key, float]:
    """What stands in each group and symbol, with its sign."""
    missing = [name for name in (*keys, "side", amount) if name not in batch.schema.names]
    if batch.num_rows == 0:
        return {}
    if missing:
        known = ", ".join(batch.schema.names)
        raise DataQualityError(f"column {missing[0]} is missing; there are: {known}", where=what)
    found: dict[Key, float] = {}
    columns = [batch.column(name).to_pylist() for name in (*keys, "side", amount)]
    for row, (*key, side, value) in enumerate(zip(*columns, strict=True)):
        where = f"{what}, row {row}"
        _check_row(where, key, side, value)
        if tuple(key) in found and value and found[tuple(key)]:
            fix = "net and sum the rows first: apply_caps does"
            raise DataQualityError(f"{key[-1]} stands there twice", where=where, fix=fix)
        found[tuple(key)] = found.get(tuple(key), 0.0) + side * float(value)
    return found


def _check_row(where: str, key: Sequence[object], side: object, value: object) -> None:
    if any(each is None for each in key):
        raise DataQualityError("a name is missing", where=where, fix="fill it in or drop the row")
    if side not in (1, -1):
        raise DataQualityError(f"{side!r} is no side", where=where, fix="write +1 for long and -1 for short")
    try:
        usable = exact(value) >= 0
    except ValueError:
        usable = False
    if not usable:
        fix = "give a finite amount; the direction stands in the column side"
        raise DataQualityError(f"the amount {value!r} cannot be used", where=where, fix=fix)


def _orders(keys: Sequence[Key], values: Sequence[Any], marks: Mapping[str, float], rules: Rebalance) -> pa.RecordBatch:
    symbols = [key[-1] for key in keys]
    needed = [held != wanted for held, wanted in zip(*values, strict=True)]
    for symbol, used in zip(symbols, needed, strict=True):
        if used and symbol not in marks:
            raise DataQualityError("no mark", where=symbol, fix="add its price to marks, or leave the token out")
    mark = np.array([float(marks.get(symbol, 1.0)) for symbol in symbols], dtype=np.float64)
    groups = {group: number for number, group in enumerate(dict.fromkeys(key[:-1] for key in keys))}
    whole = [
        [groups[key[:-1]] for key in keys],
        [int(exact(rules.of("slippage_bps", symbol)) * BPS_PPB) for symbol in symbols],
        [int(rules.of("price_decimals", symbol)) for symbol in symbols],
        [int(rules.of("size_decimals", symbol)) for symbol in symbols],
    ]
    shares = (parts("band", rules.band), parts("market_above", rules.market_above), rules.decimals)
    arrays = [to_arrow(np.array(each, dtype=np.int64)) for each in whole]
    return pa.record_batch(
        _native.rebalance((to_arrow(values[0]), to_arrow(values[1])), to_arrow(mark), arrays, shares)
    )


def _table(
    names: Sequence[str], keys: Sequence[Key], values: Sequence[Any], found: pa.RecordBatch, like: pa.RecordBatch
) -> pa.Table:
    rows = found.column("row").to_numpy()
    columns: dict[str, Any] = {}
    for place, name in enumerate((*names, "symbol")):
        kind = like.schema.field(name).type if name in like.schema.names else pa.string()
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        columns[name] = pa.array([keys[row][place] for row in rows], kind)
    order: Iterable[str] = ("action", "side")
    columns |= {name: found.column(name) for name in order}
    columns |= {"current_usd": to_arrow(values[0][rows]), "target_usd": to_arrow(values[1][rows])}
    columns |= {name: found.column(name) for name in ORDER_COLUMNS if name not in columns}
    return pa.table(columns)
