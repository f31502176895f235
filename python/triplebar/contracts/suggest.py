"""`did you mean ...?` for names that were not found."""

from __future__ import annotations

from collections.abc import Iterable

NAMES_SHOWN_MAX = 12
"""More known names than this are not listed: the message has to stay readable."""


def hint(name: object, known: object) -> str | None:
    """What to write instead of `name`, as a sentence; None if nothing is known.

    >>> hint("comission_bps", ["commission_bps", "slippage_bps"])
    "did you mean 'commission_bps'?"
    >>> hint("xyz", ["AAPL", "MSFT"])
    'known: AAPL, MSFT'
    """
    import difflib  # costs a millisecond and is needed only when something went wrong

    names = [str(each) for each in known] if isinstance(known, Iterable) else []
    folded = {each.casefold(): each for each in reversed(names)}
    close = difflib.get_close_matches(str(name).casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    if not names:
        return None
    more = ", ..." if len(names) > NAMES_SHOWN_MAX else ""
    return f"known: {', '.join(sorted(names)[:NAMES_SHOWN_MAX])}{more}"
