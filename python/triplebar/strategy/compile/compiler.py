"""From a strategy that has been started to code that can be called on its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triplebar.strategy.compile import cache
from triplebar.strategy.compile.annotations import annotations_of
from triplebar.strategy.compile.errors import CompileError, failed
from triplebar.strategy.compile.fingerprint import fingerprint
from triplebar.strategy.compile.kinds import layout_of
from triplebar.strategy.compile.link import link, prepare
from triplebar.strategy.compile.memory import Memory
from triplebar.strategy.compile.saying import UnsaidError
from triplebar.strategy.compile.surroundings import Surroundings
from triplebar.strategy.compile.views import HANDLER_VIEWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triplebar.contracts.random import RandomStream
    from triplebar.strategy.compile.program import Program
    from triplebar.strategy.compile.slots import Thing


@dataclass(frozen=True)
class Ready:
    """A strategy's code and state, ready to be called: as the core takes it."""

    addresses: dict[str, int]
    state: int
    texts: list[str]
    draws: int


class Compiled:
    """One strategy in one run: compiled code, and the memory that it works on.

    >>> from triplebar.strategy.samples import MovingAverageCross
    >>> strategy = MovingAverageCross(fast=2, slow=3)
    >>> class Started:
    ...     symbols = ("X",)
    >>> strategy.on_start(Started)
    >>> sorted(Compiled(strategy, ("X",)).ready(draws=0).addresses)
    ['on_bar']
    """

    def __init__(
        self,
        strategy: Any,  # noqa: ANN401 - anything with handlers
        symbols: tuple[str, ...],
        like: Compiled | None = None,
        drawn: RandomStream | None = None,
    ) -> None:
        """Look at the strategy as `on_start` left it, compile it or find its code, and freeze its state.

        `drawn` is `ctx.random`, which the core keeps.

        The code of another one is taken if that is of the same class and remembers the same kinds of things: reading
        sources takes longer than running many a set of a sweep.
        """
        self.strategy = strategy
        try:
            self._look(symbols, like, drawn)
        except CompileError:
            raise
        except Exception as problem:
            raise failed(problem, type(strategy).__name__) from problem

    def _look(self, symbols: tuple[str, ...], like: Compiled | None, drawn: RandomStream | None) -> None:
        strategy = self.strategy
        self.layout = _layout(strategy, symbols)
        self.program: Program
        self.surroundings: Surroundings
        if like is not None and self._is_like(like):
            _refuse_instance_handlers(strategy)
            self.program, self.surroundings = like.program, like.surroundings
        else:
            self.surroundings = Surroundings()
            self.program = program_for(strategy, symbols, self.surroundings)
        self.addresses = link(self.program)
        self.memory = Memory(strategy, self.program.layout, symbols, drawn)
        self.surroundings.refuse_shared(self.memory.kept)

    def _is_like(self, other: Compiled) -> bool:
        """Whether the code of another one is that of this one: `on_start` may change what stands in it."""
        same = type(other.strategy) is type(self.strategy) and other.layout == self.layout
        return same and other.surroundings.stand()

    def changeable(self) -> list[tuple[str, Any]]:
        """The lists, dicts, objects and dice that the code may change: it works on copies until `thaw`."""
        return self.memory.copied(self.program.writes)

    def said(self, problem: BaseException) -> BaseException:
        """What a handler raised, with the texts that it meant; after `thaw`, which hears of texts."""
        return problem.said(self.memory.text) if isinstance(problem, UnsaidError) else problem

    def ready(self, draws: int) -> Ready:
        """What the core needs; `draws` were taken from the strategy's random stream before."""
        texts = sorted({*self.program.texts, *self.memory.texts.values()})
        return Ready(self.addresses, self.memory.address, texts, draws)

    def thaw(self, texts: Sequence[str] = ()) -> None:
        """Put the state back into the strategy; `texts` are those that it may hold besides its own and the code's."""
        self.memory.others = (*self.program.texts, *texts)
        self.memory.thaw()


def program_for(
    strategy: Any,  # noqa: ANN401 - anything with handlers
    symbols: tuple[str, ...],
    surroundings: Surroundings | None = None,
) -> Program:
    """The code for a strategy as it stands: from the cache, or made now.

    `surroundings` are told what it has from outside.
    """
    owner = type(strategy)
    _refuse_bridges(owner)
    _refuse_instance_handlers(strategy)
    handlers = tuple(name for name in HANDLER_VIEWS if name in strategy.handlers())
    layout = _layout(strategy, symbols)
    prepare()
    name = fingerprint(owner, layout, handlers, surroundings)
    program = _recent.get(name) or cache.stored(name)
    if program is None:
        from triplebar.strategy.compile.machine.build import build

        program = build(owner, layout, handlers)
        cache.store(name, program)
    _recent[name] = program
    return program


_recent: dict[str, Program] = {}


def _layout(strategy: Any, symbols: tuple[str, ...]) -> Thing:  # noqa: ANN401 - anything with handlers
    owner = type(strategy)
    try:
        return layout_of(strategy, symbols, annotations_of(owner))
    except RecursionError:
        raise CompileError(
            "an object that it keeps leads back to itself",
            where=owner.__name__,
            fix="keep objects that do not know who keeps them, and hand them what they need in a call",
        ) from None


def _refuse_bridges(owner: type) -> None:
    from triplebar.strategy.istrategy import IStrategyBridge

    if issubclass(owner, IStrategyBridge):
        raise CompileError(
            "entry/exit classes (should_enter, should_exit) run interpreted",
            where=owner.__name__,
            fix='run it with mode="interpreted", or write a tb.Strategy with on_bar',
        )


def _refuse_instance_handlers(strategy: Any) -> None:  # noqa: ANN401 - anything with handlers
    replaced = [name for name in HANDLER_VIEWS if name in vars(strategy)]
    if replaced:
        raise CompileError(
            f"{replaced[0]} was put on the object, not written in the class",
            where=type(strategy).__name__,
            fix="write it in the class, or run it interpreted",
        )
