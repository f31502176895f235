"""The pages about guests that are made by running them: `python -m tests.engines.pages --update` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.engines.known_differences import KNOWN
from tests.engines.support import Cell, cells
from tests.scenarios.running import Outcome, play
from tests.scenarios.scenario import Scenario, load, load_all
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.engines.custom import CustomEngine
from triplebar.engines.guests.treatment import Plan, setting_names
from triplebar.engines.places import GUESTS
from triplebar.research.factory import create_engine

DOCS = Path(__file__).parents[2] / "docs"
NATIVE = Path(__file__).parent / "native"


def plans() -> dict[str, Plan]:
    """What each guest does with every setting."""
    from triplebar.engines.backtrader import plan as backtrader
    from triplebar.engines.nautilus import plan as nautilus

    return {
        "backtrader, strict": backtrader.STRICT,
        "backtrader, native": backtrader.NATIVE,
        "nautilus, strict": nautilus.STRICT,
        "nautilus, native": nautilus.NATIVE,
    }


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in lines]


def written(engine: str) -> list[Scenario]:
    """The scenarios that show what a guest does by its own rules."""
    path = NATIVE / f"{engine}.txt"
    return load(path.name, path.read_text()) if path.exists() else []


def shown(outcome: Outcome) -> str:
    """The fills of a scenario in a few words."""
    fills = [f"{row['order']} {row['size']:g} @ {row['price']:g} in bar {row['tick']}" for row in outcome.fills()]
    return ", ".join(fills) or "nothing fills"


def known_differences() -> str:
    """The page docs/known-differences.md."""
    lines = [
        "# Known differences between engines",
        "",
        "Made by running the engines (`python -m tests.engines.pages --update`); do not edit.",
        "",
        '## Held to our rules (`fidelity="strict"`)',
        "",
        f"The {len(load_all())} scenario tables of `tests/scenarios` and random campaigns run on every guest, which",
        "gives the same tables to the last unit as our own engine. What a guest cannot be held to, it refuses:",
        "",
    ]
    scenarios = load_all()
    lines += table(
        ("engine", "refused", "why", "scenarios"),
        [
            (row.engine, f"`{row.refused}`", row.reason, sum(row.concerns(each) for each in scenarios))
            for row in KNOWN.rows
        ],
    )
    lines += ["", '## By their own rules (`fidelity="native"`)', ""]
    for engine in GUESTS:
        if written(engine):
            lines += [f"### {engine}", "", *native_table(engine), ""]
    return "\n".join(lines)


def native_table(engine: str) -> list[str]:
    """What a guest does by its own rules, beside what our rules make of the same orders."""
    guest, rows = create_engine(engine, fidelity="native"), []
    for scenario in written(engine):
        rules, _, title = scenario.title.partition(": ")
        rows.append((rules, title, shown(play(scenario, CustomEngine())), shown(play(scenario, guest))))
    return table(("rule", f"what {engine} does", "our rules", engine), rows)


def support() -> str:
    """The page docs/guest-support.md."""
    lines = [
        "# What guests support",
        "",
        "Made by running the engines (`python -m tests.engines.pages --update`); do not edit.",
        "",
        '## Orders, held to our rules (`fidelity="strict"`)',
        "",
        "- *exact*: the guest's own matching decides when and at what price it fills;",
        "- *adapter*: the guest fills, and the adapter sends, withdraws or cuts the order in time, as the guest has no",
        "  such kind of order or time in force;",
        "- –: no engine takes it.",
        "",
        "In brackets, the orders that were compared with our own engine, all tables equal.",
        "",
    ]
    for engine in GUESTS:
        lines += [f"### {engine}", "", *grid(cells(engine)), ""]
    lines += ['## Orders, by their own rules (`fidelity="native"`)', ""]
    for engine in GUESTS:
        takes = create_engine(engine, fidelity="native").capabilities()
        rows = [(kind.text, ", ".join(tif.text for tif in takes.times_in_force(kind)) or "–") for kind in OrderKind]
        lines += [f"### {engine}", "", *table(("kind", "times in force"), rows), ""]
    return "\n".join([*lines, *treatments()])


def grid(found: dict[tuple[OrderKind, TimeInForce], Cell]) -> list[str]:
    """Kinds down, times in force across."""
    rows = [
        (kind.text, *(found[kind, tif].text if (kind, tif) in found else "–" for tif in TimeInForce))
        for kind in OrderKind
    ]
    return table(("kind", *TimeInForce.texts()), rows)


def treatments() -> list[str]:
    """Every setting, and what each guest does with it."""
    lines = [
        "## Settings",
        "",
        "Nothing is ignored in silence: a setting is applied, cannot matter, or is refused by an error that names it.",
        "",
    ]
    for name, plan in plans().items():
        rows = [(f"`{each}`", plan[each].way.value, plan[each].note) for each in setting_names()]
        lines += [f"### {name}", "", *table(("setting", "what happens", "how"), rows), ""]
    return lines


PAGES = {"known-differences.md": known_differences, "guest-support.md": support}


def main() -> int:
    """Write the pages, or say which are out of date."""
    stale = 0
    for name, make in PAGES.items():
        path, text = DOCS / name, make().rstrip() + "\n"
        if "--update" in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{name} is out of date: python -m tests.engines.pages --update")
            stale += 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
