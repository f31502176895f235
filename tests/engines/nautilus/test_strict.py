"""NautilusTrader held to our conventions: what is written down is what NautilusTrader did (F-124, F-129)."""

from collections import Counter
from typing import Any, Self

import pytest

import triplebar as tb
from triplebar.contracts.codes import Role
from triplebar.engines.nautilus.floor import NautilusFloor
from triplebar.engines.nautilus.orders import GuestOrders

MARKET = tb.Market.synthetic(bars=400, seed=7)
X = MARKET.symbols[0]
CROSS = tb.samples.MovingAverageCross()
COSTS = tb.BacktestConfig(
    commission=tb.Commission(maker_bps=1, taker_bps=5), slippage_bps=2, spread=tb.Spread(half_ticks=1)
)


def near(factor: float) -> float:
    """A price around the first close."""
    return round(float(MARKET.series(0).close[0]) * factor, 2)


EVERY_KIND = tb.Script(
    [
        (0, "buy", {"symbol": X, "quantity": 5}),
        (0, "buy", {"symbol": X, "quantity": 1, "limit": near(0.99)}),
        (0, "buy", {"symbol": X, "quantity": 1, "stop": near(1.01)}),
        (0, "buy", {"symbol": X, "quantity": 1, "stop": near(1.005), "limit": near(1.006)}),
        (0, "buy", {"symbol": X, "quantity": 1, "touch": near(0.995)}),
        (0, "sell", {"symbol": X, "quantity": 1, "trail": near(0.01)}),
        (0, "sell", {"symbol": X, "quantity": 1, "trail_percent": 1}),
    ]
)


class Auditor(tb.Strategy):
    """Plays a script, and looks into the guest when it is over."""

    def __init__(self, script: tb.Script) -> None:
        """Take the script."""
        super().__init__()
        self.script = script
        self.guest: GuestOrders
        self.kinds: Counter[str] = Counter()
        self.guest_fills = 0
        self.gap = 0

    def clone(self, **changes: Any) -> Self:
        """The caller looks at this very one."""
        return self

    def on_start(self, ctx: Any) -> None:
        self.script.on_start(ctx)

    def on_slice(self, ctx: Any, bars: dict[str, tb.Bar]) -> None:
        self.script.on_slice(ctx, bars)

    def on_stop(self, ctx: Any) -> None:
        floor = ctx._simulation
        orders = floor.guest.session.engine.cache.orders()
        self.kinds = Counter(each.type_string() for each in orders)
        self.guest_fills = sum(type(event).__name__ == "OrderFilled" for each in orders for event in each.events)
        self.gap = floor.gap


def run(strategy: Any, config: tb.BacktestConfig | None = None) -> tb.RunResult:
    return tb.run(strategy, MARKET, config, engine="nautilus")


@pytest.mark.feature("F-124")
def test_every_order_is_an_order_of_nautilus_trader() -> None:
    auditor = Auditor(EVERY_KIND)
    result = run(auditor, COSTS)
    assert result.fills.num_rows >= 6
    assert auditor.guest_fills == result.fills.num_rows
    for kind in ("LIMIT", "STOP_MARKET", "STOP_LIMIT", "MARKET_IF_TOUCHED", "TRAILING_STOP_MARKET"):
        assert auditor.kinds[kind] == 1, auditor.kinds
    assert auditor.kinds["MARKET"] == 2  # its own, and what the desk sends for a trailing stop by percent
    assert result.result_hash == tb.run(EVERY_KIND, MARKET, COSTS).result_hash


@pytest.mark.feature("F-124", "F-129")
def test_its_account_is_what_its_fills_add_up_to() -> None:
    auditor = Auditor(EVERY_KIND)
    result = run(auditor, COSTS)
    one = 10**result.settings.cash_precision
    assert auditor.gap < one // 1_000_000
    assert result.warnings == ()


@pytest.mark.feature("F-124")
def test_a_planted_fault_in_its_money_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    booked = NautilusFloor.hear_fill

    def and_takes_something(floor: NautilusFloor, order: Any, event: Any) -> None:
        booked(floor, order, event)
        floor.guest.move_cash(0, -(10**8))

    monkeypatch.setattr(NautilusFloor, "hear_fill", and_takes_something)
    result = run(tb.samples.BuyAndHold())
    assert "own account differs from what its fills add up to by up to 1;" in result.warnings[0]


@pytest.mark.feature("F-124")
def test_a_planted_fault_in_its_positions_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuestOrders, "lots", lambda *_: 3)
    with pytest.raises(tb.errors.AdapterError, match=rf"^{X}: NautilusTrader holds 3 lots, its fills add up to 0"):
        run(tb.samples.BuyAndHold())


@pytest.mark.feature("F-124")
def test_the_price_that_is_written_is_the_one_it_filled_at(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = NautilusFloor.offered

    def a_tick_off(floor: NautilusFloor, order: Any, bid: Any, ask: Any) -> Any:
        price, size = offered(floor, order, bid, ask) or (None, None)
        return price and (floor.guest.session.grids[0].price(floor.guest.session.grids[0].ticks(price) + 1), size)

    honest = run(tb.samples.BuyAndHold()).fills["price"].to_pylist()
    monkeypatch.setattr(NautilusFloor, "offered", a_tick_off)
    assert run(tb.samples.BuyAndHold()).fills["price"].to_pylist() == [round(price + 0.01, 2) for price in honest]


@pytest.mark.feature("F-124")
def test_a_fill_that_nobody_permitted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def anything(floor: NautilusFloor, order: Any, bid: Any, ask: Any) -> Any:
        return ask, order.quantity

    monkeypatch.setattr(NautilusFloor, "offered", anything)
    with pytest.raises(tb.errors.AdapterError, match=r"^order 1: NautilusTrader has filled .* without having been"):
        run(tb.samples.BuyAndHold())


@pytest.mark.feature("F-124")
def test_an_order_that_it_refuses_is_rejected_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made = GuestOrders.common

    def too_fine(orders: GuestOrders, order: Any) -> Any:
        from nautilus_trader.model.objects import Quantity

        return {**made(orders, order), "quantity": Quantity.from_str("1.123456")}

    monkeypatch.setattr(GuestOrders, "common", too_fine)
    result = run(tb.samples.BuyAndHold())
    assert result.fills.num_rows == 0
    assert result.warnings[0].startswith("order 1: NautilusTrader refused it (Invalid size precision")
    assert result.orders["status"].to_pylist()[0] == "rejected"


@pytest.mark.feature("F-124")
def test_it_may_not_end_orders_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Meddler(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy(X, 1, limit=near(0.5))

        def on_slice(self, ctx: Any, bars: Any) -> None:
            guest = ctx._simulation.guest
            if ctx.index == 3:
                guest.matching(0).cancel_order(guest.placed[1])

    with pytest.raises(tb.TradingError, match=r"order 1: NautilusTrader has canceled it by itself; report"):
        run(Meddler())


@pytest.mark.feature("F-124")
def test_the_role_is_the_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Role, int]] = []
    fee = NautilusFloor.fee

    def and_note(floor: NautilusFloor, listing: Any, order: Any, role: Role, quantity: int, price: int) -> int:
        told.append((role, fee(floor, listing, order, role, quantity, price)))
        return told[-1][1]

    monkeypatch.setattr(NautilusFloor, "fee", and_note)
    result = run(EVERY_KIND, COSTS)
    assert {Role.MAKER, Role.TAKER} == {role for role, _ in told}
    assert "maker" in result.fills["role"].to_pylist()


@pytest.mark.feature("F-129")
@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_reference_strategies_agree_with_the_core(fill: str) -> None:
    for config in (tb.BacktestConfig(fill=fill), COSTS.replace(fill=fill)):
        for strategy in (tb.samples.BuyAndHold(), CROSS):
            ours, theirs = tb.run(strategy, MARKET, config), run(strategy, config)
            assert theirs.result_hash == ours.result_hash
