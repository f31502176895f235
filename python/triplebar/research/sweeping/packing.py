"""A recipe as bytes: what is sent to workers once, and read by them without a copy of the market.

Arrays are kept apart from the rest, as they lie in memory. On one machine they are put into an Arrow file that all
workers map; elsewhere they are sent. Strategies are found again by the file of their module; functions and classes that
have no such place (a notebook, a function inside a function) need cloudpickle, which Ray and Dask bring along.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from triplebar.contracts.errors import TranslationError
from triplebar.engines.remote.parcels import found_in, load_file, origin_of

PROTOCOL = 5
SCHEMA = pa.schema([pa.field("bytes", pa.uint8(), nullable=False)])


@dataclass(frozen=True)
class Packed:
    """Bytes of an object, and its arrays as they are."""

    head: bytes
    origin: dict[str, Any]
    """Where the other side finds the strategy's module."""
    buffers: Sequence[Any]

    @property
    def key(self) -> str:
        """What the workers know it by."""
        sha = hashlib.sha256(self.head)
        sha.update(repr(self.origin.get("version")).encode())
        for each in self.buffers:
            sha.update(each)
        return sha.hexdigest()[:32]

    def sent(self) -> Packed:
        """With copies of the arrays, for somebody who cannot see this memory."""
        return Packed(self.head, self.origin, [bytes(each) for each in self.buffers])


def pack(thing: object, strategy: object) -> Packed:
    """Pack an object that holds a strategy.

    >>> unpack(pack({"a": 1}, None))
    {'a': 1}
    """
    found: list[pickle.PickleBuffer] = []
    try:
        head = pickle.dumps(thing, protocol=PROTOCOL, buffer_callback=found.append)
    except Exception as problem:  # noqa: BLE001 - pickle raises whatever an object raises
        found.clear()
        head = _by_value(thing, found, problem)
    while isinstance(strategy, partial):
        strategy = strategy.func
    kind = strategy if isinstance(strategy, type) or hasattr(strategy, "__module__") else type(strategy)
    return Packed(head, origin_of(kind), [each.raw() for each in found])


def unpack(packed: Packed) -> Any:  # noqa: ANN401 - what was packed
    """Give the object, its arrays in the memory of the buffers."""
    root = packed.origin["root"]
    if root and root not in sys.path:
        sys.path.insert(0, root)
    return _Unpickler(packed).load()


def write_arrow(packed: Packed, path: Path) -> None:
    """Write the arrays to an Arrow file, one record batch each, so that readers can map them."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        for each in (packed.head, *packed.buffers):
            buffer = pa.py_buffer(each)
            column = pa.Array.from_buffers(pa.uint8(), buffer.size, [None, buffer])
            writer.write_batch(pa.RecordBatch.from_arrays([column], schema=SCHEMA))


def read_arrow(path: Path, origin: dict[str, Any]) -> Packed:
    """Map such a file: nothing is read before it is needed, and pages are shared by all who map it."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    columns = [reader.get_batch(number).column(0) for number in range(reader.num_record_batches)]
    head, *buffers = (memoryview(column.buffers()[1])[: len(column)] if len(column) else b"" for column in columns)
    return Packed(bytes(head), origin, buffers)


def _by_value(thing: object, found: list[pickle.PickleBuffer], problem: Exception) -> bytes:
    fix = "define the strategy at the top of a file, or pip install cloudpickle"
    try:
        import cloudpickle
    except ImportError:
        raise TranslationError(f"cannot be sent to workers: {problem}", where="strategy", fix=fix) from problem
    try:
        packed: bytes = cloudpickle.dumps(thing, protocol=PROTOCOL, buffer_callback=found.append)
    except Exception as deeper:
        fix = "define the strategy at the top of a file, and give it plain parameters"
        raise TranslationError(f"cannot be sent to workers: {deeper}", where="strategy", fix=fix) from deeper
    return packed


class _Unpickler(pickle.Unpickler):
    """Finds the strategy's class in its file, also where the file is a script."""

    def __init__(self, packed: Packed) -> None:
        super().__init__(io.BytesIO(packed.head), buffers=packed.buffers)
        self.origin = packed.origin

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
        if self.origin["file"] and module == self.origin["module"]:
            return found_in(load_file(self.origin), name)
        return super().find_class(module, name)
