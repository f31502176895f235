"""No setting is ignored in silence: each is applied, cannot matter, or is refused by name (F-128)."""

from dataclasses import fields, replace

import pytest

import triplebar as tb
from triplebar.contracts.settings import InstrumentSettings, Settings
from triplebar.engines.backtrader.plan import NATIVE, STRICT
from triplebar.engines.guests.strict_plan import FLOOR_PLAN
from triplebar.engines.guests.treatment import Treatment, Way, apply_plan, gaps, setting_names
from triplebar.engines.nautilus.plan import NATIVE as NAUTILUS_NATIVE
from triplebar.engines.nautilus.plan import STRICT as NAUTILUS_STRICT
from triplebar.engines.settings import resolve
from triplebar.research.factory import create_engine

PLANS = {
    "what all guests share": FLOOR_PLAN,
    "backtrader, strict": STRICT,
    "backtrader, native": NATIVE,
    "nautilus, strict": NAUTILUS_STRICT,
    "nautilus, native": NAUTILUS_NATIVE,
}
MARKET = tb.Market.synthetic(bars=5, seed=1)


@pytest.mark.feature("F-128")
@pytest.mark.parametrize("name", PLANS)
def test_every_setting_has_a_treatment(name: str) -> None:
    names = setting_names()
    assert len(names) >= len(fields(Settings)) + len(fields(InstrumentSettings)) > 40
    assert gaps(PLANS[name]) == ([], [])
    assert all(each.note for each in PLANS[name].values())


@pytest.mark.feature("F-128")
def test_a_setting_without_a_treatment_is_noticed() -> None:
    known = {name: plan for name, plan in STRICT.items() if name != "Settings.seed"}
    assert gaps(known) == (["Settings.seed"], [])


@pytest.mark.feature("F-128")
@pytest.mark.parametrize("name", PLANS)
def test_what_is_refused_says_when(name: str) -> None:
    assert all(each.refuses is not None for each in PLANS[name].values() if each.way is Way.REFUSED)


@pytest.mark.feature("F-128")
def test_a_refusal_names_the_setting_and_the_engine() -> None:
    config = tb.BacktestConfig(initial_cash={"USD": 1000, "EUR": 1}, rates={"EUR": "1.1"})
    with pytest.raises(tb.errors.UnsupportedSettingError, match=r"^currencies: engine 'backtrader' refuses it.*custom"):
        tb.run(tb.samples.BuyAndHold(), MARKET, config, engine="backtrader")
    settings = resolve(tb.BacktestConfig(cash_precision=12, initial_cash=100_000), MARKET)
    with pytest.raises(tb.errors.UnsupportedSettingError, match=r"^cash: .*more minor units than doubles can count"):
        create_engine("backtrader").run(tb.samples.BuyAndHold(), MARKET, settings)


@pytest.mark.feature("F-128")
def test_a_refusal_says_which_instrument() -> None:
    settings = resolve(tb.BacktestConfig(), MARKET)
    plan = {
        **STRICT,
        "InstrumentSettings.borrow_ppb": Treatment(Way.REFUSED, "no borrow", lambda value, _: "no" if value else None),
    }
    apply_plan("guest", plan, settings)
    borrowed = replace(settings, instruments=tuple(replace(each, borrow_ppb=1) for each in settings.instruments))
    with pytest.raises(
        tb.errors.UnsupportedSettingError, match=rf"^borrow_ppb \({MARKET.symbols[0]}\): engine 'guest'"
    ):
        apply_plan("guest", plan, borrowed)
