"""Anything that Python can hand to the native module."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

EDGES = (0, 1, -1, 2, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64, 2**200)
DOUBLES = (0.0, -0.0, 0.5, 1e-308, 5e-324, 1e15, 9.2e18, 1e19, 1e300, float("nan"), float("inf"), -float("inf"))
WORDS = ("AA", "BB", "", "x", "USD", "gtc", "gtd", "ioc", "at_open", "equity", "on_bar", "\ud800", "é" * 40, "a\0b")


class Stubborn:
    """Refuses to be anything."""

    def _no(self, *_: object) -> Any:
        raise ZeroDivisionError

    __float__ = __index__ = __len__ = __iter__ = __getitem__ = __hash__ = _no


OBJECTS: tuple[Any, ...] = (
    None, True, False, 1j, b"bytes", object(), int, Stubborn(), Decimal("1.5"), Decimal("NaN"),
    dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.timedelta(hours=1),  # noqa: DTZ001
    np.float64(3), np.int64(-1), np.array([1.0]), np.datetime64("2024-01-01"), pa.array([1.0]), pa.scalar(1),
)  # fmt: skip

POOL: tuple[Any, ...] = (*EDGES, *DOUBLES, *WORDS, *OBJECTS, [], {}, (1, "a"), [[1.0]])

numbers = st.one_of(st.sampled_from(EDGES), st.sampled_from(DOUBLES), st.integers(), st.floats())
objects = st.integers(0, len(OBJECTS) - 1).map(lambda place: OBJECTS[place])
leaves = st.one_of(objects, numbers, st.sampled_from(WORDS), st.text(max_size=8), st.binary(max_size=8))
anything: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
)
