"""`on_error="isolate"`: a strategy that raises is halted, and the run goes on without it (F-081)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triplebar.strategy.base import Strategy


class Isolation:
    """Stands between the engine and the handlers of one strategy.

    >>> class Broken(Strategy):
    ...     def on_stop(self, ctx):
    ...         raise ValueError("no")
    >>> broken = Broken()
    >>> guard = Isolation(broken)
    >>> broken.on_stop(None)
    >>> guard.warnings
    ('strategy_halted: Broken.on_stop: ValueError: no',)
    """

    def __init__(self, strategy: Strategy) -> None:
        """Put a guard before every handler."""
        self.name = strategy.name
        self.halted: str | None = None
        for handler in strategy.handlers():
            setattr(strategy, handler, self._guarded(handler, getattr(strategy, handler)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the result has to say about it."""
        return () if self.halted is None else (f"strategy_halted: {self.halted}",)

    def _guarded(self, handler: str, call: Callable[..., None]) -> Callable[..., None]:
        def guarded(*arguments: Any) -> None:  # noqa: ANN401 - handed on
            if self.halted is not None:
                return
            try:
                call(*arguments)
            except Exception as problem:  # noqa: BLE001 - whatever a strategy raises halts it
                self.halted = f"{self.name}.{handler}: {type(problem).__name__}: {problem}"

        return guarded
