"""A run as one page: candles, trades, months, risk, costs. Open report.html in a browser."""

import tempfile
from pathlib import Path

import triplebar as tb


class Channel(tb.Strategy):
    """Buy a new high, protect it with a trailing stop."""

    bars: int = 48
    trail: float = 3.0

    def on_bar(self, ctx, bar):
        window = ctx.bars(bar.symbol, self.bars + 1)
        if len(window) <= self.bars or ctx.position(bar.symbol) or ctx.open_orders(bar.symbol):
            return
        if bar.close > window.high[:-1].max():
            size = int(ctx.equity * 0.4 / bar.close)
            entry = ctx.buy(bar.symbol, size, tag="new high")
            ctx.sell(bar.symbol, size, trail_percent=self.trail, parent=entry, tag="trailing stop")


market = tb.Market.synthetic(symbols=("NORD", "SUED"), bars=8_760, interval="1h", volatility=0.004, seed=3)
result = tb.run(Channel(), market, tb.BacktestConfig(commission_bps=1, spread=tb.Spread(half_bps=1)))
page = tb.report.html(result, Path(tempfile.mkdtemp()) / "report.html")
print(f"{result.trades.num_rows} trades, {page.stat().st_size // 1000} kB: {page}")
