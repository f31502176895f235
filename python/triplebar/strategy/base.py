"""The base class of all strategies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, dataclass_transform

import numpy as np

from triplebar.contracts.errors import ParameterError
from triplebar.strategy.aliases import deliver_ticks, use_canonical_names
from triplebar.strategy.handlers import HANDLERS, check_handlers
from triplebar.strategy.parameters import Parameter, fitted, parameters_of
from triplebar.strategy.state import pack_state, unpack_state
from triplebar.strategy.wiring import PORT_NAMES, ports_given

if TYPE_CHECKING:
    from triplebar.contracts.ports import ClockPort, ExecutionPort, MarketDataPort, PortfolioPort, TelemetryPort
    from triplebar.strategy.bar import Bar, Fill, OrderEvent, Timer
    from triplebar.strategy.context import Context

MUTABLE = (list, dict, set, bytearray, np.ndarray)


@dataclass_transform(kw_only_default=True)
class Strategy:
    """Derive from it, annotate the parameters, and write the handlers you need.

    Parameters are given by keyword and checked: `Cross(fast=5)`. What a run changes belongs on `self`, begun in
    `on_start`; each run works on a fresh clone, so the same object can be run again with the same result.

    >>> class Cross(Strategy):
    ...     fast: int = 10
    ...     slow: int = 50
    ...     def on_bar(self, ctx, bar):
    ...         pass
    >>> Cross(fast=5)
    Cross(fast=5, slow=50)
    >>> Cross(fast=5).parameters()
    {'fast': 5, 'slow': 50}
    >>> sorted(Cross().handlers())
    ['on_bar']
    >>> Cross(fsat=5)
    Traceback (most recent call last):
    triplebar.contracts.errors.ParameterError: Cross: no parameter 'fsat'; did you mean 'fast'?
    """

    warmup: int = 0
    """Bars of each instrument that are only shown: orders sent for it until then are rejected (S-32)."""

    _made_from: tuple[tuple[Any, ...], dict[str, Any]]

    clock: ClockPort
    market_data: MarketDataPort
    execution: ExecutionPort
    portfolio: PortfolioPort
    telemetry: TelemetryPort

    def __init_subclass__(cls, **keywords: Any) -> None:  # noqa: ANN401 - handed on
        """Let handlers be found under their canonical names."""
        super().__init_subclass__(**keywords)
        use_canonical_names(cls)
        deliver_ticks(cls, Strategy)

    def __new__(cls, *arguments: Any, **keywords: Any) -> Self:  # noqa: ANN401 - a subclass may take anything
        """Check the class once, and remember what the object was made from."""
        self = super().__new__(cls)
        _handlers_of(cls)
        _set(self, {"_made_from": (arguments, keywords)})
        _set(self, {name: copy.deepcopy(value) for name, value in _mutable_attributes(cls).items()})
        return self

    def __init__(self, *positional: Any, **parameters: Any) -> None:  # noqa: ANN401 - checked against the annotations
        """Take the parameters, all of them by keyword."""
        known = _parameters_of(type(self))
        if positional:
            example = ", ".join(f"{name}=..." for name in known) or "nothing"
            raise ParameterError(
                f"parameters are given by name, not {positional[0]!r} alone", where=self.name, fix=f"write {example}"
            )
        _set(self, fitted(type(self).__name__, known, parameters))
        try:
            self.validate()
        except ParameterError:
            raise
        except ValueError as problem:
            raise ParameterError(str(problem), where=repr(self)) from problem

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.parameters().items())
        return f"{self.name}({shown})"

    # ---------------------------------------------------------------------------------------------------- identity

    @property
    def name(self) -> str:
        """What results call it."""
        return type(self).__name__

    def definition(self) -> type:
        """The class whose source decides; a bridge answers with the class behind it."""
        return type(self)

    def parameters(self) -> dict[str, Any]:
        """The parameters as they are now, by name."""
        return {name: getattr(self, name) for name in _parameters_of(type(self)) if hasattr(self, name)}

    def validate(self) -> None:
        """Override to refuse parameters that make no sense together: raise `ValueError` with what to do."""

    def clone(self, **changes: Any) -> Self:  # noqa: ANN401 - checked against the annotations
        """Return a new strategy with the same parameters and ports, and nothing else: what a run starts from.

        Parameters given by name are changed.
        """
        if type(self).__init__ is Strategy.__init__:
            twin = type(self)(**{**copy.deepcopy(self.parameters()), **changes})
        else:
            arguments, keywords = copy.deepcopy(self._made_from)
            twin = type(self)(*arguments, **{**keywords, **changes})
        _set(twin, self.ports())
        return twin

    def handlers(self) -> frozenset[str]:
        """The handlers that this strategy has; engines call no others."""
        return _handlers_of(type(self))

    # ------------------------------------------------------------------------------------------------------- ports

    def wire(self, ports: object = None, **named: object) -> Self:
        """Set the ports as attributes: from an object or mapping that holds them, or by name.

        >>> class Quiet(Strategy): ...
        >>> from triplebar.contracts.clock import SimulatedClock
        >>> clock = SimulatedClock(0)
        >>> Quiet().wire(clock=clock).clock is Quiet().wire({"clock": clock}).clock is clock
        True
        """
        _set(self, ports_given(self.name, ports, named))
        return self

    def ports(self) -> dict[str, Any]:
        """The ports that were set, by name, whichever way they were."""
        return {name: vars(self)[name] for name in PORT_NAMES if name in vars(self)}

    # ------------------------------------------------------------------------------------------------------- state

    def state(self, **outside: object) -> bytes:
        """Everything the strategy remembers, for a checkpoint. Objects named here are left out and linked again.

        Handlers that a run has put before those of the class belong to the run, not to the state.
        """
        remembered = {name: value for name, value in vars(self).items() if name not in HANDLERS}
        return pack_state(type(self).__name__, remembered, {**self.ports(), **outside})

    def restore(self, state: bytes, **outside: object) -> None:
        """Become what `state` was taken from; give the same names for the objects that were left out."""
        values = unpack_state(type(self).__name__, state, {**self.ports(), **outside})
        for name in list(vars(self)):
            object.__delattr__(self, name)
        _set(self, values)

    # ---------------------------------------------------------------------------------------------------- handlers

    def on_start(self, ctx: Context) -> None:
        """Called once, before the first bar: set up indicators and timers."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Called for each bar of each instrument when it has closed, instruments in order."""

    def on_tick(self, ctx: Context, tick: Bar) -> None:
        """Called instead of `on_bar` for ticks (bars of one price, S-12); without an `on_bar`, for everything."""

    def on_slice(self, ctx: Context, bars: dict[str, Bar]) -> None:
        """Called once for each tick of the clock, after `on_bar`, with the bars of all instruments that have one."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """Called for each fill, at the close after it."""

    def on_order(self, ctx: Context, event: OrderEvent) -> None:
        """Called when an order is accepted, triggered, modified, canceled, expired or rejected."""

    def on_timer(self, ctx: Context, timer: Timer) -> None:
        """Called when a timer is due."""

    def on_stop(self, ctx: Context) -> None:
        """Called once, after the last bar; orders sent here are rejected."""


def _set(strategy: Strategy, values: Mapping[str, Any]) -> None:
    """Set attributes without asking for `__dict__`: once asked for it, CPython reads attributes three times slower."""
    for name, value in values.items():
        object.__setattr__(strategy, name, value)


def _parameters_of(cls: type) -> Mapping[str, Parameter]:
    """The parameters of a class, collected once and kept on it."""
    found: Mapping[str, Parameter] | None = vars(cls).get("_parameters")
    if found is None:
        found = parameters_of(cls, Strategy)
        cls._parameters = found  # type: ignore[attr-defined]
    return found


def _handlers_of(cls: type) -> frozenset[str]:
    """The handlers of a class, checked once and kept on it."""
    found: frozenset[str] | None = vars(cls).get("_handlers")
    if found is None:
        found = check_handlers(cls, Strategy)
        cls._handlers = found  # type: ignore[attr-defined]
    return found


def _mutable_attributes(cls: type) -> dict[str, Any]:
    """Lists, dicts and the like that stand in a class: each strategy gets its own, so that no run changes another."""
    found: dict[str, Any] = {}
    for owner in reversed(cls.__mro__[: cls.__mro__.index(Strategy)]):
        own = {name: value for name, value in vars(owner).items() if isinstance(value, MUTABLE)}
        found.update(
            {name: value for name, value in own.items() if not name.startswith("__") and name != "_parameters"}
        )
    return found
