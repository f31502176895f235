"""The handlers a strategy may have, what they take, and how a wrong one is refused."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from typing import Any, Final

from triplebar.contracts.errors import StrategyError
from triplebar.strategy.aliases import ALIASES

HANDLERS: Final[dict[str, tuple[str, ...]]] = {
    "on_start": ("ctx",),
    "on_bar": ("ctx", "bar"),
    "on_slice": ("ctx", "bars"),
    "on_fill": ("ctx", "fill"),
    "on_order": ("ctx", "event"),
    "on_timer": ("ctx", "timer"),
    "on_stop": ("ctx",),
}
"""What engines call, in the order of a run, and the arguments after `self`."""

TICK: Final = "on_tick"
ARGUMENTS: Final = {**HANDLERS, TICK: ("ctx", "tick")}

ALIKE: Final = 0.8
"""A method named `on_...` that is this close to a handler's name is taken for a misspelt handler."""


class SignatureError(StrategyError, TypeError, ValueError):
    """A method that engines would call is missing, misspelt, or takes the wrong arguments.

    >>> print(SignatureError("takes 1 argument", where="Cross.on_bar", fix="write def on_bar(self, ctx, bar)"))
    Cross.on_bar: takes 1 argument; write def on_bar(self, ctx, bar)
    """


def check_call(function: object, where: str, arguments: Iterable[str], *, bound: bool = False) -> None:
    """Refuse what cannot be called as a method with these arguments after `self`, or would not run when called.

    A `bound` method has its `self` already.

    >>> check_call(lambda self, ctx: None, "Cross.on_start", ["ctx"])
    >>> check_call(lambda self: None, "Cross.on_start", ["ctx"])
    Traceback (most recent call last):
    triplebar.strategy.handlers.SignatureError: Cross.on_start: cannot be called with (ctx): too many positional \
arguments; write def on_start(self, ctx)
    """
    names = list(arguments)
    name = where.rpartition(".")[2]
    fix = f"write def {name}({', '.join(['self', *names])})"
    if not callable(function):
        raise SignatureError(f"must be a method, not {type(function).__name__}", where=where, fix=fix)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise SignatureError("must not be async: nothing would await it", where=where, fix=fix)
    if inspect.isgeneratorfunction(function):
        raise SignatureError("must not contain yield: its body would never run", where=where, fix=fix)
    try:
        inspect.signature(function).bind(*names) if bound else inspect.signature(function).bind(None, *names)
    except TypeError as problem:
        raise SignatureError(f"cannot be called with ({', '.join(names)}): {problem}", where=where, fix=fix) from None
    except ValueError:  # written in C: it has no signature to look at
        return


def check_handlers(cls: type, base: type) -> frozenset[str]:
    """Check every handler of a strategy class and return the names that it overrides.

    A class that defines a handler under two names, or a method whose name is nearly a handler's, is refused.
    """
    for owner in cls.__mro__[: cls.__mro__.index(base)]:
        _refuse_two_names(owner)
    _refuse_misspelt(cls)
    for name, arguments in ARGUMENTS.items():
        if overrides(cls, base, name):
            check_call(_plain_function(cls, name), f"{cls.__name__}.{name}", arguments)
    return frozenset(name for name in HANDLERS if overrides(cls, base, name))


def overrides(cls: type, base: type, name: str) -> bool:
    """Whether a class has its own version of a method of its base.

    >>> class Base:
    ...     def run(self): ...
    >>> overrides(type("Child", (Base,), {}), Base, "run")
    False
    """
    return getattr(cls, name, None) is not getattr(base, name, None)


def _plain_function(cls: type, name: str) -> Any:  # noqa: ANN401 - whatever stands under the name
    """The function as it stands in the class, so that `self` counts; a static method gets no `self`, so it is bound."""
    found = inspect.getattr_static(cls, name)
    if isinstance(found, (staticmethod, classmethod)):
        raise SignatureError(
            f"must be a plain method, not a {type(found).__name__}",
            where=f"{cls.__name__}.{name}",
            fix=f"write def {name}({', '.join(['self', *ARGUMENTS[name]])})",
        )
    return found


def _refuse_two_names(owner: type) -> None:
    own = vars(owner)
    for alias, name in ALIASES.items():
        if alias in own and name in own and own[name] is not own[alias]:
            raise SignatureError(
                f"{name} and {alias} are the same handler", where=owner.__name__, fix=f"keep {name} and remove {alias}"
            )


def _refuse_misspelt(cls: type) -> None:
    known = [*ARGUMENTS, *ALIASES]
    for name in dir(cls):
        if not name.startswith("on_") or name in known or not callable(getattr(cls, name)):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=ALIKE)
        if close:
            raise SignatureError(
                "no engine calls this method",
                where=f"{cls.__name__}.{name}",
                fix=f"did you mean {close[0]!r}? If it is a helper of your own, give it another name",
            )
