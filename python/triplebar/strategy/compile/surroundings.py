"""What a program has taken from outside of the strategy, to be looked at again: it may have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.outside import Outside, outside, told

LASTING: Final = (
    type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype, np.ufunc, type, ModuleType, FunctionType,
    BuiltinFunctionType,
)  # fmt: skip
"""What is the same as long as it is the same object; what modules and functions name is looked at by itself."""


class _Taken(NamedTuple):
    """What a name stood for, and a text that differs if the value does: None for what cannot change."""

    found: Outside
    text: str | None


class Surroundings:
    """What the functions of one program take from outside, as it was when the program was made.

    >>> surroundings = Surroundings()
    >>> surroundings.take(lasts, list(outside(lasts)))
    >>> surroundings.stand()
    True
    """

    def __init__(self) -> None:
        """Nothing is taken yet."""
        self._taken: dict[FunctionType, list[_Taken]] = {}

    def take(self, function: FunctionType, found: Sequence[Outside]) -> None:
        """Remember what the names of a function stand for."""
        self._taken[function] = [_Taken(each, None if lasts(each.value) else told(each.value)) for each in found]

    def stand(self) -> bool:
        """Whether all of it still is what it was."""
        return all(_is_unchanged(taken, function) for function, taken in self._taken.items())

    def refuse_shared(self, kept: Sequence[tuple[str, Any]]) -> None:
        """Refuse an array whose values stand in the code if the strategy keeps it as well, and so may write to it.

        Raises `CompileError`.
        """
        mine = [(name, value) for name, value in kept if isinstance(value, np.ndarray) and value.flags.writeable]
        for function, taken in self._taken.items() if mine else ():
            for name, array, line in _arrays(taken):
                same = [mine_name for mine_name, value in mine if np.may_share_memory(array, value)]
                if same:
                    raise CompileError(
                        f"{name} is the memory of {same[0]}, which may change: compiled code knows what it was before",
                        where=f"{function.__code__.co_filename}, line {line}, {function.__name__}",
                        fix=f"read {same[0]}, or make the array read-only ({name}.flags.writeable = False)",
                    )


def lasts(value: Any) -> bool:  # noqa: ANN401 - whatever a name stands for
    """Whether something is what it was as long as it is the same object.

    >>> array = np.zeros(3)
    >>> lasts(1.5), lasts(array), lasts((1, array))
    (True, False, False)
    """
    if isinstance(value, tuple):
        return all(lasts(item) for item in value)
    while isinstance(value, np.ndarray):
        if value.flags.writeable:
            return False
        if value.base is None:
            return True
        value = value.base
    return isinstance(value, LASTING)


def _is_unchanged(taken: list[_Taken], function: FunctionType) -> bool:
    now = list(outside(function))
    return len(now) == len(taken) and all(map(_is_same, taken, now))


def _is_same(before: _Taken, now: Outside) -> bool:
    if before.found.name != now.name:
        return False
    if before.found.value is now.value and before.text is None:
        return True
    text = told(now.value)
    return text is not None and text == (before.text or told(before.found.value))


def _arrays(taken: list[_Taken]) -> Iterator[tuple[str, np.ndarray[Any, Any], int]]:
    for each in taken:
        items = each.found.value if isinstance(each.found.value, tuple) else (each.found.value,)
        for item in items:
            if isinstance(item, np.ndarray):
                yield each.found.name, item, each.found.line
