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
