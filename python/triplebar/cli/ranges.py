"""Values of parameters as they stand on the command line: `fast=5:45`, `slow=50:200:10`, `kind=SMA,EMA`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from triplebar.contracts.errors import ConfigError

VALUES_MAX = 1_000_000


def pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Read `name=values`, each name once; the values are left as they stand.

    >>> pairs("--param", ["fast=5:8", "kind=SMA,EMA"])
    {'fast': '5:8', 'kind': 'SMA,EMA'}
    """
    found: dict[str, str] = {}
    for each in given:
        name, sign, text = (part.strip() for part in each.partition("="))
        if not sign or not name or not text:
            raise ConfigError(f"{each!r} is not name=values", where=option, fix=f"write {option} fast=5:45")
        if name in found:
            raise ConfigError(f"{name!r} is given twice", where=option, fix="give it once: fast=5:9,20")
        found[name] = text
    return found


def listed(where: str, text: str) -> list[Any]:
    """Read `from:to`, `from:to:step` and `a,b,c`; `where` says what of, if it cannot be read.

    >>> listed("fast", "5:7,20")
    [5, 6, 7, 20]
    """
    return [value for part in text.split(",") for value in _values(where, part.strip())]


def _values(where: str, part: str) -> list[Any]:
    if ":" not in part:
        return [_value(part)]
    try:
        bounds = [Decimal(each) for each in part.split(":")]
        start, stop, step = bounds if len(bounds) == 3 else (*bounds, Decimal(1))
        count = int((stop - start) / step) + 1
    except (InvalidOperation, ValueError, ArithmeticError):
        raise ConfigError(f"{part!r} is no range", where=where, fix="write e.g. 5:45:5") from None
    if not 1 <= count <= VALUES_MAX or step <= 0:
        raise ConfigError(f"{part!r} has no values, or too many", where=where, fix="write e.g. 5:45:5")
    steps = [start + place * step for place in range(count)]
    return [int(each) if start == int(start) and step == int(step) else float(each) for each in steps]


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError:
        return text
