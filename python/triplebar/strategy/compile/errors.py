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


class Refused(Exception):  # noqa: N818 - raised inside compiled code, to stop it
    """Raised by compiled code when the engine could not do what it was asked; the engine knows why."""
