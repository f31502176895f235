"""Random triples of (market, configuration, script of orders) that reach every corner of the rules.

`random_case(seed)` gives the same case for the same seed, on every machine. Prices move by few ticks and sizes are
small, so that orders meet, groups end, accounts run dry and positions are liquidated within a few dozen bars.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.costs import Commission, Funding, Latency, Misses, Slippage, Spread, SymbolCosts
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.risk import RiskLimits
from triplebar.contracts.settings import Settings
from triplebar.data.market import Market
from triplebar.engines.settings import resolve
from triplebar.strategy.script import Script, Step

HOUR = timedelta(hours=1)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
SYMBOLS = ("AA", "BB", "CC")
KINDS = ("market", "limit", "limit", "limit", "stop", "stop_limit", "trail", "trail_percent", "touch")
PATHS = ("open_high_low_close", "open_low_high_close", "adaptive", "pessimistic")


@dataclass(frozen=True)
class Case:
    """Something to run."""

    seed: int
    market: Market
    config: BacktestConfig
    steps: tuple[Step, ...]
    strategy: type[Script] = Script

    @property
    def settings(self) -> Settings:
        """The configuration in engine units."""
        return resolve(self.config, self.market)

    def script(self) -> Script:
        """The strategy: what is refused with an error is kept, and the script goes on."""
        return self.strategy(self.steps, tolerant=True)


@dataclass(frozen=True)
class Sent:
    """An order that a script has sent, by its label."""

    label: str
    instrument: Instrument
    kind: str


@dataclass(frozen=True)
class Frame:
    """What steps are built from: the grid and the closing price of every instrument at every tick of the clock."""

    instruments: tuple[Instrument, ...]
    closes: dict[str, list[int]]
    times: list[datetime]


def random_case(seed: int) -> Case:
    """The case of this seed."""
    dice = Random(f"triplebar case {seed}")
    instruments = random_instruments(dice)
    frame, table = random_bars(dice, instruments)
    market = Market.from_table(table, instruments)
    config = random_config(dice, frame, seed)
    return Case(seed, market, config, tuple(random_steps(dice, frame)))


def sometimes(dice: Random, chance: float, make: Callable[[], Any], otherwise: object = None) -> Any:
    """What `make` gives with this chance, else the other thing."""
    return make() if dice.random() < chance else otherwise


# ---------------------------------------------------------------------------------------------------------- market


def random_instruments(dice: Random) -> tuple[Instrument, ...]:
    """One to three instruments, some in another currency, with coarse grids and limits on sizes."""
    count = dice.choice((1, 1, 2, 2, 3))
    return tuple(
        Instrument(
            symbol,
            price_precision=dice.choice((0, 1, 2)),
            size_precision=dice.choice((0, 0, 1)),
            currency=dice.choice(("USD", "USD", "EUR")),
            multiplier=dice.choice((1, 1, 1, 5)),
            quantity_min=sometimes(dice, 0.05, lambda: 2),
            quantity_max=sometimes(dice, 0.05, lambda: 12),
            notional_min=sometimes(dice, 0.05, lambda: 30),
        )
        if dice.random() < 0.8
        else Instrument(symbol, price_precision=2, size_precision=1, price_step="0.05", size_step="0.5")
        for symbol in SYMBOLS[:count]
    )


def random_bars(dice: Random, instruments: Iterable[Instrument]) -> tuple[Frame, dict[str, list[Any]]]:
    """A long table of bars with gaps, flat bars, missing bars and early ends, and the frame for the steps."""
    interval = dice.choice((2, 6, 6, 12, 24)) * HOUR
    ticks = dice.randrange(6, 45)
    irregular = dice.random() < 0.2
    times, time = [], BEGIN
    for _ in range(ticks):
        time += interval * (dice.choice((1, 1, 2)) if irregular else 1)
        times.append(time)
    rows: list[tuple[Any, ...]] = []
    closes: dict[str, list[int]] = {}
    for instrument in instruments:
        missing = dice.choice((0.0, 0.0, 0.2))
        first, last = sometimes(dice, 0.2, lambda: dice.randrange(3), 0), ticks - dice.choice((0, 0, 0, 2, 4))
        price, path = dice.choice((40, 100, 150)), []
        for place, moment in enumerate(times):
            price, bar = random_bar(dice, price)
            path.append(bar[3])
            has_bar = first <= place < last and dice.random() >= missing
            if has_bar or place == first:
                rows.append((moment, instrument, *bar, dice.choice((0, 1, 5, 20, 80, 1000))))
        closes[instrument.symbol] = path
    return Frame(tuple(instruments), closes, times), long_table(rows)


def random_bar(dice: Random, price: int) -> tuple[int, tuple[int, int, int, int]]:
    """A bar in steps of the price, near the last close: open, high, low, close."""
    opening = max(8, price + dice.choice((0, 0, 1, -1, 2, -2, 5, -5, 12, -12)))
    if dice.random() < 0.1:
        return opening, (opening, opening, opening, opening)
    high, low = opening + dice.randrange(8), max(1, opening - dice.randrange(8))
    close = dice.randrange(low, high + 1)
    return close, (opening, high, low, close)


def long_table(rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """The rows as the columns of a long table, prices as they are written."""
    names = ("open", "high", "low", "close")
    table: dict[str, list[Any]] = {name: [] for name in ("time", "symbol", *names, "volume")}
    for moment, instrument, *bar, volume in sorted(rows, key=lambda row: (row[0], row[1].symbol)):
        table["time"].append(moment)
        table["symbol"].append(instrument.symbol)
        for name, steps in zip(names, bar, strict=True):
            table[name].append(price_of(instrument, steps))
        table["volume"].append(float(volume))
    return table


def price_of(instrument: Instrument, steps: float) -> float:
    """A number of price steps as a price near 100, whatever the precision."""
    return steps * instrument.price_step_ticks / 10.0**instrument.price_precision


# --------------------------------------------------------------------------------------------------- configuration


def random_config(dice: Random, frame: Frame, seed: int) -> BacktestConfig:
    """Each layer of costs and limits is on in some cases and off in most."""
    account = dice.choice(("cash", "margin", "margin", "isolated"))
    leverage = 1 if account == "cash" else dice.choice((1, 2, 3, 5))
    base = dice.choice((300, 2_000, 20_000, 20_000, 1_000_000))
    has_euro = any(each.currency == "EUR" for each in frame.instruments) or dice.random() < 0.1
    return BacktestConfig(
        initial_cash={"USD": base, "EUR": dice.choice((0, base))} if has_euro else base,
        rates={"EUR": random_rate(dice, frame)} if has_euro else None,
        account=account,
        leverage=leverage,
        maintenance_margin=0 if account == "cash" else dice.choice((0, 0, "0.02", "0.1", "0.15")),
        fill=dice.choice(("next_open", "next_open", "same_close")),
        path=dice.choice(PATHS),
        off_grid=dice.choice(("round", "round", "round", "reject")),
        commission=sometimes(dice, 0.6, lambda: random_commission(dice)),
        slippage=sometimes(dice, 0.4, lambda: random_slippage(dice)),
        spread=sometimes(dice, 0.4, lambda: random_spread(dice)),
        participation=sometimes(dice, 0.3, lambda: dice.choice(("0.05", "0.2", "1"))),
        misses=sometimes(dice, 0.25, lambda: random_misses(dice)),
        latency=sometimes(dice, 0.25, lambda: random_latency(dice)),
        funding=sometimes(dice, 0.3, lambda: {each.symbol: random_funding(dice, frame) for each in frame.instruments}),
        borrow_rate=sometimes(dice, 0.3, lambda: dice.choice(("0.05", "0.5")), 0),
        risk=sometimes(dice, 0.2, lambda: random_risk(dice)),
        per_symbol=sometimes(dice, 0.2, lambda: {frame.instruments[0].symbol: random_symbol_costs(dice)}),
        start=sometimes(dice, 0.1, lambda: frame.times[len(frame.times) // 4]),
        warmup_bars=sometimes(dice, 0.15, lambda: dice.randrange(4), 0),
        close_at_end=dice.random() < 0.4,
        seed=seed,
    )


def random_rate(dice: Random, frame: Frame) -> Any:
    """A constant rate, or one that changes."""
    if dice.random() < 0.5:
        return "1.25"
    middle = frame.times[len(frame.times) // 2]
    return [(BEGIN, "1.1"), (frame.times[1] + timedelta(minutes=7), "0.333333333"), (middle, "1.3")]


def random_commission(dice: Random) -> Commission:
    """A schedule."""
    return dice.choice(
        (
            Commission(bps=10),
            Commission(maker_bps=1, taker_bps="7.5"),
            Commission(per_unit="0.037", minimum=1),
            Commission(bps=2, fixed=1),
            Commission.percent("0.3", minimum="0.5", maximum_percent="0.2"),
            Commission.tiered((0, 5, 10), (500, 1, 3), (5_000, 0, 1)),
        )
    )


def random_slippage(dice: Random) -> Slippage:
    """A model."""
    return dice.choice(
        (
            Slippage(bps=20),
            Slippage(ticks=2),
            Slippage(impact="0.1"),
            Slippage(root="0.05", root_free="0.1"),
            Slippage(bps=1, ticks=1, impact="0.01", root="0.01", root_free=0),
        )
    )


def random_spread(dice: Random) -> Spread:
    """A half spread."""
    return dice.choice((Spread(half_ticks=1), Spread(half_ticks=3), Spread(half_bps=30)))


def random_misses(dice: Random) -> Misses:
    """High enough to be seen in a short run."""
    return dice.choice((Misses(), Misses(limit_missed="0.3", partial="0.6"), Misses(limit_missed=0, partial=1)))


def random_latency(dice: Random) -> Latency:
    """From nothing to more than a bar."""
    longest = dice.choice((1, 3_600, 20_000, 100_000))
    return Latency(dice.choice((0, longest // 2)), longest)


def random_funding(dice: Random, frame: Frame) -> Funding:
    """A constant rate, or a schedule."""
    if dice.random() < 0.5:
        return Funding(rate=dice.choice(("0.001", "-0.002")), every_hours=dice.choice((1, 8)))
    moments = dice.sample(frame.times, min(4, len(frame.times)))
    return Funding(schedule=[(moment - HOUR / 2, dice.choice(("0.01", "-0.01"))) for moment in sorted(moments)])


def random_risk(dice: Random) -> RiskLimits:
    """Limits tight enough to be met."""
    return RiskLimits(
        trading_enabled=dice.random() < 0.95,
        gross_exposure=sometimes(dice, 0.3, lambda: dice.choice(("0.3", "1.5"))),
        net_exposure=sometimes(dice, 0.3, lambda: dice.choice(("0.2", "1"))),
        drawdown_total=sometimes(dice, 0.3, lambda: dice.choice(("0.002", "0.05"))),
        drawdown_daily=sometimes(dice, 0.3, lambda: dice.choice(("0.001", "0.02"))),
        position_quantity=sometimes(dice, 0.3, lambda: dice.choice((2, 8))),
        position_value=sometimes(dice, 0.3, lambda: dice.choice((250, 3_000))),
        position_share=sometimes(dice, 0.2, lambda: dice.choice(("0.05", "0.5"))),
        long_exposure=sometimes(dice, 0.2, lambda: dice.choice(("0", "0.2", "1"))),
        short_exposure=sometimes(dice, 0.2, lambda: dice.choice(("0", "0.2", "1"))),
        positions=sometimes(dice, 0.2, lambda: dice.choice((0, 1, 2))),
    )


def random_symbol_costs(dice: Random) -> SymbolCosts:
    """What one instrument has of its own."""
    return SymbolCosts(
        commission=sometimes(dice, 0.5, lambda: random_commission(dice)),
        slippage=sometimes(dice, 0.5, lambda: random_slippage(dice)),
        spread=sometimes(dice, 0.5, lambda: random_spread(dice)),
        participation=sometimes(dice, 0.5, lambda: "0.1"),
    )


# ----------------------------------------------------------------------------------------------------------- steps


def random_steps(dice: Random, frame: Frame) -> list[Step]:
    """A script: mostly orders, then what is done to orders, then cash and switches."""
    busy = dice.choice((0.3, 0.6, 0.9))
    groups = [f"group {number}" for number in range(12)]
    labels: list[Sent] = []
    steps: list[Step] = []
    places: list[int | str] = [-1, *range(len(frame.times)), "stop"]
    for place in places:
        while dice.random() < busy:
            instrument = dice.choice(frame.instruments)
            tick = place if isinstance(place, int) and place >= 0 else 0
            near = frame.closes[instrument.symbol][tick]
            if dice.random() < 0.72 or not labels:
                kind, label = dice.choice(KINDS), f"o{len(labels)}"
                side, keywords = random_order(dice, instrument, kind, near, frame, tick, labels, groups)
                steps.append((place, side, {**keywords, "label": label}))
                labels.append(Sent(label, instrument, kind))
            else:
                steps.append((place, *random_action(dice, instrument, frame, tick, labels)))
    return steps


def random_order(
    dice: Random,
    instrument: Instrument,
    kind: str,
    near: int,
    frame: Frame,
    tick: int,
    labels: list[Sent],
    groups: list[str],
) -> tuple[str, dict[str, Any]]:
    """An order of any kind, near the price; now and then one that will be refused."""
    side = dice.choice(("buy", "sell"))
    keywords: dict[str, Any] = {"symbol": instrument.symbol, "quantity": random_size(dice)}
    keywords |= random_prices(dice, instrument, near, kind)
    keywords |= random_time(dice, kind, frame, tick)
    if kind == "limit" and dice.random() < 0.2:
        keywords["post_only"] = True
    if dice.random() < 0.08:
        keywords["reduce_only"] = True
    if dice.random() < 0.2:
        keywords["oco"] = dice.choice(groups[max(0, tick // 3 - 1) : tick // 3 + 2] or groups)
    family = [sent.label for sent in labels if sent.instrument is instrument]
    if family and dice.random() < 0.12:
        keywords["parent"] = dice.choice(family[-3:])
    if dice.random() < 0.12:
        up = 1 if side == "buy" else -1
        near = entry_steps(instrument, keywords, near)
        keywords["take_profit"] = price_of(instrument, near + up * dice.randrange(1, 10))
        keywords["stop_loss"] = price_of(instrument, max(1, near - up * dice.randrange(1, 10)))
        if dice.random() < 0.3:
            del keywords[dice.choice(("take_profit", "stop_loss"))]
        if near < 10:  # an entry at nothing: no price is under it
            keywords.pop("take_profit", None)
            keywords.pop("stop_loss", None)
    if dice.random() < 0.1:
        keywords["tag"] = dice.choice(("entry", "exit"))
    if dice.random() < 0.05:
        keywords["id"] = f"id {dice.randrange(20)}"
    return side, keywords


def random_size(dice: Random) -> float:
    """Small, sometimes off the grid, sometimes nothing."""
    odd = (0.5, 2.5, 7.25, 0, 40)
    return dice.choice(odd) if dice.random() < 0.05 else dice.choice((1, 2, 3, 5, 5, 8, 10, 10))


def entry_steps(instrument: Instrument, keywords: dict[str, Any], near: int) -> int:
    """Where an order enters, in whole price steps, as far as its keywords say: what a bracket is put around."""
    known = [keywords[name] for name in ("limit", "stop", "touch") if name in keywords]
    return round(known[0] / price_of(instrument, 1)) if known else near


def random_prices(dice: Random, instrument: Instrument, near: int, kind: str) -> dict[str, float]:
    """The prices of a kind, within a few ticks of the market, sometimes between two ticks."""

    def price() -> float:
        between = sometimes(dice, 0.05, lambda: dice.choice((0.3, 0.5)), 0.0)
        return max(0.0, price_of(instrument, near + dice.randrange(-9, 10) + between))

    if kind == "market":
        return {}
    if kind == "stop_limit":
        return {"stop": price(), "limit": price()}
    if kind == "trail":
        return {"trail": price_of(instrument, dice.choice((1, 2, 4, 7, 2.5)))}
    if kind == "trail_percent":
        return {"trail_percent": dice.choice((0.5, 2.0, 3.3, 12.0))}
    return {kind: price()}


def random_time(dice: Random, kind: str, frame: Frame, tick: int) -> dict[str, Any]:
    """A time in force, mostly one that the kind may have."""
    anywhere = ("gtc", "gtc", "gtc", "day", "gtd")
    tif = dice.choice((*anywhere, "ioc", "fok", "at_open", "at_close") if kind in {"market", "limit"} else anywhere)
    tif = sometimes(dice, 0.01, lambda: dice.choice(("ioc", "at_open")), tif)
    if tif == "gtd":
        later = frame.times[min(len(frame.times) - 1, tick + dice.randrange(4))]
        return {"tif": tif, "expire": later - dice.choice((0, 1)) * HOUR}
    return {} if tif == "gtc" else {"tif": tif}


def random_action(
    dice: Random, instrument: Instrument, frame: Frame, tick: int, labels: list[Sent]
) -> tuple[str, dict[str, Any]]:
    """Something that is not a new order of its own."""
    sent = dice.choice(labels[-6:])
    near = frame.closes[sent.instrument.symbol][tick]
    choice = dice.choice(("modify",) * 4 + ("cancel",) * 3 + ("close", "target", "cancel_all", "cash", "switch"))
    if choice == "modify":
        return "modify", {"order": sent.label} | random_change(dice, sent, near)
    if choice in {"cancel", "close"}:
        return choice, {"order": sent.label} if choice == "cancel" else {"symbol": instrument.symbol}
    if choice == "target":
        return "target", {"symbol": instrument.symbol, "quantity": dice.choice((-5, -1, 0, 2, 6, 2.5))}
    if choice == "cancel_all":
        return "cancel_all", {"symbol": dice.choice((None, instrument.symbol))}
    return ("kill_switch", {"on": dice.random() < 0.2}) if choice == "switch" else random_cash(dice)


def random_change(dice: Random, sent: Sent, near: int) -> dict[str, Any]:
    """A new size, new prices, or both; now and then prices that the order does not have."""
    change: dict[str, Any] = {}
    if dice.random() < 0.6:
        change["quantity"] = random_size(dice)
    if dice.random() < 0.6:
        kind = sometimes(dice, 0.05, lambda: dice.choice(KINDS), sent.kind)
        change |= random_prices(dice, sent.instrument, near, kind)
    return change


def random_cash(dice: Random) -> tuple[str, dict[str, Any]]:
    """Cash in, cash out, or from one currency to another."""
    amount = dice.choice((0.25, 10, 100, 5_000))
    action = dice.choice(("deposit", "withdraw", "convert"))
    if action == "convert":
        source, target = dice.choice((("USD", "EUR"), ("EUR", "USD")))
        return action, {"amount": amount, "source": source, "target": target}
    return action, {"amount": amount, "currency": dice.choice((None, None, "USD", "EUR"))}
