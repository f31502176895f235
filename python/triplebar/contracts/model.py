"""The base of all configuration models: frozen, checked, strict about names, lossless as plain mappings."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from dataclasses import replace as _replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self, TypeVar

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import plain
from triplebar.contracts.time import to_ns, to_text

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=type)


class FrozenMapping(Mapping[str, Value]):
    """A mapping that cannot change, sorted by name, equal to any mapping with the same items.

    >>> FrozenMapping({"b": 1, "a": 2})
    FrozenMapping({'a': 2, 'b': 1})
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value]) -> None:
        self._items = dict(sorted(items.items()))

    def __getitem__(self, name: str) -> Value:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMapping({self._items!r})"


def strict(cls: Kind) -> Kind:
    """Let a dataclass refuse unknown keywords with a suggestion instead of a bare `TypeError`."""
    original: Any = vars(cls)["__init__"]
    known = list(inspect.signature(original).parameters)[1:]

    @functools.wraps(original)
    def checked(self: Any, *args: Any, **values: Any) -> None:  # noqa: ANN401 - any field
        checks.known_names(cls.__name__, values, known)
        original(self, *args, **values)

    type.__setattr__(cls, "__init__", checked)
    return cls


def number_by_name(field: str, value: object) -> Decimal | FrozenMapping[Decimal]:
    """Check one number, or numbers by name; none negative.

    >>> number_by_name("borrow_rate", {"AAPL": 0.05})
    FrozenMapping({'AAPL': Decimal('0.05')})
    """
    if not isinstance(value, Mapping):
        return checks.number(field, value, low=0)
    rows = checks.mapping(field, value)
    return FrozenMapping({name: checks.number(f"{field}[{name!r}]", each, low=0) for name, each in rows.items()})


class Model:
    """What every configuration model can do; subclasses are frozen dataclasses under `@strict`."""

    nested: ClassVar[dict[str, type[Model]]] = {}
    """Fields that hold another model."""
    nested_values: ClassVar[dict[str, type[Model]]] = {}
    """Fields that hold a mapping of models."""

    def _set(self, name: str, value: object) -> None:
        """Store a checked value, although the class is frozen; for `__post_init__` only."""
        object.__setattr__(self, name, value)

    def _named(self, name: str) -> str:
        return f"{type(self).__name__}.{name}"

    def _number(self, name: str, *, low: int | None = 0, above: int | None = None, below: int | None = None) -> None:
        """Check a number and store it as a decimal."""
        value = getattr(self, name)
        self._set(name, checks.number(self._named(name), value, low=low, above=above, below=below))

    def _optional_number(self, name: str, *, low: int | None = 0, above: int | None = None) -> None:
        if getattr(self, name) is not None:
            self._number(name, low=low, above=above)

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values that JSON and YAML can hold; `from_mapping` gives an equal object back."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build from names and plain values; an unknown name is a `ConfigError` with a suggestion."""
        given = checks.mapping(cls.__name__, values)
        columns = fields(cls)  # type: ignore[arg-type]
        checks.known_names(cls.__name__, given, [each.name for each in columns])
        for each in columns:
            if each.default is MISSING and each.name not in given:
                raise ConfigError(f"{each.name} is missing", where=cls.__name__, fix=f"add {each.name} = ...")
        return cls(**{name: cls._read(name, value) for name, value in given.items()})

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:  # noqa: ANN401 - any field
        if name in cls.nested and isinstance(value, Mapping):
            return cls.nested[name].from_mapping(value)
        if name in cls.nested_values and isinstance(value, Mapping):
            model = cls.nested_values[name]
            return {key: model.from_mapping(each) if isinstance(each, Mapping) else each for key, each in value.items()}
        return value

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - any field
        """Copy with some fields changed, checked again."""
        checks.known_names(type(self).__name__, changes, [each.name for each in fields(self)])  # type: ignore[arg-type]
        return _replace(self, **changes)  # type: ignore[type-var]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, datetime):
        return to_text(to_ns(value))
    if isinstance(value, Model):
        return value.to_mapping()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value


def _plain_number(value: Decimal) -> int | float | str:
    """Take the nicest form that reads back as the same decimal."""
    text = plain(value)
    if "." not in text:
        return int(text)
    return float(text) if Decimal(repr(float(text))) == value else text
