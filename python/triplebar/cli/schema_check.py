"""Check a file of settings by a JSON schema, and name the line: the part of the standard that our schemas use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from triplebar.cli.located import Located, Place
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.suggest import hint

Schema = Mapping[str, Any]
TYPES: Final[dict[str, Any]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": Mapping,
}
WORDS: Final = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a table of names and values",
}
USED: Final = frozenset(
    (
        *("$schema", "$id", "title", "description", "type", "enum", "anyOf", "minimum", "exclusiveMinimum"),
        *("items", "minItems", "properties", "additionalProperties", "required"),
    )
)
"""The words of the standard that `check_file` understands; schemas may have no others."""


def check_file(file: Located, schema: Schema) -> None:
    """Raise a `ConfigError` for the first value that does not fit, with its line and what would."""
    for place, problem, fix in _faults(file.values, schema, ()):
        name = ".".join(str(each) for each in place) or "file"
        raise ConfigError(f"{name} {problem}", where=file.where(place), fix=fix)


def with_parts_missing(schema: Schema) -> dict[str, Any]:
    """The same schema of a file to which options add what it does not say, in its tables too.

    >>> with_parts_missing({"type": "object", "required": ["data"], "properties": {}})
    {'type': 'object', 'properties': {}}
    """
    left = {name: each for name, each in schema.items() if name != "required"}
    inside = schema.get("properties")
    if inside is not None:
        left["properties"] = {name: with_parts_missing(each) for name, each in inside.items()}
    return left


def _faults(value: Any, schema: Schema, place: Place) -> Iterator[tuple[Place, str, str | None]]:  # noqa: ANN401 - any
    if "anyOf" in schema:
        yield from _none_fits(value, schema, place)
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        yield place, f"is {_said(value)}, not {WORDS[kind]}", schema.get("description")
        return
    if "enum" in schema and value not in schema["enum"]:
        yield place, f"is {value!r}", hint(value, schema["enum"])
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    if low is not None and _is(value, "number") and (value < low or (value == low and "exclusiveMinimum" in schema)):
        yield place, f"is {value}", f"give {'more than' if 'exclusiveMinimum' in schema else 'at least'} {low}"
    if isinstance(value, list):
        yield from _list_faults(value, schema, place)
    elif isinstance(value, Mapping):
        yield from _table_faults(value, schema, place)


def _is(value: object, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and not (kind in {"integer", "number"} and isinstance(value, bool))


def _said(value: object) -> str:
    return next((WORDS[kind] for kind in TYPES if _is(value, kind)), repr(value))


def _none_fits(value: Any, schema: Schema, place: Place) -> Iterator[tuple[Place, str, str | None]]:  # noqa: ANN401 - any
    """The fault of the choice that comes nearest: one whose type fits, if there is one."""
    choices = [list(_faults(value, each, place)) for each in schema["anyOf"]]
    if all(choices):
        near = [each for each, choice in zip(choices, schema["anyOf"], strict=True) if _is(value, choice["type"])]
        wanted = " or ".join(WORDS[each["type"]] for each in schema["anyOf"] if "type" in each)
        yield from near[0] if near else [(place, f"is {_said(value)}, not {wanted}", schema.get("description"))]


def _list_faults(value: list[Any], schema: Schema, place: Place) -> Iterator[tuple[Place, str, str | None]]:
    if len(value) < schema.get("minItems", 0):
        yield place, "is an empty list", "give at least one"
    for number, each in enumerate(value):
        yield from _faults(each, schema.get("items", {}), (*place, number))


def _table_faults(value: Mapping[str, Any], schema: Schema, place: Place) -> Iterator[tuple[Place, str, str | None]]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, each in value.items():
        if name in known:
            yield from _faults(each, known[name], (*place, name))
        elif isinstance(others, Mapping):
            yield from _faults(each, others, (*place, name))
        elif others is False:
            yield (*place, name), "is not known", hint(name, known)
    for name in schema.get("required", ()):
        if name not in value:
            yield (*place, name), "is missing", known[name].get("description")
