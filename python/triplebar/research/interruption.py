"""Ctrl-C ends a run early, and what was done until then is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult

Check = Callable[[], None]


class _Wish:
    """Hears the first Ctrl-C; the second one is a `KeyboardInterrupt` as usual."""

    def __init__(self, *, inside: bool) -> None:
        self.event = threading.Event()
        self.inside = inside
        """Whether what is called inside hears it too."""

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.event.is_set():
            raise KeyboardInterrupt
        self.event.set()


@contextmanager
def stoppable(*, inside: bool = False) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop; the second one is a `KeyboardInterrupt` as usual.

    Gives a function that says whether the wish was heard. Outside the main thread Ctrl-C stays what it is. What is
    called inside goes on to its end, or, with `inside`, hears the wish too and is cut off, which its caller has to see.

    >>> with stoppable() as stopped:
    ...     stopped()
    False
    """
    wish = _Wish(inside=inside)
    if threading.current_thread() is not threading.main_thread():
        yield wish.event.is_set
        return
    before = signal.getsignal(signal.SIGINT)
    if isinstance(before, _Wish) and before.inside:
        yield before.event.is_set
        return
    if before is not signal.default_int_handler:  # somebody else listens: leave it alone
        yield wish.event.is_set
        return
    signal.signal(signal.SIGINT, wish)
    try:
        yield wish.event.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def all_or_nothing() -> Iterator[Check]:
    """Runs that say something together only: Ctrl-C cuts off the one that is being run, and is a `KeyboardInterrupt`.

    Gives a function that raises it between two of them; at the end it is raised in any case.

    >>> with all_or_nothing() as check:
    ...     check()
    """
    with stoppable(inside=True) as stopped:

        def check() -> None:
            if stopped():
                raise KeyboardInterrupt

        yield check
        check()


def whole(result: RunResult) -> RunResult:
    """The result of a run that went to its end; `KeyboardInterrupt` for one that was cut off.

    >>> import triplebar as tb
    >>> whole(tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=9, seed=1))).interrupted
    False
    """
    if result.interrupted:
        raise KeyboardInterrupt
    return result
