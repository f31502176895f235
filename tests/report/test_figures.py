"""The numbers behind the pictures, computed again the slow way."""

from datetime import UTC, datetime
from html import escape
from itertools import pairwise

import numpy as np
import pytest

import triplebar as tb
from tests.results.runs import MARKET, quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.metrics.inputs import DAY_NS, Curve
from triplebar.metrics.of_result import metric_input
from triplebar.report.exposures import exposures, liquidation_distances
from triplebar.report.page import html_report
from triplebar.report.periods import years
from triplebar.report.rolling import rolling
from triplebar.report.sections import lines_to_run

RUNS = [rich_run(), quiet_run(), *(random_run(seed) for seed in range(20))]


def walk(days: int, seed: int) -> Curve:
    """A curve with one value a day."""
    values = 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 0.02, days)))
    return Curve(0, 100.0, np.arange(1, days + 1) * DAY_NS, values, np.zeros(days))


@pytest.mark.feature("F-264", "F-267")
@pytest.mark.parametrize("seed", range(5))
def test_months_multiply_up_to_years_and_years_to_the_whole(seed: int) -> None:
    curve = walk(900, seed)
    found = years(curve)
    assert [each.year for each in found] == [1970, 1971, 1972]
    for year in found:
        assert np.prod([1 + each for each in year.months if each is not None]) == pytest.approx(1 + (year.whole or 0))
    assert np.prod([1 + (each.whole or 0) for each in found]) == pytest.approx(curve.values[-1] / 100)


@pytest.mark.feature("F-264")
def test_a_month_is_from_its_last_value_to_that_of_the_month_before() -> None:
    curve = walk(120, 7)
    by_month: dict[tuple[int, int], float] = {}
    for time_ns, value in zip(curve.time_ns.tolist(), curve.equity.tolist(), strict=True):
        at = datetime.fromtimestamp((time_ns - 1) // 10**9, UTC)
        by_month[at.year, at.month] = value
    ends = [100.0, *by_month.values()]
    expected = [after / before - 1 for before, after in pairwise(ends)]
    assert [each for each in years(curve)[0].months if each is not None] == pytest.approx(expected)
    assert years(Curve(0, 100.0, np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))) == []


@pytest.mark.feature("F-267")
def test_rolling_metrics_are_those_of_the_registry_over_each_window() -> None:
    market = tb.Market.synthetic(bars=90, interval="1d", seed=3, volatility=0.02)
    result = tb.run(tb.samples.BuyAndHold(), market)
    data = metric_input(result)
    found = rolling(data)
    assert found is not None
    assert found.window == 21
    assert found.sharpe.size == found.days.size == 90 - 21 + 1
    expected = tb.metrics.rolling(result, 21)
    for name in ("total", "volatility", "sharpe"):
        column = expected["total_return" if name == "total" else name].to_numpy(zero_copy_only=False)
        assert getattr(found, name) == pytest.approx(column, nan_ok=True)
    days = expected["time"].cast("int64").to_numpy() - 1
    assert found.days.tolist() == (days // DAY_NS).tolist()
    assert rolling(metric_input(quiet_run())) is None


@pytest.mark.feature("F-267", "U-38")
@pytest.mark.parametrize("result", RUNS, ids=repr)
def test_exposure_is_the_value_of_positions_over_equity(result: RunResult) -> None:
    found = {each.name: each for each in exposures(result)}
    if not result.fills.num_rows:
        assert found == {}
        return
    assert found["net"].last == pytest.approx(found["long"].last + found["short"].last)
    assert found["gross"].last == pytest.approx(found["long"].last - found["short"].last)
    equity, cash = (result.equity[name][-1].as_py() for name in ("equity", "cash"))
    if equity > 0:
        assert found["net"].last == pytest.approx((equity - cash) / equity, abs=1e-9)
    symbols = [each for name, each in found.items() if name in result.scales.symbols]
    assert sum(each.last for each in symbols) == pytest.approx(found["net"].last)


def isolated(side: str, maintenance: str) -> RunResult:
    config = tb.BacktestConfig(account="isolated", leverage=4, maintenance_margin=maintenance)
    steps = [
        (0, side, {"symbol": "AA", "quantity": 100}),
        (3, "sell" if side == "buy" else "buy", {"symbol": "AA", "quantity": 40}),
    ]
    return tb.run(tb.Script(steps), MARKET.between(int(MARKET.clock[0]), int(MARKET.clock[6])), config)


@pytest.mark.feature("U-38")
@pytest.mark.parametrize("maintenance", ["0", "0.05"])
@pytest.mark.parametrize(("side", "sign"), [("buy", 1), ("sell", -1)])
def test_liquidation_is_where_the_rule_puts_it(side: str, sign: int, maintenance: str) -> None:
    """S-63 by hand: what is left of the margin is the maintenance of the value."""
    result = isolated(side, maintenance)
    (found,) = liquidation_distances(result)
    entry = result.fills["price"][0].as_py()
    expected = entry * (1 - sign / 4) / (1 - sign * float(maintenance))
    assert found.quantity == sign * 60
    assert found.liquidation == pytest.approx(expected, rel=1e-3)
    assert found.distance == pytest.approx(abs(found.mark - expected) / found.mark, rel=1e-2)
    assert liquidation_distances(rich_run()) == []


@pytest.mark.feature("U-38")
def test_the_report_has_value_at_risk_exposure_and_distance() -> None:
    result = isolated("buy", "0.05")
    page = html_report(result)
    (near,) = liquidation_distances(result)
    for name in ("value at risk 95", "expected shortfall 95", ">long<", ">short<", f"{near.liquidation:g}"):
        assert name in page.lower(), name


@pytest.mark.feature("F-096")
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_the_lines_on_the_page_run_it_again(engine: str) -> None:
    """They stand on the page, can be pasted, and end with a check of the answer."""
    config = tb.BacktestConfig(
        initial_cash={"USD": 50_000, "EUR": "10000.5"},
        rates={"EUR": 1.1},
        commission=tb.Commission.per_share("0.005", minimum=1),
        risk=tb.RiskLimits(gross_exposure=1),
        start=datetime(2024, 1, 2, tzinfo=UTC),
        latency=tb.Latency.FAST,
        fill="same_close",
        close_at_end=True,
    )
    result = tb.run(tb.samples.MovingAverageCross(fast=3, slow=9, quantity=7.5), MARKET, config, engine=engine)
    assert result.fills.num_rows > 5
    lines = lines_to_run(result)
    assert escape(lines) in html_report(result)
    exec(lines, {"tb": tb, "market": MARKET, "MovingAverageCross": tb.samples.MovingAverageCross})  # noqa: S102
    with pytest.raises(AssertionError):
        exec(lines.replace("slow=9", "slow=11"), {"tb": tb, "market": MARKET, **vars(tb.samples)})  # noqa: S102


def test_the_lines_name_a_guest_and_its_own_rules() -> None:
    pytest.importorskip("backtrader")
    result = tb.run(tb.samples.MovingAverageCross(fast=3, slow=9), MARKET, engine="backtrader", fidelity="native")
    assert "engine='backtrader', fidelity='native'" in lines_to_run(result)
    exec(lines_to_run(result), {"tb": tb, "market": MARKET, **vars(tb.samples)})  # noqa: S102
