"""From the user's units to whole engine units: exact, or refused with the field that does not fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.costs import Commission, Funding, Latency, Misses, Slippage, Spread, SymbolCosts
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.risk import RiskLimits
from triplebar.contracts.settings import BEGINNING_NS, Settings
from triplebar.contracts.units import MoneyUnits
from triplebar.data.market import Market
from triplebar.engines.settings import resolve

MINUTE = 60 * 10**9
HOUR = 60 * MINUTE


def market(*instruments: Instrument, bars: int = 3, step_ns: int = MINUTE, first_ns: int = MINUTE) -> Market:
    """A flat market of a few bars."""
    listed = instruments or (Instrument("X"),)
    count = len(listed) * bars
    times = [first_ns + number * step_ns for number in range(bars) for _ in listed]
    symbols = [each.symbol for _ in range(bars) for each in listed]
    prices = {name: [10.0] * count for name in ("open", "high", "low", "close")}
    return Market.from_table({"time": times, "symbol": symbols, **prices, "volume": [100.0] * count}, listed)


def test_everything_is_converted_exactly() -> None:
    config = BacktestConfig(
        initial_cash=1000.1,
        leverage=2.5,
        maintenance_margin=0.05,
        commission=Commission(
            maker_bps=0.1, taker_bps=2.5, per_unit="0.001", fixed=1, minimum="0.35", maximum_percent=1
        ),
        slippage=Slippage(bps=1.5, ticks=2, impact=0.1, root=0.1, root_free=0.02),
        spread=Spread(half_bps=0.5, half_ticks=3),
        participation=0.1,
        misses=Misses(),
        latency=Latency(0.5, 2),
        borrow_rate={"X": 0.02},
        risk=RiskLimits(gross_exposure=2, drawdown_daily=0.1, position_quantity="10.5", position_value={"X": 1000}),
        start="1970-01-01T00:02:00Z",  # type: ignore[arg-type]
        warmup_bars=4,
        seed=2**64 - 1,
    )
    settings = resolve(config, market(Instrument("X", 2, 1, price_step=0.05, notional_min=5, quantity_max=1000)))
    (own,) = settings.instruments
    assert settings.cash == (100_010_000_000,)
    assert (settings.currencies, settings.rates) == (("USD",), (((BEGINNING_NS, 10**9),),))
    assert (settings.account.leverage_milli, settings.account.maintenance_ppb) == (2500, 50_000_000)
    assert (own.commission.maker_ppb, own.commission.taker_ppb) == (10_000, 250_000)
    assert (own.commission.per_unit_minor, own.commission.fixed, own.commission.minimum) == (10**5, 10**8, 35 * 10**6)
    assert own.commission.maximum_ppb == 10_000_000
    assert (own.slippage_ppb, own.slippage_ticks, own.impact_ppb) == (150_000, 2, 10**8)
    assert (own.root_coefficient, own.root_free) == (0.1, 0.02)
    assert (own.half_spread_ppb, own.half_spread_ticks, own.participation_ppb) == (50_000, 3, 10**8)
    assert (settings.miss_ppb, settings.partial_ppb) == (50_000_000, 100_000_000)
    assert (settings.partial_low_ppb, settings.partial_high_ppb) == (500_000_000, 900_000_000)
    assert (settings.latency_min_ns, settings.latency_max_ns) == (500_000_000, 2_000_000_000)
    assert own.borrow_ppb == 20_000_000
    assert (settings.risk.gross_ppb, settings.risk.net_ppb, settings.risk.drawdown_daily_ppb) == (
        2 * 10**9,
        None,
        10**8,
    )
    assert (own.position_limit_lots, own.position_limit_minor) == (105, 10**11)
    assert (own.price_step, own.size_step, own.unit, own.quantity_max) == (5, 1, 10**5, 10_000)
    assert (own.notional_min, own.interval_ns) == (5 * 10**8, MINUTE)
    assert (settings.start_ns, settings.warmup_bars, settings.seed) == (2 * MINUTE, 4, 2**64 - 1)


def test_the_default_is_exactly_neutral() -> None:
    settings = resolve(BacktestConfig(), market())
    (own,) = settings.instruments
    zeros = [
        own.half_spread_ticks,
        own.half_spread_ppb, own.slippage_ticks, own.slippage_ppb, own.impact_ppb, own.borrow_ppb,
        own.root_coefficient, own.commission.fixed, own.commission.maker_ppb, own.commission.taker_ppb,
        own.commission.per_unit_minor, own.commission.minimum, settings.latency_max_ns, settings.miss_ppb,
        settings.partial_ppb,
    ]  # fmt: skip
    assert zeros == [0] * len(zeros)
    assert own.participation_ppb is own.commission.maximum_ppb is own.position_limit_lots is None
    assert (own.funding, own.commission.tiers) == ((), ())


def test_settings_survive_json_and_equal_settings_give_equal_text() -> None:
    config = BacktestConfig(commission=Commission.tiered((0, 2, 5), (10**6, 1, 4)), funding={"X": Funding(rate=0.001)})
    settings = resolve(config, market(step_ns=4 * HOUR))
    assert Settings.from_json(settings.to_json()) == settings
    assert resolve(config, market(step_ns=4 * HOUR)).to_json() == settings.to_json()
    with pytest.raises(ConfigError, match="did you mean 'seed'"):
        Settings.from_json(settings.to_json().replace('"seed"', '"sead"'))
    with pytest.raises(ConfigError, match="unit missing"):
        Settings.from_json(settings.to_json().replace(',"unit":1000000', ""))


@pytest.mark.feature("F-056")
def test_constant_funding_falls_on_whole_multiples_inside_the_clock() -> None:
    config = BacktestConfig(funding={"X": Funding(rate=-0.0001, every_hours=8)})
    long = market(bars=24, step_ns=HOUR, first_ns=HOUR)
    (own,) = resolve(config, long).instruments
    assert own.funding == ((8 * HOUR, -100_000), (16 * HOUR, -100_000), (24 * HOUR, -100_000))
    schedule = Funding(schedule=[("1970-01-01T05:00:00Z", "0.00000000049"), ("1970-01-01T06:00:00Z", "0.0000000016")])
    (own,) = resolve(BacktestConfig(funding={"X": schedule}), long).instruments
    assert own.funding == ((5 * HOUR, 0), (6 * HOUR, 2))


def test_currencies_stand_with_the_base_first() -> None:
    two = market(Instrument("A", currency="JPY"), Instrument("B"), Instrument("C", currency="EUR"))
    config = BacktestConfig(
        initial_cash={"EUR": 5, "USD": 7},
        rates={"JPY": 0.0067, "EUR": [("1970-01-01T00:00:00Z", 1.1), ("1970-01-01T00:02:00Z", 1.2)], "CHF": 1.1},
    )
    settings = resolve(config, two)
    assert settings.currencies == ("USD", "CHF", "EUR", "JPY")
    assert settings.cash == (7 * 10**8, 0, 5 * 10**8, 0)
    assert [each.currency for each in settings.instruments] == [3, 0, 2]
    assert settings.rates[2] == ((0, 1_100_000_000), (2 * MINUTE, 1_200_000_000))
    assert settings.rates[3] == ((BEGINNING_NS, 6_700_000),)


def test_overrides_of_a_symbol_stand_beside_the_rest() -> None:
    config = BacktestConfig(
        commission_bps=1, slippage_bps=2, per_symbol={"B": SymbolCosts(commission=Commission(bps=3), participation=1)}
    )
    first, second = resolve(config, market(Instrument("A"), Instrument("B"))).instruments
    assert (first.commission.taker_ppb, first.slippage_ppb, first.participation_ppb) == (100_000, 200_000, None)
    assert (second.commission.taker_ppb, second.slippage_ppb, second.participation_ppb) == (300_000, 200_000, 10**9)


def test_cash_is_as_fine_as_the_finest_tick_needs() -> None:
    assert resolve(BacktestConfig(), market(Instrument("A", 4, 6))).cash_precision == 10
    assert resolve(BacktestConfig(), market(Instrument("A", 4, 6, multiplier="0.01"))).cash_precision == 12
    assert resolve(BacktestConfig(cash_precision=4), market()).cash_precision == 4


A = Instrument("A")
BAD: list[tuple[str, dict[str, Any], list[Instrument], str]] = [
    ("per_symbol['AA']", {"per_symbol": {"AA": SymbolCosts()}}, [A], "did you mean 'A'"),
    ("per_symbol['APPL']", {"per_symbol": {"APPL": SymbolCosts()}}, [Instrument("AAPL")], "did you mean 'AAPL'"),
    ("funding['B']", {"funding": {"B": Funding(rate=0.1)}}, [A], "no such symbol"),
    ("borrow_rate['B']", {"borrow_rate": {"B": 0.1}}, [A], "no such symbol"),
    ("risk.position_value['B']", {"risk": RiskLimits(position_value={"B": 1})}, [A], "no such symbol"),
    ("risk.position_quantity['B']", {"risk": RiskLimits(position_quantity={"B": 1})}, [A], "no such symbol"),
    ("rates", {}, [Instrument("A", currency="EUR")], "is traded in EUR"),
    ("rates['EUR']", {"rates": {"EUR": [("2024-01-01T00:00:00Z", 1)]}}, [Instrument("A", currency="EUR")], "first bar"),
    ("rates['EUR']", {"rates": {"EUR": "1e-12"}}, [Instrument("A", currency="EUR")], "one part per billion"),
    ("rates['EUR']", {"rates": {"EUR": "1e12"}}, [Instrument("A", currency="EUR")], "64 bits"),
    ("initial_cash", {"initial_cash": 1e12}, [A], "64 bits"),
    ("initial_cash", {"initial_cash": "0.123456789"}, [A], "finer than 10^-8"),
    ("cash_precision", {"cash_precision": 1}, [A], "cannot express a tick of A"),
    ("cash_precision", {}, [Instrument("A", 8, 8)], "needs 16 decimals"),
    ("commission.taker_bps", {"commission": Commission(taker_bps="0.000001")}, [A], "finer than 10^-5"),
    ("commission.minimum", {"commission": Commission(minimum=1e12)}, [A], "64 bits"),
    ("commission.per_unit", {"commission": Commission(per_unit="1e-9")}, [A], "finer than 10^-8"),
    ("commission.tiers", {"commission": Commission.tiered((0, "1e-6", 1))}, [A], "finer than 10^-5"),
    ("slippage.impact", {"slippage": Slippage(impact=1e11)}, [A], "64 bits"),
    ("participation", {"participation": 1 / 3}, [A], "finer than 10^-9"),
    ("latency.min_seconds", {"latency": Latency("1e-10", 1)}, [A], "whole nanoseconds"),
    ("leverage", {"leverage": "1.0001"}, [A], "at most 3 decimals"),
    ("leverage", {"leverage": 10}, [Instrument("A", leverage_max=5)], "A allows 5"),
    ("maintenance_margin", {}, [Instrument("A", maintenance_margin_min=0.05)], "A demands 0.05"),
    ("funding['A'].every_hours", {"funding": {"A": Funding(rate=0.1, every_hours="1e-9")}}, [A], "too short"),
    ("calendar", {"calendar": "XNYS"}, [A], "loaded with '24/7'"),
]


@pytest.mark.feature("F-018")
@pytest.mark.parametrize(
    ("field", "values", "instruments", "problem"), BAD, ids=[f"{row[0]}-{n}" for n, row in enumerate(BAD)]
)
def test_what_does_not_fit_the_market_is_refused(
    field: str, values: dict[str, Any], instruments: list[Instrument], problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(BacktestConfig(**values), market(*instruments, bars=100))
    assert caught.value.field == field
    assert problem in str(caught.value)
    assert caught.value.fix


@given(st.decimals(0, 10**9, places=12))
def test_limits_are_rounded_to_the_safe_side(amount: Any) -> None:
    units = MoneyUnits(8)
    down, up = units.down(amount), units.up(amount)
    assert down <= amount * 10**8 <= up
    assert up - down <= 1


@given(st.floats(0.00001, 1e5), st.integers(0, 5))
def test_basis_points_are_exact_or_refused(bps: float, places: int) -> None:
    wanted = round(bps, places)
    (own,) = resolve(BacktestConfig(commission_bps=wanted), FLAT).instruments
    assert own.commission.taker_ppb == round(wanted * 10**5)


FLAT = market()
