"""triplebar ≡ — write a trading strategy once, run it on several engines, get one answer.

>>> import triplebar as tb
>>> "run" in dir(tb)
True

Everything is loaded when it is first used: importing this package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import triplebar.metrics as metrics  # noqa: PLR0402 - the other form would import the package from itself
    import triplebar.report as report  # noqa: PLR0402 - same
    import triplebar.research.validation as validation  # noqa: PLR0402 - same
    import triplebar.risk as risk  # noqa: PLR0402 - same
    from triplebar.contracts import errors as errors
    from triplebar.contracts.bars import Bar as Bar
    from triplebar.contracts.config import BacktestConfig as BacktestConfig
    from triplebar.contracts.costs import Commission as Commission
    from triplebar.contracts.costs import Funding as Funding
    from triplebar.contracts.costs import Latency as Latency
    from triplebar.contracts.costs import Misses as Misses
    from triplebar.contracts.costs import Slippage as Slippage
    from triplebar.contracts.costs import Spread as Spread
    from triplebar.contracts.costs import SymbolCosts as SymbolCosts
    from triplebar.contracts.errors import ConfigError as ConfigError
    from triplebar.contracts.errors import DataError as DataError
    from triplebar.contracts.errors import DataQualityError as DataQualityError
    from triplebar.contracts.errors import EngineNotAvailableError as EngineNotAvailableError
    from triplebar.contracts.errors import InternalError as InternalError
    from triplebar.contracts.errors import OrderError as OrderError
    from triplebar.contracts.errors import StrategyError as StrategyError
    from triplebar.contracts.errors import TradingError as TradingError
    from triplebar.contracts.errors import UnknownSymbolError as UnknownSymbolError
    from triplebar.contracts.instruments import Instrument as Instrument
    from triplebar.contracts.instruments import InstrumentId as InstrumentId
    from triplebar.contracts.result import RunResult as RunResult
    from triplebar.contracts.risk import RiskLimits as RiskLimits
    from triplebar.contracts.run_request import RunRequest as RunRequest
    from triplebar.data.faults import BadDataError as BadDataError
    from triplebar.data.market import Market as Market
    from triplebar.data.snapshots import DataSnapshotRegistry as DataSnapshotRegistry
    from triplebar.engines.remote.environment import EngineEnvironment as EngineEnvironment
    from triplebar.report.page import write_html as write_html
    from triplebar.report.verify_page import write_verify_html as write_verify_html
    from triplebar.research.adapter import BacktestAdapter as BacktestAdapter
    from triplebar.research.adapter import create_backtest_adapter as create_backtest_adapter
    from triplebar.research.batch import backtest_batch as backtest_batch
    from triplebar.research.batch import run_batch as run_batch
    from triplebar.research.batches.result import BatchResult as BatchResult
    from triplebar.research.causality.causality import check_causality as check_causality
    from triplebar.research.causality.irrelevance import check_irrelevance as check_irrelevance
    from triplebar.research.checkpoint import Checkpoint as Checkpoint
    from triplebar.research.compare import compare as compare
    from triplebar.research.explain import explain as explain
    from triplebar.research.factory import available_engines as available_engines
    from triplebar.research.optimise import optimise as optimise
    from triplebar.research.run import resume as resume
    from triplebar.research.run import run as run
    from triplebar.research.run import run_backtest as run_backtest
    from triplebar.research.sweep import Study as Study
    from triplebar.research.sweep import sweep as sweep
    from triplebar.research.sweeping import spaces as spaces
    from triplebar.research.twin import twin as twin
    from triplebar.research.validation.alike import correlate as correlate
    from triplebar.research.validation.sensitivity import sensitivity as sensitivity
    from triplebar.research.validation.walk_forward import walk_forward as walk_forward
    from triplebar.research.validation.walked import WalkForward as WalkForward
    from triplebar.research.verify.report import VerifyReport as VerifyReport
    from triplebar.research.verify.verifying import verify as verify
    from triplebar.store.batches import BatchRegistry as BatchRegistry
    from triplebar.store.runs import ExperimentRegistry as ExperimentRegistry
    from triplebar.strategy import indicators as indicators
    from triplebar.strategy import rules as signals
    from triplebar.strategy import samples as samples
    from triplebar.strategy.base import Strategy as Strategy
    from triplebar.strategy.context import Context as Context
    from triplebar.strategy.failures import HandlerError as HandlerError
    from triplebar.strategy.istrategy import IStrategy as IStrategy
    from triplebar.strategy.istrategy import as_strategy as as_strategy
    from triplebar.strategy.script import Script as Script
    from triplebar.strategy.signals import Signals as Signals

    __version__: str

PLACES = {
    "BacktestAdapter": "research.adapter",
    "BacktestConfig": "contracts.config",
    "BadDataError": "data.faults",
    "Bar": "contracts.bars",
    "BatchRegistry": "store.batches",
    "BatchResult": "research.batches.result",
    "Checkpoint": "research.checkpoint",
    "Commission": "contracts.costs",
    "ConfigError": "contracts.errors",
    "Context": "strategy.context",
    "DataError": "contracts.errors",
    "DataQualityError": "contracts.errors",
    "DataSnapshotRegistry": "data.snapshots",
    "EngineEnvironment": "engines.remote.environment",
    "EngineNotAvailableError": "contracts.errors",
    "ExperimentRegistry": "store.runs",
    "Funding": "contracts.costs",
    "HandlerError": "strategy.failures",
    "IStrategy": "strategy.istrategy",
    "Instrument": "contracts.instruments",
    "InstrumentId": "contracts.instruments",
    "InternalError": "contracts.errors",
    "Latency": "contracts.costs",
    "Market": "data.market",
    "Misses": "contracts.costs",
    "OrderError": "contracts.errors",
    "RiskLimits": "contracts.risk",
    "RunRequest": "contracts.run_request",
    "RunResult": "contracts.result",
    "Script": "strategy.script",
    "Signals": "strategy.signals",
    "Slippage": "contracts.costs",
    "Spread": "contracts.costs",
    "Strategy": "strategy.base",
    "StrategyError": "contracts.errors",
    "Study": "research.sweep",
    "SymbolCosts": "contracts.costs",
    "TradingError": "contracts.errors",
    "UnknownSymbolError": "contracts.errors",
    "VerifyReport": "research.verify.report",
    "WalkForward": "research.validation.walked",
    "as_strategy": "strategy.istrategy",
    "available_engines": "research.factory",
    "backtest_batch": "research.batch",
    "check_causality": "research.causality.causality",
    "check_irrelevance": "research.causality.irrelevance",
    "compare": "research.compare",
    "correlate": "research.validation.alike",
    "create_backtest_adapter": "research.adapter",
    "explain": "research.explain",
    "optimise": "research.optimise",
    "resume": "research.run",
    "run": "research.run",
    "run_backtest": "research.run",
    "run_batch": "research.batch",
    "sensitivity": "research.validation.sensitivity",
    "twin": "research.twin",
    "verify": "research.verify.verifying",
    "walk_forward": "research.validation.walk_forward",
    "sweep": "research.sweep",
    "write_html": "report.page",
    "write_verify_html": "report.verify_page",
}
"""Public names, and the module that each stands in."""

MODULES = {
    "errors": "contracts.errors",
    "indicators": "strategy.indicators",
    "metrics": "metrics",
    "report": "report",
    "risk": "risk",
    "samples": "strategy.samples",
    "signals": "strategy.rules",
    "spaces": "research.sweeping.spaces",
    "validation": "research.validation",
}
"""Public modules by the name they have here."""

__all__ = [
    "BacktestAdapter",
    "BacktestConfig",
    "BadDataError",
    "Bar",
    "BatchRegistry",
    "BatchResult",
    "Checkpoint",
    "Commission",
    "ConfigError",
    "Context",
    "DataError",
    "DataQualityError",
    "DataSnapshotRegistry",
    "EngineEnvironment",
    "EngineNotAvailableError",
    "ExperimentRegistry",
    "Funding",
    "HandlerError",
    "IStrategy",
    "Instrument",
    "InstrumentId",
    "InternalError",
    "Latency",
    "Market",
    "Misses",
    "OrderError",
    "RiskLimits",
    "RunRequest",
    "RunResult",
    "Script",
    "Signals",
    "Slippage",
    "Spread",
    "Strategy",
    "StrategyError",
    "Study",
    "SymbolCosts",
    "TradingError",
    "UnknownSymbolError",
    "VerifyReport",
    "WalkForward",
    "__version__",
    "as_strategy",
    "available_engines",
    "backtest_batch",
    "check_causality",
    "check_irrelevance",
    "compare",
    "correlate",
    "create_backtest_adapter",
    "errors",
    "explain",
    "indicators",
    "metrics",
    "optimise",
    "report",
    "resume",
    "risk",
    "run",
    "run_backtest",
    "run_batch",
    "samples",
    "sensitivity",
    "signals",
    "spaces",
    "sweep",
    "twin",
    "validation",
    "verify",
    "walk_forward",
    "write_html",
    "write_verify_html",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under the name
    if name in PLACES:
        value = getattr(importlib.import_module(f"triplebar.{PLACES[name]}"), name)
    elif name in MODULES:
        value = importlib.import_module(f"triplebar.{MODULES[name]}")
    elif name == "__version__":
        value = _version()
    else:
        raise AttributeError(f"module 'triplebar' has no attribute {name!r}", name=name, obj=_this())
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def _this() -> object:
    import sys

    return sys.modules[__name__]


def _version() -> str:
    import sys

    native = sys.modules.get("triplebar._native")
    if native is not None and hasattr(native, "__version__"):
        return str(native.__version__)  # the same number, without the 20 ms of `importlib.metadata`
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("triplebar")
    except PackageNotFoundError:  # run from the source folder
        return "0.0.0"
