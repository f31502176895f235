"""Parameters of a strategy: annotated class attributes, checked when a strategy is made."""

from __future__ import annotations

import inspect
import math
import numbers
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, Union, get_args, get_origin

from triplebar.contracts.errors import ParameterError
from triplebar.contracts.suggest import hint

REQUIRED: Final = object()
"""Stands for a default that is not there."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its type, and its default.

    >>> Parameter("fast", int, 10).fit("Cross", 5)
    5
    >>> Parameter("fast", int, 10).fit("Cross", "5")
    Traceback (most recent call last):
    triplebar.contracts.errors.ParameterError: Cross.fast = '5': must be int; write e.g. fast=10
    """

    name: str
    kind: Any
    default: Any = REQUIRED

    def fit(self, owner: str, value: object) -> Any:  # noqa: ANN401 - a value of the annotated type
        """Return the value as the annotated type, or refuse it."""
        try:
            return fit(self.kind, value)
        except _Misfit as problem:
            fix = None if self.default is REQUIRED else f"write e.g. {self.name}={self.default!r}"
            raise ParameterError(str(problem), where=f"{owner}.{self.name} = {value!r}", fix=fix) from None


def parameters_of(cls: type, base: type) -> dict[str, Parameter]:
    """Collect the parameters of a strategy class, inherited ones first.

    A parameter is an annotated public attribute; a class may change the default of an inherited one without
    annotating it again. An annotation without default is a parameter that has to be given, unless its type is
    one that parameters cannot have: then it only declares an attribute.
    """
    found: dict[str, Parameter] = {}
    for owner in reversed(cls.__mro__):
        if owner is base or issubclass(base, owner):
            continue
        for name, kind in _annotations(owner).items():
            default = getattr(cls, name, REQUIRED)
            if default is not REQUIRED or _is_supported(kind):
                found[name] = Parameter(name, kind, default)
    return found


def fitted(owner: str, known: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of every parameter, given or default, checked.

    >>> fitted("Cross", {"fast": Parameter("fast", int, 10)}, {"fsat": 5})
    Traceback (most recent call last):
    triplebar.contracts.errors.ParameterError: Cross: no parameter 'fsat'; did you mean 'fast'?
    """
    for name in given:
        if name not in known:
            fix = hint(name, known) or "this strategy has no parameters"
            raise ParameterError(f"no parameter {name!r}", where=owner, fix=fix)
    values = {}
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        if value is REQUIRED:
            raise ParameterError(
                f"parameter {name!r} is missing", where=owner, fix=f"write {owner}({name}=...) or give it a default"
            )
        values[name] = parameter.fit(owner, value)
    return values


def _annotations(owner: type) -> dict[str, Any]:
    """The public annotations of one class, texts evaluated; class variables left out."""
    try:
        own = {
            name: kind
            for name, kind in inspect.get_annotations(owner).items()
            if not name.startswith("_") and "ClassVar" not in str(kind)
        }
        stand_in = type(owner.__name__, (), {"__annotations__": own, "__module__": owner.__module__})
        return typing.get_type_hints(stand_in, localns=dict(vars(owner)))
    except (NameError, TypeError, SyntaxError) as problem:
        raise ParameterError(
            f"an annotation cannot be understood: {problem}",
            where=owner.__name__,
            fix="annotate parameters with types that are imported at the top of the module",
        ) from None


# ------------------------------------------------------------------------------------------------ values and types


class _Misfit(Exception):  # noqa: N818 - a private signal, turned into a ParameterError at once
    """The value is not of the type."""


def fit(kind: Any, value: object) -> Any:  # noqa: ANN401 - a value of that type
    """Return `value` as `kind`; a whole number is also a float, a list also a tuple, a NumPy number also a plain one.

    >>> fit(float, 2), fit(tuple[float, ...], [1, 2])
    (2.0, (1.0, 2.0))
    """
    if kind in SIMPLE:
        return SIMPLE[kind](value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _fit_union(arguments, value)
    if origin is Literal:
        return _fit_literal(arguments, value)
    if (origin or kind) in (tuple, list, Sequence):
        return _fit_sequence(origin or kind, arguments, value)
    if (origin or kind) in (dict, Mapping):
        return _fit_mapping(arguments, value)
    good = isinstance(value, kind) if isinstance(kind, type) else origin is Callable and callable(value)
    return _accept(good, value, f"must be {_shown(kind)}")


def _is_supported(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Whether a bare annotation names a parameter: plain values and their combinations, not objects."""
    if kind in SIMPLE and kind is not Any:
        return True
    if get_origin(kind) is Literal:
        return True
    return get_origin(kind) in (Union, types.UnionType, tuple) and all(
        each is Ellipsis or _is_supported(each) for each in get_args(kind)
    )


def _accept(good: bool, value: object, otherwise: str) -> Any:  # noqa: ANN401, FBT001 - the value itself
    if good:
        return value
    raise _Misfit(otherwise)


def _fit_integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise _Misfit("must be int")
    return int(value)


def _fit_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise _Misfit("must be float")
    try:
        number = float(value)
    except OverflowError:
        raise _Misfit("must be float") from None
    return number if not math.isnan(number) else _accept(good=False, value=value, otherwise="must be a number")


def _fit_boolean(value: object) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):  # NumPy's own, without importing it
        return bool(value)
    raise _Misfit("must be bool")


def _fit_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    raise _Misfit("must be Decimal, int, or a number as text")


def _fit_union(kinds: Sequence[Any], value: object) -> Any:  # noqa: ANN401 - a value of one of them
    for kind in kinds:  # an exact match first, so that `int | float` keeps 1.0 a float
        if type(value) is kind:
            return fit(kind, value)
    for kind in kinds:
        try:
            return fit(kind, value)
        except _Misfit:
            continue
    raise _Misfit(f"must be {' or '.join(_shown(kind) for kind in kinds)}")


def _fit_literal(choices: Sequence[object], value: object) -> object:
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return choice
    raise _Misfit(f"must be one of {', '.join(repr(choice) for choice in choices)}")


def _fit_sequence(kind: Any, arguments: Sequence[Any], value: object) -> Any:  # noqa: ANN401 - a tuple or list
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise _Misfit("must be a list or tuple")
    items = list(value)
    if kind is tuple and arguments and arguments[-1] is not Ellipsis:
        if len(items) != len(arguments):
            raise _Misfit(f"must have {len(arguments)} items")
        return tuple(fit(each, item) for each, item in zip(arguments, items, strict=True))
    inner = arguments[0] if arguments else Any
    found = [fit(inner, item) for item in items]
    return found if kind is list else tuple(found)


def _fit_mapping(arguments: Sequence[Any], value: object) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise _Misfit("must be a mapping")
    key_kind, kind = arguments or (Any, Any)
    return {fit(key_kind, key): fit(kind, item) for key, item in value.items()}


def _shown(kind: Any) -> str:  # noqa: ANN401 - any annotation
    return "None" if kind is types.NoneType else getattr(kind, "__name__", str(kind))


SIMPLE: Final[dict[Any, Callable[[object], Any]]] = {
    Any: lambda value: value,
    object: lambda value: value,
    int: _fit_integer,
    float: _fit_float,
    bool: _fit_boolean,
    Decimal: _fit_decimal,
    str: lambda value: _accept(isinstance(value, str), value, "must be str"),
    None: lambda value: _accept(value is None, value, "must be None"),
    types.NoneType: lambda value: _accept(value is None, value, "must be None"),
}
