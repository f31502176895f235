"""Values with canonical bytes, as typed JSON that Rust can read too; run it to write the shared vectors anew."""

import json
import random
import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass, make_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from triplebar.contracts.canonical import digest, encode

VECTORS = Path(__file__).with_name("canonical_vectors.json")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record(name: str, names: list[str]) -> Any:
    """A dataclass made on the spot."""
    return make_dataclass(name, names)


CORNERS: list[Any] = [
    None,
    True,
    False,
    *[sign * (2**power + step) for power in (0, 7, 8, 15, 31, 63, 64, 100) for step in (-1, 0, 1) for sign in (1, -1)],
    2**127 - 1,
    -(2**127),
    0.0,
    -0.0,
    0.1,
    1e308,
    5e-324,
    float("inf"),
    float("-inf"),
    float("nan"),
    "",
    "a",
    "\x00",
    "Größe",
    "漢字",
    "😀",
    b"",
    b"\x00\xff",
    Decimal(0),
    Decimal("-0.00"),
    Decimal("1.50"),
    Decimal("1.5"),
    Decimal("15E+3"),
    Decimal("-0.001"),
    Decimal("123456789012345678901234567890.123456789"),
    EPOCH,
    datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1900, 1, 1, tzinfo=UTC),
    [],
    [[]],
    {},
    {"": None},
    {"b": 1, "a": 2, "B": 3, "é": 4, "😀": 5, "z": 6},
    record("Empty", [])(),
    record("Point", ["y", "x"])(1, [2.5]),
]


def random_value(dice: random.Random, depth: int = 0) -> Any:
    """One value of any kind, containers included."""
    makers: list[Callable[[], Any]] = [
        lambda: dice.choice([None, True, False]),
        lambda: dice.randint(-(2 ** dice.randint(0, 126)), 2 ** dice.randint(0, 126)),
        lambda: struct.unpack(">d", dice.randbytes(8))[0],
        lambda: dice.uniform(-1e6, 1e6),
        lambda: random_text(dice),
        lambda: dice.randbytes(dice.randint(0, 9)),
        lambda: Decimal(dice.randint(-(10**20), 10**20)).scaleb(dice.randint(-12, 6)),
        lambda: EPOCH + timedelta(microseconds=dice.randint(-(10**15), 8 * 10**15)),
    ]
    containers: list[Callable[[], Any]] = [
        lambda: [random_value(dice, depth + 1) for _ in range(dice.randint(0, 4))],
        lambda: {random_text(dice): random_value(dice, depth + 1) for _ in range(dice.randint(0, 4))},
        lambda: random_record(dice, depth),
    ]
    return dice.choice(makers + containers if depth < 3 else makers)()


def random_text(dice: random.Random) -> str:
    return "".join(
        chr(dice.choice([dice.randint(0, 127), dice.randint(160, 0xD7FF), dice.randint(0x10000, 0x10FFFF)]))
        for _ in range(dice.randint(0, 6))
    )


def random_record(dice: random.Random, depth: int) -> Any:
    names = dice.sample(["alpha", "beta", "gamma", "delta"], dice.randint(0, 3))
    return record("Record", names)(*(random_value(dice, depth + 1) for _ in names))


def typed(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one line a type
    """The value as JSON that names its types."""
    match value:
        case None:
            return {"none": None}
        case bool():
            return {"bool": value}
        case int():
            return {"integer": str(value)}
        case float():
            return {"float": struct.pack(">d", value).hex()}
        case str():
            return {"text": value}
        case bytes():
            return {"bytes": value.hex()}
        case Decimal():
            sign, digits, exponent = value.as_tuple()
            return {"decimal": f"{'-' if sign else ''}{''.join(map(str, digits))}E{exponent}"}
        case datetime():
            return {"time": str((value - EPOCH) // timedelta(microseconds=1) * 1000)}
        case list():
            return {"list": [typed(each) for each in value]}
        case dict():
            return {"map": [[key, typed(each)] for key, each in value.items()]}
    assert is_dataclass(value)
    rows = [[each.name, typed(getattr(value, each.name))] for each in fields(value)]
    return {"record": [type(value).__name__, rows]}


def untyped(json_value: dict[str, Any]) -> Any:
    """The value that `typed` wrote."""
    ((kind, body),) = json_value.items()
    makers: dict[str, Any] = {
        "none": lambda: None,
        "bool": lambda: body,
        "integer": lambda: int(body),
        "float": lambda: struct.unpack(">d", bytes.fromhex(body))[0],
        "text": lambda: body,
        "bytes": lambda: bytes.fromhex(body),
        "decimal": lambda: Decimal(body),
        "time": lambda: EPOCH + timedelta(microseconds=int(body) // 1000),
        "list": lambda: [untyped(each) for each in body],
        "map": lambda: {key: untyped(each) for key, each in body},
        "record": lambda: record(body[0], [key for key, _ in body[1]])(*(untyped(each) for _, each in body[1])),
    }
    return makers[kind]()


def vectors() -> list[dict[str, Any]]:
    dice = random.Random(20_240_229)
    values = CORNERS + [random_value(dice) for _ in range(160)]
    return [{"value": typed(each), "bytes": encode(each).hex(), "digest": digest(each)} for each in values]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(each) for each in vectors())
    VECTORS.write_text(f"[\n{lines}\n]\n", encoding="ascii")
