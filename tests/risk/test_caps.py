"""The caps themselves: what is refused, what can never bind, and each cap binding in its own case."""

from __future__ import annotations

from decimal import Decimal

import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError
from triplebar.risk import Caps, apply_caps

CASES = [
    ("per_position", Caps(per_position=0.10), [("A", 1, 12_000.0)], [10_000.0]),
    ("per_position_usd", Caps(per_position=0.10, per_position_usd=9_000), [("A", 1, 12_000.0)], [9_000.0]),
    ("per_token", Caps(per_token=0.05), [("A", -1, 12_000.0)], [5_000.0]),
    ("long", Caps(long=0.30, short=0.10), [("A", 1, 20_000.0), ("B", 1, 40_000.0)], [10_000.0, 20_000.0]),
    ("short", Caps(long=0.10, short=0.30), [("A", -1, 20_000.0), ("B", -1, 40_000.0)], [10_000.0, 20_000.0]),
    ("total", Caps(total=0.50), [("A", 1, 50_000.0), ("B", -1, 50_000.0)], [25_000.0, 25_000.0]),
    ("leverage", Caps(leverage=2), [("A", 1, 300_000.0), ("B", -1, 100_000.0)], [150_000.0, 50_000.0]),
    ("positions", Caps(positions=1), [("A", 1, 10.0), ("B", 1, 20.0)], [0.0, 20.0]),
    ("net", Caps(), [("A", 1, 9_000.0), ("A", -1, 3_000.0)], [6_000.0, 0.0]),
]


def table(rows: list[tuple[str, int, float]], account: float = 100_000.0) -> dict[str, list[object]]:
    symbols, sides, amounts = (list(column) for column in zip(*rows, strict=True))
    return {"symbol": symbols, "side": sides, "target_usd": amounts, "account_value": [account] * len(rows)}


@pytest.mark.feature("F-217", "F-216")
@pytest.mark.parametrize(("bound", "caps", "rows", "expected"), CASES, ids=[case[0] for case in CASES])
def test_every_cap_binds_somewhere(
    bound: str, caps: Caps, rows: list[tuple[str, int, float]], expected: list[float]
) -> None:
    out = apply_caps(table(rows), caps)
    assert out.column("capped_usd").to_pylist() == expected
    assert bound in out.column("bound_by").to_pylist()
    cut = [wanted - may for (_, _, wanted), may in zip(rows, expected, strict=True)]
    assert out.column("cut_usd").to_pylist() == cut


@pytest.mark.feature("F-217")
@pytest.mark.parametrize("account", [100_000.0, 400_000.0, 1_000_000.0])
def test_small_and_large_accounts(account: float) -> None:
    out = apply_caps(table([("A", 1, 1e6)], account), Caps(per_position=0.10, per_position_usd=50_000))
    assert out.column("capped_usd").to_pylist() == [min(account / 10, 50_000.0)]


@pytest.mark.feature("F-217")
def test_exactly_at_a_cap_nothing_is_cut() -> None:
    rows = [(name, 1, 10_000.0) for name in "ABCDE"]
    out = apply_caps(table(rows), Caps.COPY_TRADING)
    assert out.column("bound_by").to_pylist() == ["none"] * 5
    more = apply_caps(table([*rows, ("F", 1, 9_999.99)]), Caps.COPY_TRADING)
    assert more.column("bound_by").to_pylist() == ["none"] * 5 + ["positions"]


@pytest.mark.feature("F-217")
def test_keeping_the_largest_first_leaves_no_money_unused() -> None:
    # Scaling all twenty-five to half of the account and keeping five would leave a fifth of it.
    rows = [(f"T{number:02}", 1, 10_000.0 + number) for number in range(25)]
    out = apply_caps(table(rows), Caps.COPY_TRADING)
    assert sum(out.column("capped_usd").to_pylist()) == 50_000.0


@pytest.mark.feature("F-217")
def test_ties_go_to_the_name_that_comes_first() -> None:
    rows = [("C", 1, 10.0), ("A", 1, 10.0), ("B", -1, 10.0)]
    assert apply_caps(table(rows), Caps(positions=2)).column("capped_usd").to_pylist() == [0.0, 10.0, 10.0]


@pytest.mark.feature("F-217")
def test_rows_of_one_token_share_what_it_may_be() -> None:
    rows = [("A", 1, 0.01), ("A", 1, 0.01), ("A", 1, 0.01)]
    out = apply_caps(table(rows, account=0.02), Caps(per_position=1))
    assert sorted(out.column("capped_usd").to_pylist()) == [0.0, 0.01, 0.01]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"per_position": -0.1}, "per_position"),
        ({"per_position": "a tenth"}, "per_position"),
        ({"total": float("nan")}, "total"),
        ({"leverage": 1_001}, "leverage"),
        ({"per_token": Decimal("0.1234567891")}, "per_token"),
        ({"per_position_usd": 0.001}, "per_position_usd"),
        ({"per_position_usd": 1e15}, "per_position_usd"),
        ({"positions": 0}, "positions"),
        ({"positions": 2.5}, "positions"),
        ({"positions": 2**32}, "positions"),
        ({"decimals": 10}, "decimals"),
        ({"per_position": 0}, "per_position"),
        ({"per_position_usd": 0}, "per_position_usd"),
        ({"per_token": 0}, "per_token"),
        ({"total": 0}, "total"),
        ({"leverage": 0}, "leverage"),
        ({"long": 0, "short": 0}, "long"),
    ],
)
def test_caps_that_contradict_themselves_are_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Caps(**values)  # type: ignore[arg-type]
    assert f"Caps.{field} = " in str(caught.value)
    assert "; " in str(caught.value)


def test_one_side_alone_is_no_contradiction() -> None:
    rows = [("A", 1, 10.0), ("B", -1, 10.0)]
    assert apply_caps(table(rows), Caps(short=0)).column("capped_usd").to_pylist() == [10.0, 0.0]


def test_an_unknown_cap_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="did you mean 'per_position'"):
        Caps(per_positon=0.1)  # type: ignore[call-arg]


def test_caps_go_through_plain_values_and_back() -> None:
    assert Caps.from_mapping(Caps.COPY_TRADING.to_mapping()) == Caps.COPY_TRADING


@pytest.mark.feature("F-217")
@pytest.mark.parametrize(
    ("caps", "idle"),
    [
        (Caps(), []),
        (Caps(per_position=0.1, per_token=0.1), ["per_token"]),
        (Caps(per_position=0.1, per_token=0.05), []),
        (Caps(per_position=0.1, positions=5, long=0.5, short=0.49), ["long"]),
        (Caps(per_token=0.1, positions=5, total=0.5), ["total"]),
        (Caps(per_position=0.1, positions=5, total=0.49), []),
        (Caps(long=0.2, short=0.2, total=0.4, leverage=0.3), ["total"]),
        (Caps(total=0.5, leverage=5), ["leverage"]),
        (Caps(total=0.5, leverage=0.4), []),
        (Caps(long=0.2, total=0.5), []),
    ],
)
def test_caps_that_can_never_bind_are_named(caps: Caps, idle: list[str]) -> None:
    assert [each.cap for each in caps.idle()] == idle


def test_the_package_shows_it() -> None:
    assert tb.risk.Caps is Caps
