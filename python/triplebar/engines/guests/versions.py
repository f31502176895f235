"""Which versions of a guest an adapter has been made for."""

from __future__ import annotations

from collections.abc import Sequence

from triplebar.contracts.errors import EngineNotAvailableError


def check_version(engine: str, found: str, known: Sequence[str]) -> None:
    """`EngineNotAvailableError` for a version that is none of those known, nor a later part of one (1.9.78.123).

    >>> check_version("backtrader", "1.9.78.123", ["1.9.78"])
    >>> check_version("backtrader", "2.0", ["1.9.78"])
    Traceback (most recent call last):
    triplebar.contracts.errors.EngineNotAvailableError: engine 'backtrader' is version 2.0, which is not known ...
    """
    if any(found == each or found.startswith(f"{each}.") for each in known):
        return
    raise EngineNotAvailableError(
        f"engine {engine!r} is version {found}, which is not known (known: {', '.join(known)})",
        fix=f"pip install 'triplebar[{engine}]'",
    )
