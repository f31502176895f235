"""Several instruments brought to equal weight, with costs by type."""

import triplebar as tb


class EqualWeight(tb.Strategy):
    """Every `every` bars bring each instrument to the same share of equity."""

    every: int = 60
    invested: float = 0.95

    def on_start(self, ctx):
        self.slices = 0

    def on_slice(self, ctx, bars):
        if self.slices % self.every == 0:
            share = self.invested * ctx.equity / len(ctx.symbols)
            for symbol, bar in bars.items():
                ctx.target(symbol, share / bar.close)
        self.slices += 1


market = tb.Market.synthetic(symbols=("A", "B", "C", "D"), bars=5_000, seed=13, correlation=0.6)
config = tb.BacktestConfig(
    initial_cash=1_000_000,
    commission=tb.Commission.per_share("0.005", minimum=1),
    slippage=tb.Slippage.square_root(),
    participation=0.2,
)
result = tb.run(EqualWeight(), market, config)
print(result)
print(result.cost_summary)
