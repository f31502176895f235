"""What a strategy remembers, as bytes: for checkpoints."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from typing import Any

from triplebar.contracts.errors import StrategyError
from triplebar.strategy.context import ContextTools

PROTOCOL = 5


class _Packer(pickle.Pickler):
    """Writes the name of an outside object instead of the object."""

    def __init__(self, target: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(target, protocol=PROTOCOL)
        self.names = {id(thing): name for name, thing in outside.items()}

    def persistent_id(self, thing: object) -> str | None:
        name = self.names.get(id(thing))
        if name is None and isinstance(thing, ContextTools):
            raise StrategyError("ctx belongs to one run: every handler is given it, do not keep it on self")
        return name


class _Unpacker(pickle.Unpickler):
    """Puts outside objects back by their names."""

    def __init__(self, source: io.BytesIO, outside: Mapping[str, object]) -> None:
        super().__init__(source)
        self.outside = outside

    def persistent_load(self, name: str) -> object:
        return self.outside[name]


def pack_state(owner: str, values: Mapping[str, Any], outside: Mapping[str, object]) -> bytes:
    """Store attributes; objects in `outside` are stored by name. What cannot be stored is named.

    >>> unpack_state("Cross", pack_state("Cross", {"count": 3}, {}), {})
    {'count': 3}
    """
    target = io.BytesIO()
    try:
        _Packer(target, outside).dump(dict(values))
    except Exception as problem:
        culprit = next((name for name in values if not _storable(values[name], outside)), "?")
        raise StrategyError(
            f"cannot be stored in a checkpoint: {problem}",
            where=f"{owner}.{culprit}",
            fix="keep numbers, texts, containers, arrays and indicators on self, not files, functions or connections",
        ) from problem
    return target.getvalue()


def unpack_state(owner: str, state: bytes, outside: Mapping[str, object]) -> dict[str, Any]:
    """Read what `pack_state` wrote; like all pickles, only from a source that you trust."""
    try:
        values = _Unpacker(io.BytesIO(state), outside).load()
    except Exception as problem:
        raise StrategyError(
            f"this is not the state of such a strategy: {problem}",
            where=owner,
            fix="resume with the strategy that the checkpoint was taken from",
        ) from problem
    if not isinstance(values, dict):
        raise StrategyError("this is not the state of a strategy", where=owner, fix="give the bytes of state()")
    return values


def _storable(value: object, outside: Mapping[str, object]) -> bool:
    try:
        _Packer(io.BytesIO(), outside).dump(value)
    except Exception:  # noqa: BLE001 - whatever it raises, it cannot be stored
        return False
    return True
