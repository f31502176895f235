"""The identity of a result: SHA-256 over the canonical tables and labels, byte for byte the same everywhere."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import Column, to_numpy
from triplebar.contracts.tables import HASHED


def result_hash(table: Callable[[str], pa.Table], labels: Sequence[str]) -> str:
    """Hash the tables equity, orders, fills, events and flows, then the labels.

    Each table is its name, then for each column its name and its values as little-endian bytes (truth values as
    one byte, times as 64-bit nanoseconds). Each label is its length in bytes (32 bits, little-endian), then UTF-8.

    >>> from triplebar.contracts.tables import empty
    >>> result_hash(empty, [])[:16]
    '956d2e52a8e4cfbe'
    """
    digest = hashlib.sha256()
    for name in HASHED:
        digest.update(name.encode())
        found = table(name)
        for column in found.column_names:
            digest.update(column.encode())
            for chunk in found.column(column).chunks:
                digest.update(_little(to_numpy(chunk)).data)
    for label in labels:
        text = label.encode()
        digest.update(struct.pack("<I", len(text)))
        digest.update(text)
    return digest.hexdigest()


def _little(values: Column) -> Column:
    """The values as contiguous little-endian bytes; themselves wherever they already are."""
    return np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False))
