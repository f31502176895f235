"""Whatever the caps and the targets: nothing breaks a cap by one unit, nothing is cut without need."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk import model
from tests.risk.groups import Group, capped, caps, drawn, groups, targets
from tests.risk.model import Target, cap
from triplebar.risk import STEPS, Caps

GROUPS = int(os.environ.get("TRIPLEBAR_RISK_GROUPS", "2000"))
"""Random groups of the campaign; `TRIPLEBAR_RISK_GROUPS=100000 pytest tests/risk` is the long one."""

BATCH = 250


def broken(rules: Caps, account: int, wanted: Sequence[Target], may: Sequence[int]) -> list[str]:
    """Name the caps that a group breaks."""
    if account <= 0:
        return ["account"] if any(may) else []
    tokens: defaultdict[str, int] = defaultdict(int)
    positions: defaultdict[tuple[str, int], int] = defaultdict(int)
    for each, amount in zip(wanted, may, strict=True):
        tokens[each.symbol] += amount
        positions[each.symbol, each.side] += amount
    sides = {side: sum(amount for (_, one), amount in positions.items() if one == side) for side in (1, -1)}
    open_positions = [amount for amount in positions.values() if amount]
    total, money = sum(may), inf if rules.per_position_usd is None else float(rules.per_position_usd) * 100
    limits = {
        "sign": (-min(may), 0),
        "one side a token": (len(open_positions), len({symbol for symbol, amount in tokens.items() if amount})),
        "more than wanted": (max(amount - each.amount for each, amount in zip(wanted, may, strict=True)), 0),
        "positions": (len(open_positions), inf if rules.positions is None else rules.positions),
        "per_position": (max(open_positions, default=0), cap(rules.per_position, account)),
        "per_position_usd": (max(open_positions, default=0), round(money) if money < inf else inf),
        "per_token": (max(tokens.values()), cap(rules.per_token, account)),
        "long": (sides[1], cap(rules.long, account)),
        "short": (sides[-1], cap(rules.short, account)),
        "total": (total, cap(rules.total, account)),
        "leverage": (total, cap(rules.leverage, account)),
    }
    return [name for name, (value, limit) in limits.items() if value > limit]


def wasted(rules: Caps, account: int, wanted: Sequence[Target], answers: Sequence[tuple[int, str]]) -> list[str]:
    """Name positions that were cut although no cap is within the rounding of its members."""
    if account <= 0:
        return []
    net: defaultdict[str, int] = defaultdict(int)
    may: defaultdict[str, int] = defaultdict(int)
    for each, (amount, _) in zip(wanted, answers, strict=True):
        net[each.symbol] += each.side * each.amount
        may[each.symbol] += each.side * amount
    members = {side: [symbol for symbol in may if may[symbol] * side > 0] for side in (1, -1)}
    sums = {side: sum(abs(may[symbol]) for symbol in names) for side, names in members.items()}
    money = inf if rules.per_position_usd is None else round(float(rules.per_position_usd) * 100)
    each_cap = min(cap(rules.per_position, account), money, cap(rules.per_token, account))
    all_members, all_sum = sum(map(len, members.values())), sum(sums.values())
    whole = min(cap(rules.total, account), cap(rules.leverage, account))
    kept = sorted((abs(value) for value in net.values() if value), reverse=True)[: rules.positions]
    found = []
    for symbol, amount in may.items():
        side = 1 if net[symbol] > 0 else -1
        side_cap = cap(rules.long if side > 0 else rules.short, account)
        reasons = (
            abs(amount) == abs(net[symbol]),
            amount == 0 and (rules.positions is not None and abs(net[symbol]) <= min(kept, default=0)),
            abs(amount) == each_cap,
            sums[side] + max(1, len([one for one in net if net[one] * side > 0])) > side_cap,
            all_sum + max(1, len([one for one in net.values() if one])) > whole,
        )
        if not any(reasons) and all_members:
            found.append(symbol)
    return found


@pytest.mark.feature("F-217", "F-216")
@settings(max_examples=150)
@given(st.lists(groups, min_size=1, max_size=8), caps)
def test_no_cap_is_broken_and_nothing_is_cut_without_need(given_groups: list[Group], rules: Caps) -> None:
    for (account, wanted), answers in zip(given_groups, capped(given_groups, rules), strict=True):
        assert broken(rules, account, wanted, [amount for amount, _ in answers]) == []
        assert wasted(rules, account, wanted, answers) == []


@pytest.mark.feature("F-217")
@settings(max_examples=150)
@given(st.lists(groups, min_size=1, max_size=8), caps)
def test_the_kernel_equals_the_model(given_groups: list[Group], rules: Caps) -> None:
    expected = [model.apply(wanted, rules, account) for account, wanted in given_groups]
    assert capped(given_groups, rules) == expected


@pytest.mark.feature("F-217")
@settings(max_examples=60)
@given(groups, caps, st.lists(st.sampled_from(STEPS), unique=True))
def test_any_steps_alone_equal_the_model(group: Group, rules: Caps, steps: list[str]) -> None:
    account, wanted = group
    assert capped([group], rules, steps) == [model.apply(wanted, rules, account, steps)]


@pytest.mark.feature("F-217")
@settings(max_examples=60)
@given(groups, caps, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(group: Group, rules: Caps, random: object) -> None:
    account, wanted = group
    order = list(range(len(wanted)))
    random.shuffle(order)  # type: ignore[attr-defined]
    (straight,), (mixed,) = capped([group], rules), capped([(account, [wanted[at] for at in order])], rules)
    # Rows that say the same may change places.
    pairs = [
        Counter(zip(wanted, straight, strict=True)),
        Counter(zip([wanted[at] for at in order], mixed, strict=True)),
    ]
    assert pairs[0] == pairs[1]


@pytest.mark.feature("F-217")
@settings(max_examples=60)
@given(groups, caps)
def test_long_and_short_are_mirror_images(group: Group, rules: Caps) -> None:
    account, wanted = group
    mirrored = rules.replace(long=rules.short, short=rules.long)
    flipped = [Target(each.symbol, -each.side, each.amount) for each in wanted]
    other = {"long": "short", "short": "long"}
    (straight,), (mirror,) = capped([group], rules), capped([(account, flipped)], mirrored)
    assert straight == [(amount, other.get(bound, bound)) for amount, bound in mirror]


@pytest.mark.feature("F-217")
@settings(max_examples=60)
@given(st.integers(1, 10**8), st.lists(targets, min_size=1, max_size=25), caps, st.integers(2, 50))
def test_twice_the_money_is_twice_the_answer(account: int, wanted: list[Target], rules: Caps, times: int) -> None:
    rules = rules.replace(per_position_usd=None)
    larger = [Target(each.symbol, each.side, each.amount * times) for each in wanted]
    (small,), (large,) = capped([(account, wanted)], rules), capped([(account * times, larger)], rules)
    for (one, _), (many, _) in zip(small, large, strict=True):
        # Every step rounds down once, and a row's part once more at either end.
        assert abs(many - one * times) <= 6 * times


@pytest.mark.feature("F-217")
def test_a_campaign_of_random_groups() -> None:
    seen = 0
    bounds: Counter[str] = Counter()
    for seed in range(-(-GROUPS // BATCH)):
        given_groups, rules = drawn(min(BATCH, GROUPS - seen), seed)
        for (account, wanted), answers in zip(given_groups, capped(given_groups, rules), strict=True):
            assert broken(rules, account, wanted, [amount for amount, _ in answers]) == [], (seed, account)
            assert wasted(rules, account, wanted, answers) == [], (seed, account)
            assert answers == model.apply(wanted, rules, account), (seed, account)
            bounds.update(bound for _, bound in answers)
            seen += 1
    assert seen == GROUPS
    # The campaign is worth something only if everything that can bind did.
    assert {"none", "net", "positions", "per_position", "per_token", "long", "short", "total"} <= set(bounds)


def test_a_broken_cap_is_noticed() -> None:
    rules = Caps(per_position=0.1, per_token=0.1, long=0.1, total=0.1, positions=1, leverage=0.1, per_position_usd=10)
    wanted = [Target("A", 1, 5_000), Target("A", -1, 5_000), Target("B", 1, 5_000)]
    found = broken(rules, 10_000, wanted, [1_001, 1, 5_001])
    assert set(found) == {
        "one side a token", "more than wanted", "positions", "per_position", "per_position_usd", "per_token", "long",
        "total", "leverage",
    }  # fmt: skip
    assert broken(rules, 0, wanted, [1, 0, 0]) == ["account"]


def test_waste_is_noticed() -> None:
    rules = Caps(per_position=0.5, total=0.9)
    assert wasted(rules, 10_000, [Target("A", 1, 4_000)], [(3_990, "total")]) == ["A"]
    assert wasted(rules, 10_000, [Target("A", 1, 4_000)], [(4_000, "none")]) == []
