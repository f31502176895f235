"""Classes by name, as layouts cite them: those of notebooks and functions cannot be imported."""

from __future__ import annotations

import importlib

_known: dict[str, type] = {}


def remember(owner: type) -> str:
    """The name of a class; from now on it stands for this class.

    >>> class Box: ...
    >>> owner_of(remember(Box)) is Box
    True
    """
    name = f"{owner.__module__}.{owner.__qualname__}"
    _known[name] = owner
    return name


def owner_of(name: str) -> type:
    """The class of this name."""
    if name not in _known:
        module, _, own = name.rpartition(".")
        _known[name] = getattr(importlib.import_module(module), own)
    return _known[name]
