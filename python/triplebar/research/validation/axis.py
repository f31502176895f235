"""Windows as an axis of a sweep: every set on the training and on the test part of every window."""

from __future__ import annotations

from typing import Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.data.market import Market
from triplebar.research.validation.chosen import stretch, trading_from
from triplebar.research.validation.spans import Span
from triplebar.research.validation.windows import Plan, windows_of

PARTS: Final = ("train", "test", "both")


def windows_axis(  # noqa: PLR0913 - those of `walk_forward`
    market: Market,
    config: BacktestConfig | None = None,
    *,
    train: Span,
    test: Span,
    step: Span | None = None,
    embargo: Span = 0,
    anchored: bool = False,
    warmup: int | None = None,
    part: str = "both",
) -> tuple[dict[str, Market], dict[str, BacktestConfig]]:
    """Give the parts of all windows as markets by name, and the configuration of each: what `sweep` takes.

    Names are `window 0 train`, `window 0 test` and so on. Lengths and warm-up are those of `walk_forward`.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=100, seed=5, interval="1d")
    >>> markets, configs = windows_axis(market, train="40d", test="20d")
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> table = tb.sweep(rule, markets, {"fast": [2, 3], "slow": [9]}, configs).table
    >>> table.num_rows, table["market"][0].as_py()
    (12, 'window 0 train')
    """
    checks.choice("part", part, PARTS)
    warm = None if warmup is None else checks.integer("warmup", warmup)
    whole = config or BacktestConfig()
    plan = Plan.of(train, test, step=step, embargo=embargo, anchored=anchored)
    markets: dict[str, Market] = {}
    configs: dict[str, BacktestConfig] = {}
    for window in windows_of(market, plan, start=whole.start, end=whole.end):
        bounds = {
            "train": (window.train_start, window.train_end, warm or 0),
            "test": (window.test_start, window.test_end, warm),
        }
        for name, (start, end, before) in bounds.items():
            if part in {name, "both"}:
                label = f"window {window.number} {name}"
                markets[label] = stretch(market, start, end, before, window.train_start)
                configs[label] = trading_from(whole, markets[label], start, close_at_end=name == "test")
    return markets, configs
