"""Checks of what users give: each returns the usable value or raises a `ConfigError` that names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Integral
from typing import Any, Final

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import exact, plain
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_ns

DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def integer(field: str, value: object, *, low: int = 0, high: int = 2**63 - 1) -> int:
    """Check a whole number from `low` to `high`; 5.0 is not one.

    >>> integer("warmup_bars", 5)
    5
    """
    truth = isinstance(value, bool)
    number = int(value) if isinstance(value, Integral) and not truth else None
    if number is None or not low <= number <= high:
        span = f"from {low} to {high}" if high < 2**31 else f"of at least {low}"
        raise ConfigError.of(field, value, f"must be a whole number {span}", fix=f"write e.g. {field} = {max(low, 1)}")
    return number


def number(
    field: str, value: object, *, low: int | None = None, above: int | None = None, below: int | None = None
) -> Decimal:
    """Check a finite number, at least `low`, more than `above`, less than `below`; a float means what it prints as.

    >>> number("leverage", 1.5, low=1)
    Decimal('1.5')
    """
    try:
        found = exact(value)
    except ValueError as problem:
        raise ConfigError.of(field, value, str(problem), fix="give a plain number such as 0.25") from None
    for limit, broken, words in (
        (low, low is not None and found < low, "at least"),
        (above, above is not None and found <= above, "above"),
        (below, below is not None and found >= below, "below"),
    ):
        if broken:
            raise ConfigError.of(field, value, f"must be {words} {limit}", fix=f"give a number {words} {limit}")
    return Decimal(plain(found))


def moment(field: str, value: object) -> int:
    """Check a time, and give it in nanoseconds since 1970; a plain date is its midnight in UTC.

    >>> moment("since", "1970-01-02"), moment("since", 5)
    (86400000000000, 5)
    """
    try:
        return to_ns(f"{value}T00:00:00Z" if isinstance(value, str) and DATE.match(value) else value)
    except ValueError as problem:
        raise ConfigError.of(field, value, str(problem)) from None


def choice(field: str, value: object, choices: Iterable[str]) -> str:
    """Check one of a few texts.

    >>> choice("fill", "next_open", ["next_open", "same_close"])
    'next_open'
    """
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        raise ConfigError.of(field, value, f"must be one of {', '.join(known)}", fix=hint(value, known))
    return value


def flag(field: str, value: object) -> bool:
    """Check a truth value; 1 and "yes" are not.

    >>> flag("close_at_end", True)
    True
    """
    if not isinstance(value, bool):
        raise ConfigError.of(field, value, "must be true or false", fix=f"write {field} = True or False")
    return value


def text(field: str, value: object) -> str:
    """Check a text that is not empty.

    >>> text("calendar", "24/7")
    '24/7'
    """
    if not isinstance(value, str) or not value.strip():
        raise ConfigError.of(field, value, "must be a text that is not empty", fix="give a name in quotes")
    return value


def known_names(owner: str, names: Iterable[object], known: Iterable[str]) -> None:
    """Refuse the first name that is not known, with a suggestion.

    >>> known_names("config", ["seed"], ["seed", "fill"])
    """
    allowed = list(known)
    for name in names:
        if name not in allowed:
            raise ConfigError(f"unknown field {name!r}", where=owner, fix=hint(name, allowed))


def mapping(field: str, value: object) -> dict[str, object]:
    """Check a mapping from texts.

    >>> mapping("rates", {"EUR": 1.1})
    {'EUR': 1.1}
    """
    if not isinstance(value, Mapping):
        raise ConfigError.of(field, value, "must be a mapping", fix="write e.g. {'AAPL': ...}")
    for name in value:
        if not isinstance(name, str) or not name:
            raise ConfigError.of(field, name, "keys must be texts", fix="write e.g. {'AAPL': ...}")
    return dict(value)


def sequence(field: str, value: object) -> list[Any]:
    """Check a list or tuple.

    >>> sequence("tiers", (1, 2))
    [1, 2]
    """
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ConfigError.of(field, value, "must be a list", fix="put it in square brackets")
    return list(value)


def share(field: str, value: object) -> None:
    """Check a number from 0 to 1.

    >>> share("participation", 0.1)
    """
    if not 0 <= number(field, value) <= 1:
        raise ConfigError.of(field, value, "must be from 0 to 1", fix="write 0.05 for 5 %")


def instance(field: str, value: object, kind: type) -> None:
    """Check an object of a class, or None.

    >>> instance("commission", None, int)
    """
    if value is not None and not isinstance(value, kind):
        raise ConfigError.of(
            field, value, f"must be a {kind.__name__}", fix=f"write {field} = {kind.__name__}(...) or leave it out"
        )
