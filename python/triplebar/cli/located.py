"""Files of settings with the line that each value stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from triplebar.cli.settings_file import parsed
from triplebar.contracts.errors import ConfigError, TradingError

Place = tuple[str | int, ...]
"""The keys and numbers that lead to a value."""

HEADER: Final = re.compile(r"^\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
KEY: Final = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
QUOTED: Final = re.compile(r"'([\w.-]+)'")
PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class Located:
    """What a file holds, and where."""

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[Place, int] = field(default_factory=dict)

    @contextmanager
    def told(self, *place: str | int) -> Iterator[None]:
        """Say in which line stands what cannot be used: that of a place, or of the name in it that the error is about.

        >>> file = Located(Path("a.toml"), {}, {("config",): 3, ("config", "seed"): 4})
        >>> with file.told("config"):
        ...     raise ConfigError.of("seed", -1, "must be at least 0")
        Traceback (most recent call last):
        triplebar.contracts.errors.ConfigError: a.toml, line 4: seed = -1: must be at least 0
        """
        try:
            yield
        except TradingError as problem:
            found = self._blamed(problem, place)
            if found is not None:
                line = self.where(found)
                problem.where = f"{line}: {problem.where}" if problem.where else line
            raise

    def _blamed(self, problem: TradingError, place: Place) -> Place | None:
        """The line that an error is about: that of a name which it names, else that of the place."""
        first = re.split(r"[\s=:,]", problem.where or "", maxsplit=1)[0]
        for name in (getattr(problem, "field", None), first, *QUOTED.findall(problem.message)):
            for each in self.lines:
                if name and each[: len(place)] == place and each[-1] == name.rpartition(".")[2]:
                    return each
        return place if place in self.lines else None

    def without(self, given: Mapping[str, Any]) -> Located:
        """Without the lines of what is given elsewhere: on the command line.

        >>> Located(Path("a.toml"), {}, {("by",): 1, ("config", "seed"): 3}).without({"config": {"seed": 1}}).lines
        {('by',): 1}
        """

        def kept(place: Place) -> bool:
            inside: Any = given
            for each in place:
                if not isinstance(inside, Mapping) or each not in inside:
                    return isinstance(inside, Mapping)
                inside = inside[each]
            return False

        return replace(self, lines={place: line for place, line in self.lines.items() if kept(place)})

    def where(self, place: Place) -> str:
        """The file, and the line of a value, or of what it stands in.

        >>> Located(Path("a.toml"), {}, {("fast",): 3}).where(("fast", 0))
        'a.toml, line 3'
        """
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return f"{self.path}, line {self.lines[place[:length]]}"
        return str(self.path)


def read_located(path: Path) -> Located:
    """Read a TOML, YAML or JSON file."""
    values = parsed(path)
    if not isinstance(values, Mapping):
        raise ConfigError("holds no settings", where=str(path), fix="write name = value")
    text = path.read_text(encoding="utf-8")
    found = _toml_lines(text) if path.suffix.lower() == ".toml" else _yaml_lines(text)
    lines: dict[Place, int] = {}
    for place, line in found:
        lines.setdefault(place, line)
    return Located(path, values, lines)


def _toml_lines(text: str) -> Iterator[tuple[Place, int]]:
    """Headers and keys; a table of an array counts from 0."""
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header, key = HEADER.match(line), KEY.match(line)
        if header and not key:
            table = _parts(header[1])
            if line.lstrip().startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif key:
            yield (*table, *_parts(key[1])), number


def _parts(name: str) -> Place:
    return tuple(each.strip("\"'") for each in PART.findall(name))


def _yaml_lines(text: str) -> Iterator[tuple[Place, int]]:
    """The places of a YAML file; JSON is YAML, too."""
    try:
        import yaml
    except ModuleNotFoundError:  # the file is JSON
        return
    yield from _node_lines(yaml.compose(text, Loader=yaml.SafeLoader), ())


def _node_lines(node: Any, place: Place) -> Iterator[tuple[Place, int]]:  # noqa: ANN401 - a node of a YAML tree
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _node_lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*place, number), value.start_mark.line + 1
            yield from _node_lines(value, (*place, number))
