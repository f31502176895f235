"""Which NautilusTrader is installed, and everything that differs between its versions."""

from __future__ import annotations

import importlib.metadata
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from triplebar.contracts.errors import EngineNotAvailableError
from triplebar.engines.guests.versions import check_version

PACKAGE: Final = "nautilus_trader"
KNOWN: Final = ("1.221", "1.231")
"""The versions whose matching has been compared with the rules: the last for CPython 3.11, and one for 3.12."""
REWRITTEN: Final = "2."
"""From here on there is one engine, in Rust, that Python cannot reach into while it runs."""
NOISE: Final = {"1.231": ("Timestamp.utcnow is deprecated",)}
"""What versions make newer versions of pandas say."""


def installed_version() -> str:
    """The installed version, without importing it; `EngineNotAvailableError` if there is none.

    >>> installed_version()
    '1.2...'
    """
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as problem:
        raise EngineNotAvailableError(
            "engine 'nautilus' needs NautilusTrader, which is not installed", fix="pip install 'triplebar[nautilus]'"
        ) from problem


def check(found: str) -> None:
    """`EngineNotAvailableError` for a version that the adapter has not been made for.

    >>> check("1.221.0")
    >>> check("2.0.0rc6")
    Traceback (most recent call last):
    triplebar.contracts.errors.EngineNotAvailableError: engine 'nautilus': NautilusTrader 2.0.0rc6 is driven ...
    """
    if found.startswith(REWRITTEN):
        raise EngineNotAvailableError(
            f"engine 'nautilus': NautilusTrader {found} is driven in another way, which is not there yet",
            fix=f"install one of {', '.join(KNOWN)} in an environment of its own",
        )
    check_version("nautilus", found, KNOWN)


def known_keywords(function: Callable[..., Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that this version's function has; the others turn off what older versions do not do.

    >>> known_keywords(lambda *, queue: queue, {"queue": False, "queue_position": False})
    {'queue': False}
    """
    names = inspect.signature(function).parameters
    return {name: value for name, value in wanted.items() if name in names}


def noise_of(found: str) -> tuple[str, ...]:
    """The warnings that a version causes by itself.

    >>> noise_of("1.221.0")
    ()
    """
    return next((messages for version, messages in NOISE.items() if found.startswith(version)), ())


@contextmanager
def quiet(found: str) -> Iterator[None]:
    """Leave out the warnings that a version causes by itself; where it causes none, touch nothing."""
    noise = noise_of(found)
    if not noise:
        yield
        return
    with warnings.catch_warnings():
        for each in noise:
            warnings.filterwarnings("ignore", message=each)
        yield
