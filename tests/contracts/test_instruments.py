"""Instruments: their identity, their grid, and what is refused."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from triplebar.contracts.codes import Side
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.grid import Grid, Toward, limit_toward, price_grid, size_grid, trigger_toward
from triplebar.contracts.instruments import Instrument, InstrumentId

PARTS = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=":"), min_size=1, max_size=12)
PRICES = st.floats(1e-6, 1e6)


@pytest.mark.feature("F-003")
@given(PARTS, PARTS, PARTS)
def test_an_id_is_read_as_it_was_written(venue: str, symbol: str, spec: str) -> None:
    identity = InstrumentId(venue, symbol, spec)
    assert InstrumentId.parse(str(identity)) == identity


@pytest.mark.feature("F-003")
@pytest.mark.parametrize(
    "text",
    ["", "X", "SIM:X", "SIM:X:SPOT:MORE", "SIM::SPOT", ":X:SPOT", "SIM:X:", "SIM:A B:SPOT", "SIM:\n:SPOT", None, 5],
)
def test_a_malformed_id_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"VENUE:SYMBOL:SPEC|must be a text"):
        InstrumentId.parse(text)


@pytest.mark.feature("F-004")
@pytest.mark.rule("S-02")
@given(PRICES, st.integers(0, 8), st.integers(1, 100), st.sampled_from(Side))
def test_a_price_never_breaks_the_grid_and_goes_the_right_way(
    price: float, precision: int, step: int, side: Side
) -> None:
    instrument = Instrument("X", precision, price_step=f"{step}e-{precision}")
    grid = price_grid(instrument)
    limit, trigger = grid.place(price, limit_toward(side)), grid.place(price, trigger_toward(side))
    assert limit.steps % step == trigger.steps % step == 0
    assert limit.exact == trigger.exact
    scaled = price * 10**precision
    assert side * (scaled - limit.steps) >= -1e-6, "a limit is never worse for the market than asked"
    assert side * (trigger.steps - scaled) >= -1e-6, "a trigger is never nearer than asked"
    assert abs(grid.place(price, Toward.NEAREST).steps - scaled) <= step / 2 + 0.5
    assert abs(trigger.steps - limit.steps) == (0 if limit.exact else step)


@pytest.mark.feature("F-004")
@pytest.mark.rule("S-02")
@given(st.integers(1, 10**12), st.integers(0, 8))
def test_a_price_on_the_grid_stays_what_it_is(ticks: int, precision: int) -> None:
    assume(ticks < 10**15)
    for toward in Toward:
        placed = Grid(precision).place(ticks / 10**precision, toward)
        assert (placed.steps, placed.exact) == (ticks, True)


@pytest.mark.feature("F-004")
@pytest.mark.rule("S-02")
@given(st.floats(0, 1e6), st.integers(0, 6), st.integers(1, 50))
def test_a_size_is_rounded_down_to_its_step(size: float, precision: int, step: int) -> None:
    grid = size_grid(Instrument("X", size_precision=precision, size_step=f"{step}e-{precision}"))
    lots = grid.place(size, Toward.DOWN).steps
    assert lots % step == 0
    assert lots <= size * 10**precision + 1e-6 < lots + step + 1e-6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_what_cannot_be_placed_becomes_nothing(value: float) -> None:
    assert Grid(8).place(value, Toward.DOWN).steps == 0
    assert not Grid(8).place(value, Toward.DOWN).exact


@pytest.mark.feature("F-004")
def test_everything_an_instrument_knows_survives_the_round_trip() -> None:
    instrument = Instrument(
        "BTC/USDT", 1, 3, venue="BINANCE", spec="PERP", currency="USDT", price_step=0.5, size_step="0.005",
        multiplier=1, quantity_min=0.01, quantity_max=100, notional_min=5, calendar="24/7", leverage_max=20,
        maintenance_margin_min="0.004",
    )  # fmt: skip
    assert Instrument.from_mapping(instrument.to_mapping()) == instrument
    assert str(instrument.id) == "BINANCE:BTC/USDT:PERP"
    assert (instrument.price_step_ticks, instrument.size_step_lots) == (5, 5)
    assert (instrument.quantity_min_lots, instrument.quantity_max_lots) == (10, 100_000)
    assert instrument.unit(8) == 10**4


BAD: list[tuple[dict[str, Any], str]] = [
    ({"symbol": ""}, "symbol"),
    ({"symbol": "A B"}, "symbol"),
    ({"symbol": 5}, "symbol"),
    ({"venue": "A:B"}, "venue"),
    ({"price_precision": -1}, "X.price_precision"),
    ({"price_precision": 13}, "X.price_precision"),
    ({"price_precision": 2.0}, "X.price_precision"),
    ({"size_precision": True}, "X.size_precision"),
    ({"currency": "usd"}, "X.currency"),
    ({"currency": ""}, "X.currency"),
    ({"calendar": None}, "X.calendar"),
    ({"price_step": 0}, "X.price_step"),
    ({"price_step": 0.001}, "X.price_step"),
    ({"size_step": 0.5}, "X.size_step"),
    ({"size_step": -1}, "X.size_step"),
    ({"multiplier": 0}, "X.multiplier"),
    ({"multiplier": float("nan")}, "X.multiplier"),
    ({"quantity_min": -1}, "X.quantity_min"),
    ({"quantity_min": 0.5}, "X.quantity_min"),
    ({"quantity_min": 10, "quantity_max": 5}, "X.quantity_max"),
    ({"quantity_max": 0}, "X.quantity_max"),
    ({"notional_min": -1}, "X.notional_min"),
    ({"leverage_max": 0.5}, "X.leverage_max"),
    ({"maintenance_margin_min": 1}, "X.maintenance_margin_min"),
]


@pytest.mark.feature("F-004", "F-018")
@pytest.mark.parametrize(("values", "field"), BAD)
def test_a_bad_instrument_names_the_field_and_the_fix(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Instrument.from_mapping({"symbol": "X", **values})
    assert caught.value.field == field
    assert caught.value.fix


def test_unknown_and_missing_fields_are_named() -> None:
    with pytest.raises(ConfigError, match="did you mean 'price_precision'"):
        Instrument.from_mapping({"symbol": "X", "price_precison": 2})
    with pytest.raises(ConfigError, match="did you mean 'multiplier'"):
        Instrument("X", multiplyer=2)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="symbol is missing"):
        Instrument.from_mapping({})


def test_a_tick_must_be_worth_a_whole_number_of_minor_units() -> None:
    with pytest.raises(ConfigError, match="raise cash_precision"):
        Instrument("X", 6, 4).unit(8)
    with pytest.raises(ConfigError, match="lower cash_precision"):
        Instrument("X", 0, 0, multiplier=10**9).unit(12)
