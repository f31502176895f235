"""Configuration from files and from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.suggest import hint

SECTIONS: Final = ("config", "parameters", "instruments")
CONFIG_FIELDS: Final = tuple(each.name for each in fields(BacktestConfig))


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a configuration file holds: a configuration, parameters of the strategy, instruments."""

    config: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    instruments: tuple[Instrument, ...] | None = None


def read_settings(path: Path | None) -> FileSettings:
    """Read a TOML, JSON or YAML file: sections `config`, `parameters`, `instruments`, or the configuration alone."""
    if path is None:
        return FileSettings()
    values = checks.mapping(str(path), parsed(path))
    if not any(name in values for name in SECTIONS):
        _check_names(path, values, (*CONFIG_FIELDS, *SECTIONS))
        return FileSettings(config=values)
    _check_names(path, values, SECTIONS)
    rows, config = values.get("instruments"), checks.mapping("config", values.get("config", {}))
    _check_names(path, config, CONFIG_FIELDS)
    return FileSettings(
        config,
        checks.mapping("parameters", values.get("parameters", {})),
        None if rows is None else _instruments(rows),
    )


def _check_names(path: Path, values: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a section or field that nobody reads, with the line it stands in."""
    known = tuple(known)
    for name in values:
        if name not in known:
            word = "section" if isinstance(values[name], (Mapping, list)) else "field"
            fix = hint(name, known)
            raise ConfigError(f"unknown {word} {name!r}", where=f"{path}{_line_of(path, name)}", fix=fix)


def _line_of(path: Path, name: str) -> str:
    """The line in which a name is written: `[name]`, `name =`, `name:` or `"name":`."""
    written = re.compile(rf"""^[\s{{,]*\[*\s*["']?{re.escape(name)}["']?\s*[\]=:.]""")
    lines = path.read_text(encoding="utf-8").splitlines()
    found = next((number for number, line in enumerate(lines, 1) if written.search(line)), None)
    return "" if found is None else f", line {found}"


def _instruments(rows: Any) -> tuple[Instrument, ...]:  # noqa: ANN401 - whatever the file holds
    if not isinstance(rows, list):
        raise ConfigError.of("instruments", rows, "must be a list", fix="write [[instruments]] with symbol = 'X'")
    return tuple(Instrument.from_mapping(checks.mapping("instruments", row)) for row in rows)


def parsed(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Read a TOML, JSON or YAML file as plain values."""
    if not path.is_file():
        raise ConfigError("there is no such file", where=str(path), fix="give a .toml, .json or .yaml file")
    text = path.read_text(encoding="utf-8")
    readers: dict[str, Callable[[str], Any]] = {".toml": _toml, ".json": _json, ".yaml": _yaml, ".yml": _yaml}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ConfigError("is not a configuration file", where=str(path), fix="give a .toml, .json, .yaml or .yml file")
    try:
        return reader(text)
    except ConfigError:
        raise
    except Exception as problem:
        raise ConfigError(f"cannot be read: {problem}", where=str(path), fix="mend the file") from problem


def _json(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON keeps the last of two keys, too."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        found[name] = value
    return found


def _toml(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    import tomllib

    return tomllib.loads(text)


def _yaml(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        import yaml
    except ModuleNotFoundError:
        raise ConfigError(
            "YAML needs pyyaml", where="configuration", fix="pip install 'triplebar[data]', or use TOML or JSON"
        ) from None
    _refuse_twice(yaml.compose(text, Loader=yaml.SafeLoader))
    return yaml.safe_load(text)


def _refuse_twice(node: Any) -> None:  # noqa: ANN401 - a node of a YAML tree
    """YAML keeps the last of two keys and says nothing; here they are refused, as in TOML."""
    pairs = node.value if isinstance(getattr(node, "value", None), list) else []
    seen: set[str] = set()
    for each in pairs:
        key, value = each if isinstance(each, tuple) else (None, each)
        if key is not None and isinstance(key.value, str):
            if key.value in seen:
                line = key.start_mark.line + 1
                raise ValueError(f"line {line}: {key.value!r} is there twice")
            seen.add(key.value)
        _refuse_twice(value)


def assignments(option: str, given: Iterable[str]) -> dict[str, Any]:
    """Read `name=value` pairs; a value is a number, true, false, null or other JSON, else a text.

    >>> assignments("--param", ["fast=5", "name=abc", "on=true"])
    {'fast': 5, 'name': 'abc', 'on': True}
    """
    found: dict[str, Any] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise ConfigError(f"{each!r} is not name=value", where=option, fix=f"write {option} fast=5")
        if name.strip() in found:
            raise ConfigError(f"{name.strip()!r} is given twice", where=option, fix="give it once")
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError:
        return text


def config_of(settings: FileSettings, given: Mapping[str, Any]) -> BacktestConfig:
    """Build the configuration: the file's, changed by what was given on the command line.

    A name with dots goes into a model: `risk.drawdown_total`, `per_symbol.AAPL.participation`.

    >>> config_of(FileSettings({"risk": {"gross_exposure": 2}}), {"risk.drawdown_total": 0.2}).risk.to_mapping()
    {'trading_enabled': True, 'gross_exposure': 2, ..., 'drawdown_total': 0.2, ...}
    """
    values = dict(settings.config)
    for name, value in given.items():
        values = _with(values, name.split("."), value, name)
    return BacktestConfig.from_mapping(values)


def _with(values: Mapping[str, Any], path: list[str], value: Any, whole: str) -> dict[str, Any]:  # noqa: ANN401 - any
    """Copy a mapping with one value set somewhere inside."""
    name, *rest = path
    if not rest:
        return {**values, name: value}
    inside = values.get(name)
    if inside is not None and not isinstance(inside, Mapping):
        raise ConfigError.of(name, inside, f"has no field {'.'.join(rest)!r}", fix=f"leave out {whole}")
    return {**values, name: _with(inside or {}, rest, value, whole)}
