"""A strategy over a Parquet file: metrics and trades."""

import tempfile
from pathlib import Path

import pyarrow.parquet as pq

import triplebar as tb


class Cross(tb.Strategy):
    """Long while the quick mean is above the calm one."""

    fast: int = 10
    slow: int = 50

    def on_start(self, ctx):
        self.quick = tb.indicators.SMA(self.fast)
        self.calm = tb.indicators.SMA(self.slow)

    def on_bar(self, ctx, bar):
        quick, calm = self.quick.update(bar.close), self.calm.update(bar.close)
        if not self.calm.ready:
            return
        held = ctx.position(bar.symbol)
        if quick > calm and held == 0:
            ctx.buy(bar.symbol, 100)
        elif quick < calm and held > 0:
            ctx.sell(bar.symbol, held)


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "prices.parquet"
    pq.write_table(tb.Market.synthetic(symbols=("X",), bars=20_000, seed=11).table(), path)
    market = tb.Market.from_parquet(path, [tb.Instrument("X", price_precision=2)])

result = tb.run(Cross(fast=20), market, tb.BacktestConfig(initial_cash=100_000, commission_bps=1))
print(result)
for name, value in result.metrics.items():
    print(f"{name:28} {value}")
print(result.trades.slice(0, 5).to_pydict())
