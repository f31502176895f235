"""Layers that are off change nothing, and neither does the future; on both engines."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.generators import Case, random_case
from triplebar.contracts.result_hash import result_hash
from triplebar.contracts.tables import HASHED
from triplebar.engines.custom import CustomEngine
from triplebar.engines.reference import ReferenceEngine

ENGINES: dict[str, Any] = {"custom": CustomEngine, "reference": ReferenceEngine}
seeds = st.integers(0, 10**6)
engines = pytest.mark.parametrize("engine", ENGINES)
OFF: dict[str, Any] = {
    "commission": None, "slippage": None, "spread": None, "participation": None, "misses": None, "latency": None,
    "funding": None, "borrow_rate": 0, "risk": None, "per_symbol": None,
}  # fmt: skip


def facts_of(case: Case, engine: str) -> Any:
    return ENGINES[engine]().run(case.script(), case.market, case.settings)


def hash_of(case: Case, engine: str) -> str:
    facts = facts_of(case, engine)
    return result_hash(facts.table, facts.labels)


# ---------------------------------------------------------------------------------------------------------- neutral

ZERO: dict[str, Any] = {
    "commission": tb.Commission(bps=0, fixed=0, per_unit=0, minimum=0),
    "slippage": tb.Slippage(bps=0, ticks=0, impact=0, root=0),
    "spread": tb.Spread(half_ticks=0, half_bps=0),
    "misses": tb.Misses(limit_missed=0, partial=0),
    "latency": tb.Latency(0, 0),
    "borrow_rate": "0.0",
    "risk": tb.RiskLimits(gross_exposure=1_000, net_exposure=1_000, position_quantity=10**8, drawdown_total=1),
}


@engines
@settings(max_examples=12)
@given(seeds)
@pytest.mark.rule("S-50", "S-51", "S-52", "S-53", "S-54", "S-57", "S-73")
@pytest.mark.feature("F-046", "F-047", "F-048", "F-050", "F-056")
def test_a_layer_of_nothing_is_no_layer(engine: str, seed: int) -> None:
    """Each layer alone, then all of them: switched on with zeros is bit for bit switched off."""
    case = random_case(seed)
    case = replace(case, config=case.config.replace(**OFF, initial_cash=dict.fromkeys(case.settings.currencies, 10**7)))
    expected = hash_of(case, engine)
    funding = {"funding": {symbol: tb.Funding(rate=0, every_hours=1) for symbol in case.market.symbols}}
    for changed in ({name: value} for name, value in ({**ZERO, **funding}).items()):
        assert hash_of(replace(case, config=case.config.replace(**changed)), engine) == expected, changed
    everything = case.config.replace(**{**ZERO, **funding, "seed": seed + 1})
    assert hash_of(replace(case, config=everything), engine) == expected


@engines
@pytest.mark.feature("F-046", "F-047", "F-048", "F-050", "F-056")
def test_a_layer_of_something_is_noticed(engine: str) -> None:
    """The comparison above is not blind: each layer, switched on for real, changes some of twenty cases."""
    something: dict[str, Any] = {
        "commission": tb.Commission(bps=10), "slippage": tb.Slippage(ticks=1), "spread": tb.Spread(half_ticks=1),
        "misses": tb.Misses(limit_missed="0.5", partial="0.5"), "latency": tb.Latency(1, 100_000), "borrow_rate": "0.5",
        "participation": "0.05", "risk": tb.RiskLimits(position_quantity=1),
    }  # fmt: skip
    changed = dict.fromkeys(something, 0)
    for seed in range(20):
        case = random_case(seed)
        case = replace(case, config=case.config.replace(**OFF))
        expected = hash_of(case, engine)
        for name, value in something.items():
            changed[name] += hash_of(replace(case, config=case.config.replace(**{name: value})), engine) != expected
    assert min(changed.values()) >= 3, changed


# ----------------------------------------------------------------------------------------------------------- prefix


def cut(case: Case, last: int) -> Case:
    """The case with no bar after tick `last`."""
    return replace(case, market=case.market.between(end=int(case.market.clock[last]) + 1))


def decided_before(case: Case, last: int) -> int:
    """The first tick that may differ: an instrument that goes on in the whole market ends early in the cut one.

    The end of the data is itself an event (S-43, S-80, S-81): what happens at an instrument's last bar counts as end.
    """
    ends = []
    for symbol in case.market.symbols:
        places = case.market.series(symbol).clock_index
        if places[-1] > last:
            ends.append(int(places[places <= last][-1]))
    return min(ends)


@engines
@settings(max_examples=30)
@given(seeds, st.floats(0, 1, exclude_max=True))
@pytest.mark.rule("S-10", "S-20", "S-30")
@pytest.mark.feature("F-073")
def test_data_that_end_after_any_bar_change_nothing_before_it(engine: str, seed: int, share: float) -> None:
    case = random_case(seed)
    begun = max(int(case.market.series(symbol).clock_index[0]) for symbol in case.market.symbols)
    last = begun + int(share * (len(case.market) - 1 - begun))
    if last >= len(case.market) - 1:
        return
    shorter, settings_of_both = cut(case, last), case.settings
    whole = ENGINES[engine]().run(case.script(), case.market, settings_of_both)
    part = ENGINES[engine]().run(case.script(), shorter.market, settings_of_both)
    end = decided_before(case, last)
    for name in HASHED:
        if name != "orders":
            assert until(whole, name, end) == until(part, name, end), name
    ours, theirs = ({each["order"]: each for each in rows(facts, "orders")} for facts in (whole, part))
    early = [number for number, each in ours.items() if each["sent"] < end]
    assert [stable(ours[number]) for number in early] == [
        stable(theirs[number]) for number in early if number in theirs
    ]
    # An order that is sent again later (S-46) has the later time, so it is early in the shorter run alone.
    assert all(
        ours[number]["sent"] >= end for number, each in theirs.items() if each["sent"] < end and number not in early
    )


def rows(facts: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = facts.table(name).to_pylist()
    return found


def until(facts: Any, name: str, end: int) -> list[dict[str, Any]]:
    return [each for each in rows(facts, name) if each["clock"] < end]


def stable(order: dict[str, Any]) -> dict[str, Any]:
    """What an order is from the moment it is sent."""
    return {
        name: order[name] for name in ("order", "instrument", "side", "kind", "tif", "group", "parent", "tag", "sent")
    }


def test_the_cuts_leave_something_to_compare() -> None:
    compared = 0
    for seed in range(40):
        case = random_case(seed)
        last = Random(seed).randrange(len(case.market) // 2, len(case.market) - 1)
        compared += len(until(facts_of(case, "custom"), "fills", decided_before(case, last))) > 0
    assert compared >= 20
