"""One sequence of bytes for one value: what identities are computed from, equal in Python and Rust.

Every value is a tag (one byte) and a body. Lengths and counts are unsigned 32-bit big-endian.

| tag | value    | body                                                                                  |
|-----|----------|---------------------------------------------------------------------------------------|
| `N` | None     | nothing                                                                               |
| `T` | True     | nothing                                                                               |
| `F` | False    | nothing                                                                               |
| `I` | integer  | length, then big-endian two's complement in `bits(abs(n)) // 8 + 1` bytes             |
| `D` | float    | eight bytes, big-endian IEEE 754; all NaN are `7ff8000000000000`; -0.0 is not 0.0      |
| `S` | text     | length, then UTF-8                                                                    |
| `B` | bytes    | length, then the bytes                                                                |
| `M` | Decimal  | body of the text `<coefficient>E<exponent>` without trailing zeros; zero is `0E0`     |
| `Z` | time     | body of the integer of nanoseconds since 1970                                         |
| `L` | sequence | count, then the items; lists and tuples are the same                                  |
| `O` | mapping  | count, then keys (body of a text) and values, sorted by the bytes of the key          |
| `C` | record   | body of the name as a text, then the body of a mapping of its fields (a dataclass)    |

No value's bytes are the beginning of another's, so different values never look the same.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from numbers import Integral
from typing import Final

from triplebar.contracts.time import to_ns

DEPTH_MAX: Final = 64
"""Values nested deeper than this are refused, so that no input can exhaust the stack."""
NAN: Final = bytes.fromhex("7ff8000000000000")


def encode(value: object) -> bytes:
    """The canonical bytes of a value; `ValueError` for what has none.

    >>> encode({"b": 1, "a": [True, None]}).hex()
    '4f0000000200000001614c00000002544e0000000162490000000101'
    >>> encode(Decimal("1.50")) == encode(Decimal("1.5"))
    True
    """
    out = bytearray()
    _write(out, value, 0)
    return bytes(out)


def digest(value: object) -> str:
    """The SHA-256 of the canonical bytes, in hexadecimal.

    >>> digest(None)
    '8ce86a6ae65d3692e7305e2c58ac62eebd97d3d943e093f577da25c36988246b'
    """
    return hashlib.sha256(encode(value)).hexdigest()


def _write(out: bytearray, value: object, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError(f"nested more than {DEPTH_MAX} deep; flatten the value")
    if value is None:
        out += b"N"
    elif isinstance(value, bool):
        out += b"T" if value else b"F"
    elif isinstance(value, float):
        out += b"D" + (NAN if math.isnan(value) else struct.pack(">d", value))
    elif isinstance(value, str):
        out += b"S" + _text(value)
    elif isinstance(value, (bytes, bytearray)):
        out += b"B" + _sized(bytes(value))
    elif isinstance(value, Decimal):
        out += b"M" + _decimal(value)
    elif isinstance(value, datetime):
        out += b"Z" + _integer(to_ns(value))
    elif isinstance(value, Integral):
        out += b"I" + _integer(int(value))
    else:
        _write_container(out, value, depth + 1)


def _write_container(out: bytearray, value: object, depth: int) -> None:
    if isinstance(value, Mapping):
        out += b"O"
        _write_items(out, value, depth)
    elif isinstance(value, (list, tuple)):
        out += b"L" + _count(len(value))
        for each in value:
            _write(out, each, depth)
    elif is_dataclass(value) and not isinstance(value, type):
        out += b"C" + _text(type(value).__name__)
        _write_items(out, {each.name: getattr(value, each.name) for each in fields(value)}, depth)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical bytes; convert it to plain values first")


def _write_items(out: bytearray, items: Mapping[object, object], depth: int) -> None:
    out += _count(len(items))
    rows = []
    for key, each in items.items():
        if not isinstance(key, str):
            raise ValueError(f"the key {key!r} is not a text; only texts can name items")  # noqa: TRY004
        rows.append((_bytes(key), each))
    for name, each in sorted(rows, key=lambda row: row[0]):
        out += _sized(name)
        _write(out, each, depth)


def _count(number: int) -> bytes:
    return struct.pack(">I", number)


def _sized(body: bytes) -> bytes:
    return _count(len(body)) + body


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text!r} is not valid Unicode; remove the lone surrogate") from None


def _text(text: str) -> bytes:
    return _sized(_bytes(text))


def _integer(number: int) -> bytes:
    return _sized(number.to_bytes(abs(number).bit_length() // 8 + 1, "big", signed=True))


def _decimal(number: Decimal) -> bytes:
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{number} is not a finite decimal")  # noqa: TRY004
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if not short:
        return _text("0E0")
    return _text(f"{'-' if sign else ''}{short}E{exponent + len(text) - len(short)}")
