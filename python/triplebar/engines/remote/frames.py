"""What goes through the pipes: a line of JSON, and blocks of bytes (Arrow IPC) behind it.

A frame is the length of the JSON (four bytes), the JSON, then each block; `blocks` in the JSON has their lengths.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, NamedTuple

import pyarrow as pa

LENGTH: Final = struct.Struct(">I")


class Frame(NamedTuple):
    """One message."""

    kind: str
    values: Mapping[str, Any]
    blocks: Sequence[bytes]


def write_frame(
    pipe: IO[bytes], kind: str, values: Mapping[str, Any] | None = None, blocks: Sequence[bytes] = ()
) -> None:
    """Write one message and flush it.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> write_frame(pipe, "progress", {"done": 3})
    >>> _ = pipe.seek(0)
    >>> read_frame(pipe)
    Frame(kind='progress', values={'done': 3}, blocks=[])
    """
    header = json.dumps({"kind": kind, "values": values or {}, "blocks": [len(each) for each in blocks]}).encode()
    pipe.write(LENGTH.pack(len(header)) + header)
    for block in blocks:
        pipe.write(block)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Frame | None:
    """Read one message; None at the end of the pipe, `EOFError` in the middle of a message."""
    start = pipe.read(LENGTH.size)
    if not start:
        return None
    header = json.loads(_exactly(pipe, LENGTH.unpack(start)[0]))
    return Frame(header["kind"], header["values"], [_exactly(pipe, size) for size in header["blocks"]])


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) != size:
        raise EOFError(f"the pipe ended {size - len(found)} bytes early")
    return found


def table_block(table: pa.Table) -> bytes:
    """A table as an Arrow IPC stream.

    >>> block_table(table_block(pa.table({"a": [1, 2]})))["a"].to_pylist()
    [1, 2]
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def block_table(block: bytes) -> pa.Table:
    """The table of an Arrow IPC stream."""
    return pa.ipc.open_stream(block).read_all()
