"""Single rules of our own engine changed: what the explainer has to find out by looking at the orders alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import triplebar as tb
from triplebar.contracts.result import RunResult
from triplebar.research.verify import causes

MARKET = tb.Market.synthetic(
    symbols=("AA", "BB"), bars=592, interval="1h", volatility=0.006, gap_chance=0.1, gap_size=0.02, seed=3
)
CONFIG = tb.BacktestConfig(
    initial_cash=20_000,
    commission_bps=2,
    slippage=tb.Slippage(bps=3),
    spread=tb.Spread(half_ticks=2),
    seed=11,
)


class Busy(tb.Strategy):
    """Trades all kinds of orders, sizes them by equity, and looks at what has become of them."""

    every: int = 7
    share: float = 0.2

    def on_start(self, ctx: Any) -> None:
        self.mean = {symbol: tb.indicators.SMA(12) for symbol in ctx.symbols}

    def on_bar(self, ctx: Any, bar: Any) -> None:
        mean = self.mean[bar.symbol].update(bar.close)
        if not self.mean[bar.symbol].ready or bar.index % self.every:
            return
        held = ctx.position(bar.symbol)
        size = float(int(ctx.equity * self.share / bar.close))
        kind = (bar.index // self.every) % 6
        below, above = bar.close * 0.995, bar.close * 1.005
        if held:
            ctx.cancel_all(bar.symbol)
            ctx.close(bar.symbol, tag="out")
        elif kind == 0:
            ctx.buy(bar.symbol, size, tag="market")
        elif kind == 1:
            ctx.buy(bar.symbol, size, limit=below, tif="day", tag="limit")
        elif kind == 2:
            ctx.buy(bar.symbol, size, stop=above, tag="stop")
        elif kind == 3:
            ctx.sell(bar.symbol, size, take_profit=below - 0.5, stop_loss=above + 0.5, tag="bracket")
        elif kind == 4:
            ctx.buy(bar.symbol, size, trail_percent=0.4, tag="trail")
        elif bar.close > mean:
            ctx.sell(bar.symbol, size, limit=above, oco=f"pair {bar.index}", tag="pair")
            ctx.sell(bar.symbol, size, stop=below, oco=f"pair {bar.index}", tag="pair")


@dataclass(frozen=True)
class Injection:
    """A rule that is changed on the other side."""

    cause: str
    changes: dict[str, Any]
    base: dict[str, Any] = field(default_factory=dict)
    share: float = 0.2

    @property
    def name(self) -> str:
        """What is changed, in a word."""
        return f"{self.cause}: {self.changes}".replace("Decimal", "")

    def runs(self) -> tuple[RunResult, RunResult]:
        """Ours, and the other side's."""
        config = CONFIG.replace(**self.base)
        return run_with(config, self.share), run_with(config.replace(**self.changes), self.share)


@cache
def run_with(config: tb.BacktestConfig, share: float) -> RunResult:
    """A run under a configuration."""
    return tb.run(Busy(share=share), MARKET, config)


FREE: dict[str, Any] = {"commission_bps": 0, "slippage": None, "spread": None}

INJECTIONS = (
    Injection(causes.FILL_TIME, {"fill": "same_close"}),
    Injection(causes.FILL_TIME, {"fill": "next_open"}, {"fill": "same_close"}),
    Injection(causes.FILL_TIME, {"fill": "same_close"}, FREE),
    Injection(causes.PATH, {"path": "open_low_high_close"}),
    Injection(causes.PATH, {"path": "adaptive"}),
    Injection(causes.PATH, {"path": "pessimistic"}, {"path": "adaptive"}),
    Injection(causes.PATH, {"path": "open_high_low_close"}, {"path": "adaptive"}),
    Injection(causes.COMMISSION, {"commission_bps": 3}),
    Injection(causes.COMMISSION, {"commission_bps": 0}),
    Injection(causes.COMMISSION, {"commission_bps": "2.5"}, {"fill": "same_close"}),
    Injection(causes.COMMISSION, {"commission_bps": 0, "commission": tb.Commission(maker_bps=1, taker_bps=4)}),
    Injection(causes.COMMISSION, {"commission_bps": 0, "commission": tb.Commission(per_unit="0.01")}),
    Injection(causes.COMMISSION, {"commission_bps": 0, "commission": tb.Commission(fixed=3)}),
    Injection(causes.COMMISSION, {"commission_bps": 0, "commission": tb.Commission(bps=2, minimum=2)}),
    Injection(causes.SLIPPAGE, {"slippage": None}),
    Injection(causes.SLIPPAGE, {"slippage": tb.Slippage(bps=10)}),
    Injection(causes.SLIPPAGE, {"slippage": tb.Slippage(ticks=7)}),
    Injection(causes.SLIPPAGE, {"slippage": tb.Slippage(impact="0.05")}),
    Injection(causes.SLIPPAGE, {"slippage": tb.Slippage(root="0.02", root_free=0)}, FREE),
    Injection(causes.SPREAD, {"spread": None}),
    Injection(causes.SPREAD, {"spread": tb.Spread(half_ticks=9)}),
    Injection(causes.SPREAD, {"spread": tb.Spread(half_bps=12)}),
    Injection(causes.VOLUME, {"participation": "0.01"}),
    Injection(causes.VOLUME, {"participation": "0.02"}, FREE),
    Injection(causes.VOLUME, {"participation": None}, {"participation": "0.01"}),
    Injection(causes.CASH, {"account": "cash"}),
    Injection(causes.CASH, {"leverage": 1}, {"leverage": 5}, 0.9),
    Injection(causes.CASH, {"leverage": 10}, {}, 0.9),
    Injection(causes.MISSES, {"misses": tb.Misses()}),
    Injection(causes.MISSES, {"misses": None}, {"misses": tb.Misses(limit_missed="0.3", partial="0.4")}),
    Injection(causes.LATENCY, {"latency": tb.Latency(3_600, 3_600)}),
    Injection(causes.LATENCY, {"latency": tb.Latency(600, 1_800)}),
    Injection(causes.LATENCY, {"latency": None}, {"latency": tb.Latency(600, 1_800)}),
    Injection(causes.FUNDING, {"funding": {"AA": tb.Funding(rate="0.0005", every_hours=8)}}),
    Injection(causes.FUNDING, {"funding": None}, {"funding": {"BB": tb.Funding(rate="0.0005", every_hours=8)}}),
    Injection(causes.BORROW, {"borrow_rate": "0.5"}),
    Injection(causes.END, {"close_at_end": True}),
    Injection(causes.WARM_UP, {"warmup_bars": 100}),
    Injection(causes.WARM_UP, {"warmup_bars": 0}, {"warmup_bars": 60}),
    Injection(causes.RISK, {"risk": tb.RiskLimits(position_quantity=20)}),
    Injection(causes.RISK, {"risk": tb.RiskLimits(drawdown_total="0.01")}),
    Injection(causes.ROUNDING, {"off_grid": "reject"}),
)
"""More than thirty of them."""
