"""How methods and attributes of our types are defined for Numba, which wants signatures without annotations."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from numba.extending import overload, overload_attribute, overload_method

INLINE = {"forceinline": True}
"""What is small goes into whoever calls it: a bar that is handed over is read whole, six columns for one price."""

Chooser = Callable[..., Any]
"""Is given types, and answers with the function that does it, or None."""


def implement(target: Callable[..., Any]) -> Callable[[Chooser], Chooser]:
    """Define a function for some types."""
    return lambda choose: _kept(choose, overload(target, jit_options=INLINE, strict=False)(_bare(choose)))


def method(kind: type, name: str) -> Callable[[Chooser], Chooser]:
    """Define a method."""
    return lambda choose: _kept(choose, overload_method(kind, name, jit_options=INLINE)(_bare(choose)))


def attribute(kind: type, name: str) -> Callable[[Chooser], Chooser]:
    """Define an attribute."""
    return lambda choose: _kept(choose, overload_attribute(kind, name, jit_options=INLINE)(_bare(choose)))


def as_numba(typing: Any, operation: Any, kinds: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """An operation as Numba has it: what an intrinsic of ours gives for kinds with which nothing is different."""
    found = typing.resolve_value_type(operation)
    signature = found.get_call_type(typing, kinds, {})
    if signature is None:
        return None

    def make(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        values = [
            context.cast(builder, value, kind, wanted)
            for value, kind, wanted in zip(arguments, given.args, signature.args, strict=True)
        ]
        return context.get_function(found, signature)(builder, values)

    return signature.return_type(*kinds), make


def _kept(choose: Chooser, _registered: object) -> Chooser:
    return choose


def _bare(choose: Chooser) -> Chooser:
    @functools.wraps(choose)
    def chosen(*arguments: Any, **keywords: Any) -> Any:
        found = choose(*arguments, **keywords)
        if found is not None:
            found.__annotations__ = {}
        return found

    signature = inspect.signature(choose)
    parameters = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    chosen.__signature__ = inspect.Signature(parameters)
    return chosen
