"""The error tree: everything triplebar raises on purpose is a `TradingError`.

Built-in bases (`ValueError`, `KeyError`, ...) are there so that callers who know nothing of this tree
can still catch what they expect.
"""

from __future__ import annotations

from decimal import Decimal


class TradingError(Exception):
    """Base of all errors: a message, the place it is about, and what to do about it.

    >>> print(TradingError("close is -1.0", where="prices.csv, row 7", fix="remove the row"))
    prices.csv, row 7: close is -1.0; remove the row
    """

    def __init__(self, message: str = "", *, where: str | None = None, fix: str | None = None) -> None:
        """Keep the parts apart, so that a machine can read them too."""
        super().__init__(message)
        self.message = message
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        """Place, message, fix."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}; {self.fix}" if self.fix else text


class ConfigError(TradingError, ValueError):
    """A setting that cannot be used: names the field, the value and the fix.

    >>> print(ConfigError.of("leverage", 0, "must be at least 1", fix="use 1 for no leverage"))
    leverage = 0: must be at least 1; use 1 for no leverage
    """

    field: str | None = None
    value: object = None

    @classmethod
    def of(cls, field: str, value: object, problem: str, *, fix: str | None = None) -> ConfigError:
        """Build the error from its parts."""
        shown = str(value) if isinstance(value, Decimal) else repr(value)
        error = cls(problem, where=f"{field} = {shown}", fix=fix)
        error.field = field
        error.value = value
        return error


class WrongTypeError(ConfigError, TypeError):
    """An argument of a type that cannot be used.

    >>> print(WrongTypeError("must be a BatchRegistry, not str", where="batch_registry"))
    batch_registry: must be a BatchRegistry, not str
    """


class DataError(TradingError):
    """Market data is missing or cannot be used.

    >>> print(DataError("no data available", where="AAPL", fix="ask for another range"))
    AAPL: no data available; ask for another range
    """


class InsufficientDataError(DataError, ValueError):
    """There is less history than was asked for.

    >>> print(InsufficientDataError.of("AAPL", needed=50, available=20))
    AAPL: 50 bars are needed, 20 are available; load an earlier start or ask for less
    """

    symbol: str | None = None
    needed: int | None = None
    available: int | None = None

    @classmethod
    def of(cls, symbol: str, *, needed: int, available: int) -> InsufficientDataError:
        """Build the error from its parts."""
        error = cls(
            f"{needed} bars are needed, {available} are available",
            where=symbol,
            fix="load an earlier start or ask for less",
        )
        error.symbol, error.needed, error.available = symbol, needed, available
        return error


class DataQualityError(DataError, ValueError):
    """Market data breaks a rule, such as a high below a low.

    >>> print(DataQualityError("high = 1.0 is below low = 2.0", where="X", fix="mend the row"))
    X: high = 1.0 is below low = 2.0; mend the row
    """


class SnapshotMismatchError(DataError):
    """Stored data is not what its identity says."""


class LookAheadError(DataError):
    """Something asked for a value that was not known yet; for sources of data and checks of causality.

    What a strategy is given cannot look ahead, so the engines never raise it.
    """


class UnknownSymbolError(DataError, ValueError):
    """A symbol that the market does not have.

    >>> print(UnknownSymbolError.of("APPL", ["AAPL", "MSFT"]))
    Unknown instrument 'APPL'; did you mean 'AAPL'?
    """

    symbol: str | None = None

    @classmethod
    def of(cls, symbol: object, known: object = ()) -> UnknownSymbolError:
        """Build the error; `known` is an iterable of the symbols there are."""
        from triplebar.contracts.suggest import hint

        error = cls(f"Unknown instrument {symbol!r}", fix=hint(symbol, known))
        error.symbol = str(symbol)
        return error


class StrategyError(TradingError):
    """A strategy is written wrongly, or raised while it ran.

    >>> print(StrategyError("on_bar takes (ctx, bar)", where="Cross", fix="add the argument bar"))
    Cross: on_bar takes (ctx, bar); add the argument bar
    """


class ParameterError(StrategyError, TypeError, ValueError):
    """A strategy was given a parameter that it does not have, or of the wrong type."""


class ExecutionError(TradingError):
    """An order could not be handled."""


class OrderError(ExecutionError, ValueError):
    """A request for an order makes no sense: it is refused before it becomes an order.

    >>> print(OrderError("quantity = -1 is not a number above 0", where="AAPL", fix="use sell() to sell"))
    AAPL: quantity = -1 is not a number above 0; use sell() to sell
    """


class OrderRejected(ExecutionError):  # noqa: N818 - the outside world relies on this name
    """An order was refused by the venue, with the reason.

    >>> OrderRejected("insufficient_funds", order=3).reason
    'insufficient_funds'
    """

    def __init__(self, reason: str = "", *, order: int | str | None = None) -> None:
        """`reason` is the text of a `Reason` code."""
        super().__init__(f"rejected: {reason}", where=None if order is None else f"order {order}")
        self.args = (reason,)
        self.reason = reason
        self.order = order


class AdapterError(TradingError):
    """An engine could not be used."""


class EngineNotAvailableError(AdapterError, ImportError):
    """An engine is unknown or not installed.

    >>> print(EngineNotAvailableError("engine 'nautilus' is not installed", fix="install its package"))
    engine 'nautilus' is not installed; install its package
    """


class UnknownEngineError(EngineNotAvailableError, ValueError):
    """There is no engine of this name."""


class EngineCrashedError(AdapterError, RuntimeError):
    """The process of an engine has ended before its run; `last_words` is what it wrote to standard error.

    >>> print(EngineCrashedError.of("nautilus", "it was ended by SIGSEGV", "panic: no price"))
    engine 'nautilus': it was ended by SIGSEGV; its last words: panic: no price
    """

    last_words: str = ""

    @classmethod
    def of(cls, engine: str, how: str, last_words: str) -> EngineCrashedError:
        """Build the error from its parts."""
        error = cls(how, where=f"engine {engine!r}", fix=f"its last words: {last_words or 'none'}")
        error.last_words = last_words
        return error


class EngineTimeoutError(AdapterError, TimeoutError):
    """The process of an engine took longer than it may; it has been ended.

    >>> print(EngineTimeoutError.of("nautilus", "the run", ""))
    engine 'nautilus': the run took too long; give it more timeout_seconds or start_seconds; its last words: none
    """

    last_words: str = ""

    @classmethod
    def of(cls, engine: str, doing: str, last_words: str) -> EngineTimeoutError:
        """Build the error from its parts."""
        fix = f"give it more timeout_seconds or start_seconds; its last words: {last_words or 'none'}"
        error = cls(f"{doing} took too long", where=f"engine {engine!r}", fix=fix)
        error.last_words = last_words
        return error


class TranslationError(AdapterError, ValueError):
    """An event cannot be expressed in the other engine's language; for adapters of engines that are guests."""


class UnsupportedSettingError(AdapterError, ValueError):
    """An engine does not implement a setting, and refuses it rather than ignore it."""


class RegistryError(TradingError):
    """A store of runs, snapshots or batches refused something."""


class NotFound(RegistryError, FileNotFoundError, KeyError):  # noqa: N818 - the outside world relies on this name
    """A thing that is not in the store."""


class DuplicateId(RegistryError, ValueError):  # noqa: N818 - the outside world relies on this name
    """An id that the store already has."""


class IllegalTransition(RegistryError, ValueError):  # noqa: N818 - the outside world relies on this name
    """A state machine was asked for a step that it does not have.

    >>> print(IllegalTransition.of("order", "filled", "canceled"))
    order: 'canceled' is not possible in state 'filled'
    """

    @classmethod
    def of(cls, machine: str, state: str, event: str) -> IllegalTransition:
        """Build the error from its parts."""
        return cls(f"{event!r} is not possible in state {state!r}", where=machine)


class BatchFailedError(RegistryError, RuntimeError):
    """Every item of a batch has failed: `total` and `failed` count them, `batch_id` is None if it was not tracked.

    >>> print(BatchFailedError.of("batch-00", total=4, failed=4, most="2 parameter_error, 2 timeout"))
    batch-00: all 4 items failed (2 parameter_error, 2 timeout); look at the failures, mend them and run it again
    """

    batch_id: str | None = None
    total: int = 0
    failed: int = 0

    @classmethod
    def of(cls, batch_id: str | None, *, total: int, failed: int, most: str) -> BatchFailedError:
        """Build the error from its parts."""
        error = cls(
            f"all {failed} items failed ({most})",
            where=batch_id or "batch",
            fix="look at the failures, mend them and run it again",
        )
        error.batch_id, error.total, error.failed = batch_id, total, failed
        return error


class ExternalApiError(TradingError):
    """A service outside did not answer as it should."""


class AuthError(ExternalApiError):
    """A service outside did not accept our credentials; for clients of venues and sources of data."""


class RateLimitError(ExternalApiError):
    """A service outside asks us to slow down; for clients of venues and sources of data."""


class InternalError(TradingError, RuntimeError):
    """A defect of triplebar itself, such as a Rust panic; please report it.

    >>> isinstance(InternalError("the core stopped"), RuntimeError)
    True
    """
