"""The same strategy on the Rust core and on the plain-Python reference: one answer."""

import triplebar as tb


class Breakout(tb.Strategy):
    """Buy above the highest high of the last bars, trail a stop under it."""

    bars: int = 30

    def on_bar(self, ctx, bar):
        window = ctx.bars(bar.symbol, self.bars)
        if len(window.high) < self.bars or ctx.position(bar.symbol) or ctx.open_orders():
            return
        entry = ctx.buy(bar.symbol, 10, stop=float(window.high.max()) + 0.01, tif="day")
        ctx.sell(bar.symbol, 10, trail=0.25, parent=entry)


market = tb.Market.synthetic(symbols=("X",), bars=3_000, seed=14)
config = tb.BacktestConfig(commission_bps=1, latency=tb.Latency.FAST, seed=1)
quick = tb.run(Breakout(), market, config)
slow = tb.run(Breakout(), market, config, engine="reference")
print(quick)
print(slow)
print("equal:", quick.result_hash == slow.result_hash, quick.result_hash[:16])
assert quick.result_hash == slow.result_hash
