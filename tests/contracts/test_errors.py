"""The error tree: where each error stands, which built-in it also is, and that it survives a pickle."""

import pickle

import pytest

from triplebar.contracts import errors
from triplebar.contracts.errors import TradingError
from triplebar.contracts.suggest import hint

TREE = {
    "ConfigError": ("TradingError", ValueError),
    "WrongTypeError": ("ConfigError", TypeError),
    "DataError": ("TradingError",),
    "InsufficientDataError": ("DataError",),
    "DataQualityError": ("DataError", ValueError),
    "SnapshotMismatchError": ("DataError",),
    "LookAheadError": ("DataError",),
    "UnknownSymbolError": ("DataError", ValueError),
    "StrategyError": ("TradingError",),
    "ParameterError": ("StrategyError", TypeError),
    "ExecutionError": ("TradingError",),
    "OrderError": ("ExecutionError", ValueError),
    "OrderRejected": ("ExecutionError",),
    "AdapterError": ("TradingError",),
    "EngineNotAvailableError": ("AdapterError",),
    "UnknownEngineError": ("EngineNotAvailableError", ValueError),
    "EngineCrashedError": ("AdapterError", RuntimeError),
    "EngineTimeoutError": ("AdapterError", TimeoutError),
    "TranslationError": ("AdapterError",),
    "UnsupportedSettingError": ("AdapterError",),
    "RegistryError": ("TradingError",),
    "NotFound": ("RegistryError", FileNotFoundError, KeyError),
    "DuplicateId": ("RegistryError", ValueError),
    "IllegalTransition": ("RegistryError",),
    "BatchFailedError": ("RegistryError", RuntimeError),
    "ExternalApiError": ("TradingError",),
    "AuthError": ("ExternalApiError",),
    "RateLimitError": ("ExternalApiError",),
    "InternalError": ("TradingError", RuntimeError),
}


@pytest.mark.feature("F-011")
@pytest.mark.parametrize(("name", "bases"), TREE.items())
def test_each_error_stands_where_it_should(name: str, bases: tuple[str | type, ...]) -> None:
    error = getattr(errors, name)("message")
    for base in bases:
        assert isinstance(error, getattr(errors, base) if isinstance(base, str) else base)
    assert isinstance(error, TradingError)


@pytest.mark.feature("F-011")
def test_the_table_above_lists_every_error_there_is() -> None:
    defined = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, TradingError)}
    assert defined == {"TradingError", *TREE}


@pytest.mark.feature("F-011")
@pytest.mark.parametrize("name", TREE)
def test_errors_travel_between_processes(name: str) -> None:
    kind = getattr(errors, name)
    error = (
        kind("insufficient_funds") if name == "OrderRejected" else kind("message", where="file, row 3", fix="mend it")
    )
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), str(again), vars(again)) == (kind, str(error), vars(error))


def test_a_message_names_the_place_the_thing_and_the_fix() -> None:
    error = TradingError("close is negative", where="prices.csv, row 7", fix="remove the row")
    assert str(error) == "prices.csv, row 7: close is negative; remove the row"
    assert str(TradingError("plain")) == "plain"
    assert str(errors.NotFound("no run 'x'")) == "no run 'x'"


def test_the_parts_of_an_error_can_be_read() -> None:
    config = errors.ConfigError.of("leverage", 0, "must be at least 1", fix="use 1")
    assert (config.field, config.value, config.fix) == ("leverage", 0, "use 1")
    short = errors.InsufficientDataError.of("X", needed=50, available=20)
    assert (short.symbol, short.needed, short.available) == ("X", 50, 20)
    rejected = errors.OrderRejected("insufficient_funds", order=3)
    assert (rejected.reason, rejected.order, str(rejected)) == (
        "insufficient_funds",
        3,
        "order 3: rejected: insufficient_funds",
    )
    assert errors.UnknownSymbolError.of("APPL", ["AAPL"]).symbol == "APPL"


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("comission", ["commission", "slippage"], "did you mean 'commission'?"),
        ("aapl", ["AAPL"], "did you mean 'AAPL'?"),
        ("zzz", ["a", "b"], "known: a, b"),
        ("zzz", [], None),
        (
            "zzz",
            [f"n{each}" for each in range(100)],
            "known: n0, n1, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19, ...",
        ),
        (5, ["a"], "known: a"),
    ],
)
def test_hints(name: object, known: list[str], words: str | None) -> None:
    assert hint(name, known) == words
