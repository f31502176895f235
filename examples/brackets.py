"""An entry with target and stop, and why an order ended as it did."""

import triplebar as tb


class Dip(tb.Strategy):
    """Buy a dip under the lower band; leave at the target or at the stop."""

    bars: int = 20
    reach: float = 0.5

    def on_start(self, ctx):
        self.bands = tb.indicators.Bollinger(self.bars)

    def on_bar(self, ctx, bar):
        self.bands.update(bar.close)
        if not self.bands.ready or ctx.position(bar.symbol) or ctx.open_orders():
            return
        if bar.close < self.bands.lower:
            target, stop = bar.close + self.reach, bar.close - self.reach
            ctx.buy(bar.symbol, 50, limit=bar.close, take_profit=target, stop_loss=stop, tif="day", tag="dip")


market = tb.Market.synthetic(symbols=("X",), bars=5_000, seed=12)
result = tb.run(Dip(), market, tb.BacktestConfig(commission_bps=1, spread=tb.Spread(half_ticks=1)))
print(result)
for order in range(1, 4):
    print(tb.explain(result, order))
