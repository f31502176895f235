"""Adapters: an engine with its configuration and its data, ready to run strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.run_request import RunRequest
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.research.choice import choose_engine
from triplebar.research.requests import prepared
from triplebar.research.run import run
from triplebar.research.snapshotting import check_registry, replayed

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult
    from triplebar.engines.base import Engine
    from triplebar.research.snapshotting import Snapshots

RUN_FEATURES: Final = {"checkpoint": ("custom",)}
"""Features of runs that only some engines have."""


class BacktestAdapter:
    """One engine, one configuration, one source of data; `run(strategy)` as often as you like.

    >>> import triplebar as tb
    >>> adapter = BacktestAdapter(tb.BacktestConfig(), tb.Market.synthetic(bars=20, seed=1))
    >>> len(adapter.run(tb.samples.BuyAndHold()).equity)
    20
    """

    def __init__(
        self,
        config: BacktestConfig | None = None,
        data_provider: Any = None,  # noqa: ANN401 - a market, or what has one
        *,
        engine: str | Engine = "custom",
        fidelity: str = "strict",
        fallback: str | None = None,
        snapshot_registry: Snapshots | None = None,
        auto_snapshot: bool = False,
        enable_snapshot_replay: bool = False,
    ) -> None:
        """Check that the engine is there; nothing of it is started before `run`."""
        check_registry(snapshot_registry, "snapshot_registry")
        if auto_snapshot and snapshot_registry is None:
            fix = "give snapshot_registry=DataSnapshotRegistry(...)"
            raise ConfigError.of("auto_snapshot", auto_snapshot, "needs a registry", fix=fix)
        self.config = BacktestConfig() if config is None else config
        self.market = market_of(data_provider)
        self.requested, self.fidelity, self.fallback = engine, fidelity, fallback
        self.engine, self.warnings = choose_engine(engine, fidelity, fallback)
        self.snapshots, self.auto_snapshot = snapshot_registry, auto_snapshot
        self.enable_snapshot_replay = enable_snapshot_replay

    def run(self, strategy: Any, **options: Any) -> RunResult:  # noqa: ANN401 - what `triplebar.run` takes
        """Run a strategy, or a request that asks for no other engine; `options` are those of `triplebar.run`."""
        if isinstance(strategy, RunRequest) and strategy.engine not in ("custom", self._name):
            fix = f"give it to an adapter of {strategy.engine!r}, or take its engine out"
            raise ConfigError.of("request.engine", strategy.engine, f"this adapter is one of {self._name!r}", fix=fix)
        replay = self._replay(strategy)
        if self.auto_snapshot or replay is not None:
            options = {"snapshots": self.snapshots, **options}
        return run(
            strategy,
            self._market_for(replay),
            self.config,
            engine=self.requested,
            fidelity=self.fidelity,
            fallback=self.fallback,
            **options,
        )

    @property
    def _name(self) -> str:
        return str(getattr(self.requested, "name", self.requested))

    def _market_for(self, replay: RunRequest | None) -> Market:
        """The adapter's own market, or, in a replay, that of the snapshot which a request names."""
        if replay is None or replay.snapshot_id is None:
            return self.market
        return prepared(replayed(self.snapshots, replay.snapshot_id), replay)

    def _replay(self, strategy: object) -> RunRequest | None:
        """The request, if it is to be run on its snapshot."""
        if self.enable_snapshot_replay and isinstance(strategy, RunRequest) and strategy.snapshot_id is not None:
            return strategy
        return None

    def supports_feature(self, name: str) -> bool:
        """Whether the engine can do something: a kind of order, a time in force, both as `limit:day`, or `checkpoint`.

        >>> BacktestAdapter(None, Market.synthetic(bars=2, seed=1), engine="reference").supports_feature("limit:day")
        True
        """
        if name in RUN_FEATURES:
            return self.engine.name in RUN_FEATURES[name]
        kind, _, tif = name.partition(":")
        table = self.engine.capabilities().table
        kinds, times = OrderKind.texts(), TimeInForce.texts()
        if kind in kinds and tif in ("", *times):
            return any(each.text == kind and tif in ("", time.text) for each, time in table)
        if name in times:
            return any(time.text == name for _, time in table)
        known = [*kinds, *times, *RUN_FEATURES]
        raise ConfigError.of("feature", name, "is not a feature that is known", fix=hint(name, known))


def create_backtest_adapter(
    engine: str | Engine = "custom",
    config: BacktestConfig | None = None,
    data_provider: Any = None,  # noqa: ANN401 - a market, or what has one
    *,
    fidelity: str = "strict",
    fallback: str | None = None,
    snapshot_registry: Snapshots | None = None,
    auto_snapshot: bool = False,
    enable_snapshot_replay: bool = False,
) -> BacktestAdapter:
    """Make an adapter for an engine by name; switching engines changes this one argument.

    `auto_snapshot` keeps the data of every run in `snapshot_registry` (a `DataSnapshotRegistry`) and names the snapshot
    in the result; `enable_snapshot_replay` runs a `RunRequest` that names a snapshot on that one.

    >>> import triplebar as tb
    >>> adapter = create_backtest_adapter("backtrader", tb.BacktestConfig(), tb.Market.synthetic(bars=20, seed=1))
    >>> adapter.run(tb.samples.BuyAndHold()).metadata.engine
    'backtrader'
    """
    return BacktestAdapter(
        config,
        data_provider,
        engine=engine,
        fidelity=fidelity,
        fallback=fallback,
        snapshot_registry=snapshot_registry,
        auto_snapshot=auto_snapshot,
        enable_snapshot_replay=enable_snapshot_replay,
    )


def market_of(source: object) -> Market:
    """Give the market that is meant: one itself, or that of a data provider."""
    found = getattr(source, "market", source)
    if not isinstance(found, Market):
        fix = "give a Market, or a provider such as triplebar.data.providers.ParquetProvider"
        raise ConfigError.of("data_provider", source, "has no market", fix=fix)
    return found
