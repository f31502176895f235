"""Engines are run, compared with the first one, and everything found is said."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.verify.injections import CONFIG, MARKET, Busy
from tests.verify.strangers import Interrupted, Refusing, Stranger
from triplebar.contracts.errors import EngineNotAvailableError, UnsupportedSettingError
from triplebar.engines.remote import EngineEnvironment
from triplebar.research.verify import causes

HOLD = tb.samples.BuyAndHold(quantity=100)
RISING = tb.Market.synthetic(bars=200, drift=0.002, seed=4)


def profit() -> float:
    return tb.run(HOLD, RISING).ending_value - 100_000


@pytest.mark.feature("F-130")
@pytest.mark.parametrize(("share", "agrees"), [(0.0002, False), (0.00005, True)])
def test_a_planted_difference_of_a_share_of_the_profit(share: float, agrees: bool) -> None:
    fee = round(profit() * share * 10**8)
    assert fee > 0
    charging = tb.run(HOLD, RISING).settings.instruments[0].commission
    stranger = Stranger(commission={0: type(charging)(fee, 0, 0, 0, 0, None, ())})
    report = tb.verify(HOLD, RISING, engines=["custom", stranger])
    assert report.agree is agrees
    assert report.divergence["stranger"] == pytest.approx(share, rel=1e-3)
    assert [row["cause"] for row in report.causes.to_pylist()] == [causes.UNEXPLAINED, causes.COMMISSION]
    assert report.causes.column("amount_minor").to_pylist() == [0, -fee]


@pytest.mark.feature("F-130")
@pytest.mark.parametrize("strategy", [each() for each in tb.samples.ALL.values()], ids=lambda each: each.name)
def test_our_two_engines_agree_on_every_sample(strategy: Any) -> None:
    report = tb.verify(strategy, MARKET, CONFIG, engines=["custom", "reference"])
    assert report.agree, str(report)
    assert report.first_difference is None
    assert report.agreements[0].pairing.paired == report.agreements[0].pairing.equal
    assert report.causes.num_rows == 0


@pytest.mark.feature("F-130", "F-131")
def test_the_first_difference_shows_both_sides() -> None:
    report = tb.verify(Busy(), MARKET, CONFIG, engines=["custom", "reference", Stranger(fill="same_close")])
    first = report.first_difference
    assert first is not None
    assert (first.symbol, first.cause) == ("AA", causes.FILL_TIME)
    assert (first.left.engine, first.right.engine) == ("custom", "stranger")
    assert first.left.did != first.right.did
    assert first.bar["high"] >= first.bar["low"]
    assert report.divergence["reference"] == 0.0
    assert report.agreements[0].agree
    assert not report
    assert "first difference: AA at" in str(report)


@pytest.mark.feature("F-131")
def test_a_native_report_classifies_and_alerts() -> None:
    engines: list[Any] = ["custom", Stranger(latency_min_ns=3_600 * 10**9, latency_max_ns=3_600 * 10**9)]
    report = tb.verify(Busy(), MARKET, CONFIG, engines=engines, mode="native")
    assert (report.mode, report.rung) == ("native", 3)
    found = report.agreements[0]
    assert found.alert
    assert found.explanation is not None
    assert found.explanation.main == causes.LATENCY
    assert sum(report.causes.column("share").to_pylist()) == pytest.approx(1.0)


def test_orders_that_one_side_lacks_are_listed() -> None:
    report = tb.verify(HOLD, RISING, engines=["custom", Stranger(close_at_end=True)])
    pairing = report.agreements[0].pairing
    assert (pairing.paired, pairing.first_only, pairing.second_only) == (1, (), (2,))
    assert "1 only in stranger (2)" in str(report)
    # It was closed at its last price: no profit differs, and the cause is named all the same.
    assert report.causes.column("cause").to_pylist() == [causes.UNEXPLAINED, causes.END]


@pytest.mark.feature("F-130")
def test_reports_as_text_json_and_page(tmp_path: Path) -> None:
    report = tb.verify(Busy(), MARKET, CONFIG, engines=["custom", Stranger(fill="same_close", path="adaptive")])
    text = str(report)
    assert "DIFFERENT: custom, stranger" in text
    assert text.index("unexplained") < text.index("fill time  ")
    values = json.loads(json.dumps(report.to_mapping()))
    assert values["agreements"][0]["main_cause"] == causes.PATH
    assert values["engines"]["stranger"]["orders"] > 10
    assert values["causes"][0]["cause"] == causes.UNEXPLAINED
    page = tb.write_verify_html(report, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The engines differ" in page
    assert "fill = same_close" in page
    assert "differing fills" in page
    assert "http://" not in page.split("<script", 1)[0]


@pytest.mark.feature("F-130")
def test_a_page_of_engines_that_agree(tmp_path: Path) -> None:
    report = tb.verify(HOLD, RISING)
    page = tb.write_verify_html(report, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The engines agree" in page
    assert "Equal to the last unit." in page


def test_the_caller_s_strategy_stays_as_it_is_and_classes_take_parameters() -> None:
    strategy = Busy()
    tb.verify(strategy, MARKET, CONFIG)
    assert not hasattr(strategy, "mean")
    report = tb.verify(Busy, MARKET, CONFIG, parameters={"every": 9}, engines=["custom", Stranger(fill="same_close")])
    assert report.results["custom"].record.parameters["every"] == 9
    assert report.agreements[0].explanation is not None
    assert report.agreements[0].explanation.switched == ("fill = same_close",)


# ---------------------------------------------------------------------------------------------------- what goes wrong


def test_an_engine_that_refuses_is_named_and_the_others_are_compared() -> None:
    report = tb.verify(HOLD, RISING, engines=["custom", Refusing(), "reference"])
    assert not report.agree
    assert report.failures == {"refusing": "UnsupportedSettingError: fill: it does not do that; use engine='custom'"}
    assert report.agreements[0].agree
    assert "refusing did not run" in str(report)


def test_with_nothing_left_to_compare_the_error_is_raised() -> None:
    with pytest.raises(UnsupportedSettingError, match="it does not do that"):
        tb.verify(HOLD, RISING, engines=["custom", Refusing()])
    with pytest.raises(UnsupportedSettingError, match="it does not do that"):
        tb.verify(HOLD, RISING, engines=[Refusing(), "custom"])


def test_ctrl_c_keeps_what_is_finished() -> None:
    report = tb.verify(HOLD, RISING, engines=["custom", "reference", Interrupted(), Stranger()])
    assert report.interrupted
    assert list(report.results) == ["custom", "reference"]
    assert not report.agree
    assert report.agreements[0].agree
    assert str(report).startswith("interrupted; finished: custom, reference")
    with pytest.raises(KeyboardInterrupt):
        tb.verify(HOLD, RISING, engines=[Interrupted(), "custom"])


def test_wrong_engines_are_refused_before_anything_runs() -> None:
    with pytest.raises(tb.ConfigError, match="there is nothing to compare"):
        tb.verify(HOLD, RISING, engines=["custom"])
    with pytest.raises(tb.ConfigError, match="'custom' is there twice"):
        tb.verify(HOLD, RISING, engines=["custom", "custom"])
    with pytest.raises(EngineNotAvailableError, match="did you mean 'custom'"):
        tb.verify(HOLD, RISING, engines=["custom", "kustom"])
    with pytest.raises(tb.ConfigError, match="mode"):
        tb.verify(HOLD, RISING, mode="loose")


def test_two_engines_of_one_name_are_told_apart() -> None:
    report = tb.verify(HOLD, RISING, engines=["custom", Stranger(), Stranger(fill="same_close")])
    assert list(report.divergence) == ["stranger", "stranger 2"]


@pytest.mark.feature("F-132")
def test_progress_names_each_engine() -> None:
    heard: list[tuple[str, int, int]] = []
    tb.verify(
        Busy(), MARKET, CONFIG, engines=["custom", Stranger(fill="same_close", path="adaptive")],
        progress=lambda name, done, total: heard.append((name, done, total)),
    )  # fmt: skip
    assert list(dict.fromkeys(name for name, _, _ in heard)) == ["custom", "stranger", "explaining"]
    assert ("custom", len(MARKET), len(MARKET)) in heard


@pytest.mark.feature("F-132")
def test_comparing_equal_runs_takes_a_small_share_of_the_time() -> None:
    """Counted in the same process, against the plain-Python engine, whose cost per bar is that of a guest."""
    market = tb.Market.synthetic(bars=4_000, seed=2)
    report = tb.verify(tb.samples.MovingAverageCross(), market)
    assert report.agree
    assert 0 < report.overhead < 0.5
    assert set(report.seconds) == {"custom", "reference", "comparing", "explaining"}


@pytest.mark.feature("F-130")
def test_a_guest_in_a_python_of_its_own_is_verified_like_any_other() -> None:
    """The same guest here and there: two versions of one engine are compared this way."""
    there = EngineEnvironment(sys.executable).engine("backtrader")
    strategy = tb.samples.MovingAverageCross(fast=5, slow=12)
    report = tb.verify(strategy, RISING, engines=["custom", "backtrader", there])
    assert report.agree, str(report)
    assert list(report.divergence) == ["backtrader", "backtrader 2"]
    assert "backtrader 2" in str(report)


@pytest.mark.feature("F-131")
def test_two_guests_are_compared_without_an_engine_of_ours() -> None:
    """Nothing of ours follows the rules of the first: what differs is read off the paired orders."""
    market = MARKET.between(end=int(MARKET.clock[150]))
    report = tb.verify(Busy(), market, engines=["backtrader", "nautilus"], mode="native")
    explained = report.agreements[0].explanation
    assert explained is not None
    assert (explained.runs, explained.unexplained_minor) == (0, 0)
    assert sum(each.amount_minor for each in explained.shares) == explained.difference_minor != 0
