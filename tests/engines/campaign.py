"""Random cases on a guest engine and on the Rust core, held against each other table by table.

By hand, for as many cases as you like: `python -m tests.engines.campaign backtrader --cases 20000`. It goes on until
every kind of order has been sent 5 000 times, too, if asked: `--orders 5000`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.generators import Case, random_case
from tests.parity.comparing import DERIVED, HASHED, outcome, table_difference
from triplebar.contracts.codes import OrderKind
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom import CustomEngine
from triplebar.research.factory import create_engine

WITH_ONE_CURRENCY = frozenset({"backtrader"})


@dataclass
class Tally:
    """What a campaign has seen."""

    cases: int = 0
    equal: int = 0
    fills: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def one_currency(case: Case) -> Case:
    """The same case with all instruments and all cash in dollars."""
    instruments = [replace(each, currency="USD") for each in case.market.instruments]
    cash = case.config.initial_cash
    config = case.config.replace(initial_cash=cash["USD"] if isinstance(cash, Mapping) else cash, rates=None)
    return replace(case, market=Market.from_table(case.market.table(), instruments), config=config)


def difference(guest: Engine, case: Case, tally: Tally) -> str | None:
    """The first difference between a guest and the Rust core, None if there is none."""
    theirs, ours = outcome(guest, case), outcome(CustomEngine(), case)
    if isinstance(theirs, str) or isinstance(ours, str):
        same = isinstance(theirs, str) and isinstance(ours, str) and theirs.split(":")[0] == ours.split(":")[0]
        return None if same else f"seed {case.seed}: guest {_short(theirs)}, core {_short(ours)}"
    count(ours, tally)
    for name in (*HASHED, *DERIVED):
        if found := table_difference(theirs.table(name), ours.table(name)):
            return f"seed {case.seed}, {name}: {found}"
    return None if theirs.labels == ours.labels else f"seed {case.seed}: labels differ"


def count(facts: Any, tally: Tally) -> None:
    """Note what the case was made of."""
    tally.fills += facts.table("fills").num_rows
    tally.kinds.update(OrderKind(kind).text for kind in facts.table("orders")["kind"].to_pylist())


def run_case(guest: Engine, seed: int, tally: Tally) -> None:
    """One case into the tally, in one currency if the guest has but one."""
    case = random_case(seed)
    case = one_currency(case) if guest.name in WITH_ONE_CURRENCY else case
    tally.cases += 1
    found = difference(guest, case, tally)
    if found is None:
        tally.equal += 1
    else:
        tally.differences.append(found)


def _short(found: Any) -> str:
    return found if isinstance(found, str) else "ran to the end"


def main() -> int:
    """Run a campaign and print what it saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--orders", type=int, default=0, help="go on until every kind was sent so often")
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    guest, tally, seed = create_engine(asked.engine), Tally(), asked.first
    while tally.cases < asked.cases or any(tally.kinds[kind.text] < asked.orders for kind in OrderKind):
        run_case(guest, seed, tally)
        seed += 1
    print(f"{tally.cases} cases, {tally.equal} equal in all tables, {tally.fills} fills; orders: {dict(tally.kinds)}")
    print("\n".join(tally.differences[:20]))
    return 1 if tally.differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
