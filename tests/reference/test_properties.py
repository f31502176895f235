"""What holds for every run: nothing is lost, the future does not change the past, the sides are mirror images."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generators import Case, random_case
from tests.reference.markets import market_of, rows
from triplebar.contracts.codes import FlowKind, Ledger
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.costs import Slippage, Spread
from triplebar.contracts.tables import NO_INSTRUMENT, SCHEMAS
from triplebar.data.market import Market
from triplebar.engines.base import Facts
from triplebar.engines.reference import ReferenceEngine
from triplebar.engines.reference.units import scale
from triplebar.engines.settings import resolve
from triplebar.strategy.script import Script

seeds = st.integers(0, 10**6)
few = settings(max_examples=25)


def facts_of(case: Case) -> Facts:
    return ReferenceEngine().run(case.script(), case.market, case.settings)


@few
@given(seeds)
@pytest.mark.feature("F-077", "F-070")
def test_the_same_case_gives_the_same_facts(seed: int) -> None:
    first, second = facts_of(random_case(seed)), facts_of(random_case(seed))
    assert all(first.table(name).equals(second.table(name)) for name in SCHEMAS)
    assert first.labels == second.labels


# ---------------------------------------------------------------------------------------------------- conservation


@few
@given(seeds)
@pytest.mark.rule("S-71")
@pytest.mark.feature("F-052", "F-002")
def test_postings_of_every_source_sum_to_zero(seed: int) -> None:
    facts = facts_of(random_case(seed))
    sums: dict[tuple[int, int, int], int] = {}
    for each in rows(facts, "postings"):
        key = (each["source"], each["row"], each["currency"])
        sums[key] = sums.get(key, 0) + each["amount"]
    assert set(sums.values()) <= {0}
    postings = facts.table("postings").num_rows
    assert postings >= facts.table("flows").num_rows + facts.table("fills").num_rows


@few
@given(seeds)
@pytest.mark.rule("S-70", "S-74", "S-03")
@pytest.mark.feature("F-052", "F-062")
def test_equity_is_cash_and_positions_at_marks_at_every_tick(seed: int) -> None:
    case = random_case(seed)
    facts = facts_of(case)
    fills, flows = rows(facts, "fills"), rows(facts, "flows")
    for row in rows(facts, "equity"):
        tick = row["clock"]
        cash = cash_at(case, fills, flows, tick)
        rates = [rate_at(known, case.market.clock[tick]) for known in case.settings.rates]
        worth, stale = worth_at(case, fills, tick, rates)
        assert row["cash"] == sum(scale(amount, rate) for amount, rate in zip(cash, rates, strict=True))
        assert row["equity"] == row["cash"] + worth
        assert row["stale"] == stale


def cash_at(case: Case, fills: Sequence[Any], flows: Sequence[Any], tick: int) -> list[int]:
    """The cash of each currency after everything that happened up to a tick."""
    cash = list(case.settings.cash)
    for flow in flows:
        cash[flow["currency"]] += flow["amount"] if flow["clock"] <= tick else 0
    for fill in fills:
        instrument = case.settings.instruments[fill["instrument"]]
        if fill["clock"] <= tick:
            cash[instrument.currency] -= fill["side"] * fill["quantity"] * fill["price"] * instrument.unit + fill["fee"]
    return cash


def rate_at(known: Sequence[tuple[int, int]], time_ns: int) -> int:
    return [ppb for since_ns, ppb in known if since_ns <= time_ns][-1]


def worth_at(case: Case, fills: Sequence[Any], tick: int, rates: Sequence[int]) -> tuple[int, bool]:
    """The worth of all positions at their last closes, and whether one of them has no bar at this tick."""
    total, stale = 0, False
    for place, instrument in enumerate(case.settings.instruments):
        mine = [fill for fill in fills if fill["instrument"] == place and fill["clock"] <= tick]
        lots = sum(fill["side"] * fill["quantity"] for fill in mine)
        series = case.market.series(place)
        seen = int(np.searchsorted(series.clock_index, tick, side="right"))
        if lots:
            total += scale(lots * int(series.ticks.close[seen - 1]) * instrument.unit, rates[instrument.currency])
            stale |= int(series.clock_index[seen - 1]) != tick
    return total, stale


@few
@given(seeds)
@pytest.mark.rule("S-67", "S-53")
@pytest.mark.feature("F-052", "F-053")
def test_the_final_equity_is_what_was_put_in_and_earned_less_what_was_paid(seed: int) -> None:
    case = random_case(seed)
    facts = facts_of(case)
    for currency, initial in enumerate(case.settings.cash):
        mine = {place for place, each in enumerate(case.settings.instruments) if each.currency == currency}
        fills = [(fill, after) for fill, after in zip(rows(facts, "fills"), rows(facts, "positions"), strict=True)
                 if fill["instrument"] in mine]  # fmt: skip
        flows = sum(each["amount"] for each in rows(facts, "flows") if each["currency"] == currency)
        realised = sum(after["realised"] for _, after in fills)
        costs = {after["instrument"]: after["cost"] for _, after in fills}
        fees = sum(fill["fee"] for fill, _ in fills)
        cash = sum(each["amount"] for each in rows(facts, "postings")
                   if each["currency"] == currency and each["account"] == Ledger.CASH)  # fmt: skip
        assert cash + sum(costs.values()) == initial + flows + realised - fees


@few
@given(seeds)
@pytest.mark.rule("S-67")
@pytest.mark.feature("F-053", "F-009")
def test_positions_and_trades_agree_with_a_second_book(seed: int) -> None:
    """The average cost as a fraction, lot by lot, differs from the exact book by less than one unit for each fill."""
    case = random_case(seed)
    facts = facts_of(case)
    lots: dict[int, list[Fraction]] = {}
    held: dict[int, int] = {}
    tolerance = facts.table("fills").num_rows
    for fill, after in zip(rows(facts, "fills"), rows(facts, "positions"), strict=True):
        place, value = fill["instrument"], fill["price"] * case.settings.instruments[fill["instrument"]].unit
        book, profit = lots.setdefault(place, []), Fraction(0)
        for _ in range(fill["quantity"]):
            if held.get(place, 0) * fill["side"] < 0:
                average = sum(book, Fraction(0)) / len(book)
                book[:] = [average] * (len(book) - 1)
                profit += fill["side"] * (average - value)
            else:
                book.append(Fraction(value))
            held[place] = held.get(place, 0) + fill["side"]
        assert after["position"] == held[place]
        assert abs(abs(after["cost"]) - sum(book)) <= tolerance
        assert abs(after["realised"] - profit) <= tolerance
    gains = sum(each["profit"] + each["fees"] for each in rows(facts, "trades"))
    assert gains == sum(each["realised"] for each in rows(facts, "positions"))


@few
@given(seeds)
@pytest.mark.feature("F-051")
@pytest.mark.rule("S-61")
def test_a_cash_account_is_never_in_debt_and_never_short(seed: int) -> None:
    case = random_case(seed)
    case = replace(
        case,
        config=case.config.replace(account="cash", leverage=1, maintenance_margin=0, funding=None, close_at_end=False),
    )
    facts = facts_of(case)
    cash = list(case.settings.cash)
    moves = [(each["clock"], each["currency"], each["amount"]) for each in rows(facts, "flows")]
    moves += [(each["clock"], each["currency"], each["amount"]) for each in cash_of_fills(case, rows(facts, "fills"))]
    for tick in range(-1, len(case.market)):
        for clock, currency, amount in moves:
            cash[currency] += amount if clock == tick else 0
        assert min(cash) >= 0
    assert all(each["position"] >= 0 for each in rows(facts, "positions"))


def cash_of_fills(case: Case, fills: Sequence[Any]) -> list[dict[str, int]]:
    return [
        {
            "clock": fill["clock"],
            "currency": case.settings.instruments[fill["instrument"]].currency,
            "amount": -fill["side"]
            * fill["quantity"]
            * fill["price"]
            * case.settings.instruments[fill["instrument"]].unit
            - fill["fee"],
        }
        for fill in fills
    ]


@few
@given(seeds)
@pytest.mark.rule("S-63")
@pytest.mark.feature("F-055")
def test_insurance_pays_only_for_liquidations(seed: int) -> None:
    case = random_case(seed)
    facts = facts_of(case)
    paid = [each for each in rows(facts, "flows") if each["kind"] == FlowKind.INSURANCE]
    assert all(each["amount"] > 0 and each["instrument"] != NO_INSTRUMENT for each in paid)
    assert not paid or case.config.account == "isolated"


@few
@given(seeds)
@pytest.mark.rule("S-50", "S-52", "S-24")
@pytest.mark.feature("F-046", "F-048")
def test_costs_are_never_in_favour_and_limits_are_kept(seed: int) -> None:
    case = random_case(seed)
    facts = facts_of(case)
    for fill in rows(facts, "fills"):
        assert fill["half_spread"] >= 0
        assert fill["slippage"] >= 0
        assert fill["price"] >= 1
        assert fill["fee"] >= 0
    for order in rows(facts, "orders"):
        prices = [fill["price"] for fill in rows(facts, "fills") if fill["order"] == order["order"]]
        modified = any(each["kind"] == 3 and each["order"] == order["order"] for each in rows(facts, "events"))
        if order["limit"] and not modified:
            assert all(order["side"] * price <= order["side"] * order["limit"] for price in prices)
        assert order["filled"] == sum(
            fill["quantity"] for fill in rows(facts, "fills") if fill["order"] == order["order"]
        )
        assert order["filled"] <= order["quantity"]


# ---------------------------------------------------------------------------------------------------------- future


@few
@given(seeds, st.floats(0.1, 0.9))
@pytest.mark.rule("S-10", "S-20")
@pytest.mark.feature("F-073")
def test_the_future_cannot_change_the_past(seed: int, share: float) -> None:
    case = random_case(seed)
    tick = int(len(case.market) * share)
    changed = replace(case, market=with_another_future(case.market, tick, Random(seed)))
    before, after = facts_of(case), facts_of(changed)
    for name in ("equity", "fills", "flows"):
        assert past(before, name, tick) == past(after, name, tick)
    assert past(before, "events", tick) == past(after, "events", tick)


def past(facts: Facts, name: str, tick: int) -> list[dict[str, Any]]:
    """The rows up to and with a tick of the clock."""
    return [each for each in rows(facts, name) if each["clock"] <= tick]


def with_another_future(market: Market, tick: int, dice: Random) -> Market:
    """The same bars up to a tick, and others after it."""
    shifts = {each.symbol: dice.randrange(1, 40) / 10.0**each.price_precision for each in market.instruments}
    last = int(market.clock[tick]) if tick >= 0 else -1
    table: dict[str, list[Any]] = market.table().to_pydict()
    table["time"] = market.table()["time"].cast("int64").to_pylist()
    for row, (time, symbol) in enumerate(zip(table["time"], table["symbol"], strict=True)):
        if time > last:
            for name in ("open", "high", "low", "close"):
                table[name][row] += shifts[symbol] * (2 if name == "high" else 1)
            table["volume"][row] = float(dice.randrange(50))
    return Market.from_table(table, market.instruments)


@pytest.mark.feature("F-073")
def test_the_test_of_the_future_notices_a_change_of_the_past() -> None:
    case = next(case for case in map(random_case, range(50)) if facts_of(case).table("fills").num_rows > 20)
    changed = replace(case, market=with_another_future(case.market, -1, Random(1)))
    assert past(facts_of(case), "fills", 10**6) != past(facts_of(changed), "fills", 10**6)


# ---------------------------------------------------------------------------------------------------------- mirror

TOP = 400
KINDS = ("market", "limit", "stop", "touch", "stop_limit", "trail")
OTHER_PATH = {"open_high_low_close": "open_low_high_close", "open_low_high_close": "open_high_low_close"}


def one_sided_steps(dice: Random, ticks: int) -> list[tuple[int, str, dict[str, Any]]]:
    """Buys of all kinds: orders of one side have no order among sides (S-26) that a mirror would turn round."""
    steps: list[tuple[int, str, dict[str, Any]]] = []
    for number in range(dice.randrange(5, 40)):
        kind = dice.choice(KINDS)
        keywords: dict[str, Any] = {"symbol": "X", "quantity": dice.randrange(1, 9), "label": f"o{number}"}
        if kind == "stop_limit":
            keywords |= {"stop": dice.randrange(180, 221), "limit": dice.randrange(180, 221)}
        elif kind != "market":
            keywords[kind] = dice.randrange(2, 9) if kind == "trail" else dice.randrange(180, 221)
        if kind in {"market", "limit"}:
            keywords["tif"] = dice.choice(("gtc", "day", "ioc", "fok", "at_open", "at_close"))
        if dice.random() < 0.2:
            keywords["oco"] = dice.choice("abcd")
        steps.append((dice.randrange(-1, ticks), "buy", keywords))
        if number and dice.random() < 0.2:
            steps[-1][2]["parent"] = f"o{dice.randrange(number)}"
    return sorted(steps, key=lambda step: (step[0], int(step[2]["label"][1:])))


def upside_down(steps: Sequence[tuple[int, str, dict[str, Any]]]) -> list[tuple[int, str, dict[str, Any]]]:
    prices = ("limit", "stop", "touch")
    return [
        (place, "sell", {name: TOP - value if name in prices else value for name, value in keywords.items()})
        for place, _, keywords in steps
    ]


@few
@given(seeds)
@pytest.mark.rule("S-29")
@pytest.mark.feature("F-054")
def test_buys_and_sells_are_mirror_images(seed: int) -> None:
    dice = Random(seed)
    bars = [random_bar(dice) for _ in range(dice.randrange(4, 30))]
    turned = [(TOP - opening, TOP - low, TOP - high, TOP - close, volume) for opening, high, low, close, volume in bars]
    steps, path = one_sided_steps(dice, len(bars)), dice.choice(tuple(OTHER_PATH))
    config = BacktestConfig(
        initial_cash=10**9,
        path=path,
        fill=dice.choice(("next_open", "same_close")),
        slippage=Slippage(ticks=dice.randrange(3)),
        spread=Spread(half_ticks=dice.randrange(3)),
        participation=dice.choice((None, "0.1")),
    )
    there, back = market_of(bars), market_of(turned)
    bought = mirror_facts(Script(steps, tolerant=True), there, config)
    sold = mirror_facts(Script(upside_down(steps), tolerant=True), back, config.replace(path=OTHER_PATH[path]))
    for fill in sold["fills"]:
        fill["price"], fill["side"] = TOP - fill["price"], -fill["side"]
    for event in sold["events"]:
        event["value"] = TOP - event["value"] if event["kind"] in {0, 1} else event["value"]
    assert bought == sold


def random_bar(dice: Random) -> tuple[float, ...]:
    """A bar around the middle of the mirror."""
    opening, close = dice.randrange(190, 211), dice.randrange(190, 211)
    high, low = max(opening, close) + dice.randrange(6), min(opening, close) - dice.randrange(6)
    return opening, high, low, close, dice.choice((10, 100, 1000))


def mirror_facts(script: Script, market: Market, config: BacktestConfig) -> dict[str, list[dict[str, Any]]]:
    facts = ReferenceEngine().run(script, market, resolve(config, market))
    return {"fills": rows(facts, "fills"), "events": rows(facts, "events")}
