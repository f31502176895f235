"""The ports over `ctx`: the same sights and deeds as `ctx` itself, in both engines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import triplebar as tb
from tests.strategy.scenes import market, markets, orders_of, play
from triplebar.contracts.orders import ORDER_KEYWORDS, OrderRequest
from triplebar.contracts.time import from_ns

Step = Callable[[Any, Any], None]
pytestmark = pytest.mark.feature("F-126")


class Acts(tb.Strategy):
    """Does one thing at each bar."""

    steps: tuple[Any, ...] = ()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index < len(self.steps):
            self.steps[bar.index](ctx, ctx.ports)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        ctx.ports.execution.deliver(fill)

    def on_order(self, ctx: Any, event: Any) -> None:
        ctx.ports.execution.deliver(event)


def acted(engine: str, on: tb.Market, *steps: Step, **config: Any) -> tb.RunResult:
    return play(Acts(steps=steps), on, engine, **config)


@pytest.mark.feature("F-013")
def test_market_data_shows_what_has_closed_and_nothing_later(engine: str) -> None:
    seen: list[Any] = []

    def before(ctx: Any, ports: Any) -> None:
        far = from_ns(ctx.time_ns) + timedelta(days=1)
        data = ports.market_data
        seen.append([bar.close for bar in data.get_bars("X", from_ns(0), far)])
        seen.append([bar.close for bar in data.get_bars("X", ctx.time, far)])
        seen.append([bar.close for bar in data.get_bars("X", far, ctx.time)])
        seen.append((data.get_latest_bar("X").close, data.get_latest_tick("X").price(1), data.get_latest_tick("X").bid))
        seen.append(data.get_instrument("X").symbol)

    acted(engine, market(10, 11, 12, 13), lambda *_: None, before)
    assert seen == [[10.0, 11.0], [11.0], [], (11.0, 11.0, None), "X"]


@pytest.mark.feature("F-013")
def test_nothing_is_known_before_the_first_bar(engine: str) -> None:
    seen: list[Any] = []

    class Early(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            data, portfolio = ctx.ports.market_data, ctx.ports.portfolio
            seen.append(
                (data.get_latest_bar("X"), data.get_latest_tick("X"), len(data.get_bars("X", ctx.time, ctx.time)))
            )
            seen.append((portfolio.get_position("X").side, portfolio.get_positions(), portfolio.get_portfolio_value()))
            with pytest.raises(tb.UnknownSymbolError):
                data.get_latest_bar("Y")

    play(Early(), market(10, 11), engine)
    assert seen == [(None, None, 0), (0, {}, 100_000.0)]


REQUESTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"kind": "limit", "limit": 9.0, "post_only": True}, {"limit": 9.0, "post_only": True}),
    ({"kind": "stop", "trigger": 12.0, "tif": "day"}, {"stop": 12.0, "tif": "day"}),
    ({"kind": "stop_limit", "trigger": 12.0, "limit": 12.5}, {"stop": 12.0, "limit": 12.5}),
    ({"kind": "market_if_touched", "trigger": 9.0}, {"touch": 9.0}),
    ({"kind": "trailing_stop", "trail": 1.0, "tag": "t", "id": "a"}, {"trail": 1.0, "tag": "t", "id": "a"}),
    ({"kind": "trailing_stop", "trail_percent": 1.0, "group": "g"}, {"trail_percent": 1.0, "oco": "g"}),
    ({"kind": "limit", "limit": 9.0, "tif": "gtd", "expire": 10**12}, {"limit": 9.0, "tif": "gtd", "expire": 10**12}),
]


@pytest.mark.feature("F-013")
@pytest.mark.parametrize(("request_fields", "keywords"), REQUESTS)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_request_is_the_order_that_ctx_would_send(
    engine: str, side: str, request_fields: dict[str, Any], keywords: dict[str, Any]
) -> None:
    request = OrderRequest(symbol="X", side=side, quantity=3, **request_fields)
    on = market(10, 10, 11, 12, 11, 10)
    asked = acted(engine, on, lambda _, ports: ports.execution.submit_order(request))
    sent = acted(engine, on, lambda ctx, _: getattr(ctx, side)("X", 3, **keywords))
    assert len(orders_of(asked)) == 1
    assert orders_of(asked) == orders_of(sent)
    assert asked.result_hash == sent.result_hash


@pytest.mark.feature("F-013")
def test_orders_are_changed_followed_and_canceled(engine: str) -> None:
    seen: list[Any] = []

    def send(ctx: Any, ports: Any) -> None:
        stop = OrderRequest(symbol="X", side="buy", quantity=3, kind="stop", trigger=20.0)
        touch = OrderRequest(symbol="X", side="buy", quantity=3, kind="market_if_touched", trigger=5.0)
        seen.extend(ports.execution.submit_order(each) for each in (stop, touch))

    def change(ctx: Any, ports: Any) -> None:
        execution = ports.execution
        seen.append([execution.modify_order(each, trigger=price, quantity=2) for each, price in ((1, 21.0), (2, 4.0))])
        seen.append([(execution.get_order(each).stop, execution.get_order(each).quantity) for each in (1, 2)])
        with pytest.raises(tb.OrderError, match="'triger' cannot be changed; did you mean 'trigger'"):
            execution.modify_order(1, triger=3.0)
        seen.append([execution.cancel_order(1), execution.cancel_order(1), execution.get_order(1).live])

    acted(engine, market(10, 10, 10, 10), send, change)
    assert seen == [1, 2, [True, True], [(21.0, 2.0), (4.0, 2.0)], [True, False, False]]


@pytest.mark.feature("F-013")
def test_callbacks_hear_of_each_fill_and_event_once(engine: str) -> None:
    heard: list[Any] = []

    def send(ctx: Any, ports: Any) -> None:
        for _ in range(2):
            ports.execution.register_callback(heard.append)
        ctx.buy("X", 1)
        ctx.buy("X", 1, limit=10.0)
        assert ports.execution.get_capabilities().table

    acted(engine, market(10, 11, 10, 10), send)
    assert [(each.order, getattr(each, "kind", "fill")) for each in heard] == [(1, "fill"), (2, "fill")]


def bought(engine: str, quantity: float, **config: Any) -> Any:
    """The portfolio after a position was opened at 10 and has gone to 12."""
    found: list[Any] = []

    def look(ctx: Any, ports: Any) -> None:
        portfolio = ports.portfolio
        found.append((portfolio.get_position("X"), dict(portfolio.get_cash_balances()), portfolio.get_buying_power()))
        assert portfolio.get_positions() == {"X": portfolio.get_position("X")}
        assert portfolio.get_portfolio_value() == ctx.equity

    def send(ctx: Any, ports: Any) -> None:
        (ctx.buy if quantity > 0 else ctx.sell)("X", abs(quantity))

    acted(engine, market(10, 10, 12, 12), send, lambda *_: None, look, initial_cash=1_000, **config)
    return found[0]


@pytest.mark.feature("F-013")
@pytest.mark.parametrize(
    ("quantity", "config", "cash", "power"),
    [
        (50, {"account": "cash"}, 500.0, 500.0),
        (50, {"account": "margin", "leverage": 3}, 500.0, 1_100.0 * 3 - 600.0),
        (-50, {"account": "margin", "leverage": 3}, 1_500.0, 900.0 * 3 - 600.0),
        (50, {"account": "isolated", "leverage": 4}, 500.0, (1_000.0 - 125.0) * 4),
        (-50, {"account": "isolated", "leverage": 2}, 1_500.0, (1_000.0 - 250.0) * 2),
    ],
)
def test_the_portfolio_is_that_of_the_account(
    engine: str, quantity: float, config: dict[str, Any], cash: float, power: float
) -> None:
    position, balances, found = bought(engine, quantity, **config)
    assert (position.quantity, position.average_price, position.mark) == (quantity, 10.0, 12.0)
    assert position.unrealised == 2.0 * quantity
    assert balances == {"USD": cash}
    assert found == pytest.approx(power)


@pytest.mark.feature("F-013")
@pytest.mark.parametrize(("beyond", "fills"), [(0.0, 2), (1.0, 1)])
@pytest.mark.parametrize("account", ["cash", "margin", "isolated"])
def test_the_buying_power_can_be_used_up_and_not_exceeded(engine: str, account: str, beyond: float, fills: int) -> None:
    def all_in(ctx: Any, ports: Any) -> None:
        ctx.buy("X", int(ports.portfolio.get_buying_power() / 10.0) + beyond)

    leverage = {} if account == "cash" else {"leverage": 2}
    steps = (lambda ctx, _: ctx.buy("X", 50), lambda *_: None, all_in)
    found = acted(engine, market(10, 10, 10, 10, 10), *steps, initial_cash=1_000, account=account, **leverage)
    assert found.fills.num_rows == fills


@pytest.mark.feature("F-013")
def test_positions_in_other_currencies_are_converted(engine: str) -> None:
    table = markets(X=[10, 10, 10, 10]).table()
    found: list[float] = []
    steps = (lambda ctx, _: ctx.buy("X", 10), lambda *_: None)
    on = tb.Market.from_table(table, [tb.Instrument("X", currency="EUR")])
    rates = {"EUR": [("1970-01-01T00:00:00Z", 1.5), ("1970-01-01T00:03:00Z", 2.0), ("1970-01-02T00:00:00Z", 9.0)]}
    if engine == "backtrader":
        with pytest.raises(tb.errors.UnsupportedSettingError, match="Backtrader keeps one cash"):
            acted(engine, on, *steps, initial_cash=1_000, rates=rates)
        return
    look = lambda _, ports: found.append(ports.portfolio.get_buying_power())  # noqa: E731
    acted(engine, on, *steps, look, initial_cash=1_000, rates=rates)
    equity = 1_000.0  # cash in base currency less 100 EUR of cash spent, plus 100 EUR of stock, both at 2.0
    assert found == [pytest.approx(equity - 10 * 10 * 2.0)]


def test_the_ports_of_a_run_are_made_once_and_can_be_wired(engine: str) -> None:
    def check(ctx: Any, ports: Any) -> None:
        assert ctx.ports is ports
        wired = Acts().wire(ports)
        assert [wired.market_data, wired.execution, wired.portfolio] == [
            ports.market_data, ports.execution, ports.portfolio,
        ]  # fmt: skip

    acted(engine, market(10, 10), check)


@pytest.mark.parametrize(
    ("word", "keyword", "meant"),
    [("buy", "limmit", "limit"), ("sell", "stop_los", "stop_loss"), ("target", "postonly", "post_only")],
)
def test_an_unknown_keyword_is_named_with_what_was_meant(engine: str, word: str, keyword: str, meant: str) -> None:
    with pytest.raises(tb.StrategyError, match=rf"keyword argument '{keyword}'; did you mean '{meant}'\?"):
        acted(engine, market(10, 10), lambda ctx, _: getattr(ctx, word)("X", 1, **{keyword: 1}))


def test_an_unknown_keyword_of_modify_is_named_too(engine: str) -> None:
    with pytest.raises(tb.StrategyError, match=r"keyword argument 'limt'; did you mean 'limit'\?"):
        acted(engine, market(10, 10), lambda ctx, _: ctx.modify(ctx.buy("X", 1, limit=1), limt=2.0))


def test_every_keyword_of_orders_is_known_to_both_engines(engine: str) -> None:
    nothing = dict.fromkeys(ORDER_KEYWORDS) | {"tif": "gtc", "post_only": False, "reduce_only": False}
    assert len(orders_of(acted(engine, market(10, 10), lambda ctx, _: ctx.buy("X", 1, **nothing)))) == 1
