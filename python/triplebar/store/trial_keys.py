"""What an evaluation is known by in the ledger of trials: a hash of its parameters and of what else can change it."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from triplebar.store.distinct import Keys

PLAIN: Final = frozenset({int, float, str, bool})
"""Types whose values are all told apart by how they are shown."""


def family_key(definition: Mapping[str, Any]) -> str:
    """The hash of what a strategy is: its name and the digest of its code, or its rule.

    >>> len(family_key({"name": "Cross", "digest": "ab"}))
    16
    """
    return hashlib.sha256(json.dumps(dict(definition), sort_keys=True).encode()).hexdigest()[:16]


def rule_definition(rule: str) -> dict[str, str]:
    """What a column rule is, which has no code of its own: its words, whoever runs it."""
    return {"name": "rule", "rule": rule}


def of_run(strategy: str, digest: str, parameters: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """What the strategy of a run is, and its parameters: those by which a sweep knows the same evaluation.

    A run of a column rule has the rule as one of its parameters.

    >>> of_run("Rule", "ab", {"fast": 3, "rule": "Rule(long=...)"})
    ({'name': 'rule', 'rule': 'Rule(long=...)'}, {'fast': 3})
    >>> of_run("Cross", "ab", {"fast": 3})
    ({'name': 'Cross', 'digest': 'ab'}, {'fast': 3})
    """
    rule = parameters.get("rule")
    if strategy == "Rule" and isinstance(rule, str) and rule.startswith("Rule(long="):
        return rule_definition(rule), {name: value for name, value in parameters.items() if name != "rule"}
    return {"name": strategy, "digest": digest}, dict(parameters)


def context_hash(context: Mapping[str, Any]) -> int:
    """The hash of what can change a number beside the parameters: the configuration, the part of the data."""
    return hashed(json.dumps(dict(context), sort_keys=True, default=repr))


def parameter_hash(name: str, value: object) -> int:
    """The hash of one parameter with its value."""
    if type(value) in PLAIN:
        return hashed(f"{name} = {value!r}")
    plain = value.item() if isinstance(value, np.generic) else value
    return hashed(f"{name} = {value_text(plain)}")


def value_text(value: object) -> str:
    """A value in words that tell it from every other: as it is shown, or a hash where that leaves something out.

    >>> value_text(0.1), value_text(np.arange(9_999)) == value_text(np.arange(9_999)[::-1])
    ('0.1', False)
    """
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return f"array {value.dtype.str} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    text = repr(value)
    if isinstance(value, (str, bytes, int, float)) or not ("..." in text or " at 0x" in text):
        return text
    try:
        content = pickle.dumps(value, protocol=5)
    except Exception:  # noqa: BLE001 - pickle raises whatever an object raises
        return text
    return f"{type(value).__qualname__} {hashlib.sha256(content).hexdigest()}"


def key_of(parameters: Mapping[str, Any], context: Mapping[str, Any]) -> Keys:
    """The key of one evaluation, whatever the order of its parameters.

    >>> bool(key_of({"a": 1, "b": 2}, {})[0] == key_of({"b": 2, "a": 1}, {})[0])
    True
    """
    found = context_hash(context)
    for name, value in parameters.items():
        found ^= parameter_hash(name, value)
    return mixed(np.array([found], dtype=np.uint64))


def hashed(text: str) -> int:
    """64 bits of SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def mixed(values: Keys) -> Keys:
    """Mix 64 bits once more, as `contracts.random.splitmix`: hashes that were joined are no hash."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E37_79B9_7F4A_7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
        return np.asarray(z ^ (z >> np.uint64(31)))
