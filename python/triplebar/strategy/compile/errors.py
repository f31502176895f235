"""What cannot be compiled, and why."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.errors import StrategyError

MARK: Final = "≡ "
"""Begins what the compiler itself says, to tell it from what Numba says around it."""


class CompileError(StrategyError):
    """A strategy uses something that has no place in compiled code; it runs interpreted.

    >>> print(CompileError("a text is built while running", where="cross.py, line 12", fix="give the text as it is"))
    cross.py, line 12: a text is built while running; give the text as it is
    """


def failed(problem: Exception, where: str) -> CompileError:
    """What is told when the compiler itself fails.

    >>> print(failed(KeyError("x"), "cross.py, line 12, on_bar"))
    cross.py, line 12, on_bar: the compiler failed with KeyError: 'x'; run it interpreted, and report it with the code
    """
    if isinstance(problem, RecursionError):
        return CompileError("something that leads back to itself cannot be compiled", where=where, fix="write a loop")
    return CompileError(
        f"the compiler failed with {type(problem).__name__}: {problem}",
        where=where,
        fix="run it interpreted, and report it with the code",
    )


class Refused(Exception):  # noqa: N818 - raised inside compiled code, to stop it
    """Raised by compiled code when the engine could not do what it was asked; the engine knows why."""
