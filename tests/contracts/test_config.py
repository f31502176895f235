"""The configuration: what is wrong is refused when it is made; what counts is in its digest."""

import json
import pickle
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.config import OBSERVABILITY, BacktestConfig
from triplebar.contracts.costs import Commission, Funding, Latency, Misses, Slippage, Spread, SymbolCosts
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.model import Model
from triplebar.contracts.risk import RiskLimits

NAN, INFINITY = float("nan"), float("inf")
DAY_1, DAY_2 = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"
NAIVE = "2024-01-01T00:00:00"

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("initial_cash", {"initial_cash": 0}, "above 0"),
    ("initial_cash", {"initial_cash": -5}, "at least 0"),
    ("initial_cash", {"initial_cash": "lots"}, "is not a number"),
    ("initial_cash", {"initial_cash": NAN}, "not a finite number"),
    ("initial_cash", {"initial_cash": INFINITY}, "not a finite number"),
    ("initial_cash", {"initial_cash": None}, "is not a number"),
    ("initial_cash", {"initial_cash": True}, "is not a number"),
    ("initial_cash", {"initial_cash": "1e400"}, "too large"),
    ("initial_cash", {"initial_cash": {}}, "is nothing"),
    ("initial_cash", {"initial_cash": {"USD": 0}}, "is nothing"),
    ("initial_cash['USD']", {"initial_cash": {"USD": -1}}, "at least 0"),
    ("initial_cash", {"initial_cash": {"EUR": 100}}, "has no rate"),
    ("initial_cash", {"initial_cash": {"usd": 100}}, "code in capitals"),
    ("initial_cash", {"initial_cash": {5: 100}}, "keys must be texts"),
    ("currency", {"currency": "dollar"}, "code in capitals"),
    ("currency", {"currency": None}, "code in capitals"),
    ("account", {"account": "margn"}, "did you mean 'margin'"),
    ("account", {"account": 1}, "must be one of"),
    ("leverage", {"leverage": 0}, "at least 1"),
    ("leverage", {"leverage": 0.5}, "at least 1"),
    ("leverage", {"leverage": 5000}, "above 1000"),
    ("leverage", {"leverage": NAN}, "not a finite number"),
    ("leverage", {"account": "cash", "leverage": 2}, "a cash account has none"),
    ("maintenance_margin", {"account": "cash", "maintenance_margin": 0.1}, "a cash account has none"),
    ("maintenance_margin", {"maintenance_margin": 1}, "below 1"),
    ("maintenance_margin", {"maintenance_margin": -0.1}, "at least 0"),
    ("maintenance_margin", {"maintenance_margin": 0.5, "leverage": 2}, "liquidated at once"),
    ("fill", {"fill": "next-open"}, "did you mean 'next_open'"),
    ("path", {"path": "ohlc"}, "must be one of"),
    ("off_grid", {"off_grid": "truncate"}, "must be one of"),
    ("commission_bps", {"commission_bps": -1}, "at least 0"),
    ("commission_bps", {"commission_bps": "1 bp"}, "is not a number"),
    ("commission_bps", {"commission_bps": 1, "commission": {"fixed": 1}}, "commission is given, too"),
    ("slippage_bps", {"slippage_bps": -1}, "at least 0"),
    ("slippage_bps", {"slippage_bps": 1, "slippage": {"ticks": 1}}, "slippage is given, too"),
    ("commission", {"commission": 0.001}, "must be a Commission"),
    ("Commission.bps", {"commission": {"bps": -1}}, "at least 0"),
    ("Commission.minimum", {"commission": {"minimum": -1}}, "at least 0"),
    ("Commission.maximum_percent", {"commission": {"maximum_percent": -1}}, "at least 0"),
    ("Commission.tiers", {"commission": {"tiers": [[10, 1, 1]]}}, "must rise from 0"),
    ("Commission.tiers", {"commission": {"tiers": [[0, 1, 1], [0, 2, 2]]}}, "must rise from 0"),
    ("Commission.tiers", {"commission": {"tiers": [[0, 1]]}}, "must be (threshold"),
    ("Commission.tiers", {"commission": {"tiers": 5}}, "must be a list"),
    ("Commission.tiers", {"commission": {"tiers": [[0, -1, 1]]}}, "at least 0"),
    ("Commission.tiers", {"commission": {"bps": 1, "tiers": [[0, 1, 1]]}}, "tiers replace bps"),
    ("Slippage.bps", {"slippage": {"bps": -1}}, "at least 0"),
    ("Slippage.ticks", {"slippage": {"ticks": 1.5}}, "whole number"),
    ("Slippage.ticks", {"slippage": {"ticks": -1}}, "whole number"),
    ("Slippage.impact", {"slippage": {"impact": -0.1}}, "at least 0"),
    ("Slippage.root", {"slippage": {"root": -0.1}}, "at least 0"),
    ("Spread.half_bps", {"spread": {"half_bps": -1}}, "at least 0"),
    ("Spread.half_ticks", {"spread": {"half_ticks": True}}, "whole number"),
    ("spread", {"spread": 3}, "must be a Spread"),
    ("participation", {"participation": 0}, "above 0"),
    ("participation", {"participation": 1.5}, "from 0 to 1"),
    ("Misses.limit_missed", {"misses": {"limit_missed": 1.5}}, "from 0 to 1"),
    ("Misses.partial", {"misses": {"partial": -0.1}}, "at least 0"),
    ("Misses.partial_high", {"misses": {"partial_low": 0.9, "partial_high": 0.5}}, "below partial_low"),
    ("latency", {"latency": "turbo"}, "must be one of instant, fast, normal, slow"),
    ("latency", {"latency": 0.5}, "must be a Latency"),
    ("Latency.min_seconds", {"latency": {"min_seconds": -1}}, "at least 0"),
    ("Latency.max_seconds", {"latency": {"min_seconds": 2, "max_seconds": 1}}, "below min_seconds"),
    ("funding", {"funding": [0.0001]}, "must be a mapping"),
    ("funding['X']", {"funding": {"X": 0.0001}}, "must be a Funding"),
    ("funding['X']", {"funding": {"X": None}}, "is empty"),
    ("Funding.rate", {"funding": {"X": {}}}, "a rate or a schedule"),
    ("Funding.rate", {"funding": {"X": {"rate": 0.1, "schedule": [[DAY_1, 0.1]]}}}, "not both"),
    ("Funding.every_hours", {"funding": {"X": {"rate": 0.0001, "every_hours": 0}}}, "above 0"),
    ("Funding.schedule", {"funding": {"X": {"schedule": [[DAY_2, 0.1], [DAY_1, 0.1]]}}}, "times must rise"),
    ("Funding.schedule", {"funding": {"X": {"schedule": [[NAIVE, 0.1]]}}}, "no time zone"),
    ("Funding.schedule", {"funding": {"X": {"schedule": [[DAY_1]]}}}, "must be (time, number)"),
    ("borrow_rate", {"borrow_rate": -0.01}, "at least 0"),
    ("borrow_rate['X']", {"borrow_rate": {"X": -0.01}}, "at least 0"),
    ("rates", {"rates": 1.1}, "must be a mapping"),
    ("rates['EUR']", {"rates": {"EUR": 0}}, "above 0"),
    ("rates['EUR']", {"rates": {"EUR": []}}, "has no rows"),
    ("rates['EUR']", {"rates": {"EUR": [[DAY_1, -1]]}}, "above 0"),
    ("rates['EUR']", {"rates": {"EUR": [[NAIVE, 1]]}}, "no time zone"),
    ("rates['USD']", {"rates": {"USD": 1}}, "always worth 1"),
    ("rates", {"rates": {"euro": 1}}, "code in capitals"),
    ("risk", {"risk": 0.1}, "must be a RiskLimits"),
    ("RiskLimits.gross_exposure", {"risk": {"gross_exposure": -1}}, "at least 0"),
    ("RiskLimits.short_exposure", {"risk": {"short_exposure": -1}}, "at least 0"),
    ("RiskLimits.positions", {"risk": {"positions": 1.5}}, "whole number"),
    ("RiskLimits.positions", {"risk": {"positions": -1}}, "at least 0"),
    ("RiskLimits.drawdown_total", {"risk": {"drawdown_total": 0}}, "above 0"),
    ("RiskLimits.drawdown_daily", {"risk": {"drawdown_daily": 1.5}}, "from 0 to 1"),
    ("RiskLimits.trading_enabled", {"risk": {"trading_enabled": "no"}}, "true or false"),
    ("RiskLimits.position_value['X']", {"risk": {"position_value": {"X": -1}}}, "at least 0"),
    ("per_symbol['X']", {"per_symbol": {"X": 1}}, "must be a SymbolCosts"),
    ("SymbolCosts.participation", {"per_symbol": {"X": {"participation": 2}}}, "from 0 to 1"),
    ("SymbolCosts.commission", {"per_symbol": {"X": {"commission": 1}}}, "must be a Commission"),
    ("start", {"start": NAIVE}, "no time zone"),
    ("start", {"start": "soon"}, "is not a time"),
    ("start", {"start": 5}, "is not a time"),
    ("start", {"start": datetime(2024, 1, 1)}, "no time zone"),  # noqa: DTZ001 - the fault under test
    ("end", {"start": DAY_2, "end": DAY_1}, "is not after start"),
    ("end", {"start": DAY_1, "end": DAY_1}, "is not after start"),
    ("warmup_bars", {"warmup_bars": -1}, "whole number"),
    ("warmup_bars", {"warmup_bars": 1.5}, "whole number"),
    ("close_at_end", {"close_at_end": 1}, "true or false"),
    ("seed", {"seed": -1}, "whole number"),
    ("seed", {"seed": 2**64}, "whole number"),
    ("seed", {"seed": "abc"}, "whole number"),
    ("cash_precision", {"cash_precision": 13}, "from 0 to 12"),
    ("calendar", {"calendar": ""}, "not empty"),
    ("price_policy", {"price_policy": "adjusted"}, "must be one of"),
    ("missing_data", {"missing_data": "ffill"}, "must be one of"),
    ("on_error", {"on_error": "ignore"}, "must be one of"),
    ("log_level", {"log_level": "LOUD"}, "must be one of"),
]

UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"comission_bps": 1}, "did you mean"),
    ({"initial_capital": 1}, "did you mean 'initial_cash'"),
    ({"commission": {"bpss": 1}}, "did you mean 'bps'"),
    ({"risk": {"gross": 1}}, "unknown field 'gross'"),
    ({"funding": {"X": {"rat": 1}}}, "did you mean 'rate'"),
    ({"per_symbol": {"X": {"slipage": {}}}}, "did you mean 'slippage'"),
]


@pytest.mark.feature("F-018")
@pytest.mark.parametrize(
    ("field", "values", "problem"), BAD, ids=[f"{row[0]}-{number}" for number, row in enumerate(BAD)]
)
def test_a_bad_configuration_is_refused_before_there_is_any_data(
    field: str, values: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        BacktestConfig.from_mapping(values)
    assert caught.value.field == field
    assert problem in str(caught.value)
    assert caught.value.fix
    assert isinstance(caught.value, ValueError)


@pytest.mark.feature("F-018")
@pytest.mark.parametrize(("values", "hint"), UNKNOWN)
def test_an_unknown_name_is_refused_with_a_suggestion(values: dict[str, Any], hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BacktestConfig.from_mapping(values)
    assert hint in str(caught.value)


@pytest.mark.feature("F-018")
def test_unknown_keywords_are_refused_like_unknown_names() -> None:
    assert len(BAD) + len(UNKNOWN) >= 40
    with pytest.raises(ConfigError, match="did you mean 'leverage'"):
        BacktestConfig(leverge=2)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="did you mean 'leverage'"):
        BacktestConfig().replace(leverge=2)
    with pytest.raises(ConfigError, match="did you mean 'minimum'"):
        Commission(minimun=2)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="leverage = 0"):
        BacktestConfig().replace(leverage=0)


FULL: dict[str, Any] = {
    "initial_cash": {"USD": 1000, "EUR": 50.5},
    "currency": "USD",
    "account": "isolated",
    "leverage": 3,
    "maintenance_margin": 0.05,
    "fill": "same_close",
    "path": "pessimistic",
    "off_grid": "reject",
    "commission_bps": 0,
    "commission": {
        "bps": 4, "maker_bps": 1, "taker_bps": 2.5, "minimum": 1, "maximum_percent": 1, "fixed": 0.5, "per_unit": 0.001,
    },
    "slippage_bps": 0,
    "slippage": {"bps": 1, "ticks": 2, "impact": 0.1, "root": 0.1, "root_free": 0.02},
    "spread": {"half_bps": 0.5, "half_ticks": 1},
    "participation": 0.1,
    "misses": {"limit_missed": 0.1, "partial": 0.2, "partial_low": 0.3, "partial_high": 0.6},
    "latency": {"min_seconds": 0.06, "max_seconds": 0.11},
    "funding": {"X": {"rate": 0.0001, "every_hours": 1}, "Y": {"schedule": [[DAY_1, 0.1], [DAY_2, -0.1]]}},
    "borrow_rate": {"X": 0.02},
    "rates": {"EUR": [[DAY_1, 1.1], [DAY_2, 1.2]]},
    "risk": {
        "trading_enabled": False, "gross_exposure": 2, "net_exposure": 1, "drawdown_total": 0.2, "drawdown_daily": 0.1,
        "position_quantity": 100, "position_value": {"X": 1000},
        "position_share": 0.3, "long_exposure": 3, "short_exposure": 4, "positions": 9,
    },
    "per_symbol": {
        "X": {"commission": {"bps": 3}, "slippage": {"bps": 1}, "spread": {"half_ticks": 2}, "participation": 1},
    },
    "start": DAY_1,
    "end": DAY_2,
    "warmup_bars": 10,
    "close_at_end": True,
    "seed": 7,
    "cash_precision": 10,
    "calendar": "XNYS",
    "price_policy": "split",
    "missing_data": "forward_fill",
    "on_error": "isolate",
    "log_level": "ERROR",
}  # fmt: skip


def test_the_full_example_sets_every_field() -> None:
    assert set(FULL) == {each.name for each in fields(BacktestConfig)}


@pytest.mark.parametrize("values", [{}, FULL, {"latency": "slow"}, {"rates": {"EUR": "0.12345678901234567890123"}}])
def test_a_configuration_survives_json_and_pickle(values: dict[str, Any]) -> None:
    config = BacktestConfig.from_mapping(values)
    assert BacktestConfig.from_mapping(json.loads(json.dumps(config.to_mapping()))) == config
    again = pickle.loads(pickle.dumps(config))  # noqa: S301 - our own bytes
    assert (again, again.digest(), hash(again)) == (config, config.digest(), hash(config))


def test_numbers_mean_what_they_print_as() -> None:
    forms: list[Any] = [0.1, "0.1", Decimal("0.1"), Decimal("0.100")]
    configs = [BacktestConfig(participation=form) for form in forms]
    assert len({config.digest() for config in configs}) == 1
    assert all(config == configs[0] for config in configs)
    assert BacktestConfig(start=datetime(2024, 1, 1, tzinfo=UTC)) == BacktestConfig.from_mapping({"start": DAY_1})


def variants(model: Model) -> list[tuple[str, Model]]:
    """The model with each of its fields, also inside other models, changed alone, to its default if possible."""
    found: list[tuple[str, Model]] = []
    for each in fields(model):  # type: ignore[arg-type]
        value = getattr(model, each.name)
        if isinstance(value, Model):
            found += [(f"{each.name}.{name}", model.replace(**{each.name: inner})) for name, inner in variants(value)]
        else:
            other = 5 if each.name == "max_seconds" else each.default  # its default would be below the minimum
            found.append((each.name, model.replace(**{each.name: other})))
    return found


def base() -> BacktestConfig:
    """A configuration in which every field but the short forms differs from its default, and can be put back alone."""
    values = {**FULL, "initial_cash": 5000, "account": "isolated"}
    return BacktestConfig.from_mapping(values)


CHANGES: dict[str, Any] = {
    **dict.fromkeys(("commission", "slippage", "spread", "participation", "misses", "latency", "funding")),
    **dict.fromkeys(("rates", "risk", "per_symbol", "start", "end", "cash_precision")),
    "initial_cash": 5001,
    "currency": "CHF",
    "account": "margin",
    "leverage": 2,
    "maintenance_margin": 0.01,
    "fill": "next_open",
    "path": "adaptive",
    "off_grid": "round",
    "borrow_rate": 0,
    "warmup_bars": 0,
    "close_at_end": False,
    "seed": 8,
    "calendar": "24/7",
    "price_policy": "raw",
    "missing_data": "skip",
    "on_error": "stop",
}
SHORT_FORMS = {"commission_bps": 1, "slippage_bps": 1}


@pytest.mark.feature("F-099")
def test_the_changes_below_cover_every_field() -> None:
    assert set(CHANGES) | set(SHORT_FORMS) | OBSERVABILITY == {each.name for each in fields(BacktestConfig)}


@pytest.mark.feature("F-099")
@pytest.mark.parametrize("name", [*CHANGES, *SHORT_FORMS])
def test_changing_any_field_that_counts_changes_the_digest(name: str) -> None:
    start = BacktestConfig() if name in SHORT_FORMS else base()
    changed = start.replace(**{name: (CHANGES | SHORT_FORMS)[name]})
    assert changed.digest() != start.digest()


@pytest.mark.feature("F-099")
def test_changing_any_field_inside_a_model_changes_the_digest() -> None:
    start = base()
    changes = {name: changed for name, changed in variants(start) if "." in name}
    same = {name for name, changed in changes.items() if changed == start}
    digests = {changed.digest() for changed in changes.values() if isinstance(changed, BacktestConfig)} - {
        start.digest()
    }
    assert same == {"commission.tiers"}, "these have their default already"
    assert len(digests) == len(changes) - len(same) >= 20
    tiered = [start.replace(commission=Commission.tiered((0, 1, bps))).digest() for bps in (1, 2)]
    assert len({*tiered, start.digest()}) == 3


@pytest.mark.feature("F-099")
@pytest.mark.parametrize("name", sorted(OBSERVABILITY))
def test_what_is_only_observed_does_not_change_the_digest(name: str) -> None:
    assert base().replace(**{name: "DEBUG"}).digest() == base().digest()
    assert base().replace(**{name: "DEBUG"}) != base()


@pytest.mark.feature("F-099")
@given(st.permutations(sorted(FULL)))
def test_the_order_of_names_does_not_change_the_digest(order: list[str]) -> None:
    assert BacktestConfig.from_mapping({name: FULL[name] for name in order}).digest() == DIGEST_OF_FULL


DIGEST_OF_FULL = BacktestConfig.from_mapping(FULL).digest()


@pytest.mark.feature("F-047")
def test_the_ways_to_write_a_commission() -> None:
    assert Commission.percent("0.1", minimum=1, maximum_percent=5) == Commission(bps=10, minimum=1, maximum_percent=5)
    assert Commission.per_share("0.001", minimum=1) == Commission(per_unit="0.001", minimum=1)
    assert Commission.per_order(5) == Commission(fixed=5)
    assert Commission.tiered((0, 2, 5), (10**6, 1, 4)).tiers == ((0, 2, 5), (10**6, 1, 4))
    with pytest.raises(ValueError, match="at least 0"):
        Commission.per_share(-1)
    with pytest.raises(ValueError, match="at least 0"):
        Commission.percent(-1)


@pytest.mark.feature("F-049")
def test_latency_presets() -> None:
    milliseconds = {"instant": (0, 0), "fast": (60, 110), "normal": (150, 250), "slow": (600, 1100)}
    for name, (low, high) in milliseconds.items():
        preset = Latency.preset(name)
        assert (preset.min_seconds, preset.max_seconds) == (Decimal(low) / 1000, Decimal(high) / 1000)
        assert BacktestConfig.from_mapping({"latency": name}).latency == preset == getattr(Latency, name.upper())


def test_costs_of_a_symbol_are_its_own_before_those_of_all() -> None:
    config = BacktestConfig(
        commission_bps=1, slippage_bps=2, participation=0.1,
        per_symbol={"X": SymbolCosts(commission=Commission(), spread=Spread(half_ticks=1))},
    )  # fmt: skip
    assert config.costs_of("X") == SymbolCosts(Commission(), Slippage(bps=2), Spread(half_ticks=1), Decimal("0.1"))
    assert config.costs_of("Y") == SymbolCosts(Commission(bps=1), Slippage(bps=2), Spread(), Decimal("0.1"))


def test_models_are_exactly_neutral_by_default_but_misses() -> None:
    assert (Slippage(), Spread(), Commission(), Latency()) == (
        Slippage.fixed_bps(0), Spread(0, 0), Commission.per_order(0), Latency.INSTANT,
    )  # fmt: skip
    assert Misses().limit_missed == Decimal("0.05")
    assert RiskLimits().trading_enabled
    assert Funding(rate=-0.0001).rate == Decimal("-0.0001")
    assert Slippage.volume(0.1).impact == Slippage.square_root().root == Decimal("0.1")
