"""A strategy behind a screen: it sees the symbols it knows, whatever they are called and whatever else there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplebar.strategy.base import Strategy

BY_SYMBOL: Final = frozenset(
    {"buy", "sell", "target", "close", "position", "average_price", "bar", "bars", "instrument"}
)
"""Methods of `ctx` whose first argument is a symbol."""
MAYBE_SYMBOL: Final = frozenset({"cancel_all", "open_orders"})
"""Methods whose first argument may be a symbol."""


class Named:
    """Something with a `symbol`, which is shown under another name."""

    __slots__ = ("_inner", "symbol")

    def __init__(self, inner: Any, symbol: str) -> None:  # noqa: ANN401 - a bar, fill, event or order
        """Show everything as it is, but the symbol."""
        self._inner = inner
        self.symbol = symbol

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it has
        return getattr(self._inner, name)


class NamedContext:
    """`ctx` with other names for the symbols, and no others than these."""

    def __init__(self, inner: Any, names: Mapping[str, str]) -> None:  # noqa: ANN401 - a context
        """`names` are the names that the strategy knows, with those of the market."""
        self._inner = inner
        self._names = names
        self._shown = {name: known for known, name in names.items()}
        self.symbols = tuple(names)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a context has
        value = getattr(self._inner, name)
        if name in BY_SYMBOL or name in MAYBE_SYMBOL:
            return self._by_symbol(name, value)
        if name == "order":
            return lambda number: self._named(value(number))
        return value

    def _by_symbol(self, name: str, method: Any) -> Any:  # noqa: ANN401 - a method of a context
        def call(symbol: str | None = None, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - handed on
            if symbol is None and name in MAYBE_SYMBOL:
                return method(*arguments, **keywords)
            found = method(self._names.get(str(symbol), symbol), *arguments, **keywords)
            return self._named(found) if name in {"bar", "instrument"} and found is not None else found

        return call

    def _named(self, found: Any) -> Any:  # noqa: ANN401 - a bar, instrument or order
        return Named(found, self._shown.get(found.symbol, found.symbol))


class Behind(Strategy):
    """Runs another strategy, whose context knows only some symbols, under the names that it knows."""

    def __init__(self, inner: Strategy, names: Mapping[str, str]) -> None:
        """`names` are the names that the strategy knows, with those of the market."""
        self.inner = inner
        self.names = dict(names)
        self.shown = {name: known for known, name in names.items()}
        self.warmup = inner.warmup
        self.context: NamedContext | None = None

    @property
    def name(self) -> str:
        """The name of the strategy behind the screen."""
        return self.inner.name

    def definition(self) -> type:
        """The class of the strategy behind the screen."""
        return self.inner.definition()

    def parameters(self) -> dict[str, Any]:
        """The parameters of the strategy behind the screen."""
        return self.inner.parameters()

    def clone(self, **changes: Any) -> Behind:  # noqa: ANN401 - checked by the strategy
        """A new screen before a new strategy."""
        return Behind(self.inner.clone(**changes), self.names)

    def handlers(self) -> frozenset[str]:
        """Those of the strategy behind the screen."""
        return self.inner.handlers()

    def _ctx(self, ctx: Any) -> Any:  # noqa: ANN401 - a context
        if self.context is None or self.context._inner is not ctx:  # noqa: SLF001 - it is our own
            self.context = NamedContext(ctx, self.names)
        return self.context

    def on_start(self, ctx: Any) -> None:  # noqa: ANN401 - a context
        """Hand it on."""
        self.inner.on_start(self._ctx(ctx))

    def on_bar(self, ctx: Any, bar: Any) -> None:  # noqa: ANN401 - a context, a bar
        """Hand it on if the strategy knows the symbol."""
        if bar.symbol in self.shown:
            self.inner.on_bar(self._ctx(ctx), Named(bar, self.shown[bar.symbol]))  # type: ignore[arg-type]

    def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None:  # noqa: ANN401 - a context
        """Hand on the bars of the symbols that the strategy knows, in its order."""
        known = {each: Named(bars[name], each) for each, name in self.names.items() if name in bars}
        if known:
            self.inner.on_slice(self._ctx(ctx), known)  # type: ignore[arg-type]

    def on_fill(self, ctx: Any, fill: Any) -> None:  # noqa: ANN401 - a context, a fill
        """Hand it on."""
        self.inner.on_fill(self._ctx(ctx), Named(fill, self.shown.get(fill.symbol, fill.symbol)))  # type: ignore[arg-type]

    def on_order(self, ctx: Any, event: Any) -> None:  # noqa: ANN401 - a context, an event
        """Hand it on."""
        self.inner.on_order(self._ctx(ctx), Named(event, self.shown.get(event.symbol, event.symbol)))  # type: ignore[arg-type]

    def on_timer(self, ctx: Any, timer: Any) -> None:  # noqa: ANN401 - a context, a timer
        """Hand it on."""
        self.inner.on_timer(self._ctx(ctx), timer)

    def on_stop(self, ctx: Any) -> None:  # noqa: ANN401 - a context
        """Hand it on."""
        self.inner.on_stop(self._ctx(ctx))
