"""One run, from checked arguments to a result."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError, DataError, StrategyError, UnsupportedSettingError
from triplebar.contracts.metadata import RunRecord, plain_values
from triplebar.contracts.result import RunResult
from triplebar.contracts.run_request import MODES
from triplebar.contracts.settings import Settings
from triplebar.contracts.time import to_ns, to_text
from triplebar.data.market import Market
from triplebar.engines.base import Engine, Facts, Hooks
from triplebar.engines.settings import resolve
from triplebar.research import machine
from triplebar.research.assumptions import assumptions_of
from triplebar.research.choice import choose_engine, engine_id, provenance_of
from triplebar.research.identity import identify_later
from triplebar.research.interruption import stoppable
from triplebar.research.preparation import prepared_market
from triplebar.strategy.base import Strategy
from triplebar.strategy.istrategy import as_strategy

if TYPE_CHECKING:  # what only some runs need is loaded by those
    from triplebar.contracts.metadata import RunIdentity
    from triplebar.metrics.measure import MetricReport
    from triplebar.research.checkpoint import Checkpoint
    from triplebar.research.isolation import Isolation
    from triplebar.research.snapshotting import Snapshots

Progress = Callable[[int, int], None]
Until = datetime | str | int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the caller of `run` asked for."""

    strategy: Any
    market: Any
    config: BacktestConfig | None = None
    engine: str | Engine = "custom"
    mode: str = "interpreted"
    fidelity: str = "strict"
    fallback: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    snapshot_id: str | None = None
    snapshots: Snapshots | None = None
    progress: Progress | None = None
    until: Until | None = None
    checkpoint: Checkpoint | None = None
    tried_as: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None


class Job:
    """Everything a run needs, checked before anything is simulated."""

    def __init__(self, asked: Asked) -> None:
        """Check, in the order in which a caller would mend things."""
        began = time.perf_counter()
        _check_mode(asked.mode)
        self.asked = asked
        self.config = _config(asked.config)
        self.strategy = _working(asked)
        self.parameters = plain_values(self.strategy.parameters())
        self.engine, self.fallback_warnings = choose_engine(asked.engine, asked.fidelity, asked.fallback)
        self.market, self.data_warnings = prepared_market(_market(asked.market), self.config)
        align = getattr(self.strategy, "align", None)
        if align is not None:  # columns have one value for each bar of the market that was given
            align(self.market if self.config.missing_data != "skip" else asked.market)
        self.settings = settings_for(self.config, self.market, self.strategy)
        self.until_clock = None if asked.until is None else _clock_index(self.market, asked.until)
        if asked.checkpoint is not None:
            asked.checkpoint.check(self.market.digest)
        self.snapshot_id, self.snapshot_warnings = _snapshot(asked, self.market)
        self.prepare_seconds = time.perf_counter() - began

    def result(self) -> RunResult:
        """Run, and put the result together."""
        guard = self._guard()
        created = datetime.now(UTC)
        began = time.perf_counter()
        facts, mode, warned = self._run()
        seconds = time.perf_counter() - began
        result = RunResult(
            facts=facts,
            settings=self.settings,
            clock=np.asarray(self.market.clock),
            record=self._record(facts, mode, created, seconds),
            identify=self.identify,
            measure=_measured,
            warnings=(
                *self.fallback_warnings,
                *self.snapshot_warnings,
                *warned,
                *facts.warnings,
                *(guard.warnings if guard else ()),
            ),
            data_warnings=self.data_warnings,
            assumptions=assumptions_of(self.config, self.settings),
            market=self.market,
            checkpoint=self._checkpoint(facts),
            tried_as=self.asked.tried_as,
        )
        return result if self.asked.snapshots is None else _counted(self.asked.snapshots, result)

    @property
    def identify(self) -> Callable[[], RunIdentity]:
        """Computes what the run is, before it is made or after."""
        definition, engine = self.strategy.definition(), engine_id(self.engine)
        return identify_later(definition, self.parameters, self.config, self.market, self.settings, engine)

    def _guard(self) -> Isolation | None:
        if self.config.on_error != "isolate":
            return None
        from triplebar.research.isolation import Isolation

        return Isolation(self.strategy)

    def _run(self) -> tuple[Facts, str, tuple[str, ...]]:
        """The facts, the mode that ran, and what is to be said about it."""
        if self.asked.mode != "auto":
            return self._facts(self.asked.mode), self.asked.mode, ()
        from triplebar.strategy.compile.errors import CompileError

        try:
            _check_compiles(self.engine, "compiled")
            return self._facts("compiled"), "compiled", ()
        except (CompileError, UnsupportedSettingError) as problem:
            # What was begun is thrown away: on_start may have sent orders.
            self.strategy = _working(self.asked)
            return self._facts("interpreted"), "interpreted", (f"ran interpreted: {problem}",)

    def _facts(self, mode: str) -> Facts:
        extra: dict[str, Any] = {}
        if mode == "compiled":
            _check_compiles(self.engine, mode)
            extra["mode"] = mode
        if self.until_clock is not None or self.asked.checkpoint is not None:
            if "until_clock" not in inspect.signature(self.engine.run).parameters:
                raise UnsupportedSettingError(
                    f"engine {self.engine.name!r} cannot stop and go on", where="until", fix="use engine='custom'"
                )
            state = None if self.asked.checkpoint is None else self.asked.checkpoint.engine_state
            extra |= {"until_clock": self.until_clock, "checkpoint": state}
        with stoppable() as stopped:
            hooks = Hooks(interrupted=stopped)
            if self.asked.progress is not None:
                hooks = replace(hooks, progress=self.asked.progress)
            facts = self.engine.run(self.strategy, self.market, self.settings, hooks, **extra)
        if facts.ended_clock == len(self.market) - 1:
            hooks.progress(len(self.market), len(self.market))
        return facts

    def _checkpoint(self, facts: Facts) -> bytes | None:
        state = getattr(facts, "checkpoint", None)
        if state is None:
            return None
        from triplebar.research.checkpoint import Checkpoint

        return Checkpoint.of(
            self.strategy,
            engine=self.engine.name,
            mode=self.asked.mode,
            config=self.config,
            data_digest=self.market.digest,
            clock_index=facts.ended_clock,
            engine_state=state,
            snapshot_id=self.snapshot_id,
        ).to_bytes()

    def _record(self, facts: Facts, mode: str, created: datetime, seconds: float) -> RunRecord:
        market, engine = self.market, self.engine.name
        requested = self.asked.engine if isinstance(self.asked.engine, str) else engine
        return RunRecord(
            engine=engine,
            engine_version=getattr(self.engine, "version", machine.versions()["triplebar"]),
            requested_engine=requested,
            mode=getattr(facts, "mode", None) or mode,
            strategy=self.strategy.name,
            parameters=self.parameters,
            config=self.config.to_mapping(),
            data={
                "symbols": list(market.symbols),
                "rows": market.rows,
                "ticks": len(market),
                "first": to_text(int(market.clock[0])),
                "last": to_text(int(market.clock[-1])),
            },
            calendar=market.calendar.name,
            created_at=to_text(to_ns(created)),
            status=_status(facts),
            snapshot_id=self.snapshot_id,
            timings={
                "prepare_seconds": self.prepare_seconds,
                "run_seconds": seconds,
                "total_seconds": self.prepare_seconds + seconds,
            },
            peak_memory_bytes=machine.peak_memory_bytes(),
            system=machine.system(),
            provenance=provenance_of(self.engine, requested),
        )


def _snapshot(asked: Asked, market: Market) -> tuple[str | None, tuple[str, ...]]:
    """The id of the snapshot of the run's data, which is kept now if there is a registry and no id yet."""
    if asked.snapshots is None or asked.snapshot_id is not None:
        return asked.snapshot_id, ()
    from triplebar.research.snapshotting import check_registry, kept  # few runs are kept

    check_registry(asked.snapshots, "snapshots")
    return kept(asked.snapshots, market)


def _counted(snapshots: Snapshots, result: RunResult) -> RunResult:
    from triplebar.research.snapshotting import counted  # few runs are kept

    return counted(snapshots, result)


def _measured(result: RunResult) -> MetricReport:
    """Compute the metrics, when somebody asks for them."""
    from triplebar.metrics.of_result import measure_result
    from triplebar.research.exposure import gross_per_bar

    return measure_result(result, gross_minor=gross_per_bar(result, result.market))


def _status(facts: Facts) -> str:
    if facts.interrupted:
        return "interrupted"
    return "completed" if getattr(facts, "checkpoint", None) is None else "paused"


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        raise ConfigError.of("mode", mode, f"must be one of {', '.join(MODES)}", fix="write mode='interpreted'")


def _check_compiles(engine: Engine, mode: str) -> None:
    if "mode" not in inspect.signature(engine.run).parameters:
        raise UnsupportedSettingError(
            f"engine {engine.name!r} does not run compiled strategies",
            where="mode",
            fix=f"use engine='custom', or mode='interpreted' instead of {mode!r}",
        )


def _config(config: object) -> BacktestConfig:
    if config is None:
        return BacktestConfig()
    if not isinstance(config, BacktestConfig):
        raise ConfigError.of("config", config, "must be a BacktestConfig", fix="write BacktestConfig(...)")
    return config


def _market(market: object) -> Market:
    if market is None:
        raise ConfigError("market is missing", where="run", fix="write run(strategy, market)")
    if not isinstance(market, Market):
        fix = "use Market.from_table(...), from_parquet(...) or from_csv(...)"
        raise DataError(f"{type(market).__name__} is not a Market", where="market", fix=fix)
    return market


def _working(asked: Asked) -> Strategy:
    """A fresh strategy: the caller's own stays as it is, and a second run gives the same result."""
    given, parameters = asked.strategy, dict(asked.parameters)
    if isinstance(given, type) and issubclass(given, Strategy):
        return given(**parameters)
    strategy = as_strategy(given)
    if asked.checkpoint is not None:
        return strategy  # it remembers what it was doing
    return type(strategy)(**{**strategy.parameters(), **parameters}) if parameters else strategy.clone()


def settings_for(config: BacktestConfig, market: Market, strategy: Strategy) -> Settings:
    """The settings of a run; the longer warm-up counts, that of the configuration or of the strategy (S-32)."""
    settings = resolve(config, market)
    warmup = getattr(strategy, "warmup", 0)
    if isinstance(warmup, bool) or not isinstance(warmup, int) or warmup < 0:
        raise StrategyError(
            f"warmup = {warmup!r} is not a number of bars", where=strategy.name, fix="set it to a whole number"
        )
    return settings if warmup <= settings.warmup_bars else replace(settings, warmup_bars=warmup)


def _clock_index(market: Market, until: Until) -> int:
    """The last tick of the clock to simulate."""
    if isinstance(until, int) and not isinstance(until, bool):
        found = until
    else:
        found = int(np.searchsorted(market.clock, to_ns(until), side="right")) - 1
    if not 0 <= found < len(market):
        raise ConfigError.of("until", until, "is outside the market", fix=f"give a tick from 0 to {len(market) - 1}")
    return found
