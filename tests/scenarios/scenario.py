"""Scenario tables: small texts that say what is on the market, what is sent, and what must come of it.

    === S-21: a title that cites the rules that it shows
    bars X
        100 102  99 101          open high low close [volume]; one number is a bar of one price; - is a missing bar
        103 105 102 104 50
    instrument X                 TOML: fields of Instrument
    settings                     TOML: fields of BacktestConfig
        commission_bps = 10
    script
        0 buy X 1 limit=98 label=a
    fills                        all fills, in order: order tick moment price size role [fee= half= slip= cause=]
        a 1 path 98 1 maker
    ends                         how orders end: order status reason [tick]
        a filled none 1
    events                       all events, in order: tick moment kind order [reason] [value=]
    equity                       tick value [stale]; only the rows that are given
    cash                         tick value
    positions                    all rows: tick symbol position cost realised
    trades                       all rows: symbol side size opened closed profit
    flows                        all rows: tick kind symbol|- currency amount
    postings                     all ledger accounts that are not zero in the end: account currency sum
    refused                      numbers of the steps that raise an error
    labels                       all labels, one a line
    mirror 200                   also run upside down: every price p becomes 200 - p, buys become sells

Bars close every six hours from 2024-01-01T06:00Z on, so that four make a session. Instruments have whole prices and
whole sizes unless said otherwise. Prices, sizes and money are written in the user's units.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"
TITLE = "=== "
LIST_SECTIONS = frozenset(
    {"fills", "ends", "events", "equity", "cash", "positions", "trades", "flows", "postings", "refused", "labels"}
)
POSITIONAL = {
    "buy": ("symbol", "quantity"),
    "sell": ("symbol", "quantity"),
    "target": ("symbol", "quantity"),
    "close": ("symbol",),
    "cancel": ("order",),
    "modify": ("order",),
    "cancel_all": ("symbol",),
    "deposit": ("amount", "currency"),
    "withdraw": ("amount", "currency"),
    "convert": ("amount", "source", "target"),
    "kill_switch": ("on",),
}
TEXTS = frozenset({"symbol", "order", "label", "parent", "oco", "tag", "id", "tif", "currency", "source", "target"})


class ScenarioError(ValueError):
    """A table is written wrongly: names the file, the line and what is wrong."""


@dataclass(frozen=True)
class Row:
    """One line of a section: the words, and the `name=value` pairs."""

    words: tuple[str, ...]
    pairs: dict[str, str]


@dataclass
class Scenario:
    """One scenario as it is written."""

    file: str
    line: int
    title: str
    bars: dict[str, list[tuple[float, ...] | None]] = field(default_factory=dict)
    instruments: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    steps: list[tuple[int | str, str, dict[str, Any]]] = field(default_factory=list)
    expected: dict[str, list[Row]] = field(default_factory=dict)
    mirror: float | None = None

    @property
    def name(self) -> str:
        """What a test is called."""
        return f"{self.file}:{self.line} {self.title}"

    @property
    def rules(self) -> set[str]:
        """The rules that the title cites."""
        return {word for word in self.title.split(":")[0].replace(",", " ").split() if word.startswith("S-")}


def load_all(folder: Path = TABLES) -> list[Scenario]:
    """Read every scenario of a folder."""
    return [scenario for path in sorted(folder.glob("*.txt")) for scenario in load(path.name, path.read_text())]


def load(file: str, text: str) -> list[Scenario]:
    """Read the scenarios of one text."""
    found: list[Scenario] = []
    for number, heading, body in sections(file, text):
        if heading.startswith(TITLE):
            found.append(Scenario(file, number, heading.removeprefix(TITLE)))
            check(found[-1].rules, file, number, "a title begins with the rules it shows, then a colon")
        else:
            check(found, file, number, "the first line is a title")
            add_section(found[-1], number, heading.split(), body)
    return found


def sections(file: str, text: str) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    """Headings (lines that are not indented) with the numbered lines below them; comments begin with #."""
    heading: tuple[int, str] | None = None
    body: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#", 1)[0].rstrip()
        if not line:
            continue
        if line[0].isspace():
            check(heading is not None, file, number, "a line belongs to no section")
            body.append((number, line.strip()))
            continue
        if heading is not None:
            yield (*heading, body)
        heading, body = (number, line), []
    if heading is not None:
        yield (*heading, body)


def add_section(scenario: Scenario, number: int, heading: list[str], body: list[tuple[int, str]]) -> None:
    """Put one section into a scenario."""
    name, *arguments = heading
    toml = "\n".join(line for _, line in body)
    if name == "bars" and len(arguments) == 1:
        scenario.bars[arguments[0]] = [bar(scenario.file, *each) for each in body]
    elif name == "instrument" and len(arguments) == 1:
        scenario.instruments[arguments[0]] = tomllib.loads(toml)
    elif name == "settings" and not arguments:
        scenario.settings = tomllib.loads(toml)
    elif name == "script" and not arguments:
        scenario.steps += [step(scenario.file, *each) for each in body]
    elif name == "mirror" and len(arguments) == 1 and not body:
        scenario.mirror = float(arguments[0])
    elif name in LIST_SECTIONS and not arguments:
        check(name not in scenario.expected, scenario.file, number, f"{name} is given twice")
        scenario.expected[name] = [row(line) for _, line in body]
    else:
        raise ScenarioError(f"{scenario.file}, line {number}: no section {' '.join(heading)!r}")


def bar(file: str, number: int, line: str) -> tuple[float, ...] | None:
    """Open, high, low, close, volume."""
    if line == "-":
        return None
    values = [float(word) for word in line.split()]
    check(len(values) in {1, 4, 5}, file, number, "a bar has 1, 4 or 5 numbers")
    prices = values * 4 if len(values) == 1 else values[:4]
    return (*prices, values[4] if len(values) == 5 else 1000.0)


def row(line: str) -> Row:
    """The words and pairs of a line."""
    words = [word for word in line.split() if "=" not in word]
    return Row(tuple(words), dict(word.split("=", 1) for word in line.split() if "=" in word))


def step(file: str, number: int, line: str) -> tuple[int | str, str, dict[str, Any]]:
    """A step of a script."""
    parts = row(line)
    check(len(parts.words) >= 2 and parts.words[1] in POSITIONAL, file, number, "a step is: tick action ...")
    place, action, *values = parts.words
    names = POSITIONAL[action]
    check(len(values) <= len(names), file, number, f"{action} takes {', '.join(names)}")
    given = dict(zip(names, values, strict=False)) | parts.pairs
    keywords = {name: value if name in TEXTS else typed(value) for name, value in given.items()}
    return place if place == "stop" else int(place), action, keywords


def typed(text: str) -> Any:
    """A number, a truth value, or the text itself."""
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def check(good: object, file: str, number: int, message: str) -> None:
    """Raise a `ScenarioError` that names the line."""
    if not good:
        raise ScenarioError(f"{file}, line {number}: {message}")
