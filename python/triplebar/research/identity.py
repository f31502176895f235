"""What makes a run the run it is: digests of the strategy, the configuration and the data."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.metadata import RunIdentity
from triplebar.contracts.settings import Settings
from triplebar.data.market import Market


def identify_later(
    strategy: type,
    parameters: Mapping[str, Any],
    config: BacktestConfig,
    market: Market,
    settings: Settings,
    engine: str,
) -> Callable[[], RunIdentity]:
    """Give a function that computes the identity: hashing waits until somebody asks for it."""

    def identify() -> RunIdentity:
        return RunIdentity(
            strategy_digest(strategy),
            parameters,
            config.digest(),
            market.digest,
            engine,
            settings.rules_version,
            settings.seed,
        )

    return identify


def strategy_digest(strategy: type) -> str:
    """SHA-256 of the source of a strategy class and its bases, but for `Strategy`; of its code if there is no source.

    >>> class Quiet: ...
    >>> len(strategy_digest(Quiet))
    64
    """
    sha = hashlib.sha256()
    for owner in strategy.__mro__:
        if owner is not object and not _is_base(owner):
            sha.update(f"{owner.__qualname__}\n".encode())
            sha.update(_source(owner))
    return sha.hexdigest()


def _is_base(owner: type) -> bool:
    """The bases that every strategy shares; their version is the version of the engine."""
    return owner.__module__.startswith("triplebar.strategy.") and owner.__name__ == "Strategy"


def _source(owner: type) -> bytes:
    try:
        return inspect.getsource(owner).encode()
    except (OSError, TypeError):
        return b"".join(_code(each) for _, each in sorted(vars(owner).items()) if callable(each))


def _code(function: Any) -> bytes:  # noqa: ANN401 - anything callable
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return b""
    constants = "".join(f"{each!r};" for each in code.co_consts if not isinstance(each, CodeType))
    inner = b"".join(_raw(each) for each in code.co_consts if isinstance(each, CodeType))
    return code.co_code + constants.encode() + ",".join(code.co_names).encode() + inner


def _raw(code: CodeType) -> bytes:
    return code.co_code + ",".join(code.co_names).encode()
